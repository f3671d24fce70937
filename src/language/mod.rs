//! What is said to people, in their language: the strings of pages and messages, and the forms of numbers and dates.
//!
//! A language is one file of strings, each with its review status; one more needs no rebuild. This room must never know
//! what is said to whom: it has words, and no figures of its own.

mod check;
mod file;
mod forms;
mod labels;
mod locale;
mod locales;
mod plural;
mod review;
mod template;
#[cfg(test)]
mod tests;

pub use file::{FileFault, LanguageError};
pub use labels::Words;
pub use locale::{Arg, Locale, built_in_faults};
pub use locales::Locales;
pub use review::Review;
pub use template::template;
