//! What every handler is asked with: who, what of, and the query.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::params::Params;
use super::{Hma, Problem};
use crate::serve::deeds::Doer;
use crate::serve::{Caller, State};

/// A request, but for its path and its body.
pub(super) struct Asked {
    pub(super) state: State,
    pub(super) caller: Caller,
    pub(super) hma: Arc<Hma>,
    pub(super) params: Params,
}

impl FromRequestParts<State> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let hma = parts.extensions.get::<Arc<Hma>>().cloned().ok_or_else(Problem::internal)?;
        let params = Params::of(parts.uri.query().unwrap_or_default())?;
        Ok(Self { state: state.clone(), caller, hma, params })
    }
}

/// Who does something on these paths.
pub(super) const fn doer(caller: &Caller) -> Doer<'_> {
    Doer { caller, via: "hma" }
}
