//! The plans that come with the program. A starting point: copy one, change it, check it, register it.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::plan::COARSE;
use crate::vocabulary::{Period, PeriodKind};

/// A plan that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// About 600 items a quarter: one table of 12 cells.
    SmallHotline,
    /// About 20,000 items a month: four tables.
    National,
    /// Uploads by the hundred thousand: four tables, with what people overturned.
    Platform,
    /// About 2,000 items a month: one table of 17 cells.
    Coarse,
    /// The coarsest that says anything: one table of the five verdicts.
    Verdicts,
}

impl Ready {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::SmallHotline, Self::National, Self::Platform, Self::Coarse, Self::Verdicts];

    /// Its name, as in the plan.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SmallHotline => "small-hotline",
            Self::National => "national",
            Self::Platform => "platform",
            Self::Coarse => "coarse",
            Self::Verdicts => "verdicts",
        }
    }

    /// The kind of period that its text names.
    #[must_use]
    pub const fn period(self) -> PeriodKind {
        match self {
            Self::SmallHotline => PeriodKind::Quarter,
            Self::National | Self::Platform | Self::Coarse | Self::Verdicts => PeriodKind::Month,
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::SmallHotline => include_str!("plans/small-hotline.toml"),
            Self::National => include_str!("plans/national.toml"),
            Self::Platform => include_str!("plans/platform.toml"),
            Self::Coarse => COARSE,
            Self::Verdicts => include_str!("plans/verdicts.toml"),
        }
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No plan of this name comes with the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a ready plan; they are {}", Ready::ALL.map(Ready::as_str).join(", "))]
pub struct NotReady {
    /// What stood there.
    pub found: String,
}

impl FromStr for Ready {
    type Err = NotReady;

    fn from_str(text: &str) -> Result<Self, NotReady> {
        Self::ALL
            .into_iter()
            .find(|plan| plan.as_str() == text)
            .ok_or_else(|| NotReady { found: text.to_owned() })
    }
}

/// Its text for periods of `kind`, to be used until the end of the second year after `today`'s.
#[must_use]
pub fn text(plan: Ready, kind: PeriodKind, today: Date) -> String {
    let last = Period::of(kind, jiff::civil::date(today.year().saturating_add(2).min(2999), 12, 31));
    let line = |line: &str| match line.split_once(" = ").map(|(key, _)| key) {
        Some("period") => format!("period = \"{}\"\n", kind.as_str()),
        Some("expires") => format!("expires = \"{last}\"\n"),
        _ => format!("{line}\n"),
    };
    plan.file().lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::release::Plan;

    #[test]
    fn every_ready_plan_is_a_plan_as_it_stands_and_for_every_kind_of_period() {
        for ready in Ready::ALL {
            let plan: Plan = ready.file().parse().unwrap_or_else(|error| panic!("{ready}: {error}"));
            assert_eq!((plan.name(), plan.period()), (ready.as_str(), ready.period()));
            for kind in [PeriodKind::Month, PeriodKind::Quarter, PeriodKind::Year] {
                let plan: Plan = text(ready, kind, date(2031, 5, 6)).parse().unwrap();
                assert_eq!((plan.period(), plan.expires()), (kind, Period::of(kind, date(2033, 12, 31))));
            }
        }
    }

    #[test]
    fn the_plan_for_a_small_hotline_is_the_one_that_was_promised() {
        let plan: Plan = Ready::SmallHotline.file().parse().unwrap();
        let [table] = plan.tables() else { panic!("one table") };
        assert_eq!(table.domain().cells().len(), 12);
        assert_eq!((plan.epsilon().to_string().as_str(), table.protection().k()), ("1", 10));
        assert_eq!(table.protection().threshold(), 23);
    }
}
