//! Parser of a request written as text: method and path, headers, an empty line, body.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use model::api;

/// Headers that front-end servers set themselves and never forward from a client.
const RESERVED_HEADERS: [&str; 3] = [api::CREDENTIAL, api::DEADLINE, "x-forwarded-for"];

/// Parses a request; `None` if a front-end server would not forward it. The internal paths are excluded too, because the event log makes
/// its callers wait. A placeholder such as `$KEY` is replaced by the value that `placeholder` has for it.
pub fn parse(text: &[u8], placeholder: impl Fn(&str) -> Option<String>) -> Option<Request<Body>> {
    let text = ["KEY", "TOKEN", "SESSION"]
        .into_iter()
        .fold(text.to_vec(), |text, name| match placeholder(name) {
            Some(value) => replace_all(&text, format!("${name}").as_bytes(), value.as_bytes()),
            None => text,
        });
    let end = text.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&text[..end], &text[end + 2..]),
        None => (&text[..], &[][..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, address) = first.split_once(' ')?;
    let address: Uri = address.parse().ok()?;
    if !address.path().starts_with("/api/v1/") {
        return None;
    }
    let mut request = Request::new(Body::from(body.to_vec()));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = address;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        if !RESERVED_HEADERS.contains(&name.as_str()) {
            request.headers_mut().append(name, value);
        }
    }
    Some(request)
}

fn replace_all(text: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let mut rest = text;
    let mut done = Vec::with_capacity(text.len());
    while let Some(at) = rest.windows(name.len()).position(|word| word == name) {
        done.extend_from_slice(&rest[..at]);
        done.extend_from_slice(value);
        rest = &rest[at + name.len()..];
    }
    done.extend_from_slice(rest);
    done
}
