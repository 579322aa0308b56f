//! The parts that the servers' OpenAPI documents share, besides the schemas of the wire types: the range of each number, the media
//! type of problems, and the problems that follow from an operation's body, key or session.

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use crate::problem::{self, Code};

/// Completes a document for serving. Adds to each operation the problems in `always`, and those that follow from its body, its key
/// or its session.
#[must_use]
pub fn finish(document: &OpenApi, always: &[Code]) -> Value {
    // Cannot fail: the document is plain data.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    for operation in operations(&mut document) {
        for code in implied_problems(operation).iter().chain(always) {
            add_problem(operation, *code);
        }
        set_problem_media_type(operation);
    }
    normalise(&mut document);
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

/// The problems that follow from an operation's body, key or session.
fn implied_problems(operation: &Value) -> Vec<Code> {
    let mut codes = Vec::new();
    if operation.get("requestBody").is_some() {
        codes.extend([
            Code::MalformedRequest,
            Code::BodyTooLarge,
            Code::UnsupportedMediaType,
        ]);
    }
    let parameters = operation["parameters"].as_array();
    let mut names = parameters
        .into_iter()
        .flatten()
        .map(|parameter| &parameter["name"]);
    if names.any(|name| name == "Idempotency-Key") {
        codes.extend([Code::IdempotencyKeyRequired, Code::IdempotencyKeyReused]);
    }
    if operation.get("security").is_some() {
        codes.push(Code::Unauthorised);
    }
    codes
}

/// Adds a problem to the response with its status.
fn add_problem(operation: &mut Value, code: Code) {
    let name = format!("`{}`", wire_name(code));
    let response = &mut operation["responses"][code.status().to_string()];
    let description = response["description"].as_str().unwrap_or_default();
    if description.contains(&name) {
        return;
    }
    response["description"] = if description.is_empty() {
        name.into()
    } else {
        format!("{description}, {name}").into()
    };
    if response.get("content").is_none() {
        let schema = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
        response["content"] = json!({problem::CONTENT_TYPE: schema});
    }
    if matches!(code, Code::TooManyRequests | Code::Unavailable) {
        response["headers"]["Retry-After"] = json!({
            "description": "In seconds.",
            "schema": {"type": "integer", "format": "uint32", "minimum": 1},
        });
    }
}

fn wire_name(code: Code) -> String {
    serde_json::to_value(code)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Sets the media type of every error response to that of problems.
fn set_problem_media_type(operation: &mut Value) {
    let responses = operation["responses"].as_object_mut().into_iter().flatten();
    for (_, response) in responses.filter(|(status, _)| status.as_str() >= "400") {
        if let Some(content) = response["content"].as_object_mut()
            && let Some(schema) = content.remove("application/json")
        {
            content.insert(problem::CONTENT_TYPE.to_owned(), schema);
        }
    }
}

/// Removes rustdoc links from descriptions, and adds explicit bounds to numbers, because not every client knows the formats.
fn normalise(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(description)) = members.get_mut("description") {
                *description = description.replace("[`", "`").replace("`]", "`");
            }
            add_bounds(members);
            members.values_mut().for_each(normalise);
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        _ => {}
    }
}

/// Adds the minimum and maximum of a number to its schema.
fn add_bounds(members: &mut Map<String, Value>) {
    let Some(Value::String(format)) = members.get_mut("format") else {
        return;
    };
    // The names in the OpenAPI format registry.
    *format = format.replace("u-int", "uint");
    let (minimum, maximum): (i128, i128) = match format.as_str() {
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, u64::MAX.into()),
        "int64" => (i64::MIN.into(), i64::MAX.into()),
        _ => return,
    };
    members.entry("minimum").or_insert_with(|| json!(minimum));
    members.entry("maximum").or_insert_with(|| json!(maximum));
}

/// JSON pointers to the integers of a document without a minimum or a maximum. Clients may send any number there, but the servers
/// accept only the range of the Rust type.
#[must_use]
pub fn unbounded_integers(document: &Value) -> Vec<String> {
    let mut pointers = Vec::new();
    collect_unbounded("", document, &mut pointers);
    pointers
}

fn collect_unbounded(pointer: &str, value: &Value, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let kind = &value["type"];
            let is_integer = kind == "integer"
                || kind
                    .as_array()
                    .is_some_and(|kinds| kinds.contains(&"integer".into()));
            if is_integer && (value["minimum"].is_null() || value["maximum"].is_null()) {
                pointers.push(pointer.to_owned());
            }
            for (name, member) in members {
                collect_unbounded(&format!("{pointer}/{name}"), member, pointers);
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_unbounded(pointer, item, pointers)),
        _ => {}
    }
}
