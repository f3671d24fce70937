//! The closed words that everything is counted and published in: dimensions, their codes, and labels for people.
//!
//! The data are CSV files beside this code (`data/`), read once. This room must never know where counts come from.

mod codes;
mod period;

pub use codes::{Code, Dimension, LabelError, UnknownCode, channel, list_class, media, severity, verdict};
pub use period::{Period, PeriodError};
