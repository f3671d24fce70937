//! What a verb is about to do goes on record before it is done.

use std::fs::File;
use std::io::Read;

use super::global::Global;
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
        let clock = global.clock(home)?;
        let Self { did, subject, about, .. } = self;
        let deed = Deed { at: clock.now(), by, via: "cli", did, stage: Stage::Begun, subject, about };
        // A command does not tell what cannot be from what went wrong: its message does.
        home.on_record(&deed, || clock.now(), work, |_| (Stage::Failed, About::new()))
    }
}

/// Most bytes of the list of users.
const MAX_BYTES: u64 = 1 << 20;

/// The name of whoever runs this process as the system's own list has it, `uid N` of others. The environment is not asked:
/// everybody can set that.
pub(super) fn user_name() -> String {
    let user = rustix::process::getuid().as_raw();
    let mut list = String::new();
    let read = File::open("/etc/passwd").and_then(|file| file.take(MAX_BYTES).read_to_string(&mut list));
    let name = read.ok().and_then(|_| name_of(&list, user));
    name.map_or_else(|| format!("uid {user}"), str::to_owned)
}

fn name_of(list: &str, user: u32) -> Option<&str> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        let is_name = !name.is_empty() && name.len() <= 64 && !name.chars().any(char::is_control);
        (is_name && number.parse() == Ok(user)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_called_as_the_system_has_it() {
        let list =
            "root:x:0:0:root:/root:/bin/sh\n# a note\nana:x:1000:1000:Ana,,,:/home/ana:/bin/sh\n:x:7:7:::\n";
        assert_eq!(name_of(list, 1000), Some("ana"));
        assert_eq!(name_of(list, 0), Some("root"));
        assert_eq!((name_of(list, 7), name_of(list, 100), name_of("", 0)), (None, None, None));
        assert!(!user_name().is_empty());
    }
}
