//! The pipeline: walk, read, fingerprint, match, verdict. Knows no noise and no HTTP.

mod answer;
mod digesting;
mod heif;
mod matcher;
mod run;
mod selection;
mod verdict;
mod walk;
mod worker;

pub use answer::{Seen, decode_answer};
pub use heif::runnable;
pub use matcher::{MatchError, Matcher};
pub use run::{
    Line, Progress, Run, RunError, RunOptions, Screened, ScreenedLine, SinkError, Summary, fingerprint,
    path_hex,
};
pub use selection::{NotAllowed, Searched, Selection};
pub use verdict::{Match, Outcome, Verdict};
pub use walk::{Item, walk};
pub use worker::{JailLine, ReadError, WorkerOptions, Workers, serve_worker};
