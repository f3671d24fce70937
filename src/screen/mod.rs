//! The pipeline: walk, read, fingerprint, match, verdict. Knows no noise and no HTTP.

mod matcher;
mod run;
mod verdict;
mod walk;

pub use matcher::{MatchError, Matcher};
pub use run::{
    Line, Progress, Run, RunError, RunOptions, Screened, ScreenedLine, SinkError, Summary, fingerprint,
    path_hex,
};
pub use verdict::{Match, Outcome, Verdict};
pub use walk::{Item, walk};
