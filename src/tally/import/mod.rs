//! What case systems export: read by a map that names each column that is used, and nothing of any other is looked at.
//!
//! Of a row there are kept, in memory and until it is counted: its month, the number by which it is told from others, as a
//! digest, its codes, and its case, as a digest. Values are never printed and never stored.

mod crosswalk;
mod date;
mod map;
mod read;
mod record;
mod source;
#[cfg(test)]
mod tests;
mod url;

pub use date::DateForm;
pub use map::{Map, MapError};
pub use read::{BadRow, Parsed, Read};
pub use record::{How, Imported, Revised};

/// What makes a file of a case system unreadable as a whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It has no rows.
    #[error("there is nothing in it")]
    Empty,
    /// It is not UTF-8.
    #[error(
        "it is UTF-16, or its first line is not UTF-8; let the case system export UTF-8, or save it as \"CSV UTF-8\""
    )]
    Encoding,
    /// A column of the map is not there.
    #[error("it has no column {column:?}, which the map names; is the delimiter right ({delimiter:?})?")]
    NoColumn {
        /// As the map has it.
        column: String,
        /// What the first line was split at.
        delimiter: char,
    },
    /// A column is there twice.
    #[error("it has the column {0:?} twice, so that nobody knows which is meant")]
    ColumnTwice(String),
    /// More columns than any case system has.
    #[error("it has more than {max} columns", max = source::MAX_COLUMNS)]
    Columns,
    /// A row that does not end.
    #[error("line {line}: a row of more than {max} bytes; is a quotation mark not closed?", max = source::MAX_ROW)]
    Row {
        /// Where it begins.
        line: u64,
    },
    /// More rows than are taken at once.
    #[error("it has more than {max} rows; export it in parts, for example month by month", max = read::MAX_ROWS)]
    Rows,
    /// Rows of very many months.
    #[error("it has rows of more than {max} months; is the column of the date the right one?", max = record::MAX_MONTHS)]
    Months,
}
