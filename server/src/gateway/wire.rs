//! HTTP/1.1 as it is spoken with replicas (RFC 9112): a request's bytes, and an answer out of bytes. Without I/O.

use std::io::Write;
use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, Version};

/// Status line and headers of an answer.
const LARGEST_HEAD_BYTES: usize = 64 * 1024;
const MOST_HEADERS: usize = 96;
/// A line within a body that comes in chunks: a size, or a trailer.
const LONGEST_LINE_BYTES: usize = 4 * 1024;

/// What came is no answer in HTTP/1.1.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// Writes a request, with these numbers as headers beside its own. Its headers are those of the wire, apart from `Content-Length`.
pub fn request(
    method: &Method,
    target: &Uri,
    headers: &HeaderMap,
    numbers: &[(&HeaderName, u64)],
    body: &[u8],
) -> Vec<u8> {
    let path = target.path_and_query().map_or("/", |path| path.as_str());
    let lines: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    let mut text = Vec::with_capacity(path.len() + lines + body.len() + 256);
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| text.extend_from_slice(part));
    put(&[
        method.as_str().as_bytes(),
        b" ",
        path.as_bytes(),
        b" HTTP/1.1\r\n",
    ]);
    for (name, value) in headers {
        put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
    }
    let reads = *method == Method::GET || *method == Method::HEAD;
    let length = (!reads || !body.is_empty()).then_some((&CONTENT_LENGTH, body.len() as u64));
    for (name, number) in numbers.iter().copied().chain(length) {
        // Writing to memory does not fail.
        let _ = write!(text, "{name}: {number}\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(body);
    text
}

/// An answer as far as it is known before its body.
#[derive(Debug)]
pub struct Head {
    pub parts: Parts,
    pub framing: Framing,
    /// The connection goes on when the body has been read.
    pub stays: bool,
}

impl Head {
    /// Takes the head of the answer to a request with this method from what was read; none while it is not all there.
    ///
    /// # Errors
    /// If it is no answer.
    pub fn take(read: &mut BytesMut, method: &Method) -> Result<Option<Self>, Malformed> {
        loop {
            let Some((length, parts)) = parsed(read)? else {
                return Ok(None);
            };
            read.advance(length);
            if parts.status == StatusCode::SWITCHING_PROTOCOLS {
                return Err(Malformed);
            }
            // One that is informational comes before the answer.
            if !parts.status.is_informational() {
                return Self::of(parts, method).map(Some);
            }
        }
    }

    fn of(mut parts: Parts, method: &Method) -> Result<Self, Malformed> {
        let framing = Framing::of(&parts, method)?;
        if matches!(framing, Framing::Chunks(_)) {
            parts.headers.remove(CONTENT_LENGTH);
        }
        let closes = |value: &HeaderValue| lists(value, "close");
        let stays = parts.version == Version::HTTP_11
            && framing != Framing::UntilClose
            && !parts.headers.get_all(CONNECTION).iter().any(closes);
        Ok(Self {
            parts,
            framing,
            stays,
        })
    }
}

/// Length and content of the head.
fn parsed(read: &[u8]) -> Result<Option<(usize, Parts)>, Malformed> {
    let mut headers = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let mut answer = httparse::Response::new(&mut []);
    let length = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut answer, read, &mut headers)
        .map_err(|_| Malformed)?;
    let httparse::Status::Complete(length) = length else {
        return if read.len() > LARGEST_HEAD_BYTES {
            Err(Malformed)
        } else {
            Ok(None)
        };
    };
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = answer
        .code
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or(Malformed)?;
    parts.version = match answer.version {
        Some(1) => Version::HTTP_11,
        _ => Version::HTTP_10,
    };
    parts.headers.reserve(answer.headers.len());
    for header in answer.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| Malformed)?;
        let value = HeaderValue::from_bytes(header.value).map_err(|_| Malformed)?;
        parts.headers.append(name, value);
    }
    Ok(Some((length, parts)))
}

/// Whether a header that lists words has this one.
fn lists(value: &HeaderValue, word: &str) -> bool {
    value.to_str().is_ok_and(|list| {
        list.split(',')
            .any(|item| item.trim().eq_ignore_ascii_case(word))
    })
}

/// Where the body ends, and how much of it is still to come (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes.
    Length(u64),
    Chunks(Chunks),
    UntilClose,
}

/// What comes next in a body of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunks {
    Size,
    Data(u64),
    DataEnd,
    Trailers,
    End,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    Data(Bytes),
    End,
    /// It has not been read yet.
    Missing,
}

impl Framing {
    fn of(parts: &Parts, method: &Method) -> Result<Self, Malformed> {
        let bodiless = matches!(
            parts.status,
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
        if *method == Method::HEAD || bodiless {
            return Ok(Self::Length(0));
        }
        if let Some(coding) = parts.headers.get_all(TRANSFER_ENCODING).iter().next_back() {
            let chunked = lists(coding, "chunked");
            return Ok(if chunked {
                Self::Chunks(Chunks::Size)
            } else {
                Self::UntilClose
            });
        }
        let mut length = None;
        for value in parts.headers.get_all(CONTENT_LENGTH) {
            let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
            let told = value
                .to_str()
                .ok()
                .filter(digits)
                .and_then(|text| text.parse().ok());
            if told.is_none() || length.is_some() && length != told {
                return Err(Malformed);
            }
            length = told;
        }
        Ok(length.map_or(Self::UntilClose, Self::Length))
    }

    /// How long the rest is, where that is known.
    pub fn exact(self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(left),
            Self::Chunks(_) | Self::UntilClose => None,
        }
    }

    /// Takes the next piece of the body from what was read.
    ///
    /// # Errors
    /// If that is none.
    pub fn next(&mut self, read: &mut BytesMut) -> Result<Piece, Malformed> {
        match self {
            Self::Length(0) => Ok(Piece::End),
            Self::Length(left) => Ok(up_to(left, read)),
            Self::Chunks(chunks) => chunks.next(read),
            Self::UntilClose if read.is_empty() => Ok(Piece::Missing),
            Self::UntilClose => Ok(Piece::Data(read.split().freeze())),
        }
    }
}

impl Chunks {
    fn next(&mut self, read: &mut BytesMut) -> Result<Piece, Malformed> {
        loop {
            match self {
                Self::Size => {
                    let size = httparse::parse_chunk_size(read).map_err(|_| Malformed)?;
                    let httparse::Status::Complete((line, size)) = size else {
                        return missing_line(read);
                    };
                    read.advance(line);
                    *self = if size == 0 {
                        Self::Trailers
                    } else {
                        Self::Data(size)
                    };
                }
                Self::Data(0) => *self = Self::DataEnd,
                Self::Data(left) => return Ok(up_to(left, read)),
                Self::DataEnd => {
                    if read.len() < 2 {
                        return Ok(Piece::Missing);
                    }
                    if !read.starts_with(b"\r\n") {
                        return Err(Malformed);
                    }
                    read.advance(2);
                    *self = Self::Size;
                }
                Self::Trailers => {
                    let Some(end) = read.windows(2).position(|pair| pair == b"\r\n") else {
                        return missing_line(read);
                    };
                    read.advance(end + 2);
                    if end == 0 {
                        *self = Self::End;
                    }
                }
                Self::End => return Ok(Piece::End),
            }
        }
    }
}

fn up_to(left: &mut u64, read: &mut BytesMut) -> Piece {
    if read.is_empty() {
        return Piece::Missing;
    }
    let here = usize::try_from(*left).map_or(read.len(), |left| left.min(read.len()));
    *left -= here as u64;
    Piece::Data(read.split_to(here).freeze())
}

fn missing_line(read: &BytesMut) -> Result<Piece, Malformed> {
    if read.len() > LONGEST_LINE_BYTES {
        Err(Malformed)
    } else {
        Ok(Piece::Missing)
    }
}

#[cfg(test)]
mod tests;
