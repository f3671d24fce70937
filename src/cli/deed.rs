//! What a verb is about to do goes on record before it is done.

use std::sync::Once;

use super::global::Global;
use super::output::complain;
use crate::home::{About, Deed, Did, Home, Stage};

/// Something that a verb does to a set, a decision, a release, a token or the home.
pub(super) struct Doing<'a> {
    by: Option<&'a str>,
    did: Did,
    subject: &'a str,
    about: About,
}

impl<'a> Doing<'a> {
    /// `did` to `subject`, by whoever `--by` names, or else the user of the system.
    pub(super) fn new(by: Option<&'a str>, did: Did, subject: &'a str) -> Self {
        Self { by, did, subject, about: About::new() }
    }

    /// What else there is to know: a count or a code, never content.
    pub(super) fn with(mut self, what: &'static str, value: impl ToString) -> Self {
        self.about.insert(what, value.to_string());
        self
    }

    /// Puts on record that it begins, does it, and puts on record whether it is done or failed.
    pub(super) fn during<T>(
        self,
        global: &Global,
        home: &Home,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.telling(global, home, || Ok((work()?, About::new())))
    }

    /// The same for `work` that gives counts too, for the record of what is done.
    pub(super) fn telling<T>(
        self,
        global: &Global,
        home: &Home,
        work: impl FnOnce() -> anyhow::Result<(T, About)>,
    ) -> anyhow::Result<T> {
        let user;
        let by = match self.by {
            Some(by) => by,
            None => {
                user = user_name();
                &user
            }
        };
        warn_of_owner(home);
        let clock = global.clock(home)?;
        let Self { did, subject, about, .. } = self;
        let deed = Deed { at: clock.now(), by, via: "cli", did, stage: Stage::Begun, subject, about };
        // A command does not tell what cannot be from what went wrong: its message does.
        home.on_record(&deed, || clock.now(), work, |_| (Stage::Failed, About::new()))
    }
}

/// The name of whoever runs this process.
pub(super) fn user_name() -> String {
    crate::home::user_name(rustix::process::getuid().as_raw())
}

/// Says once that the home is somebody else's, before something is written there.
pub(super) fn warn_of_owner(home: &Home) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| home.warning_of_owner().into_iter().for_each(complain));
}
