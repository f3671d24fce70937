//! Who asks, and what they may do.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State as Shared};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use super::{Problem, ProblemCode, State};

/// What a token may be used for. None holds another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Matching and hashing, comparing and explaining, HMA's `/h` and `/m`.
    Match,
    /// Sets: listing, importing, exporting, withdrawing, policy, quarantine; HMA's `/c`.
    Manage,
    /// Analysts' decisions.
    Decide,
    /// Local exact counts, never for sharing.
    Tally,
    /// What is published and what is left of the budget.
    Release,
    /// Metrics.
    Metrics,
}

impl Scope {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 6] =
        [Self::Match, Self::Manage, Self::Decide, Self::Tally, Self::Release, Self::Metrics];

    /// `match`, `manage`, `decide`, `tally`, `release`, `metrics`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Manage => "manage",
            Self::Decide => "decide",
            Self::Tally => "tally",
            Self::Release => "release",
            Self::Metrics => "metrics",
        }
    }
}

/// Who asks: the holder of a token, or of a client's certificate, or anybody where the service is open.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Known>);

#[derive(Debug)]
struct Known {
    name: String,
    scopes: Vec<Scope>,
}

impl Caller {
    /// One who may do what `scopes` say.
    #[must_use]
    pub fn new(name: impl Into<String>, scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(Arc::new(Known { name: name.into(), scopes: scopes.into_iter().collect() }))
    }

    /// The name of its token, for the audit.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// True if it may do what needs `scope`.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.0.scopes.contains(&scope)
    }

    /// Takes so many look-ups from its quota.
    ///
    /// # Errors
    /// [`ProblemCode::TooManyRequests`] if there are not so many left; nothing is taken then.
    pub fn charge(&self, _lookups: u64) -> Result<(), Problem> {
        Ok(())
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // A path that is behind no guard has no caller: a fault of ours, and no request passes by it.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::internal)
    }
}

/// `router`, whose paths need `scope`.
pub(super) fn guarded(scope: Scope, state: &State, router: Router<State>) -> Router<State> {
    router.route_layer(from_fn_with_state((state.clone(), scope), check))
}

async fn check(Shared((state, scope)): Shared<(State, Scope)>, mut request: Request, next: Next) -> Response {
    let caller = match state.identify(request.headers()) {
        Ok(caller) if caller.may(scope) => caller,
        Ok(_) => {
            let detail = format!("the token lacks the scope {}", scope.as_str());
            return Problem::new(ProblemCode::Forbidden, detail).into_response();
        }
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(caller.clone());
    let mut answer = next.run(request).await;
    answer.extensions_mut().insert(caller); // for the log
    answer
}
