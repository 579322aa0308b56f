//! Answers in fewer bytes, for those who say that they take them (RFC 9110, section 12.5.3).

use std::io::Write;
use std::sync::OnceLock;

use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;

/// Of eleven: a menu takes a millisecond or two, and shrinks to a sixth.
const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOW_BITS: i32 = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Plain,
    Gzip,
    Brotli,
}

impl Encoding {
    /// The smallest of those that the caller takes.
    pub(super) fn accepted(asked: &HeaderMap) -> Self {
        let takes = |name: &str| {
            asked
                .get_all(ACCEPT_ENCODING)
                .iter()
                .filter_map(|list| list.to_str().ok())
                .flat_map(|list| list.split(','))
                .any(|offer| {
                    let mut parts = offer.split(';').map(str::trim);
                    parts
                        .next()
                        .is_some_and(|offered| offered.eq_ignore_ascii_case(name))
                        && !parts.any(is_refusal)
                })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }

    /// For `Content-Encoding`.
    pub(super) fn name(self) -> Option<HeaderValue> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Brotli => Some(HeaderValue::from_static("br")),
        }
    }
}

/// `q=0`, in as many digits as one likes.
fn is_refusal(parameter: &str) -> bool {
    parameter
        .strip_prefix("q=")
        .and_then(|weight| weight.parse::<f32>().ok())
        .is_some_and(|weight| weight <= 0.0)
}

/// A body with its shorter forms, each made when it is first asked for.
pub(super) struct Encoded {
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Encoded {
    pub(super) fn new(plain: Bytes) -> Self {
        Self {
            plain,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    /// What is there already.
    pub(super) fn made(&self, encoding: Encoding) -> Option<Bytes> {
        match encoding {
            Encoding::Plain => Some(self.plain.clone()),
            Encoding::Gzip => self.gzip.get().cloned(),
            Encoding::Brotli => self.brotli.get().cloned(),
        }
    }

    /// Keeps its thread busy for as long as it takes to compress.
    pub(super) fn body(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::Plain => self.plain.clone(),
            Encoding::Gzip => self.gzip.get_or_init(|| gzip(&self.plain)).clone(),
            Encoding::Brotli => self.brotli.get_or_init(|| brotli(&self.plain)).clone(),
        }
    }
}

// Neither can fail: they write into memory.

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default().into()
}

fn brotli(plain: &[u8]) -> Bytes {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_BITS,
        ..Default::default()
    };
    let mut encoded = Vec::new();
    let _ = brotli::BrotliCompress(&mut &plain[..], &mut encoded, &parameters);
    encoded.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn accepted(offer: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, offer.parse().unwrap());
        Encoding::accepted(&headers)
    }

    #[test]
    fn the_smallest_of_what_is_taken() {
        assert_eq!(accepted("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(accepted("GZIP;q=0.5, identity"), Encoding::Gzip);
        assert_eq!(accepted("br; q=0, gzip"), Encoding::Gzip);
        assert_eq!(accepted("br;q=0.0, gzip;q=0"), Encoding::Plain);
        assert_eq!(accepted("zstd"), Encoding::Plain);
        assert_eq!(Encoding::accepted(&HeaderMap::new()), Encoding::Plain);
    }

    #[test]
    fn every_form_unpacks_to_the_same() {
        let plain = "a dish and another dish ".repeat(500);
        let encoded = Encoded::new(plain.clone().into());
        assert_eq!(encoded.body(Encoding::Plain), plain);
        let mut unpacked = String::new();
        let gzip = encoded.body(Encoding::Gzip);
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain);
        let mut unpacked = String::new();
        let brotli = encoded.body(Encoding::Brotli);
        brotli::Decompressor::new(&brotli[..], 4096)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain);
        assert!(brotli.len() < plain.len() / 10);
    }
}
