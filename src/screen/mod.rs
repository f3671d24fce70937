//! The pipeline: walk, read, fingerprint, match, verdict. Knows no noise and no HTTP.

mod answer;
mod digesting;
mod flood;
mod found;
mod heif;
mod matched;
mod matcher;
mod question;
mod run;
mod selection;
mod standing;
mod verdict;
mod video;
mod videos;
#[cfg(test)]
mod videos_tests;
mod walk;
mod worker;

#[cfg(test)]
mod order_tests;

pub use answer::{Seen, decode_answer};
pub use flood::Tripped;
pub use heif::runnable;
pub use matched::{Held, Match, MatchedBy};
pub use matcher::{MatchError, Matcher};
pub use run::{
    Line, Progress, Run, RunError, RunOptions, Screened, ScreenedLine, SinkError, Summary, fingerprint,
    path_hex,
};
pub use selection::{NotAllowed, Searched, Selection};
pub use verdict::{Outcome, Verdict};
pub use video::Ffmpeg;
pub use videos::{InVideo, VideoBounds, VideoBoundsError, VideoMatch};
pub use walk::{Item, walk};
pub use worker::{JailLine, ReadError, WorkerOptions, Workers, serve_worker};
