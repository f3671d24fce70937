//! What the latest period of a table supports saying in a sentence, chosen so that noise is not taken for news.
//!
//! What is chosen out of many comparisons because it stands out needs more than the 95 % of one comparison: of sixty cells in
//! which nothing happened, three leave their intervals. So the intervals here are simultaneous. Every comparison that may
//! become a finding is counted before any figure is looked at, and each takes an equal part of the 5 % (Bonferroni): in at
//! least 95 of 100 periods *none* of the findings of that period is wrong about its direction or leaves its interval.
//!
//! Considered are the latest period against the one before and against the same of the year before, in all and for each
//! code of each dimension, and the share of each code. Codes that say `unknown` or `not applicable` are not: what became
//! known is no news of the world. Nothing is said on bases below [`LEAST_BASE`], nor across a break of the series.

use std::collections::BTreeSet;

use super::estimate::{Change, Estimate, Trend};
use super::noise::ALPHA;
use super::{DataSet, Point, Series};
use crate::vocabulary::{Code, Period};

/// Figures below this are no base for a change or a share.
pub const LEAST_BASE: u64 = 50;

/// One sentence that the numbers support.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// More than before.
    Rise(Movement),
    /// Less than before.
    Fall(Movement),
    /// The largest part of a dimension, and clearly so.
    Share(Portion),
    /// How much it is in all, where there is nothing to compare it with.
    Level {
        /// The latest period.
        period: Period,
        /// All cells together, with the simultaneous interval.
        total: Estimate,
    },
    /// All cells together did not clearly change.
    NoClearChange(Movement),
    /// Nothing can be said: everything is withheld, or there is no table.
    NothingSupported,
}

/// With what the latest period is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Against {
    /// The period before it.
    Previous,
    /// The same month, quarter or year of the year before; for years, that is the period before.
    YearBefore,
}

/// A change, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Of which code; `None` for all cells together.
    pub code: Option<Code>,
    /// The period before.
    pub from: Period,
    /// The latest period.
    pub to: Period,
    /// Which of the earlier ones that is.
    pub against: Against,
    /// The figures, with the simultaneous interval of the difference.
    pub change: Change,
}

/// A part of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// Of which code.
    pub code: Code,
    /// The latest period.
    pub period: Period,
    /// The cells of the code, with the simultaneous interval.
    pub part: Estimate,
    /// All cells, with the simultaneous interval.
    pub total: Estimate,
    /// The share of the shown values, in thousandths.
    pub share: u64,
    /// Lower end of its simultaneous interval, in thousandths, rounded down.
    pub low: u64,
    /// Its upper end, rounded up.
    pub high: u64,
}

impl DataSet<'_> {
    /// The table that leads: of those that have the latest period, the first in the plan of the first publisher. The
    /// order of the plan was fixed before the period began, so it cannot follow from what the figures turned out to be.
    #[must_use]
    pub fn main_series(&self) -> Option<&Series<'_>> {
        let latest = |series: &&Series<'_>| series.latest().period().last_day();
        let last = self.series.iter().map(|series| latest(&series)).max()?;
        self.series.iter().find(|series| latest(series) == last)
    }

    /// At most `most` findings of the [main series](Self::main_series), as [`Series::findings`] gives them.
    #[must_use]
    pub fn findings(&self, most: usize) -> Vec<Finding> {
        self.main_series().map_or_else(|| vec![Finding::NothingSupported], |series| series.findings(most))
    }
}

/// A comparison of the latest period that may become a finding.
struct Candidate {
    code: Option<Code>,
    from: Period,
    against: Against,
}

impl Series<'_> {
    /// At most `most` things that the latest period supports saying, the most telling first; never empty.
    ///
    /// The first is of all cells together: a clear rise or fall, else that there is no clear change, else how much it is.
    /// Then the clear changes of single codes, by the amount that is certain, and the largest shares; a place is left for a
    /// share if there is one. All their intervals hold together with a chance of 95 % (see the module).
    #[must_use]
    pub fn findings(&self, most: usize) -> Vec<Finding> {
        let latest = self.latest();
        let codes = self.telling_codes();
        let candidates = self.candidates(latest.period(), &codes);
        // Each code has an interval as a part and as what it leaves. One more is that of the total.
        let all_codes: usize = self.dimensions().iter().map(|&dimension| self.codes(dimension).len()).sum();
        let intervals = candidates.len() + 2 * all_codes + 1;
        let alpha = ALPHA / intervals as f64;

        let (mut totals, mut changes) = (Vec::new(), Vec::new());
        for Candidate { code, from, against } in candidates {
            let trend = self.change_at(from, latest.period(), code.as_slice(), alpha);
            let (Trend::Clear(change) | Trend::NoClearChange(change)) = trend else { continue };
            if change.before < LEAST_BASE {
                continue;
            }
            let movement = Movement { code, from, to: latest.period(), against, change };
            match code {
                None => totals.push(movement.into_finding()),
                Some(_) => changes.push(movement.into_finding()),
            }
        }
        changes.retain(|finding| finding.certain() > 0);
        changes.sort_by_key(|finding| std::cmp::Reverse(finding.certain()));
        let shares = shares(&latest, &codes, alpha);

        let mut findings = Vec::new();
        findings.extend(total(&latest, totals, alpha));
        let room = most.saturating_sub(findings.len() + usize::from(!shares.is_empty()));
        let mut told = Vec::new();
        for finding in changes {
            // One code is told of once, by the comparison that says more.
            if told.len() < room && !told.contains(&finding.code()) {
                told.push(finding.code());
                findings.push(finding);
            }
        }
        findings.extend(shares);
        findings.truncate(most);
        if findings.is_empty() {
            findings.push(Finding::NothingSupported);
        }
        findings
    }

    /// The codes of its dimensions that say something, where there are several to tell apart.
    fn telling_codes(&self) -> Vec<Code> {
        let cells = self.latest().table.cells();
        let codes = self.dimensions().iter().map(|&dimension| {
            let mut codes = self.codes(dimension);
            codes.retain(|code| cells.iter().any(|cell| cell.codes.contains(code)));
            if codes.len() < 2 {
                codes.clear();
            }
            codes.retain(|&code| ![dimension.unknown(), dimension.not_applicable()].contains(&Some(code)));
            codes
        });
        codes.flatten().collect()
    }

    /// Every comparison for which there are two periods. Follows from which periods and codes there are, and from no figure.
    fn candidates(&self, latest: Period, codes: &[Code]) -> Vec<Candidate> {
        let year_before = (0..12 / latest.kind().months()).fold(latest, |period, _| period.previous());
        let mut earlier = vec![(latest.previous(), Against::Previous)];
        if year_before != latest.previous() {
            earlier.push((year_before, Against::YearBefore));
        }
        earlier.retain(|(from, _)| self.at(*from).is_some() && !self.breaks_between(*from, latest));
        let subjects: Vec<Option<Code>> =
            std::iter::once(None).chain(codes.iter().copied().map(Some)).collect();
        let pairs = earlier.iter().flat_map(|pair| subjects.iter().map(move |code| (*pair, *code)));
        pairs.map(|((from, against), code)| Candidate { code, from, against }).collect()
    }
}

/// What is said of all cells together.
fn total(latest: &Point<'_>, mut compared: Vec<Finding>, alpha: f64) -> Option<Finding> {
    // The clearest change; without one, that there is none against the period before, which comes first.
    compared.sort_by_key(|finding| std::cmp::Reverse(finding.certain()));
    compared.into_iter().next().or_else(|| {
        let total = latest.sum(&[]).estimate(alpha);
        (total.shown > 0).then_some(Finding::Level { period: latest.period(), total })
    })
}

/// For each dimension the code that is clearly its largest, the largest share first.
fn shares(latest: &Point<'_>, codes: &[Code], alpha: f64) -> Vec<Finding> {
    let total = latest.sum(&[]).estimate(alpha);
    if total.value < LEAST_BASE {
        return Vec::new();
    }
    let part = |code: Code| latest.sum(&[code]).estimate(alpha);
    let mut shares = Vec::new();
    for &code in codes {
        let own = part(code);
        // What is unknown is among the others: the largest of the known may be smaller than it.
        let others = latest.table.cells().iter().flat_map(|cell| &cell.codes);
        let others: BTreeSet<Code> =
            others.copied().filter(|&other| other.dimension() == code.dimension() && other != code).collect();
        if own.value < LEAST_BASE || !others.into_iter().all(|other| part(other).high < own.low) {
            continue;
        }
        let rest = latest.sum_without(code).estimate(alpha);
        let thousandths = |part: u64, rest: u64| 1000 * u128::from(part) / u128::from((part + rest).max(1));
        let portion = Portion {
            code,
            period: latest.period(),
            part: own,
            total,
            share: thousandths(own.value, rest.value) as u64,
            low: thousandths(own.low, rest.high) as u64,
            high: (thousandths(own.high, rest.low) as u64 + 1).min(1000),
        };
        shares.push(portion);
    }
    shares.sort_by_key(|portion| std::cmp::Reverse(portion.low));
    shares.into_iter().map(Finding::Share).collect()
}

impl Movement {
    fn into_finding(self) -> Finding {
        match (self.change.low, self.change.high) {
            (1.., _) => Finding::Rise(self),
            (_, ..=-1) => Finding::Fall(self),
            _ => Finding::NoClearChange(self),
        }
    }
}

impl Finding {
    /// By how much it changed at least; 0 if that is not clear.
    fn certain(&self) -> u64 {
        match self {
            Self::Rise(movement) => movement.change.low.unsigned_abs(),
            Self::Fall(movement) => movement.change.high.unsigned_abs(),
            _ => 0,
        }
    }

    fn code(&self) -> Option<Code> {
        match self {
            Self::Rise(movement) | Self::Fall(movement) | Self::NoClearChange(movement) => movement.code,
            Self::Share(portion) => Some(portion.code),
            Self::Level { .. } | Self::NothingSupported => None,
        }
    }
}
