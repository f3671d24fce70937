//! Exchanges: HMA's fetchers of others' lists. None is configured behind these paths, and they say so; lists come by
//! `innerward pull` and by import.

use axum::Json;
use axum::body::Bytes;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::asked::Asked;
use super::banks::object;
use super::{Answer, Problem};

/// The exchanges, and the kinds of exchange: none.
pub(super) async fn list(_: Asked) -> Answer {
    Ok(Json(json!([])).into_response())
}

pub(super) async fn create(_: Asked, body: Bytes) -> Answer {
    let said = object(&body)?;
    let bank = said.get("bank").and_then(Value::as_str);
    let fits = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if !bank.is_some_and(fits) {
        return Err(Problem::bad_request("Field `bank` must match /^[A-Z0-9_]+$/"));
    }
    Err(Problem::bad_request(
        "No such exchange type: none is configured; lists come by `innerward pull` and by import",
    ))
}

pub(super) async fn no_api(_: Asked) -> Answer {
    Err(Problem::bad_request("no such Exchange API: none is configured"))
}

pub(super) async fn no_schema(_: Asked) -> Answer {
    Err(Problem::not_found("no such Exchange API: none is configured"))
}

pub(super) async fn no_exchange(_: Asked) -> Answer {
    Err(Problem::not_found("Exchange not found: none is configured"))
}

pub(super) async fn delete(_: Asked) -> Answer {
    Ok(Json(json!({ "message": "Exchange deleted" })).into_response())
}
