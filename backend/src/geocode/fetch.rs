//! One `GET` to a provider, over HTTPS, distrustful of what comes back. Knows nothing of wire formats.

use std::error::Error;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use super::provider::Failure;

/// Far above the largest honest answer (13 KB), far below what hurts.
const MOST_BODY_BYTES: usize = 256 * 1024;
/// Shorter than the whole timeout, so that an address that swallows packets is told from a slow answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Providers ask for a name of one's own.
const USER_AGENT: &str = "Tiffin/0.1 (+self-hosted ordering)";

/// Where a provider is: an `http` or `https` address that paths are appended to.
#[derive(Clone, Debug)]
pub struct Base(Url);

impl Base {
    /// # Errors
    /// If it is no such address; says why.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err("it must begin with http:// or https://".to_owned());
        }
        Ok(Self(url))
    }

    /// The address of something below the base.
    #[must_use]
    pub fn path(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A client that follows no redirect, obeys no proxy of the environment and reads no more than it should.
#[derive(Clone)]
pub struct Fetcher {
    /// Why there is none otherwise: without certificate authorities on the machine the gazetteer must do.
    client: Result<Client, String>,
}

impl Fetcher {
    #[must_use]
    pub fn new() -> Self {
        // An error means that the process has chosen one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        Self {
            client: client.map_err(|error| cause(&error)),
        }
    }

    /// Why nobody can be asked, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.client.as_ref().err().map(String::as_str)
    }

    /// # Errors
    /// If no answer came, or too much of one.
    pub async fn get(&self, url: Url) -> Result<Reply, Failure> {
        let client = self
            .client
            .as_ref()
            .map_err(|why| Failure::Unprepared(why.clone()))?;
        let mut response = client.get(url).send().await.map_err(failure)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > MOST_BODY_BYTES {
                return Err(Failure::TooLarge(MOST_BODY_BYTES));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, body })
    }
}

fn failure(error: reqwest::Error) -> Failure {
    // The address holds the postcode.
    let error = error.without_url();
    tracing::debug!(
        cause = cause(&error),
        "a request to a geocoding provider failed"
    );
    if error.is_connect() {
        Failure::Unreachable
    } else if error.is_timeout() {
        Failure::TimedOut(CONNECT_TIMEOUT)
    } else {
        Failure::Broken
    }
}

/// The innermost error, which is the one that tells.
fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn paths_are_appended_to_the_base() {
        for base in ["http://127.0.0.1:1/geo", "http://127.0.0.1:1/geo/"] {
            let url = Base::parse(base).unwrap().path(&["postcodes", "DH13EL"]);
            assert_eq!(url.as_str(), "http://127.0.0.1:1/geo/postcodes/DH13EL");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for base in [
            "",
            "api.postcodes.io",
            "ftp://host",
            "mailto:a@b",
            "file:///etc",
        ] {
            assert!(Base::parse(base).is_err(), "{base}");
        }
    }
}
