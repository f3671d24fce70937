//! What the agreement about a set allows, and until when.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::SetName;

/// Something that is done with a set, which its agreement may or may not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// Content is matched against it.
    Match,
    /// Statistics are derived from what it matched: the tally, and releases, which are made of that.
    Derive,
    /// Its entries are written out again.
    Export,
}

impl Use {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Match, Self::Derive, Self::Export];

    /// `match`, `derive`, `export`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Derive => "derive",
            Self::Export => "export",
        }
    }

    /// What may not be done, as in "may not be …".
    const fn done(self) -> &'static str {
        match self {
            Self::Match => "searched for matches",
            Self::Derive => "used for statistics",
            Self::Export => "exported",
        }
    }
}

impl Serialize for Use {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The uses that an agreement allows: `match,derive,export`, `match`, `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uses([bool; Use::ALL.len()]);

/// Text that lists no uses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a list of uses has match, derive and export, with commas between them, or is `none`")]
pub struct UsesError;

impl Uses {
    /// Every use.
    pub const ALL: Self = Self([true; Use::ALL.len()]);
    /// No use at all.
    pub const NONE: Self = Self([false; Use::ALL.len()]);

    /// True if `usage` is among them.
    #[must_use]
    pub const fn contains(self, usage: Use) -> bool {
        self.0[usage as usize]
    }

    /// Those that are among them, in the order of [`Use::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Use> {
        Use::ALL.into_iter().filter(move |usage| self.contains(*usage))
    }
}

impl fmt::Display for Uses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uses: Vec<_> = self.iter().map(Use::as_str).collect();
        f.write_str(if uses.is_empty() { "none".into() } else { uses.join(",") }.as_str())
    }
}

impl FromStr for Uses {
    type Err = UsesError;

    fn from_str(text: &str) -> Result<Self, UsesError> {
        let mut uses = Self::NONE;
        if text == "none" {
            return Ok(uses);
        }
        for word in text.split(',') {
            let usage = Use::ALL.into_iter().find(|usage| usage.as_str() == word.trim());
            uses.0[usage.ok_or(UsesError)? as usize] = true;
        }
        Ok(uses)
    }
}

impl Serialize for Uses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The last day of a permission: `2027-06-30`, or `none` where it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepUntil(pub Option<Date>);

/// Text that is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a day is written YYYY-MM-DD, or `none` for a permission without an end")]
pub struct KeepUntilError;

impl FromStr for KeepUntil {
    type Err = KeepUntilError;

    fn from_str(text: &str) -> Result<Self, KeepUntilError> {
        match text {
            "none" => Ok(Self(None)),
            text => text.parse().map(|day| Self(Some(day))).map_err(|_| KeepUntilError),
        }
    }
}

/// What the agreement about a set allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// What may be done with the set.
    pub uses: Uses,
    /// The last day on which anything may be; `None` if there is no such day.
    pub keep_until: Option<Date>,
}

/// Of a set of which nobody said anything: everything, for ever.
impl Default for Permission {
    fn default() -> Self {
        Self { uses: Uses::ALL, keep_until: None }
    }
}

impl Permission {
    /// True if the last day is over.
    #[must_use]
    pub fn is_over(&self, today: Date) -> bool {
        self.keep_until.is_some_and(|last| last < today)
    }

    /// Why `usage` of the set called `name` is not allowed on `today`; `Ok` if it is.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn allows(&self, name: &SetName, usage: Use, today: Date) -> Result<(), Forbidden> {
        let reason = match self.keep_until {
            Some(last) if self.is_over(today) => Reason::Over { last },
            _ if !self.uses.contains(usage) => Reason::Agreement { usage },
            _ => return Ok(()),
        };
        Err(Forbidden { set: name.clone(), usage, reason })
    }
}

/// Why something may not be done with a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The agreement does not allow it.
    #[error("its agreement does not allow it (`{}`)", usage.as_str())]
    Agreement {
        /// What.
        usage: Use,
    },
    /// The last day is over.
    #[error("its agreement ended on {last}")]
    Over {
        /// The last day.
        last: Date,
    },
}

/// What may not be done with which set, why, and what a person can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{set} may not be {}: {reason}; {}", .usage.done(), self.cure())]
pub struct Forbidden {
    /// The set.
    pub set: SetName,
    /// What.
    pub usage: Use,
    /// Why.
    pub reason: Reason,
}

impl Forbidden {
    /// What a person can do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        let set = &self.set;
        match self.reason {
            Reason::Agreement { .. } => {
                format!("if it does now, `innerward set change {set} --allow` says so")
            }
            Reason::Over { .. } => format!(
                "`innerward set remove {set}` deletes it, and if the agreement was renewed, \
                 `innerward set change {set} --keep-until` says so"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn uses_are_read_as_they_are_written() {
        for text in ["match,derive,export", "match", "derive,export", "none"] {
            assert_eq!(text.parse::<Uses>().unwrap().to_string(), text);
        }
        assert_eq!("export, match".parse::<Uses>().unwrap().to_string(), "match,export");
        for text in ["", "match,", "all", "match none", "none,match"] {
            assert_eq!(text.parse::<Uses>(), Err(UsesError), "{text:?}");
        }
        assert_eq!(serde_json::to_string(&Uses::ALL).unwrap(), r#"["match","derive","export"]"#);
        assert_eq!("none".parse(), Ok(KeepUntil(None)));
        assert_eq!("2027-06-30".parse(), Ok(KeepUntil(Some(date(2027, 6, 30)))));
        assert_eq!("2027-06-31".parse::<KeepUntil>(), Err(KeepUntilError));
    }

    #[test]
    fn the_last_day_counts_and_the_next_allows_nothing() {
        let name = "hotline".parse().unwrap();
        let last = date(2026, 6, 30);
        let permission = Permission { uses: "match".parse().unwrap(), keep_until: Some(last) };
        assert_eq!(permission.allows(&name, Use::Match, last), Ok(()));
        let told = |usage, today| permission.allows(&name, usage, today).unwrap_err().to_string();
        for (usage, word) in [(Use::Derive, "statistics"), (Use::Export, "exported")] {
            let told = told(usage, last);
            assert!(told.contains("hotline") && told.contains(word), "{told}");
            assert!(told.contains("set change hotline --allow"), "{told}");
        }
        for usage in Use::ALL {
            let told = told(usage, date(2026, 7, 1));
            assert!(told.contains("ended on 2026-06-30") && told.contains("set remove hotline"), "{told}");
        }
        for usage in Use::ALL {
            assert_eq!(Permission::default().allows(&name, usage, date(9999, 1, 1)), Ok(()));
        }
    }
}
