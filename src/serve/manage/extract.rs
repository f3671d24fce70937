//! What fields of a request say, or a problem that says what is wrong with them and quotes nothing.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error};

use super::super::api::extract::Path;
use super::super::{Problem, State};
use crate::hashset::SetName;

/// The set that the path names.
pub(super) struct InSet(pub(super) SetName);

impl FromRequestParts<State> for InSet {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state).await?;
        name.parse().map(Self).map_err(|error: crate::hashset::SetNameError| {
            Problem::bad_request(format!("the name of the set: {error}"))
        })
    }
}

/// A whole number of JSON, which knows no others: `20.0` is one, as `20` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Whole(pub(super) u16);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        let whole = number as u16;
        if f64::from(whole) == number {
            Ok(Self(whole))
        } else {
            Err(D::Error::custom("expected a whole number of 0 to 65535"))
        }
    }
}

/// The value of a field; what is wrong is told by the field's name and by what a value is.
pub(super) fn field<T: FromStr>(name: &str, text: &str) -> Result<T, Problem>
where
    T::Err: Display,
{
    text.parse().map_err(|error: T::Err| Problem::bad_request(format!("`{name}`: {error}")))
}

/// The same for a field that may be left out.
pub(super) fn field_if_said<T: FromStr>(name: &str, text: Option<&String>) -> Result<Option<T>, Problem>
where
    T::Err: Display,
{
    text.map(|text| field(name, text)).transpose()
}

/// How a day is written.
pub(super) const A_DAY: &str = "a day is written 2026-11-01";

/// The same for values whose errors would quote them.
pub(super) fn field_like<T: FromStr>(name: &str, text: &str, like: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::bad_request(format!("`{name}`: {like}")))
}
