//! Why something was not published.

use std::io;
use std::path::PathBuf;

use jiff::civil::Date;

use super::log::LogError;
use super::plan::{PlanError, decimal};
use super::signature::PublicKeyError;
use super::verify::VerifyError;
use crate::home::HomeError;
use crate::vocabulary::Period;

/// Why a plan was not registered or a month not published. Never holds a count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The text is not a plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A plan that could never be paid for.
    #[error(
        "the plan asks for epsilon {}, but a month has {}; lower epsilon in the plan",
        decimal(*asked_nano), decimal(*cap_nano)
    )]
    PlanTooDear {
        /// Billionths that the plan asks for.
        asked_nano: u64,
        /// Billionths that a month has.
        cap_nano: u64,
    },
    /// The clock says an earlier day than the ledger.
    #[error("the clock says {today}, but the ledger already has an entry of {latest}; set the clock right")]
    ClockBehind {
        /// What the clock says.
        today: Date,
        /// The latest day in the ledger.
        latest: Date,
    },
    /// No plan was there in time.
    #[error(
        "no plan was registered before {} began, so {period} cannot be published; a plan that is registered now \
         (`innerward release plan register`) applies from {applies_from}", period.in_words()
    )]
    NoPlan {
        /// The month.
        period: Period,
        /// The first month that a plan of today would cover.
        applies_from: Period,
    },
    /// The month is still running.
    #[error("{period} is not over yet; publish it on {from} or later")]
    NotEnded {
        /// The month.
        period: Period,
        /// The first day on which it may be published.
        from: Date,
    },
    /// The budget does not cover it.
    #[error(
        "the budget of {period} does not cover this: spent epsilon {}, asked {}, cap {}; nothing was published, and \
         nothing can be until a month with budget left",
        decimal(*spent_nano), decimal(*asked_nano), decimal(*cap_nano)
    )]
    OverBudget {
        /// The month (`2026-10`) or the year (`2026`).
        period: String,
        /// Billionths spent so far.
        spent_nano: u64,
        /// Billionths asked for now.
        asked_nano: u64,
        /// Billionths that the period has.
        cap_nano: u64,
    },
    /// The month has been charged under another plan.
    #[error("{period} has been charged for table {table} under another plan; restore the home from a backup")]
    ChargedOtherwise {
        /// The month.
        period: Period,
        /// The table.
        table: String,
    },
    /// A published folder is not what was published.
    #[error(
        "{} is not what was published ({what}); move the folder {} away, and publish again to restore it",
        file.display(), dir.display()
    )]
    Altered {
        /// The folder.
        dir: PathBuf,
        /// The file in question.
        file: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Earlier releases were signed with another key.
    #[error(
        "the signing key is not the one that signed earlier releases (key {expected}, now {found}); restore \
         keys/signing.key and public/innerward.pub from a backup"
    )]
    KeyChanged {
        /// Identity of the key of earlier releases.
        expected: String,
        /// Identity of the key that is there now.
        found: String,
    },
    /// A text of the configuration that cannot be published.
    #[error(
        "{key} in innerward.toml cannot be published: at most {most} bytes on one line, without control characters"
    )]
    Text {
        /// The key.
        key: &'static str,
        /// Most bytes.
        most: usize,
    },
    /// A code that is not a list class.
    #[error("{0} is not a class of list")]
    NotAListClass(&'static str),
    /// A file without a public key.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// The counts could not be had.
    #[error("the counts could not be read: {0}")]
    Tally(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The ledger holds something that this program did not write.
    #[error("the ledger in innerward.sqlite is damaged ({0}); restore the home from a backup")]
    Ledger(&'static str),
    /// The log of releases, or what witnesses it, says no.
    #[error(transparent)]
    Log(#[from] LogError),
    /// What was made does not verify; it has not left the home.
    #[error("the release that was made does not verify: {0}")]
    Verify(#[from] VerifyError),
    /// The home refused.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database refused.
    #[error("innerward.sqlite: {0}")]
    Database(#[from] rusqlite::Error),
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A test stopped the work here.
    #[cfg(test)]
    #[error("stopped by a test")]
    Stopped,
}

impl ReleaseError {
    /// For `map_err`: an I/O error at `path`.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
