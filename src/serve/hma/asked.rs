//! What every handler is asked with: who, what of, and the query.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Problem;
use super::params::Params;
use crate::serve::deeds::Doer;
use crate::serve::{Caller, State};

/// A request, but for its path and its body.
pub(super) struct Asked {
    pub(super) state: State,
    pub(super) caller: Caller,
    pub(super) params: Params,
}

impl FromRequestParts<State> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let params = Params::of(parts.uri.query().unwrap_or_default())?;
        Ok(Self { state: state.clone(), caller, params })
    }
}

/// Who does something on these paths.
pub(super) const fn doer(caller: &Caller) -> Doer<'_> {
    Doer { caller, via: "hma" }
}
