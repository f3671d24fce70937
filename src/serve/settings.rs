//! How a service is set up: from `[serve]` in `innerward.toml` and from the command line.

use super::Scope;

/// How a service is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Most bytes of an upload.
    pub max_upload_bytes: u64,
    /// Most bytes of any other body.
    pub max_body_bytes: usize,
    /// Most hashes of one request.
    pub max_batch: usize,
    /// What everybody may do without a token; empty unless the operator says so.
    pub open: Vec<Scope>,
    /// Where a URL may be fetched from; `None` if none is fetched.
    pub fetch: Option<super::fetch::FetchSettings>,
    /// The HMA to which what is answered on its paths is sent as well, to compare; `None` for none.
    pub shadow: Option<super::shadow::ShadowSettings>,
    /// What is screened is counted in the tally.
    pub count: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_upload_bytes: 100 << 20,
            max_body_bytes: 16 << 20,
            max_batch: 10_000,
            open: Vec::new(),
            fetch: None,
            shadow: None,
            count: true,
        }
    }
}
