//! What can go wrong with the tally, with the cure.

use super::import::ImportError;
use crate::home::{HomeError, database_cure};
use crate::vocabulary::{LabelError, Period, PeriodError, UnknownCode};

/// What can go wrong with the tally.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TallyError {
    /// The home failed.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The database failed.
    #[error("innerward.sqlite, tally: {error}{cure}", error = .0, cure = database_cure(.0))]
    Database(#[from] rusqlite::Error),
    /// A stored code is none.
    #[error("innerward.sqlite, tally: {0}; the file was written by a newer version or is damaged")]
    Code(#[from] UnknownCode),
    /// A stored cell is none.
    #[error("innerward.sqlite, tally: {0}; the file was written by a newer version or is damaged")]
    Cell(#[from] LabelError),
    /// Something stored is not what this version writes.
    #[error(
        "innerward.sqlite, tally: {0} is not what this version writes; the file was written by a newer version or is damaged"
    )]
    Stored(&'static str),
    /// A stored period is none.
    #[error("innerward.sqlite, tally: {0}; the file is damaged")]
    Period(#[from] PeriodError),
    /// The period has been sealed, by a release or by hand.
    #[error(
        "{} is closed: it was published or sealed, and takes nothing more; is the date of this machine right?", .0.in_words()
    )]
    Closed(Period),
    /// The key is another one.
    #[error(
        "keys/tally-{0}.key is not the key that this period began with, so nothing can be counted in it; restore the key \
         from a backup"
    )]
    Key(Period),
    /// A cap on the items of a case needs the case of every item.
    #[error(
        "{}: something was screened without --case, or imported without a case, so that no cap on the items of a case can \
         hold in it; publish this period under a plan without items_per_case", .0.in_words()
    )]
    NoCase(Period),
    /// The period was sealed without this cap, and its pseudonyms are gone.
    #[error(
        "{} was sealed without counts of at most {cap} items a case, and its pseudonyms are gone, so they cannot be had any \
         more; publish it under a plan without items_per_case", period.in_words()
    )]
    NotCapped {
        /// The period.
        period: Period,
        /// Most items of a case.
        cap: u32,
    },
    /// The period is not sealed, so there is nothing to revise.
    #[error("{} is not sealed: import the file without --revise, which counts what is new in it", .0.in_words())]
    NotSealed(Period),
    /// The counts under a case cap were made of screening and import together.
    #[error(
        "{} was sealed with a cap on the items of a case, over screening and imports together; with the pseudonyms gone, \
         items cannot be revised in it (reports and URLs can)", .0.in_words()
    )]
    RevisedCap(Period),
    /// A file of a case system.
    #[error(transparent)]
    Import(#[from] ImportError),
}
