//! The front-end server as a black box: real sockets, a real registry in a folder of its own, replicas that misbehave.

mod assets;
mod client;
mod docs;
mod failover;
mod forwarding;
mod fresh;
mod hangs;
mod limits;
mod metrics;
mod outage;
mod process;
mod replica;
mod server;
mod servers;
mod sign_in;
mod status;
