//! Content behind a URL, fetched only where the operator allows it.

/// Where content may be fetched from.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Host names; one that begins with a dot stands for all below it.
    pub hosts: Vec<String>,
    /// Most bytes.
    pub max_bytes: u64,
    /// Most seconds, redirects included.
    pub max_seconds: u64,
}

use super::{Problem, ProblemCode, State, Upload};

impl State {
    /// What lies at `url`, and the media type that its server says it has.
    ///
    /// # Errors
    /// [`Problem`] if fetching is off, the host is not allowed or the content cannot be had within the bounds.
    pub(super) async fn fetch(&self, _url: &str) -> Result<(Upload, Option<String>), Problem> {
        Err(Problem::new(ProblemCode::Forbidden, "fetching URLs is switched off here; upload the content"))
    }
}
