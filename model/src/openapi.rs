//! What the servers' OpenAPI documents have in common, beside the shapes of the wire types: the range of each number, the media
//! type of problems, and the problems that follow from what an operation asks for.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use crate::problem::{self, Code};

/// A document as it is served. `always` are the problems that every operation can end with; those that come with a body, a key
/// or a session are added where there is one.
#[must_use]
pub fn finish(document: &OpenApi, always: &[Code]) -> Value {
    // Plain data, which serialises.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    for operation in operations(&mut document) {
        for code in implied(operation).iter().chain(always) {
            add(operation, *code);
        }
        name_media_type(operation);
    }
    plain(&mut document);
    document
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    document["paths"]
        .as_object_mut()
        .into_iter()
        .flatten()
        .filter_map(|(_, path)| path.as_object_mut())
        .flatten()
        .map(|(_, operation)| operation)
        .filter(|operation| operation.get("responses").is_some())
}

/// What an operation's own description implies.
fn implied(operation: &Value) -> Vec<Code> {
    let mut codes = Vec::new();
    if operation.get("requestBody").is_some() {
        codes.extend([
            Code::MalformedRequest,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
        ]);
    }
    let parameters = operation["parameters"].as_array();
    let mut names = parameters.into_iter().flatten().map(|it| &it["name"]);
    if names.any(|name| name == "Idempotency-Key") {
        codes.extend([Code::IdempotencyKeyRequired, Code::IdempotencyKeyReused]);
    }
    if operation.get("security").is_some() {
        codes.push(Code::Unauthorised);
    }
    codes
}

/// Adds a problem to the answers of its status.
fn add(operation: &mut Value, code: Code) {
    let name = format!("`{}`", name(code));
    let answer = &mut operation["responses"][code.status().to_string()];
    let said = answer["description"].as_str().unwrap_or_default();
    if said.contains(&name) {
        return;
    }
    answer["description"] = if said.is_empty() {
        name.into()
    } else {
        format!("{said}, {name}").into()
    };
    if answer.get("content").is_none() {
        let shape = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        answer["content"] = json!({problem::CONTENT_TYPE: shape});
    }
    if matches!(code, Code::TooManyRequests | Code::Unavailable) {
        answer["headers"]["Retry-After"] = json!({
            "description": "In seconds.",
            "schema": {"type": "integer", "format": "uint32", "minimum": 1},
        });
    }
}

fn name(code: Code) -> String {
    serde_json::to_value(code)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Every answer that is an error is a problem, and says so.
fn name_media_type(operation: &mut Value) {
    let answers = operation["responses"].as_object_mut().into_iter().flatten();
    for (_, answer) in answers.filter(|(status, _)| status.as_str() >= "400") {
        if let Some(content) = answer["content"].as_object_mut()
            && let Some(shape) = content.remove("application/json")
        {
            content.insert(problem::CONTENT_TYPE.to_owned(), shape);
        }
    }
}

/// Puts into plain words what is meant for Rust's documentation, and bounds numbers, because not every reader knows the formats.
fn plain(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(said)) = members.get_mut("description") {
                *said = said.replace("[`", "`").replace("`]", "`");
            }
            bound(members);
            members.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn bound(members: &mut Map<String, Value>) {
    let Some(Value::String(format)) = members.get_mut("format") else {
        return;
    };
    // As the registry of formats has them.
    *format = format.replace("u-int", "uint");
    let (least, most): (i128, i128) = match format.as_str() {
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        _ => return,
    };
    members.entry("minimum").or_insert_with(|| json!(least));
    members.entry("maximum").or_insert_with(|| json!(most));
}

/// Where a whole number of a description lacks its least or its most, as JSON pointers: a reader may send any number
/// there, and Rust's type takes none but its own.
#[must_use]
pub fn unbounded_integers(description: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look("", description, &mut found);
    found
}

fn look(at: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let kind = &value["type"];
            let whole = kind == "integer"
                || kind
                    .as_array()
                    .is_some_and(|kinds| kinds.contains(&"integer".into()));
            if whole && (value["minimum"].is_null() || value["maximum"].is_null()) {
                found.push(at.to_owned());
            }
            for (name, member) in members {
                look(&format!("{at}/{name}"), member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(at, item, found)),
        _ => {}
    }
}
