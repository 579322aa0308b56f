//! A request as a text: method and address, headers, an empty line, the body.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use model::api;

/// What front-end servers say themselves, whatever a client sends; the event log is theirs, and makes them wait.
const OURS: [&str; 3] = [api::CREDENTIAL, api::DEADLINE, "x-forwarded-for"];

/// Nothing where no front-end server would pass it on. A word with a `$` in front is replaced by what `known` knows by it.
pub fn read(text: &[u8], known: impl Fn(&str) -> Option<String>) -> Option<Request<Body>> {
    let text =
        ["KEY", "TOKEN", "SESSION"]
            .into_iter()
            .fold(text.to_vec(), |text, name| match known(name) {
                Some(value) => replaced(&text, format!("${name}").as_bytes(), value.as_bytes()),
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
        if !OURS.contains(&name.as_str()) {
            request.headers_mut().append(name, value);
        }
    }
    Some(request)
}

fn replaced(text: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
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
