//! What is said to people, in their language: the strings of pages and messages, and the forms of numbers and dates.
//!
//! A language is one file of strings, each with its review status; one more needs no rebuild. This room must never know
//! what is said to whom: it has words, and no figures of its own.

mod file;
mod forms;
mod locale;

pub use file::{FileFault, LanguageError};
pub use locale::{Arg, Locale, Words};
