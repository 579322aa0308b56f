//! Serialised requests, and answers that arrive whole, in pieces or malformed.

use http::header::{CONTENT_TYPE, ETAG};
use proptest::prelude::*;

use super::*;

const ATTEMPT: HeaderName = HeaderName::from_static("tiffin-attempt");

fn written(
    method: Method,
    target: &str,
    headers: &[(HeaderName, &'static str)],
    body: &str,
) -> String {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
        .collect();
    let target = target.parse().unwrap();
    let text = write_request(
        &method,
        &target,
        &headers,
        &[(&ATTEMPT, 2)],
        body.as_bytes(),
    );
    String::from_utf8(text).unwrap()
}

#[test]
fn a_request_is_line_headers_and_body() {
    let json = [(CONTENT_TYPE, "application/json")];
    assert_eq!(
        written(Method::POST, "/api/v1/orders?a=b%20c", &json, "{}"),
        "POST /api/v1/orders?a=b%20c HTTP/1.1\r\ncontent-type: application/json\r\ntiffin-attempt: 2\r\ncontent-length: 2\r\n\r\n{}"
    );
    assert_eq!(
        written(Method::GET, "/", &[], ""),
        "GET / HTTP/1.1\r\ntiffin-attempt: 2\r\n\r\n"
    );
    assert!(written(Method::POST, "/", &[], "").contains("content-length: 0\r\n"));
    assert!(written(Method::GET, "/", &[], "{}").contains("content-length: 2\r\n"));
}

/// Parses an answer that arrives in pieces of this many bytes: its head, its body, and whether the body ended.
fn read_in_pieces(
    text: &[u8],
    method: &Method,
    piece: usize,
) -> Result<(ResponseHead, Vec<u8>, bool), MalformedAnswer> {
    let mut read = BytesMut::new();
    let mut rest = text.chunks(piece);
    let mut head = loop {
        if let Some(head) = ResponseHead::parse(&mut read, method)? {
            break head;
        }
        read.extend_from_slice(rest.next().ok_or(MalformedAnswer)?);
    };
    let mut body = Vec::new();
    loop {
        match head.framing.next(&mut read)? {
            BodyPiece::Data(data) => body.extend_from_slice(&data),
            BodyPiece::End => return Ok((head, body, true)),
            BodyPiece::Incomplete => match rest.next() {
                Some(more) => read.extend_from_slice(more),
                None => return Ok((head, body, false)),
            },
        }
    }
}

fn read(text: &str) -> Result<(ResponseHead, Vec<u8>, bool), MalformedAnswer> {
    read_in_pieces(text.as_bytes(), &Method::GET, usize::MAX)
}

#[test]
fn an_answer_of_known_length_ends_there_and_keeps_the_connection() {
    let (head, body, ended) =
        read("HTTP/1.1 201 Created\r\nETag: \"7\"\r\nContent-Length: 5\r\n\r\nhello and more")
            .unwrap();
    assert_eq!(head.parts.status, StatusCode::CREATED);
    assert_eq!(head.parts.headers[ETAG], "\"7\"");
    assert_eq!(
        (&body[..], ended, head.keep_alive),
        (&b"hello"[..], true, true)
    );
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n";

#[test]
fn chunks_are_put_together_wherever_they_are_cut() {
    for piece in 1..CHUNKED.len() {
        let (head, body, ended) = read_in_pieces(CHUNKED.as_bytes(), &Method::GET, piece).unwrap();
        assert_eq!(
            (&body[..], ended, head.keep_alive),
            (&b"hello world"[..], true, true)
        );
        assert!(!head.parts.headers.contains_key(CONTENT_LENGTH));
    }
}

#[test]
fn a_body_without_length_or_chunks_lasts_until_the_connection_closes() {
    let (head, body, ended) = read("HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
    assert_eq!(
        (&body[..], ended, head.keep_alive),
        (&b"hello"[..], false, false)
    );
    let (head, _, _) = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n").unwrap();
    assert_eq!(head.framing, Framing::UntilClose);
}

#[test]
fn some_answers_have_no_body() {
    let long = "Content-Length: 5\r\n\r\n";
    for (status, method) in [
        ("204 No Content", Method::GET),
        ("304 Not Modified", Method::GET),
        ("200 OK", Method::HEAD),
    ] {
        let text = format!("HTTP/1.1 {status}\r\n{long}");
        let (head, body, ended) = read_in_pieces(text.as_bytes(), &method, 7).unwrap();
        assert!(body.is_empty() && ended && head.keep_alive);
        assert_eq!(head.parts.headers[CONTENT_LENGTH], "5");
    }
}

#[test]
fn informational_answers_are_skipped() {
    let text =
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let (head, _, _) = read(text).unwrap();
    assert_eq!(head.parts.status, StatusCode::OK);
    assert_eq!(head.parts.headers.len(), 1);
}

#[test]
fn the_connection_is_not_reused_where_the_replica_closes_it() {
    for text in [
        "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        assert!(!read(text).unwrap().0.keep_alive, "{text}");
    }
}

#[test]
fn malformed_answers_are_errors() {
    for text in [
        "nonsense\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 999999 x\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(MAX_HEAD_BYTES));
    assert!(read(&endless).is_err());
    let endless = format!(
        "{}{}",
        &CHUNKED[..CHUNKED.len() - 2],
        "x".repeat(MAX_CHUNK_LINE_BYTES + 1)
    );
    assert!(read(&endless).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(
        received in proptest::collection::vec(any::<u8>(), 0..200),
        chunked in any::<bool>(),
        piece in 1_usize..40,
    ) {
        let start: &[u8] = if chunked { b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" } else { b"HTTP/1.1 " };
        let text = [start, &received].concat();
        let _ = read_in_pieces(&text, &Method::GET, piece);
    }
}
