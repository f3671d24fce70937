//! The description as a page: written by the service, without scripts, and readable without its style.

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

use super::super::Problem;
use super::extract::NoParameters;
use super::openapi::{self, Refusals};
use crate::digest::Digests;

const STYLE: &str = "\
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code { font: 0.9em/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
h2 { margin-top: 2.5rem; border-top: 1px solid; padding-top: 1rem }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #8886 }
details { margin: 0.5rem 0 }
";

struct Page {
    policy: HeaderValue,
    html: Bytes,
}

/// Read this description as a page
///
/// HTML without scripts. Needs no token.
#[utoipa::path(
    get, path = "/v1/docs", tag = "service", security(()),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"), Refusals),
)]
pub(super) async fn docs(_: NoParameters) -> Result<Response, Problem> {
    static PAGE: OnceLock<Option<Page>> = OnceLock::new();
    let Some(page) = PAGE.get_or_init(made) else { return Err(Problem::internal()) };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, page.policy.clone()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, page.html.clone()).into_response())
}

fn made() -> Option<Page> {
    let document: Value = serde_json::from_slice(openapi::text()).ok()?;
    let style = Base64::encode_string(Digests::of(STYLE.as_bytes()).sha256.as_bytes());
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let html = Bytes::from(page(&document).into_string());
    Some(Page { policy: HeaderValue::from_str(&policy).ok()?, html })
}

fn page(document: &Value) -> Markup {
    let title = text(&document["info"]["title"]);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) " " (text(&document["info"]["version"])) }
                    p { (prose(&document["info"]["description"])) }
                    p { "For programs: " a href="/v1/openapi.json" { "openapi.json" } ". Send a token as "
                        code { "Authorization: Bearer TOKEN" } ". Every refusal is a problem document; its "
                        code { "code" } " never changes its meaning." }
                    @for (path, item) in pairs(&document["paths"]) {
                        @for (method, operation) in pairs(item) { (described(path, method, operation)) }
                    }
                    h1 { "What is in the bodies" }
                    @for (name, schema) in pairs(&document["components"]["schemas"]) {
                        h2 id=(name) { (name) }
                        p { (prose(&schema["description"])) }
                        (fields(schema))
                    }
                }
            }
        }
    }
}

fn described(path: &str, method: &str, operation: &Value) -> Markup {
    let (refused, answered): (Vec<_>, Vec<_>) =
        pairs(&operation["responses"]).partition(|(status, _)| !status.starts_with('2'));
    html! {
        section {
            h2 { code { (method.to_uppercase()) " " (path) } }
            p { strong { (text(&operation["summary"])) } ". " (prose(&operation["description"])) }
            @if let Some(parameters) = operation["parameters"].as_array() {
                table {
                    caption { "Parameters" }
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Where" } th scope="col" { "What" } } }
                    tbody {
                        @for parameter in parameters {
                            tr {
                                th scope="row" { code { (text(&parameter["name"])) } }
                                td { (text(&parameter["in"])) }
                                td { (prose(&parameter["description"])) }
                            }
                        }
                    }
                }
            }
            @for (kind, body) in pairs(&operation["requestBody"]["content"]) {
                p { "Takes " code { (kind) } (named(&body["schema"])) }
            }
            @for (status, response) in answered {
                p {
                    "Answers " code { (status) } ": " (text(&response["description"])) "; "
                    @for (kind, body) in pairs(&response["content"]) { code { (kind) } (named(&body["schema"])) " " }
                }
            }
            details {
                summary { "Refusals" }
                ul { @for (status, response) in refused {
                    li { code { (status) } " " (prose(&response["description"])) }
                } }
            }
        }
    }
}

/// `, as in Match`, with a link to where that is described.
fn named(schema: &Value) -> Markup {
    html! {
        @if let Some(name) = reference(schema) { ", as in " a href={ "#" (name) } { (name) } }
    }
}

/// The fields of an object, those of its parts included.
fn fields(schema: &Value) -> Markup {
    let parts = schema["allOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        @for part in parts.iter().filter_map(reference) {
            p { "All of " a href={ "#" (part) } { (part) } "." }
        }
        @for schema in std::iter::once(schema).chain(parts) {
            @if pairs(&schema["properties"]).next().is_some() {
                table {
                    thead { tr { th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "What" } } }
                    tbody {
                        @for (name, field) in pairs(&schema["properties"]) {
                            tr {
                                th scope="row" { code { (name) } }
                                td { (kind(field)) }
                                td { (prose(&field["description"])) }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(words) = schema["enum"].as_array() { p { (listed(words)) } }
    }
}

fn kind(field: &Value) -> Markup {
    let of_item = &field["items"];
    let choices = field["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        @if let Some(name) = reference(field) { a href={ "#" (name) } { (name) } }
        @if let Some(words) = field["enum"].as_array() { (listed(words)) }
        @else if let Some(types) = field["type"].as_array() {
            (types.iter().map(text).collect::<Vec<_>>().join(" or "))
        }
        @else { (text(&field["type"])) }
        @if of_item.is_object() { " of " (kind(of_item)) }
        @for (number, choice) in choices.iter().enumerate() {
            @if number > 0 { " or " }
            (kind(choice))
        }
    }
}

fn listed(words: &[Value]) -> Markup {
    html! {
        @for (number, word) in words.iter().enumerate() {
            @if number > 0 { ", " }
            code { (word.as_str().unwrap_or("null")) }
        }
    }
}

/// The name of the schema that `schema` stands for.
fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// Words, with what stands between backquotes as code.
fn prose(words: &Value) -> Markup {
    html! {
        @for (number, part) in text(words).split('`').enumerate() {
            @if number % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn pairs(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
