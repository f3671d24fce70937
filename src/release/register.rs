//! The register of plans: a plan comes before its period begins, and a change applies from the next one.

#![deny(clippy::float_arithmetic)]

use jiff::civil::Date;
use rusqlite::{Row, TransactionBehavior, params};

use super::books::plan_entry;
use super::error::ReleaseError;
use super::ledger::{Ledger, MOST_MONTH_NANO, parsed, sql};
use super::log;
use super::plan::Plan;
use crate::home::{Clock, Home, WriteLock};
use crate::tally::{Tally, TallyError};
use crate::vocabulary::{Period, PeriodKind};

/// A plan in the register.
#[derive(Debug, Clone)]
pub struct RegisteredPlan {
    /// The plan.
    pub plan: Plan,
    /// BLAKE3 of its text, in hex.
    pub digest: String,
    /// Its text, as registered.
    pub text: String,
    /// The day on which it was registered.
    pub registered_on: Date,
    /// The first period to which it applies.
    pub applies_from: Period,
    /// The plan of another name that it ended; empty if none.
    pub replaces: String,
    /// The first period that a later plan took over; `None` while nothing has ended it.
    pub ended_from: Option<Period>,
}

impl RegisteredPlan {
    /// True if it is the one by which `period` is published under its name.
    #[must_use]
    pub fn is_in_force(&self, period: Period) -> bool {
        self.plan.period() == period.kind()
            && (self.applies_from..=self.plan.expires()).contains(&period)
            && self.ended_from.is_none_or(|ended| period.first_day() < ended.first_day())
    }

    /// True if a month lies in a period that it publishes.
    fn covers(&self, month: Period) -> bool {
        self.is_in_force(Period::of(self.plan.period(), month.first_day()))
    }
}

/// What a month may be charged for the plans that cover it, and what it may spend at most, in billionths.
pub(super) fn month_budget(plans: &[RegisteredPlan], month: Period) -> (u64, u64) {
    let covering = || plans.iter().filter(|plan| plan.covers(month)).map(|plan| &plan.plan);
    (covering().map(Plan::charge_nano).sum(), covering().map(|plan| plan.cap().nano()).max().unwrap_or(0))
}

/// Puts a plan at the end of the register, and ends what it takes the place of.
pub(super) fn enter(plans: &mut Vec<RegisteredPlan>, plan: RegisteredPlan) {
    for earlier in plans.iter_mut().filter(|earlier| earlier.ended_from.is_none()) {
        if earlier.plan.name() == plan.plan.name() || earlier.plan.name() == plan.replaces {
            earlier.ended_from = Some(plan.applies_from);
        }
    }
    plans.push(plan);
}

/// Registers the plan `text` for the periods after today's, until it expires or another takes its place: one of the same
/// name, or one that says that it `replaces` it. Plans of different names hold beside each other.
///
/// It begins with the next month, quarter or year; where it takes the place of a plan with longer periods, after the one
/// that is running. Registering the text of a plan that is in force changes nothing, unless it now replaces another one. Of
/// two plans of one name registered in one period, the later holds.
///
/// # Errors
/// [`ReleaseError::Plan`] if the text is not a plan, [`ReleaseError::PlansTooDear`] if a month could not pay for all plans
/// that cover it, [`ReleaseError::Expired`] and [`ReleaseError::NoSuchPlan`] for a plan that would never apply or that
/// replaces nothing, [`ReleaseError::ClockBehind`] if the ledger has entries from days to come,
/// [`ReleaseError::CountedAhead`] if the tally has counts of months to come.
pub fn register(
    home: &Home,
    _lock: &WriteLock,
    clock: Clock,
    text: &str,
    replaces: Option<&str>,
) -> Result<RegisteredPlan, ReleaseError> {
    let plan: Plan = text.parse()?;
    let (mut ledger, mut plans) = Ledger::checked(home)?;
    let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
    let current =
        |name: &str| plans.iter().find(|plan| plan.ended_from.is_none() && plan.plan.name() == name);
    let replaces = replaces.filter(|&name| name != plan.name());
    let says_the_same =
        |same: &&RegisteredPlan| same.digest == digest && replaces.is_none_or(|name| name == same.replaces);
    if let Some(same) = current(plan.name()).filter(says_the_same) {
        return Ok(same.clone());
    }
    if let Some(name) = replaces.filter(|name| current(name).is_none()) {
        let names = plans.iter().filter(|plan| plan.ended_from.is_none()).map(|plan| plan.plan.name());
        let names = names.collect::<Vec<_>>().join(", ");
        return Err(ReleaseError::NoSuchPlan { name: name.to_owned(), names });
    }
    let today = clock.today();
    // A clock that runs behind could slip a plan in under a period that has begun.
    if let Some(latest) = ledger.latest_day()?.filter(|latest| today < *latest) {
        return Err(ReleaseError::ClockBehind { today, latest });
    }
    let tally_failed = |error: TallyError| ReleaseError::Tally(Box::new(error));
    let mut tally = Tally::open(home).map_err(tally_failed)?;
    // What was counted in a month that has not begun by the clock: the plan could have been chosen by looking at it.
    let this_month = Period::containing(today);
    let counted = tally.periods().map_err(tally_failed)?;
    if let Some(period) = counted.into_iter().find(|period| period.first_day() > this_month.last_day()) {
        return Err(ReleaseError::CountedAhead { today, period });
    }
    let ended = [Some(plan.name()), replaces].into_iter().flatten().filter_map(current);
    let applies_from = first_period(plan.period(), ended, today);
    if plan.expires() < applies_from {
        return Err(ReleaseError::Expired { expires: plan.expires(), applies_from });
    }
    let registered = RegisteredPlan {
        plan,
        digest,
        text: text.to_owned(),
        registered_on: today,
        applies_from,
        replaces: replaces.unwrap_or_default().to_owned(),
        ended_from: None,
    };
    enter(&mut plans, registered.clone());
    check_budget(&plans, &registered)?;
    let signatory = log::signatory(home, &ledger.0)?;
    log::check_public(home, &ledger.0, &signatory.public())?;
    // A longer period is counted from its first day: before the plan is there, so that no crash comes between the two.
    let kind = registered.plan.period();
    tally.keep(&home.lock_tally()?, kind, applies_from).map_err(tally_failed)?;
    ledger.insert(&registered)?;
    // So that a partner can witness that the plan came before its period.
    log::publish_log(home, &ledger.0, &signatory)?;
    Ok(registered)
}

/// The next period of `kind` after `today` that begins when no period of what is `ended` is running.
fn first_period<'a>(
    kind: PeriodKind,
    ended: impl Iterator<Item = &'a RegisteredPlan>,
    today: Date,
) -> Period {
    let next = Period::of(kind, today).next();
    let running = ended.filter_map(|plan| {
        let running = Period::of(plan.plan.period(), today);
        plan.is_in_force(running).then(|| running.last_day())
    });
    match running.max() {
        Some(last) if next.first_day() <= last => Period::of(kind, last).next(),
        _ => next,
    }
}

/// Refuses a plan with which a month could not pay for everything that it is to publish.
fn check_budget(plans: &[RegisteredPlan], registered: &RegisteredPlan) -> Result<(), ReleaseError> {
    let last = registered.plan.expires().last_day();
    let mut month = Period::containing(registered.applies_from.first_day());
    while month.first_day() <= last {
        let (asked_nano, cap_nano) = month_budget(plans, month);
        if asked_nano > cap_nano.min(MOST_MONTH_NANO) {
            let names = plans.iter().filter(|plan| plan.covers(month)).map(|plan| plan.plan.name());
            let names = names.collect::<Vec<_>>().join(", ");
            return Err(ReleaseError::PlansTooDear { month, names, asked_nano, cap_nano });
        }
        month = month.next();
    }
    Ok(())
}

/// The first month of `registered` of which several plans leave nothing for corrections, and the names of these plans.
/// `None` if something is left of every month, or where `registered` stands alone: it has the cap that it was given.
///
/// # Errors
/// [`ReleaseError`] if the register cannot be read.
pub fn without_corrections(
    home: &Home,
    registered: &RegisteredPlan,
) -> Result<Option<(Period, Vec<String>)>, ReleaseError> {
    let plans = plans(home)?;
    let last = registered.plan.expires().last_day();
    let mut month = Period::containing(registered.applies_from.first_day());
    while month.first_day() <= last {
        let (asked_nano, cap_nano) = month_budget(&plans, month);
        let names: Vec<String> =
            plans.iter().filter(|plan| plan.covers(month)).map(|plan| plan.plan.name().to_owned()).collect();
        if names.len() > 1 && asked_nano >= cap_nano.min(MOST_MONTH_NANO) {
            return Ok(Some((month, names)));
        }
        month = month.next();
    }
    Ok(None)
}

/// Every registered plan, oldest first.
///
/// # Errors
/// [`ReleaseError`] if the register cannot be read.
pub fn plans(home: &Home) -> Result<Vec<RegisteredPlan>, ReleaseError> {
    Ok(Ledger::checked(home)?.1)
}

/// The plans by which `period` is published, in the order of their registration.
///
/// # Errors
/// [`ReleaseError`] if the register cannot be read.
pub fn plans_in_force(home: &Home, period: Period) -> Result<Vec<RegisteredPlan>, ReleaseError> {
    let mut plans = plans(home)?;
    plans.retain(|plan| plan.is_in_force(period));
    Ok(plans)
}

impl Ledger {
    pub(super) fn plans(&self) -> Result<Vec<RegisteredPlan>, ReleaseError> {
        let mut statement = self.0.prepare(
            "SELECT digest, text, registered_on, applies_from, replaces FROM release_plan ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        let mut plans = Vec::new();
        while let Some(row) = rows.next()? {
            enter(&mut plans, plan_of(row)?);
        }
        Ok(plans)
    }

    fn insert(&mut self, registered: &RegisteredPlan) -> Result<(), ReleaseError> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let entry = log::append(&transaction, &plan_entry(registered))?;
        transaction.execute(
            "INSERT INTO release_plan (entry, name, digest, text, registered_on, applies_from, replaces)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                sql(entry)?,
                registered.plan.name(),
                registered.digest,
                registered.text,
                registered.registered_on.to_string(),
                registered.applies_from.to_string(),
                registered.replaces,
            ],
        )?;
        Ok(transaction.commit()?)
    }

    /// The latest day of any entry.
    fn latest_day(&self) -> Result<Option<Date>, ReleaseError> {
        let day: Option<String> = self.0.query_row(
            "SELECT max(day) FROM (SELECT max(registered_on) AS day FROM release_plan
                                   UNION ALL SELECT max(charged_on) FROM release_charge)",
            [],
            |row| row.get(0),
        )?;
        day.map(|day| parsed(&day, "day of an entry")).transpose()
    }
}

fn plan_of(row: &Row<'_>) -> Result<RegisteredPlan, ReleaseError> {
    let (digest, text): (String, String) = (row.get(0)?, row.get(1)?);
    if blake3::hash(text.as_bytes()).to_hex().as_str() != digest {
        return Err(ReleaseError::Ledger("a plan does not match its digest"));
    }
    Ok(RegisteredPlan {
        plan: text.parse()?,
        digest,
        text,
        registered_on: parsed(&row.get::<_, String>(2)?, "day of a plan")?,
        applies_from: parsed(&row.get::<_, String>(3)?, "first period of a plan")?,
        replaces: row.get(4)?,
        ended_from: None,
    })
}

#[cfg(test)]
#[path = "register_tests.rs"]
mod tests;
