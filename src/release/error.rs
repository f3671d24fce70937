//! Why something was not published.

use std::io;
use std::path::PathBuf;

use jiff::civil::Date;

use super::epsilon::decimal;
use super::log::LogError;
use super::plan::PlanError;
use super::signature::PublicKeyError;
use super::verify::VerifyError;
use crate::home::{HomeError, database_cure, io_cure};
use crate::vocabulary::Period;

/// Why a plan was not registered or a period not published. Never holds a count.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The text is not a plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A month could not pay for all that is to be published of it.
    #[error(
        "{month} could not pay for its plans ({names}): they ask for epsilon {} together, and the largest cap among them \
         is {}; lower epsilon, give a plan a larger cap (4 at most), or let this plan take the place of another with \
         --replaces NAME",
        decimal(*asked_nano), decimal(*cap_nano)
    )]
    PlansTooDear {
        /// The month.
        month: Period,
        /// The plans that cover it.
        names: String,
        /// Billionths that they ask for together.
        asked_nano: u64,
        /// Billionths that the month would have.
        cap_nano: u64,
    },
    /// A plan that would be over before it begins.
    #[error(
        "the plan expires with {expires}, and could apply from {applies_from} at the earliest; set expires later"
    )]
    Expired {
        /// The last period of the plan.
        expires: Period,
        /// The first period that it could apply to.
        applies_from: Period,
    },
    /// No plan of that name could be replaced.
    #[error("no plan named {name:?} is in force; the plans in force are: {names}")]
    NoSuchPlan {
        /// The name.
        name: String,
        /// Those that there are.
        names: String,
    },
    /// The ledger of an earlier build, with charges.
    #[error(
        "the ledger of this home was kept by an earlier build and has {charges} charges in a layout that this build cannot \
         go on from without forgetting what was spent; keep this home for the releases it made (the earlier build gives \
         them back), and go on in a new home (--home DIR), with plans that begin after the last month published here"
    )]
    OldLedger {
        /// How many.
        charges: u64,
    },
    /// The clock says an earlier day than the ledger.
    #[error("the clock says {today}, but the ledger already has an entry of {latest}; set the clock right")]
    ClockBehind {
        /// What the clock says.
        today: Date,
        /// The latest day in the ledger.
        latest: Date,
    },
    /// Something was counted in a month that has not begun by the clock.
    #[error(
        "the clock says {today} and runs behind: something was counted in {} already; set the clock right, and register the \
         plan then: it applies from the period after", period.in_words()
    )]
    CountedAhead {
        /// What the clock says.
        today: Date,
        /// The first period of the tally that begins after that month.
        period: Period,
    },
    /// No plan was there in time.
    #[error(
        "no plan{} was registered before {} began, so {period} cannot be published; a plan that is registered now \
         (`innerward release plan register`) applies from {applies_from}",
        if plan.is_empty() { String::new() } else { format!(" {plan:?}") }, period.in_words()
    )]
    NoPlan {
        /// The period.
        period: Period,
        /// The name of the plan that was asked for; empty for any.
        plan: String,
        /// The first period of that kind that a plan of today would cover.
        applies_from: Period,
    },
    /// A correction of nothing.
    #[error(
        "{period} has not been published under the plan {plan:?} yet, so there is nothing to revise; leave out --revise"
    )]
    NothingToRevise {
        /// The period.
        period: Period,
        /// The name of the plan.
        plan: String,
    },
    /// The period is still running.
    #[error("{period} is not over yet; publish it on {from} or later")]
    NotEnded {
        /// The period.
        period: Period,
        /// The first day on which it may be published.
        from: Date,
    },
    /// The budget does not cover it.
    #[error(
        "the budget of {period} does not cover this: spent epsilon {}, asked {}, cap {}; nothing was published: a plan with \
         a larger cap could pay for more, from its first period on",
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
    /// A release lies in the public folder that the ledger knows nothing of.
    #[error(
        "{} was published by this home, and its ledger knows nothing of it: the home was restored from an older copy. Bring \
         the newest copy back before anything is published; what was charged since must stay charged",
        folder.display()
    )]
    Forgotten {
        /// The folder.
        folder: PathBuf,
    },
    /// The budget is needed for what was registered.
    #[error(
        "the budget of {period} has epsilon {} left, of which {} is kept for the first release of other plans that were \
         registered for it: a correction, which costs {}, may not take it",
        decimal(*left_nano), decimal(*kept_nano), decimal(*asked_nano)
    )]
    Kept {
        /// The month.
        period: String,
        /// Billionths left.
        left_nano: u64,
        /// Billionths kept.
        kept_nano: u64,
        /// Billionths asked for.
        asked_nano: u64,
    },
    /// The period has been charged under another text of the plan.
    #[error(
        "{period} has been charged under another text of the plan {plan:?}; restore the home from a backup"
    )]
    ChargedOtherwise {
        /// The period.
        period: Period,
        /// The name of the plan.
        plan: String,
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
    /// The organisation's name says that it is a demo.
    #[error(
        "organisation in innerward.toml begins with \"DEMO: \", which releases of a demo get by themselves; leave it out"
    )]
    SaysDemo,
    /// A text of the configuration that cannot be published.
    #[error(
        "{key} in innerward.toml cannot be published: at most {most} bytes on one line, without control characters and characters that turn the direction of a text"
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
    /// Rows of the ledger were changed by something else than this program.
    #[error(
        "the ledger does not follow from its log ({what}); nothing was charged or published: restore the home from its \
         newest backup"
    )]
    NotFromLog {
        /// The first difference.
        what: String,
    },
    /// What was made does not verify; it has not left the home.
    #[error("the release that was made does not verify: {0}")]
    Verify(#[from] VerifyError),
    /// The home refused.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database refused.
    #[error("innerward.sqlite: {error}{cure}", error = .0, cure = database_cure(.0))]
    Database(#[from] rusqlite::Error),
    /// A file operation failed.
    #[error("{}: {source}{cure}", path.display(), cure = io_cure(path, source))]
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
