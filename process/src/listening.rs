//! Listening sockets, for customers, front-end servers and replicas. Knows nothing of HTTP.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// Maximum number of connections that wait to be accepted. The kernel silently drops a connection attempt beyond it, and the client
/// retries after a second at the earliest: the usual 128 are too few for a burst of customers, or for the requests that waited while
/// no replica was available. Linux caps it at `net.core.somaxconn`.
const BACKLOG: u32 = 4_096;

/// Listens at `address`; port 0 selects a free port.
///
/// # Errors
/// If the address is in use, does not belong to this machine, or is not allowed for this user.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restarted process can bind at once, although connections of its predecessor are still in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use super::*;

    /// More connections than the usual backlog of 128 holds.
    const BURST: usize = 400;

    #[tokio::test]
    async fn a_burst_is_queued_before_the_first_accept() {
        let allowed = fs::read_to_string("/proc/sys/net/core/somaxconn")
            .ok()
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or(128);
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut connections = Vec::new();
        for number in 0..BURST.min(allowed) {
            let attempt = timeout(Duration::from_secs(20), TcpStream::connect(address));
            let connected = attempt.await;
            assert!(connected.is_ok(), "connection {number} was dropped");
            connections.push(connected.unwrap().unwrap());
        }
    }

    #[tokio::test]
    async fn a_port_in_use_is_an_error() {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let again = listen(listener.local_addr().unwrap());
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
