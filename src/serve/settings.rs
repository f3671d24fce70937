//! How a service is set up: from `[serve]` in `innerward.toml` and from the command line.

use super::Scope;
use crate::digest::Fidelity;
use crate::media::Limits;

/// How a service is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Most bytes of an upload.
    pub max_upload_bytes: u64,
    /// Most bytes of any other body.
    pub max_body_bytes: usize,
    /// Most bytes of a list that is brought into a set.
    pub max_list_bytes: u64,
    /// Most hashes of one request.
    pub max_batch: usize,
    /// What everybody may do without a token; empty unless the operator says so.
    pub open: Vec<Scope>,
    /// Where a URL may be fetched from; `None` if none is fetched.
    pub fetch: Option<super::fetch::FetchSettings>,
    /// What is screened is counted in the tally.
    pub count: bool,
    /// Most bytes of uploads in memory at a time, all together; what is longer than a MiB is in files.
    pub max_held_memory_bytes: u64,
    /// Most bytes of uploads in files without a name in the home, all together.
    pub max_held_disk_bytes: u64,
    /// Bounds for decoders, and the forms to make.
    pub limits: Limits,
    /// How exact the first look at an item that is screened is; the verdict is that of the reference.
    pub fidelity: Fidelity,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_upload_bytes: 100 << 20,
            max_body_bytes: 16 << 20,
            max_list_bytes: 8 << 30,
            max_batch: 10_000,
            open: Vec::new(),
            fetch: None,
            count: true,
            max_held_memory_bytes: 256 << 20,
            max_held_disk_bytes: 8 << 30,
            limits: Limits::default(),
            fidelity: Fidelity::default(),
        }
    }
}
