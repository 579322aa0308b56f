//! Black-box tests of the front-end server: real sockets, a real registry in a temporary folder, stand-ins for replicas that misbehave.

mod api_docs;
mod assets;
mod cache;
mod client;
mod failover;
mod forwarding;
mod hangs;
mod limits;
mod metrics;
mod process;
mod registry_outage;
mod replica;
mod servers;
mod sign_in;
mod site;
mod status;
