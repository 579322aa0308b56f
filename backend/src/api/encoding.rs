//! Content encodings of menus, negotiated by `Accept-Encoding` (RFC 9110, section 12.5.3) and compressed once per menu.
//!
//! tower-http's compression layer would compress every response again, one or two milliseconds each.

use std::io::Write;
use std::sync::OnceLock;

use axum::http::header::ACCEPT_ENCODING;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;

/// On brotli's scale to 11. At 5, a menu takes one or two milliseconds and shrinks to a sixth.
const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOW_BITS: i32 = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// Chooses the encoding with the fewest bytes that the caller accepts.
    pub(super) fn negotiate(headers: &HeaderMap) -> Self {
        let accepts = |name: &str| {
            headers
                .get_all(ACCEPT_ENCODING)
                .iter()
                .filter_map(|list| list.to_str().ok())
                .flat_map(|list| list.split(','))
                .any(|offer| {
                    let mut parts = offer.split(';').map(str::trim);
                    parts
                        .next()
                        .is_some_and(|coding| coding.eq_ignore_ascii_case(name))
                        && !parts.any(is_zero_weight)
                })
        };
        if accepts("br") {
            Self::Brotli
        } else if accepts("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// Value of `Content-Encoding`.
    pub(super) fn header_value(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Brotli => Some(HeaderValue::from_static("br")),
        }
    }
}

/// Whether a parameter is `q=0`, with any number of decimals: the caller does not accept the encoding.
fn is_zero_weight(parameter: &str) -> bool {
    parameter
        .strip_prefix("q=")
        .and_then(|weight| weight.parse::<f32>().ok())
        .is_some_and(|weight| weight <= 0.0)
}

/// A body and its compressed forms, each made at its first use.
pub(super) struct EncodedBody {
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl EncodedBody {
    pub(super) fn new(plain: Bytes) -> Self {
        Self {
            plain,
            gzip: OnceLock::new(),
            brotli: OnceLock::new(),
        }
    }

    /// Returns the encoded body if it has been made.
    pub(super) fn get(&self, encoding: Encoding) -> Option<Bytes> {
        match encoding {
            Encoding::Identity => Some(self.plain.clone()),
            Encoding::Gzip => self.gzip.get().cloned(),
            Encoding::Brotli => self.brotli.get().cloned(),
        }
    }

    /// Returns the encoded body, compressing it if needed. Blocks the thread meanwhile.
    pub(super) fn get_or_encode(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::Identity => self.plain.clone(),
            Encoding::Gzip => self.gzip.get_or_init(|| gzip(&self.plain)).clone(),
            Encoding::Brotli => self.brotli.get_or_init(|| brotli(&self.plain)).clone(),
        }
    }
}

// Writing into memory cannot fail, so the results below are ignored.

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

    fn negotiate(offer: &str) -> Encoding {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, offer.parse().unwrap());
        Encoding::negotiate(&headers)
    }

    #[test]
    fn the_smallest_accepted_encoding_is_chosen() {
        assert_eq!(negotiate("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(negotiate("GZIP;q=0.5, identity"), Encoding::Gzip);
        assert_eq!(negotiate("br; q=0, gzip"), Encoding::Gzip);
        assert_eq!(negotiate("br;q=0.0, gzip;q=0"), Encoding::Identity);
        assert_eq!(negotiate("zstd"), Encoding::Identity);
        assert_eq!(Encoding::negotiate(&HeaderMap::new()), Encoding::Identity);
    }

    #[test]
    fn every_encoding_decodes_to_the_same_bytes() {
        let plain = "a dish and another dish ".repeat(500);
        let encoded = EncodedBody::new(plain.clone().into());
        assert_eq!(encoded.get_or_encode(Encoding::Identity), plain);
        let mut unpacked = String::new();
        let gzip = encoded.get_or_encode(Encoding::Gzip);
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain);
        let mut unpacked = String::new();
        let brotli = encoded.get_or_encode(Encoding::Brotli);
        brotli::Decompressor::new(&brotli[..], 4096)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain);
        assert!(brotli.len() < plain.len() / 10);
    }
}
