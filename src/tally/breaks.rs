//! Breaks: what changes match counts without any change in the world.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Tally, TallyError};
use crate::home::TallyLock;
use crate::vocabulary::{Code, Dimension, Period};

/// Raised with a build whose verdicts on the same content and lists may differ from those of the builds before.
const MATCHING: u32 = 1;

/// How a class of lists is matched, or what this program does by itself, as a digest: to be compared, and no more.
pub type Way = [u8; 16];

/// The digest of `parts` that say how something is matched, in whatever order they come: the names of lists with their kinds
/// of hash, bounds and roles, or settings of the program. It changes with the program's own way of matching.
#[must_use]
pub fn way(parts: impl IntoIterator<Item = String>) -> Way {
    let mut parts: Vec<String> = parts.into_iter().collect();
    parts.sort_unstable();
    let mut hasher = blake3::Hasher::new_derive_key("innerward 2026 way of matching");
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let digest = hasher.finalize();
    std::array::from_fn(|at| digest.as_bytes()[at])
}

/// A break in a series: counts before and after it are not to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// What changed.
    pub cause: BreakCause,
    /// It changed within the period; if not, it was different at the end of the period before.
    pub within: bool,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakCause {
    /// The lists of a class: which they are, their kinds of hash, their bounds or their roles. Not their entries.
    Lists(Code),
    /// The program, or settings of it that change verdicts.
    Program,
}

impl Tally<'_> {
    /// Notes how items of `month` are matched: of each class of lists, and of the program itself.
    ///
    /// # Errors
    /// [`TallyError::Closed`] if a period takes no more items.
    pub fn note_ways(
        &mut self,
        _lock: &TallyLock,
        month: Period,
        lists: &[(Code, Way)],
        program: &[String],
    ) -> Result<(), TallyError> {
        let periods = self.open_periods_with(month)?;
        let own = way(program.iter().cloned().chain([format!("matching {MATCHING}")]));
        let ways = lists.iter().map(|(class, way)| (class.as_str(), way)).chain([("", &own)]);
        let ways: Vec<_> = ways.collect();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for period in periods {
            for (class, way) in &ways {
                transaction.execute(
                    "INSERT INTO tally_breaks SELECT ?1, ?2, ?3,
                         (SELECT count(*) FROM tally_breaks WHERE period = ?1 AND list_class = ?2)
                     WHERE true ON CONFLICT DO NOTHING",
                    params![period.to_string(), class, way],
                )?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// The breaks of `period`: within it, and against the period before if that was counted.
    ///
    /// # Errors
    /// [`TallyError`] if the database fails.
    pub fn breaks(&self, period: Period) -> Result<Vec<Break>, TallyError> {
        let mut statement = self.connection.prepare(
            "SELECT list_class, count(*), min(CASE turn WHEN 0 THEN way END) FROM tally_breaks WHERE period = ?
             GROUP BY 1 ORDER BY 1",
        )?;
        let found: Vec<(String, i64, Way)> = statement
            .query_map([period.to_string()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let mut before = self.connection.prepare(
            "SELECT way FROM tally_breaks WHERE period = ? AND list_class = ? ORDER BY turn DESC LIMIT 1",
        )?;
        let mut breaks = Vec::new();
        for (class, ways, first) in found {
            let cause = match &*class {
                "" => BreakCause::Program,
                class => BreakCause::Lists(Dimension::ListClass.code(class)?),
            };
            let last: Option<Way> = before
                .query_row(params![period.previous().to_string(), class], |row| row.get(0))
                .optional()?;
            if last.is_some_and(|last| last != first) {
                breaks.push(Break { cause, within: false });
            }
            if ways > 1 {
                breaks.push(Break { cause, within: true });
            }
        }
        Ok(breaks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;
    use crate::vocabulary::list_class;

    #[test]
    fn a_change_of_how_lists_are_matched_is_a_break_and_the_same_again_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        let (mut tally, lock) = (Tally::open(&home).unwrap(), home.lock_tally().unwrap());
        let [october, november, december] =
            ["2026-10", "2026-11", "2026-12"].map(|text| text.parse::<Period>().unwrap());
        let class = list_class::UNKNOWN;
        let of = |bound: &str| vec![(class, way([format!("list pdq {bound}"), "other".into()]))];
        let mut note = |period, bound, program: &[&str]| {
            let program: Vec<String> = program.iter().map(ToString::to_string).collect();
            tally.note_ways(&lock, period, &of(bound), &program).unwrap();
            tally.breaks(period).unwrap()
        };
        assert_eq!(note(october, "31", &[]), []);
        assert_eq!(note(october, "31", &[]), []);
        assert_eq!(note(november, "31", &[]), [], "as in the month before");
        let lists = BreakCause::Lists(class);
        assert_eq!(note(november, "20", &[]), [Break { cause: lists, within: true }]);
        let against = |cause| Break { cause, within: false };
        assert_eq!(note(december, "31", &["low_quality"]), [against(BreakCause::Program), against(lists)]);
        assert_eq!(way(["a".into(), "b".into()]), way(["b".into(), "a".into()]));
        assert_ne!(way(["a".into(), "b".into()]), way(["ab".into()]));
    }
}
