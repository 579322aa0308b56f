//! The HTTP/1.1 codec for replicas (RFC 9112): serialises a request, parses an answer. Without I/O.
//!
//! Must not know connections, replicas or retries. Uses `httparse` for status lines, headers and chunk sizes.

use std::io::Write;
use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, Version};

use crate::gateway::config::{MAX_CHUNK_LINE_BYTES, MAX_HEAD_BYTES, MAX_HEADERS};

/// The bytes received are not an HTTP/1.1 answer.
#[derive(Debug, PartialEq, Eq)]
pub struct MalformedAnswer;

/// Serialises a request. `headers` are complete apart from `Content-Length`; `numbers` are further headers with numeric values,
/// which need no allocation.
pub fn write_request(
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
    let is_safe = *method == Method::GET || *method == Method::HEAD;
    let length = (!is_safe || !body.is_empty()).then_some((&CONTENT_LENGTH, body.len() as u64));
    for (name, number) in numbers.iter().copied().chain(length) {
        // Writing to memory does not fail.
        let _ = write!(text, "{name}: {number}\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text.extend_from_slice(body);
    text
}

/// Status, headers and framing of an answer.
#[derive(Debug)]
pub struct ResponseHead {
    pub parts: Parts,
    pub framing: Framing,
    /// The connection can be reused when the body has been read.
    pub keep_alive: bool,
}

impl ResponseHead {
    /// Parses and removes the head of the answer to a request with this method; `None` while it is incomplete.
    ///
    /// # Errors
    /// If the bytes are not an answer.
    pub fn parse(buffer: &mut BytesMut, method: &Method) -> Result<Option<Self>, MalformedAnswer> {
        loop {
            let Some((length, parts)) = parse_head(buffer)? else {
                return Ok(None);
            };
            buffer.advance(length);
            if parts.status == StatusCode::SWITCHING_PROTOCOLS {
                return Err(MalformedAnswer);
            }
            // An informational answer (1xx) precedes the answer.
            if !parts.status.is_informational() {
                return Self::with_framing(parts, method).map(Some);
            }
        }
    }

    fn with_framing(mut parts: Parts, method: &Method) -> Result<Self, MalformedAnswer> {
        let framing = Framing::of(&parts, method)?;
        if matches!(framing, Framing::Chunked(_)) {
            parts.headers.remove(CONTENT_LENGTH);
        }
        let closes = |value: &HeaderValue| lists(value, "close");
        let keep_alive = parts.version == Version::HTTP_11
            && framing != Framing::UntilClose
            && !parts.headers.get_all(CONNECTION).iter().any(closes);
        Ok(Self {
            parts,
            framing,
            keep_alive,
        })
    }
}

/// Parses a head without removing it: its length and content.
fn parse_head(buffer: &[u8]) -> Result<Option<(usize, Parts)>, MalformedAnswer> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut answer = httparse::Response::new(&mut []);
    let length = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut answer, buffer, &mut headers)
        .map_err(|_| MalformedAnswer)?;
    let httparse::Status::Complete(length) = length else {
        return if buffer.len() > MAX_HEAD_BYTES {
            Err(MalformedAnswer)
        } else {
            Ok(None)
        };
    };
    let (mut parts, ()) = Response::new(()).into_parts();
    parts.status = answer
        .code
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or(MalformedAnswer)?;
    parts.version = match answer.version {
        Some(1) => Version::HTTP_11,
        _ => Version::HTTP_10,
    };
    parts.headers.reserve(answer.headers.len());
    for header in answer.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| MalformedAnswer)?;
        let value = HeaderValue::from_bytes(header.value).map_err(|_| MalformedAnswer)?;
        parts.headers.append(name, value);
    }
    Ok(Some((length, parts)))
}

/// Whether a comma-separated header value contains this token.
fn lists(value: &HeaderValue, token: &str) -> bool {
    value.to_str().is_ok_and(|list| {
        list.split(',')
            .any(|item| item.trim().eq_ignore_ascii_case(token))
    })
}

/// How the end of the body is found, and how much of it remains (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// This many bytes remain.
    Length(u64),
    Chunked(ChunkState),
    UntilClose,
}

/// What comes next in a chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkState {
    Size,
    Data(u64),
    DataEnd,
    Trailers,
    End,
}

/// One step of reading a body.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyPiece {
    Data(Bytes),
    End,
    /// More bytes must be read first.
    Incomplete,
}

impl Framing {
    fn of(parts: &Parts, method: &Method) -> Result<Self, MalformedAnswer> {
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
                Self::Chunked(ChunkState::Size)
            } else {
                Self::UntilClose
            });
        }
        let mut length = None;
        for value in parts.headers.get_all(CONTENT_LENGTH) {
            let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
            let parsed = value
                .to_str()
                .ok()
                .filter(digits)
                .and_then(|text| text.parse().ok());
            if parsed.is_none() || length.is_some() && length != parsed {
                return Err(MalformedAnswer);
            }
            length = parsed;
        }
        Ok(length.map_or(Self::UntilClose, Self::Length))
    }

    /// How many bytes of the body remain, where that is known.
    pub fn remaining(self) -> Option<u64> {
        match self {
            Self::Length(left) => Some(left),
            Self::Chunked(_) | Self::UntilClose => None,
        }
    }

    /// Removes the next piece of the body from the bytes that were read.
    ///
    /// # Errors
    /// If they do not follow the chunked coding.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<BodyPiece, MalformedAnswer> {
        match self {
            Self::Length(0) => Ok(BodyPiece::End),
            Self::Length(left) => Ok(split_up_to(left, buffer)),
            Self::Chunked(state) => state.next(buffer),
            Self::UntilClose if buffer.is_empty() => Ok(BodyPiece::Incomplete),
            Self::UntilClose => Ok(BodyPiece::Data(buffer.split().freeze())),
        }
    }
}

impl ChunkState {
    fn next(&mut self, buffer: &mut BytesMut) -> Result<BodyPiece, MalformedAnswer> {
        loop {
            match self {
                Self::Size => {
                    let size = httparse::parse_chunk_size(buffer).map_err(|_| MalformedAnswer)?;
                    let httparse::Status::Complete((line, size)) = size else {
                        return incomplete_line(buffer);
                    };
                    buffer.advance(line);
                    *self = if size == 0 {
                        Self::Trailers
                    } else {
                        Self::Data(size)
                    };
                }
                Self::Data(0) => *self = Self::DataEnd,
                Self::Data(left) => return Ok(split_up_to(left, buffer)),
                Self::DataEnd => {
                    if buffer.len() < 2 {
                        return Ok(BodyPiece::Incomplete);
                    }
                    if !buffer.starts_with(b"\r\n") {
                        return Err(MalformedAnswer);
                    }
                    buffer.advance(2);
                    *self = Self::Size;
                }
                Self::Trailers => {
                    let Some(end) = buffer.windows(2).position(|pair| pair == b"\r\n") else {
                        return incomplete_line(buffer);
                    };
                    buffer.advance(end + 2);
                    if end == 0 {
                        *self = Self::End;
                    }
                }
                Self::End => return Ok(BodyPiece::End),
            }
        }
    }
}

fn split_up_to(left: &mut u64, buffer: &mut BytesMut) -> BodyPiece {
    if buffer.is_empty() {
        return BodyPiece::Incomplete;
    }
    let here = usize::try_from(*left).map_or(buffer.len(), |left| left.min(buffer.len()));
    *left -= here as u64;
    BodyPiece::Data(buffer.split_to(here).freeze())
}

fn incomplete_line(buffer: &BytesMut) -> Result<BodyPiece, MalformedAnswer> {
    if buffer.len() > MAX_CHUNK_LINE_BYTES {
        Err(MalformedAnswer)
    } else {
        Ok(BodyPiece::Incomplete)
    }
}

#[cfg(test)]
mod tests;
