//! A publisher's budget, worked out anew from the entries of its log: which plan held when, what each month may spend, and
//! what it was charged. A publisher whose ledger was changed, or that has none, cannot spend more unseen.
//!
//! A calendar year may spend epsilon 48. That needs no account of its own: every charge is one of some month of its year,
//! and twelve months within epsilon 4 are a year within 48.

use std::collections::BTreeMap;

use crate::release::log::{ChargeEntry, PlanEntry};
use crate::release::{Epsilon, decimal};
use crate::vocabulary::Period;

/// What no month may spend more than, whatever its plans say.
const MOST_MONTH_NANO: u64 = 4 * Epsilon::NANO;

/// Billionths of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// The most that it may spend.
    pub(super) cap_nano: u64,
    /// What it was charged.
    pub(super) spent_nano: u64,
}

impl Budget {
    /// Adds a charge to what `month` has spent.
    fn spend(&mut self, nano: u64, month: Period) -> Result<(), String> {
        self.spent_nano = self.spent_nano.saturating_add(nano);
        if self.spent_nano <= self.cap_nano {
            return Ok(());
        }
        let (spent, cap) = (decimal(self.spent_nano), decimal(self.cap_nano));
        Err(format!("it brings what {month} was charged to epsilon {spent}, and {month} has {cap}"))
    }
}

/// A plan, and the first period that another one took over.
struct Known<'a> {
    plan: &'a PlanEntry,
    ended_from: Option<Period>,
}

impl Known<'_> {
    /// True if `period` may have been published by it. The log does not say when a plan expires, so it may not have been.
    fn may_hold(&self, period: Period) -> bool {
        self.plan.period == period.kind()
            && self.plan.applies_from <= period
            && self.ended_from.is_none_or(|ended| period.first_day() < ended.first_day())
    }
}

/// Plans and charges up to an entry of the log.
#[derive(Default)]
pub(super) struct Budgets<'a> {
    plans: Vec<Known<'a>>,
    /// By name, the place of the plan that nothing has ended.
    current: BTreeMap<&'a str, usize>,
    months: BTreeMap<Period, Budget>,
}

impl<'a> Budgets<'a> {
    /// A plan was registered: it ends the one of its name, and the one that it replaces.
    pub(super) fn register(&mut self, plan: &'a PlanEntry) {
        for name in [&plan.name, &plan.replaces] {
            if let Some(at) = self.current.remove(name.as_str()) {
                self.plans[at].ended_from = Some(plan.applies_from);
            }
        }
        self.current.insert(&plan.name, self.plans.len());
        self.plans.push(Known { plan, ended_from: None });
    }

    /// The plan `name` that `period` is published by.
    pub(super) fn plan(&self, name: &str, period: Period) -> Option<&'a PlanEntry> {
        let found = self.plans.iter().rev().find(|known| known.plan.name == name && known.may_hold(period));
        found.map(|known| known.plan)
    }

    /// Adds a charge to each month of its period, whatever its scope: what is published is published to the same readers. A month has the largest cap of the plans that may hold for it when it is charged first; a plan
    /// that comes later begins later.
    pub(super) fn spend(&mut self, charge: &ChargeEntry) -> Result<(), String> {
        let plans = &self.plans;
        for month in charge.period.months() {
            let fresh = || Budget { cap_nano: month_cap(plans, month), spent_nano: 0 };
            self.months.entry(month).or_insert_with(fresh).spend(charge.epsilon_nano, month)?;
        }
        Ok(())
    }

    /// Of the months of a period that was charged, the largest cap, and the most that one of them has spent so far.
    pub(super) fn of(&self, period: Period) -> Budget {
        let of_month = |month| self.months.get(&month);
        let largest =
            |of: fn(&Budget) -> u64| period.months().filter_map(of_month).map(of).max().unwrap_or(0);
        Budget { cap_nano: largest(|month| month.cap_nano), spent_nano: largest(|month| month.spent_nano) }
    }
}

/// The most that `month` may spend.
fn month_cap(plans: &[Known<'_>], month: Period) -> u64 {
    let covers = |known: &&Known<'_>| known.may_hold(Period::of(known.plan.period, month.first_day()));
    let largest = plans.iter().filter(covers).map(|known| known.plan.cap_nano).max();
    largest.unwrap_or(0).min(MOST_MONTH_NANO)
}
