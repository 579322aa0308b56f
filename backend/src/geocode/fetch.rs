//! HTTP client for the providers: one `GET`, with limits on what it accepts. Must not know wire formats.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::provider::ProviderError;

/// Largest body that is read: far above the largest real answer (13 KB), and small enough to hold in memory.
const MAX_BODY_BYTES: usize = 256 * 1024;
/// Timeout of the TCP and TLS handshakes. Shorter than the whole timeout, so that an address that drops packets is reported
/// differently from a slow answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The providers ask callers to identify their application.
const USER_AGENT: &str = "Tiffin/0.1 (+self-hosted ordering)";

/// Base address of a provider: an `http` or `https` URL that paths are appended to.
#[derive(Clone, Debug)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// # Errors
    /// If the text is not such a URL, with the reason.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err("it must begin with http:// or https://".to_owned());
        }
        Ok(Self(url))
    }

    /// Appends path segments.
    #[must_use]
    pub fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

pub struct HttpReply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Client that follows no redirects, ignores proxies of the environment, and limits the body.
#[derive(Clone)]
pub struct Fetcher {
    /// The error of its construction otherwise: without certificate authorities on the machine the gazetteer answers alone.
    client: Result<Client, String>,
}

impl Fetcher {
    #[must_use]
    pub fn new() -> Self {
        // An error means that the process has installed a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        Self {
            client: client.map_err(|error| innermost_cause(&error)),
        }
    }

    /// Reason why no provider can be queried, if that is so.
    #[must_use]
    pub fn setup_error(&self) -> Option<&str> {
        self.client.as_ref().err().map(String::as_str)
    }

    /// # Errors
    /// If no answer arrived, or one that is too large.
    pub async fn get(&self, url: Url) -> Result<HttpReply, ProviderError> {
        let client = self
            .client
            .as_ref()
            .map_err(|error| ProviderError::NoHttpClient(error.clone()))?;
        let mut response = client.get(url).send().await.map_err(classify_error)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(classify_error)? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(ProviderError::TooLarge(MAX_BODY_BYTES));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpReply { status, body })
    }
}

fn classify_error(error: reqwest::Error) -> ProviderError {
    // The URL contains the postcode.
    let error = error.without_url();
    tracing::debug!(
        cause = innermost_cause(&error),
        "a request to a geocoding provider failed"
    );
    if error.is_connect() {
        ProviderError::Unreachable
    } else if error.is_timeout() {
        ProviderError::TimedOut(CONNECT_TIMEOUT)
    } else {
        ProviderError::Broken
    }
}

/// Text of the innermost error, which is the specific one.
fn innermost_cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::BaseUrl;

    #[test]
    fn paths_are_appended_to_the_base() {
        for base in ["http://127.0.0.1:1/geo", "http://127.0.0.1:1/geo/"] {
            let url = BaseUrl::parse(base).unwrap().join(&["postcodes", "DH13EL"]);
            assert_eq!(url.as_str(), "http://127.0.0.1:1/geo/postcodes/DH13EL");
        }
    }

    #[test]
    fn other_addresses_are_rejected() {
        for base in [
            "",
            "api.postcodes.io",
            "ftp://host",
            "mailto:a@b",
            "file:///etc",
        ] {
            assert!(BaseUrl::parse(base).is_err(), "{base}");
        }
    }
}
