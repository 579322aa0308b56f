//! Origins (RFC 6454): scheme, host and port of an address, as browsers compare them. No I/O.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::str::FromStr;

use http::header::HOST;
use http::uri::{Authority, Scheme, Uri};
use http::{HeaderMap, HeaderName};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    /// Lower case; IPv6 in brackets. Letters, digits, `.`, `-`, `_`, `:` and brackets only, so that any header may contain it.
    host: String,
    port: u16,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "it must be `http://` or `https://`, a host and perhaps a port, without a path: https://one.shop.example or http://192.168.1.7:8080"
)]
pub struct InvalidOrigin;

impl Origin {
    /// The origin that a request was sent to: its host, and the scheme that a proxy in front reports.
    pub fn of_target(uri: &Uri, headers: &HeaderMap) -> Option<Self> {
        let authority = match uri.authority() {
            Some(authority) => authority.clone(),
            None => Authority::try_from(headers.get(HOST)?.as_bytes()).ok()?,
        };
        Self::new(is_https(headers), &authority)
    }

    /// The same scheme and host at another port.
    pub fn at_port(&self, port: u16) -> Self {
        Self {
            port,
            ..self.clone()
        }
    }

    /// Scheme and host, such as `https://one.shop.example`.
    pub fn without_port(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    /// False where browsers block a page of this origin from calling `other` because of the schemes (mixed content).
    pub fn may_call(&self, other: &Self) -> bool {
        other.https || !self.https
    }

    /// The `http` origin of an address.
    pub fn http(ip: IpAddr, port: u16) -> Self {
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self {
            https: false,
            host,
            port,
        }
    }

    /// True if the host is this IP address.
    pub fn has_ip(&self, ip: IpAddr) -> bool {
        self.host.trim_matches(['[', ']']).parse() == Ok(ip)
    }

    fn new(https: bool, authority: &Authority) -> Option<Self> {
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().to_ascii_lowercase();
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let inner = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let is_valid = match inner {
            Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(is_allowed),
        };
        let port = match authority.port() {
            Some(port) => Some(port.as_u16()),
            // The `http` crate accepts anything after the colon.
            None => (authority.as_str().len() == host.len()).then(|| default_port(https)),
        };
        Some(Self {
            https,
            port: port.filter(|_| is_valid)?,
            host,
        })
    }
}

/// True if a proxy in front reports that the client used https. A client that forges the header harms only itself.
pub fn is_https(headers: &HeaderMap) -> bool {
    headers
        .get(X_FORWARDED_PROTO)
        .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(InvalidOrigin),
        };
        if uri.path_and_query().is_some_and(|path| path != "/") {
            return Err(InvalidOrigin);
        }
        uri.authority()
            .and_then(|authority| Self::new(https, authority))
            .ok_or(InvalidOrigin)
    }
}

/// As browsers serialise it: without the scheme's default port.
impl Display for Origin {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.without_port())?;
        if self.port == default_port(self.https) {
            return Ok(());
        }
        write!(formatter, ":{}", self.port)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn target(host: &str, proto: Option<&str>) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(proto) = proto {
            headers.insert("x-forwarded-proto", HeaderValue::from_str(proto).unwrap());
        }
        let origin = Origin::of_target(&Uri::from_static("/api/v1/status"), &headers)?;
        Some(origin.to_string())
    }

    #[test]
    fn an_origin_has_one_spelling() {
        for (text, expected) in [
            ("https://One.Shop.Example", "https://one.shop.example"),
            ("https://one.shop.example:443/", "https://one.shop.example"),
            ("http://one.shop.example:443", "http://one.shop.example:443"),
            ("http://192.168.1.7:8080", "http://192.168.1.7:8080"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.to_string(), expected);
        }
    }

    #[test]
    fn anything_more_or_less_than_an_origin_is_invalid() {
        for text in [
            "null",
            "one.shop.example",
            "ftp://one.shop.example",
            "https://one.shop.example/shop",
            "https://one.shop.example/?x",
            "https://who@one.shop.example",
            "https://one;script-src",
            "https://one.example:port",
            "https://",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_target_is_host_and_forwarded_scheme() {
        assert_eq!(
            target("localhost:8080", None).unwrap(),
            "http://localhost:8080"
        );
        assert_eq!(
            target("shop.example", Some("https")).unwrap(),
            "https://shop.example"
        );
        assert_eq!(target("shop.example;x", None), None);
        assert_eq!(target("who@shop.example", None), None);
        let mut proxied = HeaderMap::new();
        proxied.insert(HOST, HeaderValue::from_static("other.example"));
        let whole = Uri::from_static("http://shop.example:81/api");
        let origin = Origin::of_target(&whole, &proxied).unwrap();
        assert_eq!(origin.to_string(), "http://shop.example:81");
    }

    #[test]
    fn at_port_changes_the_port_only() {
        let origin: Origin = "http://[::1]:8080".parse().unwrap();
        assert_eq!(origin.at_port(8081).to_string(), "http://[::1]:8081");
        assert!(origin.has_ip("::1".parse().unwrap()));
        assert!(!origin.has_ip("127.0.0.1".parse().unwrap()));
        let plain = Origin::http("10.0.0.7".parse().unwrap(), 80);
        assert_eq!(plain.to_string(), "http://10.0.0.7");
    }
}
