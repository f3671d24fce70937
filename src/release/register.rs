//! The register of plans: a plan comes before its month begins, and a change applies from the next month.

use jiff::civil::Date;
use rusqlite::{Row, TransactionBehavior, params};

use super::error::ReleaseError;
use super::ledger::{Ledger, MONTH_CAP_NANO, parsed};
use super::plan::Plan;
use crate::home::{Clock, Home, WriteLock};
use crate::vocabulary::Period;

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
    /// The first month to which it applies.
    pub applies_from: Period,
}

/// Registers the plan `text` for the month after today's and all later ones, until another replaces it.
///
/// Registering the latest plan's text once more changes nothing. Of two plans registered in one month, the later holds.
///
/// # Errors
/// [`ReleaseError::Plan`] if the text is not a plan, [`ReleaseError::PlanTooDear`] if no month could pay for it,
/// [`ReleaseError::ClockBehind`] if the ledger has entries from days to come.
pub fn register(
    home: &Home,
    _lock: &WriteLock,
    clock: Clock,
    text: &str,
) -> Result<RegisteredPlan, ReleaseError> {
    let plan: Plan = text.parse()?;
    let asked_nano = plan.table().protection().epsilon().nano();
    if asked_nano > MONTH_CAP_NANO {
        return Err(ReleaseError::PlanTooDear { asked_nano, cap_nano: MONTH_CAP_NANO });
    }
    let today = clock.today();
    let registered = RegisteredPlan {
        plan,
        digest: blake3::hash(text.as_bytes()).to_hex().to_string(),
        text: text.to_owned(),
        registered_on: today,
        applies_from: Period::containing(today).next(),
    };
    let mut ledger = Ledger::open(home)?;
    let existing = ledger.plans()?;
    if let Some(last) = existing.last()
        && last.digest == registered.digest
    {
        return Ok(last.clone());
    }
    // A clock that runs behind could slip a plan in under a month that has begun.
    if let Some(latest) = ledger.latest_day()?
        && today < latest
    {
        return Err(ReleaseError::ClockBehind { today, latest });
    }
    let transaction = ledger.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO release_plan (name, digest, text, registered_on, applies_from) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            registered.plan.name(),
            registered.digest,
            registered.text,
            today.to_string(),
            registered.applies_from.to_string()
        ],
    )?;
    transaction.commit()?;
    Ok(registered)
}

/// Every registered plan, oldest first.
///
/// # Errors
/// [`ReleaseError`] if the register cannot be read.
pub fn plans(home: &Home) -> Result<Vec<RegisteredPlan>, ReleaseError> {
    Ledger::open(home)?.plans()
}

impl Ledger {
    fn plans(&self) -> Result<Vec<RegisteredPlan>, ReleaseError> {
        let mut statement = self
            .0
            .prepare("SELECT digest, text, registered_on, applies_from FROM release_plan ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut plans = Vec::new();
        while let Some(row) = rows.next()? {
            plans.push(plan_of(row)?);
        }
        Ok(plans)
    }

    /// The plan in force for `period`: the latest registered among those that apply by then.
    pub(super) fn plan_for(&self, period: Period) -> Result<Option<RegisteredPlan>, ReleaseError> {
        Ok(self.plans()?.into_iter().rfind(|plan| plan.applies_from <= period))
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
        applies_from: parsed(&row.get::<_, String>(3)?, "first month of a plan")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::plan::COARSE;
    use jiff::civil::date;

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), true).unwrap();
        (dir, home)
    }

    fn on(home: &Home, day: Date, text: &str) -> Result<RegisteredPlan, ReleaseError> {
        register(home, &home.lock().unwrap(), Clock::of(home, Some(day)).unwrap(), text)
    }

    #[test]
    fn a_plan_applies_from_the_month_after_it_was_registered() {
        let (_dir, home) = home();
        let plan = on(&home, date(2026, 9, 30), COARSE).unwrap();
        assert_eq!(plan.applies_from.to_string(), "2026-10");
        let ledger = Ledger::open(&home).unwrap();
        assert!(ledger.plan_for("2026-09".parse().unwrap()).unwrap().is_none());
        assert_eq!(ledger.plan_for("2026-10".parse().unwrap()).unwrap().unwrap().digest, plan.digest);
        assert_eq!(ledger.plan_for("2029-01".parse().unwrap()).unwrap().unwrap().digest, plan.digest);
    }

    #[test]
    fn a_change_applies_from_the_next_month_and_the_same_text_changes_nothing() {
        let (_dir, home) = home();
        let first = on(&home, date(2026, 9, 1), COARSE).unwrap();
        assert_eq!(on(&home, date(2026, 9, 20), COARSE).unwrap().registered_on, first.registered_on);
        let second = on(&home, date(2026, 10, 1), &COARSE.replace("\"1\"", "\"0.5\"")).unwrap();
        let in_force = |period: &str| {
            Ledger::open(&home).unwrap().plan_for(period.parse().unwrap()).unwrap().unwrap().digest
        };
        assert_eq!((in_force("2026-10"), in_force("2026-11")), (first.digest, second.digest));
        assert_eq!(plans(&home).unwrap().len(), 2);
    }

    #[test]
    fn a_plan_beyond_the_months_budget_and_a_clock_that_runs_behind_are_refused() {
        let (_dir, home) = home();
        let dear = on(&home, date(2026, 9, 1), &COARSE.replace("\"1\"", "\"2\"")).unwrap_err();
        assert!(dear.to_string().contains("epsilon 2, but a month has 1"), "{dear}");
        on(&home, date(2026, 9, 1), COARSE).unwrap();
        let late = on(&home, date(2026, 8, 1), &COARSE.replace("\"1\"", "\"0.5\"")).unwrap_err();
        assert!(matches!(late, ReleaseError::ClockBehind { .. }), "{late}");
    }
}
