//! The pipeline: walk, read, fingerprint, match, verdict. Knows no noise and no HTTP.

mod ahead;
mod answer;
mod clusters;
mod count;
mod digesting;
mod examine;
mod explain;
mod flood;
mod folder;
mod found;
mod guarded;
mod heif;
mod line;
mod lists;
mod live;
mod matched;
mod matcher;
mod opened;
mod part;
mod parts;
mod purge;
mod question;
mod record;
mod records;
mod remembered;
mod rescan;
mod run;
mod scopes;
mod selection;
mod single;
mod sources;
mod standing;
mod stated;
mod stream;
mod summary;
mod table;
mod triage;
mod verdict;
mod verify;
mod video;
mod videos;
#[cfg(test)]
mod videos_tests;
mod walk;
mod watch;
mod watched;
mod worker;
mod written;

#[cfg(test)]
mod order_tests;

pub use answer::{Seen, decode_answer};
pub use clusters::Clustered;
pub use count::Counting;
pub use examine::{RunOptions, fingerprint};
pub use explain::{
    ClassicPair, ComparedItem, Comparison, Pair, Reading, Side, Subject, Terms, VideoPair, compare,
};
pub use flood::Tripped;
pub use folder::{Asked, Words};
pub use heif::runnable;
pub use line::{Line, Screened, ScreenedLine, path_hex};
pub use live::{Live, LiveHealth, Shares};
pub use matched::{Held, Match, MatchedBy};
pub use matcher::{MatchError, Matcher};
pub use purge::{RunsPurged, purge_runs, purge_watches};
pub use rescan::{LookedBack, Rescanned, forget, rescan};
pub use run::{Batch, Finished, Progress, Run, RunError, SinkError};
pub use selection::{NotAllowed, Searched, Selection};
pub use sources::{Filter, Passed, PatternError, Sources};
pub use stream::{Stream, StreamError};
pub use summary::Summary;
pub use verdict::{Outcome, Verdict};
pub use verify::{FileCheck, InputCounts, InputFault, InputSink, InputState, RecordHead, Verified, verify};
pub use video::Ffmpeg;
pub use videos::{InVideo, VideoBounds, VideoBoundsError, VideoMatch};
pub use watch::{Pause, Watch, Watching};
pub use watched::WatchError;
pub use worker::{JailLine, ReadError, WorkerOptions, Workers, serve_worker};
