//! Refusals as HMA words them.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// Most bytes of a refusal that is worded anew.
const LIMIT: usize = 64 << 10;

#[derive(Serialize, Deserialize)]
struct Message {
    #[serde(alias = "detail")]
    message: String,
}

/// A problem document becomes `{"message": …}` with HMA's status; whatever else is refused (a method, a body that is too long)
/// too. Answers pass as they are.
pub(in crate::serve) async fn in_words_of_hma(response: Response) -> Response {
    if response.status().is_success() || is_worded(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let said = to_bytes(body, LIMIT).await.unwrap_or_default();
    let problem: Option<Message> = serde_json::from_slice(&said).ok();
    let message = problem.map_or_else(|| words_for(parts.status), |problem| problem.message);
    if parts.status == StatusCode::UNPROCESSABLE_ENTITY {
        parts.status = StatusCode::BAD_REQUEST; // HMA knows no other word for it
    }
    let body = serde_json::to_vec(&Message { message }).unwrap_or_default(); // text alone
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    Response::from_parts(parts, Body::from(body))
}

fn is_worded(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

fn words_for(status: StatusCode) -> String {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is longer than is allowed here".into(),
        status => status.canonical_reason().unwrap_or("refused").into(),
    }
}
