//! The client's address, which replicas get in `X-Forwarded-For`.

use std::net::IpAddr;

use http::HeaderValue;

/// The TCP peer of a client's connection.
#[derive(Clone, Debug)]
pub struct Peer {
    pub address: IpAddr,
    /// The same address as a header value: made once a connection rather than once a request.
    pub forwarded_for: HeaderValue,
}

impl Peer {
    /// IPv4 addresses that are mapped into IPv6 become plain IPv4.
    pub fn new(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let forwarded_for = HeaderValue::from_str(&address.to_string())
            .unwrap_or_else(|_| HeaderValue::from_static("unknown"));
        Self {
            address,
            forwarded_for,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_is_forwarded_as_ipv4() {
        let peer = Peer::new("::ffff:10.0.0.7".parse().unwrap());
        assert_eq!(peer.forwarded_for, "10.0.0.7");
    }
}
