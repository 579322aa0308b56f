//! The client that sent a request, by its address.

use std::net::IpAddr;

use http::HeaderValue;

#[derive(Clone, Debug)]
pub struct Peer {
    pub address: IpAddr,
    /// The address as a replica gets it in `X-Forwarded-For`.
    pub forwarded_for: HeaderValue,
}

impl Peer {
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
    fn a_mapped_ipv4_address_is_forwarded_in_its_own_form() {
        let peer = Peer::new("::ffff:10.0.0.7".parse().unwrap());
        assert_eq!(peer.forwarded_for, "10.0.0.7");
    }
}
