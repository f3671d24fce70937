//! What analysts of this ward decided on entries. Kept here and nowhere else; nothing is sent to anybody.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::{TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::local::{Local, entry_of};
use super::store::{number, parsed};
use super::{EntryKey, SetError, SetName};

/// What an analyst holds of an entry, having looked at what matched it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It is what its list says.
    Confirm,
    /// It is not.
    Deconfirm,
    /// It cannot be told; takes an earlier decision back.
    Unsure,
}

impl Decision {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Confirm, Self::Deconfirm, Self::Unsure];

    /// `confirm`, `deconfirm`, `unsure`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Deconfirm => "deconfirm",
            Self::Unsure => "unsure",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Text that is not a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a decision is confirm, deconfirm or unsure")]
pub struct DecisionError;

impl FromStr for Decision {
    type Err = DecisionError;

    fn from_str(text: &str) -> Result<Self, DecisionError> {
        let all = [Self::Confirm, Self::Deconfirm, Self::Unsure];
        all.into_iter().find(|decision| decision.as_str() == text).ok_or(DecisionError)
    }
}

/// A label of a person or a code of a reason: 1 to 64 of `A-Z a-z 0-9 . _ -`. No free text: it would come to hold what must
/// not leave the ward.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

/// Not printed by accident: it may stand for a person.
impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Word(..)")
    }
}

/// Text that is no such word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a label or a reason has 1 to {} of the characters A-Z a-z 0-9 . _ -", Word::MAX_LEN)]
pub struct WordError;

impl Word {
    /// Most characters of one.
    pub const MAX_LEN: usize = 64;

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Word {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        let fine = (1..=Self::MAX_LEN).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if fine { Ok(Self(text.to_owned())) } else { Err(WordError) }
    }
}

impl TryFrom<String> for Word {
    type Error = WordError;

    fn try_from(text: String) -> Result<Self, WordError> {
        text.parse()
    }
}

impl From<Word> for String {
    fn from(word: Word) -> String {
        word.0
    }
}

/// A decision as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Decided {
    /// The set of the entry.
    pub set: SetName,
    /// Its key.
    pub key: EntryKey,
    /// What was decided.
    pub decision: Decision,
    /// When, to the second.
    pub at: Timestamp,
    /// By whom, if that is to be known.
    pub by: Option<Word>,
    /// Why, as a code of the source or of the ward.
    pub reason: Option<Word>,
    /// The revision of the set that was current.
    pub revision: u64,
}

const TABLE: &str = "hashset_decision";

impl Local {
    /// Keeps decisions, all or none, after those that are there.
    ///
    /// # Errors
    /// [`SetError::Database`]; then none is kept.
    pub fn decide(&mut self, decided: &[Decided]) -> Result<(), SetError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = tx.prepare(
                "INSERT INTO hashset_decision (name, key, decision, decided_at, decided_by, reason, revision)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?;
            for one in decided {
                insert.execute(params![
                    one.set.as_str(),
                    one.key.as_str(),
                    one.decision.as_str(),
                    one.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                    one.by.as_ref().map(Word::as_str),
                    one.reason.as_ref().map(Word::as_str),
                    i64::try_from(one.revision).unwrap_or(i64::MAX),
                ])?;
            }
        }
        Ok(tx.commit()?)
    }

    /// The latest decision on each entry, by set and key; of one set, if it is named.
    ///
    /// # Errors
    /// [`SetError::Damaged`], [`SetError::Database`].
    pub fn decisions(&self, set: Option<&SetName>) -> Result<Vec<Decided>, SetError> {
        let mut query = self.db.prepare(
            "SELECT * FROM hashset_decision
             WHERE id IN (SELECT max(id) FROM hashset_decision GROUP BY name, key) AND (?1 IS NULL OR name = ?1)
             ORDER BY name, key",
        )?;
        let mut rows = query.query([set.map(SetName::as_str)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (set, key) = entry_of(row, TABLE)?;
            let word = |column: &'static str| -> Result<Option<Word>, SetError> {
                let text: Option<String> = row.get(column)?;
                text.map(|text| text.parse().map_err(|_| SetError::Damaged { table: TABLE, column }))
                    .transpose()
            };
            found.push(Decided {
                set,
                key,
                decision: parsed(row, TABLE, "decision", |text| text.parse().ok())?,
                at: parsed(row, TABLE, "decided_at", |text| text.parse().ok())?,
                by: word("decided_by")?,
                reason: word("reason")?,
                revision: number(row, TABLE, "revision")?,
            });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;

    #[test]
    fn the_latest_decision_holds_and_none_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let decided = |set: &str, key: &str, decision| Decided {
            set: set.parse().unwrap(),
            key: EntryKey::new(key).unwrap(),
            decision,
            at: "2030-01-02T03:04:05Z".parse().unwrap(),
            by: Some("analyst-7".parse().unwrap()),
            reason: None,
            revision: 3,
        };
        let all = [
            decided("b", "1", Decision::Confirm),
            decided("a", "1", Decision::Confirm),
            decided("a", "1", Decision::Deconfirm),
            decided("a", "2", Decision::Unsure),
        ];
        Local::open(&home).unwrap().decide(&all).unwrap();
        let local = Local::open(&home).unwrap();
        assert!(local.decisions(None).unwrap() == [all[2].clone(), all[3].clone(), all[0].clone()]);
        let b: SetName = "b".parse().unwrap();
        assert!(local.decisions(Some(&b)).unwrap() == [all[0].clone()]);
        let kept: i64 =
            local.db.query_row("SELECT count(*) FROM hashset_decision", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 4, "what was decided before stays on record");
    }

    #[test]
    fn words_are_short_and_plain() {
        for bad in ["", "a b", "Müller", "a\n", &"x".repeat(65)] {
            assert_eq!(bad.parse::<Word>(), Err(WordError), "{bad:?}");
        }
        assert!("00000000-0000-0000-0000-000000000001".parse::<Word>().is_ok());
    }
}
