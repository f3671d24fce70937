//! What a verb is about to do goes on record before it is done.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use super::global::Global;
use crate::home::{Deed, Home};

/// Something that a verb does to a set, a decision, a release, a token or the home.
pub(super) struct Doing<'a> {
    by: Option<&'a str>,
    did: &'static str,
    subject: &'a str,
    about: BTreeMap<&'static str, String>,
}

impl<'a> Doing<'a> {
    /// `did` to `subject`, by whoever `--by` names, or else the user of the system.
    pub(super) fn new(by: Option<&'a str>, did: &'static str, subject: &'a str) -> Self {
        Self { by, did, subject, about: BTreeMap::new() }
    }

    /// What else there is to know: a count or a code, never content.
    pub(super) fn with(mut self, what: &'static str, value: impl ToString) -> Self {
        self.about.insert(what, value.to_string());
        self
    }

    /// Puts it on record.
    pub(super) fn record(&self, global: &Global, home: &Home) -> anyhow::Result<()> {
        let user;
        let by = match self.by {
            Some(by) => by,
            None => {
                user = user_name();
                &user
            }
        };
        let (at, about) = (global.clock(home)?.now(), self.about.clone());
        Ok(home.audit(&Deed { at, by, via: "cli", did: self.did, subject: self.subject, about })?)
    }

    /// Puts it on record and does it; if that fails, a second line says so.
    pub(super) fn during<T>(
        self,
        global: &Global,
        home: &Home,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.record(global, home)?;
        work().inspect_err(|_| {
            // The failure itself is what is told; the record then lacks a word and claims nothing wrong.
            let _ = self.with("outcome", "failed").record(global, home);
        })
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
