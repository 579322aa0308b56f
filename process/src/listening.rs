//! Sockets that customers, servers and replicas connect to.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// So many connections may wait to be accepted. What comes beyond is dropped without a word, and the other side's system asks again a
/// second later at the earliest: the usual 128 are too few for a burst of customers, and for what waited while all replicas were
/// away. Linux takes `net.core.somaxconn` where that is less.
const BACKLOG: u32 = 4_096;

/// Listens at `address`; port 0 takes a free one.
///
/// # Errors
/// If the address is in use, is none of this machine's, or is not allowed for this user.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A process that takes the place of another does not wait for the other's last connections to be forgotten.
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

    /// More than the usual backlog has room for.
    const BURST: usize = 400;

    #[tokio::test]
    async fn a_burst_is_taken_in_before_anybody_accepts() {
        let allowed = fs::read_to_string("/proc/sys/net/core/somaxconn")
            .ok()
            .and_then(|number| number.trim().parse().ok())
            .unwrap_or(128);
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut connections = Vec::new();
        for number in 0..BURST.min(allowed) {
            let connecting = timeout(Duration::from_secs(20), TcpStream::connect(address));
            let connected = connecting.await;
            assert!(connected.is_ok(), "connection {number} was dropped");
            connections.push(connected.unwrap().unwrap());
        }
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_told() {
        let listener = listen((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let again = listen(listener.local_addr().unwrap());
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
