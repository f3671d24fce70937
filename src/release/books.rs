//! The books, worked out anew from the log: every plan, charge, budget and release that the database has must follow from
//! the entries, and nothing else may be there. So whoever changes a row of the ledger has to rewrite a chained log as well,
//! of which others hold the head.

#![deny(clippy::float_arithmetic)]

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};

use super::error::ReleaseError;
use super::ledger::{Ledger, SCOPE, YEAR_CAP_NANO, year_of};
use super::log::{ChargeEntry, ChargedTable, Entry, Logged, PlanEntry};
use super::plan::{Plan, PlanTable};
use super::register::{RegisteredPlan, enter, month_budget};
use crate::vocabulary::Period;

/// What the log says, in the form of the rows of the database.
#[derive(Default)]
struct Books {
    plans: Vec<RegisteredPlan>,
    charges: Vec<String>,
    releases: Vec<String>,
    /// Cap and what has been spent, by scope and period.
    budgets: BTreeMap<(String, String), (u64, u64)>,
}

/// The entry with which a plan is registered.
pub(super) fn plan_entry(registered: &RegisteredPlan) -> Entry {
    let plan = &registered.plan;
    Entry::Plan(PlanEntry {
        name: plan.name().to_owned(),
        digest: registered.digest.clone(),
        period: plan.period(),
        epsilon_nano: plan.charge_nano(),
        cap_nano: plan.cap().nano(),
        registered_on: registered.registered_on,
        applies_from: registered.applies_from,
        replaces: registered.replaces.clone(),
    })
}

/// The entry with which the tables of a plan are charged.
pub(super) fn charge_entry(
    plan: &Plan,
    period: Period,
    revision: u32,
    charged_on: jiff::civil::Date,
) -> Entry {
    let charged = |table: &PlanTable| ChargedTable {
        name: table.name().to_owned(),
        epsilon_nano: table.protection().epsilon().nano(),
        sensitivity: table.protection().sensitivity(),
    };
    Entry::Charge(ChargeEntry {
        scope: SCOPE.to_owned(),
        period,
        plan: plan.name().to_owned(),
        revision,
        tables: plan.tables().iter().map(charged).collect(),
        epsilon_nano: plan.charge_nano(),
        charged_on,
    })
}

/// What each budget of a charge has: those of the months of the period, and that of the year.
pub(super) fn budgets_of(plans: &[RegisteredPlan], period: Period) -> impl Iterator<Item = (String, u64)> {
    let months = period.months().map(|month| (month.to_string(), month_budget(plans, month).1));
    months.chain([(year_of(period), YEAR_CAP_NANO)])
}

impl Ledger {
    /// Refuses a ledger that does not follow from its log, by what is different.
    pub(super) fn check(&self, entries: &[Logged]) -> Result<(), ReleaseError> {
        let differs = |what: String| ReleaseError::NotFromLog { what };
        let registered = self.plans()?;
        let mut books = Books::default();
        for logged in entries {
            books.post(logged, &registered).map_err(differs)?;
        }
        if let Some(plan) = registered.get(books.plans.len()) {
            return Err(differs(format!("the plan {:?} is not in the log", plan.plan.name())));
        }
        let rows = |query, line: fn(&Row<'_>) -> rusqlite::Result<String>| texts(&self.0, query, line);
        let plans = rows("SELECT entry, name FROM release_plan ORDER BY id", |row| {
            Ok(format!("entry {}: the plan {}", row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        same("the plans", plan_lines(entries), plans).map_err(differs)?;
        let charges = rows(
            "SELECT entry, scope, period, plan, revision, plan_digest, epsilon_nano, charged_on FROM release_charge
             ORDER BY id",
            |row| {
                let text = |at| row.get::<_, String>(at);
                Ok(charge_line(
                    row.get(0)?,
                    [&text(1)?, &text(2)?, &text(3)?],
                    row.get(4)?,
                    &text(5)?,
                    row.get(6)?,
                    &text(7)?,
                ))
            },
        )?;
        same("the charges", books.charges, charges).map_err(differs)?;
        let releases = rows(
            "SELECT release_finished.entry, release_id, bytes FROM release_finished
             JOIN release_file ON finished = release_finished.id WHERE place = 0 ORDER BY release_finished.id",
            |row| {
                let manifest = Sha256::digest(row.get::<_, Vec<u8>>(2)?);
                Ok(release_line(row.get(0)?, &row.get::<_, String>(1)?, &hex::encode(manifest)))
            },
        )?;
        same("the releases", books.releases, releases).map_err(differs)?;
        let budgets = rows(
            "SELECT scope, period, cap_nano, spent_nano FROM release_budget ORDER BY scope, period",
            |row| {
                Ok(budget_line(
                    &row.get::<_, String>(0)?,
                    &row.get::<_, String>(1)?,
                    row.get(2)?,
                    row.get(3)?,
                ))
            },
        )?;
        let expected = books.budgets.iter().map(|((scope, period), &(cap, spent))| {
            budget_line(scope, period, i64::try_from(cap).unwrap_or(-1), i64::try_from(spent).unwrap_or(-1))
        });
        same("the budgets", expected.collect(), budgets).map_err(differs)
    }
}

impl Books {
    /// Does what an entry says; `registered` are the plans of the database, whose texts the log has the digests of.
    fn post(&mut self, logged: &Logged, registered: &[RegisteredPlan]) -> Result<(), String> {
        let n = logged.n;
        match &logged.entry {
            Entry::Plan(_) => {
                let plan = registered
                    .get(self.plans.len())
                    .filter(|plan| plan_entry(plan) == logged.entry)
                    .ok_or_else(|| {
                    format!("the plan of entry {n} is not in the ledger as it was registered")
                })?;
                enter(&mut self.plans, RegisteredPlan { ended_from: None, ..plan.clone() });
            }
            Entry::Charge(charge) => {
                let plan = self
                    .plans
                    .iter()
                    .find(|plan| plan.plan.name() == charge.plan && plan.is_in_force(charge.period));
                let plan =
                    plan.ok_or_else(|| format!("entry {n} charges for a plan that was not in force"))?;
                if charge_entry(&plan.plan, charge.period, charge.revision, charge.charged_on) != logged.entry
                {
                    return Err(format!("entry {n} does not charge what the plan {:?} costs", charge.plan));
                }
                for (period, cap) in budgets_of(&self.plans, charge.period) {
                    let budget =
                        self.budgets.entry((charge.scope.clone(), period.clone())).or_insert((cap, 0));
                    budget.1 = budget.1.saturating_add(charge.epsilon_nano);
                    if budget.1 > budget.0 {
                        return Err(format!("entry {n} spends more of {period} than it has"));
                    }
                }
                self.charges.push(charge_line(
                    i64::try_from(n).unwrap_or(-1),
                    [&charge.scope, &charge.period.to_string(), &charge.plan],
                    charge.revision,
                    &plan.digest,
                    i64::try_from(charge.epsilon_nano).unwrap_or(-1),
                    &charge.charged_on.to_string(),
                ));
            }
            Entry::Release(release) => {
                let n = i64::try_from(n).unwrap_or(-1);
                self.releases.push(release_line(n, &release.release_id, &release.manifest_sha256));
            }
        }
        Ok(())
    }
}

fn plan_lines(entries: &[Logged]) -> Vec<String> {
    let line = |logged: &Logged| match &logged.entry {
        Entry::Plan(plan) => Some(format!("entry {}: the plan {}", logged.n, plan.name)),
        _ => None,
    };
    entries.iter().filter_map(line).collect()
}

fn charge_line(
    entry: i64,
    [scope, period, plan]: [&str; 3],
    revision: u32,
    digest: &str,
    nano: i64,
    on: &str,
) -> String {
    format!(
        "entry {entry}: {nano} billionths of {scope} for {period}, plan {plan} ({digest}), revision {revision}, on {on}"
    )
}

fn release_line(entry: i64, release_id: &str, manifest: &str) -> String {
    format!("entry {entry}: the release {release_id} with the manifest {manifest}")
}

fn budget_line(scope: &str, period: &str, cap: i64, spent: i64) -> String {
    format!("{spent} billionths of {cap} spent of {period} by {scope}")
}

fn texts(
    connection: &Connection,
    query: &str,
    line: fn(&Row<'_>) -> rusqlite::Result<String>,
) -> Result<Vec<String>, ReleaseError> {
    let mut statement = connection.prepare(query)?;
    Ok(statement.query_map([], line)?.collect::<Result<_, _>>()?)
}

/// The first difference, in words.
fn same(what: &str, logged: Vec<String>, found: Vec<String>) -> Result<(), String> {
    if logged == found {
        return Ok(());
    }
    let most = logged.len().max(found.len());
    let (says, has) = (0..most)
        .map(|at| (logged.get(at), found.get(at)))
        .find(|(says, has)| says != has)
        .expect("two lists that differ do so at some place");
    let nothing = "nothing".to_owned();
    Err(format!(
        "{what}: the log says {}, and the ledger has {}",
        says.unwrap_or(&nothing),
        has.unwrap_or(&nothing)
    ))
}

#[cfg(test)]
#[path = "books_tests.rs"]
mod tests;
