//! Exit codes, decided here and nowhere else.

use std::process::ExitCode;

use crate::screen::{Outcome, Summary};

/// How a command ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Status(u8);

impl Status {
    /// The command failed.
    pub(super) const FAILED: Self = Self(2);
    /// Something could not be had, and so not be checked.
    pub(super) const INCOMPLETE: Self = Self(Self::UNCHECKED);
    const FOUND: u8 = 1;
    const UNCHECKED: u8 = 4;

    /// That of a run; one that was stopped has not checked everything.
    pub(super) fn of(summary: &Summary, stopped: bool) -> Self {
        let found = summary.known + summary.near > 0;
        // What is in quarantine waits for a person: it is no more checked than what could not be read.
        let unchecked = stopped || summary.incomplete + summary.quarantined > 0;
        Self(if found { Self::FOUND } else { 0 } | if unchecked { Self::UNCHECKED } else { 0 })
    }

    /// Of a verb that searches: whether it found what it looks for.
    pub(super) fn found(found: bool) -> Self {
        Self(if found { Self::FOUND } else { 0 })
    }

    /// That of both.
    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Takes in the outcome of one item.
    pub(super) fn note(&mut self, outcome: Outcome, incomplete: bool) {
        if matches!(outcome, Outcome::Known | Outcome::Near) {
            self.0 |= Self::FOUND;
        }
        // What is in quarantine waits for a person: it is no more checked than what could not be read.
        if matches!(outcome, Outcome::Unchecked | Outcome::Quarantined)
            || (incomplete && outcome != Outcome::Ignored)
        {
            self.0 |= Self::UNCHECKED;
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        status.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrupt_file_never_hides_that_something_was_found() {
        let mut status = Status::default();
        status.note(Outcome::Unknown, false);
        assert_eq!(status, Status(0));
        status.note(Outcome::Unchecked, true);
        assert_eq!(status, Status(4));
        status.note(Outcome::Near, false);
        assert_eq!(status, Status(5));
    }
}
