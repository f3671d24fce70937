//! In place of traces, in a build without the feature `otel`: nothing, at no cost.

use std::future::Future;

use axum::extract::Request;
use axum::http::StatusCode;

use super::Part;
use crate::serve::{ServeError, State};

/// A request that nobody traces.
pub(in crate::serve) struct Trace;

/// Nowhere in particular.
pub(in crate::serve) struct Here;

impl Trace {
    pub(in crate::serve) fn around<F: Future>(&self, future: F) -> F {
        future
    }

    pub(in crate::serve) fn end(self, _status: StatusCode) {}
}

impl Here {
    pub(in crate::serve) fn enter(self) -> Self {
        self
    }
}

pub(in crate::serve) fn here() -> Here {
    Here
}

pub(in crate::serve) fn part<T>(_part: Part, work: impl FnOnce() -> T) -> T {
    work()
}

pub(in crate::serve) fn waited<F: Future>(_part: Part, future: F) -> F {
    future
}

impl State {
    pub(in crate::serve) fn begin_traces(&self) -> Result<(), ServeError> {
        Ok(())
    }

    pub(in crate::serve) fn end_traces(&self) {}

    pub(in crate::serve) fn traced(&self, _method: &str, _route: &str, _request: &Request) -> Trace {
        Trace
    }
}
