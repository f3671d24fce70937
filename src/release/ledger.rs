//! The budget ledger: what each month may spend, what it has spent, and the finished bytes of every release.
//!
//! Epsilon is an integer of billionths throughout. A charge is made before noise is drawn and is never taken back; the
//! finished bytes are stored before anything is written for the public, so whatever happens, what is public has been
//! charged, and a second run publishes the same bytes. A release of a quarter or a year is charged to each of its months,
//! since what was counted in any of them is exposed by it, and once to the year.

#![deny(clippy::float_arithmetic)]

use std::collections::{BTreeMap, BTreeSet};
use std::num::TryFromIntError;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::books::{budgets_of, charge_entry};
use super::epsilon::Epsilon;
use super::error::ReleaseError;
use super::log::{self, ChargedTable, Entry};
use super::plan::Plan;
use super::register::RegisteredPlan;
use super::signature::Signatory;
use crate::home::Home;
use crate::vocabulary::{Code, Period};

const SCHEMA: &str = include_str!("schema.sql");

/// Everything that this home releases shares one budget, whatever the table and the way.
pub(super) const SCOPE: &str = "home";

/// What no month may spend more than, whatever its plans say: epsilon 4.
pub(super) const MOST_MONTH_NANO: u64 = 4 * Epsilon::NANO;

/// What a calendar year may spend.
pub(super) const YEAR_CAP_NANO: u64 = 12 * MOST_MONTH_NANO;

/// Leave to draw noise for the tables of one release, once. Made by the ledger alone, after the budget has been charged;
/// used up by [`protect`](super::protect).
pub struct Permit {
    charge: i64,
    plan: Plan,
    classes: BTreeSet<Code>,
}

impl Permit {
    /// The charge that it belongs to.
    pub(super) fn charge(&self) -> ChargeId {
        ChargeId(self.charge)
    }

    /// What may be released under it: the tables of a plan, with these classes of list named.
    pub(super) fn into_parts(self) -> (Plan, BTreeSet<Code>) {
        (self.plan, self.classes)
    }
}

/// One charge in the ledger.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChargeId(i64);

/// The bytes of a release, as signed.
pub(super) struct Finished {
    pub(super) id: i64,
    pub(super) release_id: String,
    pub(super) public_key: String,
    /// Name and bytes: the manifest, its signature, its place in the log, then the tables.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

/// How far the publication of a plan and period has come.
pub(super) struct Standing {
    /// The latest revision; 0 before the first.
    pub(super) revision: u32,
    /// It has been charged, and is not finished: the next publication takes it up.
    pub(super) unfinished: bool,
    /// Everything of it has been written.
    pub(super) placed: bool,
}

/// What was charged and published, and what is left: numbers and names of plans and tables only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Entries of the log that it follows from.
    pub entries: u64,
    /// Every charge, oldest first.
    pub charges: Vec<Charge>,
    /// Every month and year that has been charged, in order.
    pub budgets: Vec<Budget>,
}

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// The month, quarter or year.
    pub period: Period,
    /// The name of the plan.
    pub plan: String,
    /// 1 for the first release of the plan and period; a correction is the next, and paid for again.
    pub revision: u32,
    /// Billionths of epsilon.
    pub epsilon_nano: u64,
    /// What of it each table costs.
    pub tables: Vec<ChargedTable>,
    /// The day of the charge.
    pub charged_on: Date,
    /// The release, once its bytes were final; `None` if publishing was interrupted: publish the period again.
    pub release_id: Option<String>,
}

/// The budget of a month or a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// `2026-10`, or `2026`.
    pub period: String,
    /// Billionths that it has.
    pub cap_nano: u64,
    /// Billionths spent.
    pub spent_nano: u64,
    /// What of that was spent by each plan, by its name.
    pub by_plan: BTreeMap<String, u64>,
}

impl Budget {
    /// Billionths left.
    #[must_use]
    pub fn left_nano(&self) -> u64 {
        self.cap_nano - self.spent_nano
    }
}

/// What was charged and published by `home`, and what is left of each budget.
///
/// # Errors
/// [`ReleaseError`] if the ledger cannot be read.
pub fn account(home: &Home) -> Result<Account, ReleaseError> {
    Ledger::checked(home)?.0.account()
}

/// The open ledger.
pub(super) struct Ledger(pub(super) Connection);

impl Ledger {
    /// Opens the ledger. What earlier builds kept there goes if nothing was ever charged to it.
    pub(super) fn open(home: &Home) -> Result<Self, ReleaseError> {
        let connection = home.database("")?;
        // The charges of schema 1 were those of a table.
        let of_schema_1 = "SELECT 1 FROM pragma_table_info('release_charge') WHERE name = 'table_name'";
        if connection.prepare(of_schema_1)?.exists([])? {
            let charges: u64 = connection
                .query_row("SELECT count(*) FROM release_charge", [], |row| row.get::<_, i64>(0))?
                .unsigned_abs();
            if charges > 0 {
                return Err(ReleaseError::OldLedger { charges });
            }
            connection.execute_batch(
                "BEGIN IMMEDIATE; DROP TABLE release_finished; DROP TABLE release_charge;
                 DROP TABLE release_budget; DROP TABLE release_plan; COMMIT;",
            )?;
        }
        connection.execute_batch(SCHEMA)?;
        connection.execute_batch(log::SCHEMA)?;
        Ok(Self(connection))
    }

    /// Opens the ledger with the plans that it has, and refuses one that does not follow from its log.
    pub(super) fn checked(home: &Home) -> Result<(Self, Vec<RegisteredPlan>), ReleaseError> {
        let ledger = Self::open(home)?;
        let plans = ledger.plans()?;
        ledger.check(&log::entries(&ledger.0)?, &plans)?;
        Ok((ledger, plans))
    }

    /// How far `plan` has come with `period`.
    pub(super) fn standing(&self, period: Period, plan: &str) -> Result<Standing, ReleaseError> {
        let latest = self
            .0
            .query_row(
                "SELECT revision, release_finished.id IS NULL, release_placed.finished IS NOT NULL
                 FROM release_charge LEFT JOIN release_finished ON charge = release_charge.id
                      LEFT JOIN release_placed ON finished = release_finished.id
                 WHERE scope = ?1 AND period = ?2 AND plan = ?3 ORDER BY revision DESC LIMIT 1",
                params![SCOPE, period.to_string(), plan],
                |row| Ok(Standing { revision: row.get(0)?, unfinished: row.get(1)?, placed: row.get(2)? }),
            )
            .optional()?;
        Ok(latest.unwrap_or(Standing { revision: 0, unfinished: false, placed: false }))
    }

    /// Charges a release to every month of the period and to the year, in one transaction, and gives leave to draw noise for
    /// its tables.
    ///
    /// A charge whose release was never finished gives leave again: nobody has seen what was drawn under it.
    pub(super) fn reserve(
        &mut self,
        period: Period,
        plans: &[RegisteredPlan],
        plan: &RegisteredPlan,
        revision: u32,
        classes: BTreeSet<Code>,
        today: Date,
    ) -> Result<Permit, ReleaseError> {
        let asked = plan.plan.charge_nano();
        let name = plan.plan.name();
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let existing: Option<(i64, String, i64, bool)> = transaction
            .query_row(
                "SELECT id, plan_digest, epsilon_nano,
                        EXISTS (SELECT 1 FROM release_finished WHERE charge = release_charge.id)
                 FROM release_charge WHERE scope = ?1 AND period = ?2 AND plan = ?3 AND revision = ?4",
                params![SCOPE, period.to_string(), name, revision],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .optional()?;
        if let Some((charge, digest, epsilon, finished)) = existing {
            if finished || digest != plan.digest || count(epsilon)? != asked {
                return Err(ReleaseError::ChargedOtherwise { period, plan: name.to_owned() });
            }
            return Ok(Permit { charge, plan: plan.plan.clone(), classes });
        }
        if revision > 1 {
            leave_what_is_kept(&transaction, period, plans, asked)?;
        }
        for (period, cap) in budgets_of(plans, period) {
            spend(&transaction, &period, asked, cap)?;
        }
        let entry = log::append(&transaction, &charge_entry(&plan.plan, period, revision, today))?;
        transaction.execute(
            "INSERT INTO release_charge (entry, scope, period, plan, revision, plan_digest, epsilon_nano, charged_on)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                sql(entry)?,
                SCOPE,
                period.to_string(),
                name,
                revision,
                plan.digest,
                sql(asked)?,
                today.to_string()
            ],
        )?;
        let charge = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Permit { charge, plan: plan.plan.clone(), classes })
    }

    /// The finished release of a plan, period and revision.
    pub(super) fn finished(
        &self,
        period: Period,
        plan: &str,
        revision: u32,
    ) -> Result<Option<Finished>, ReleaseError> {
        let found = self
            .0
            .query_row(
                "SELECT release_finished.id, release_id, public_key
                 FROM release_finished JOIN release_charge ON release_charge.id = charge
                 WHERE scope = ?1 AND period = ?2 AND plan = ?3 AND revision = ?4",
                params![SCOPE, period.to_string(), plan, revision],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let Some((id, release_id, public_key)) = found else { return Ok(None) };
        let mut statement =
            self.0.prepare("SELECT name, bytes FROM release_file WHERE finished = ? ORDER BY place")?;
        let files = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Some(Finished { id, release_id, public_key, files: files.collect::<Result<_, _>>()? }))
    }

    /// Makes a release final, with its entry in the log and the proof of that. From here on, publishing gives these bytes
    /// and no others. `check` has the last word, with all files as they will be.
    pub(super) fn finish(
        &mut self,
        charge: ChargeId,
        release_id: &str,
        mut files: Vec<(String, Vec<u8>)>,
        signatory: &Signatory,
        check: impl FnOnce(&[(String, Vec<u8>)]) -> Result<(), ReleaseError>,
    ) -> Result<Finished, ReleaseError> {
        let public_key = signatory.public().to_string();
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let entry = log::append_release(&transaction, release_id, &files[0].1)?;
        files.insert(2, (log::PROOF_FILE.to_owned(), log::proof(&transaction, entry, signatory)?));
        check(&files)?;
        transaction.execute(
            "INSERT INTO release_finished (entry, charge, release_id, public_key) VALUES (?1, ?2, ?3, ?4)",
            params![sql(entry)?, charge.0, release_id, public_key],
        )?;
        let id = transaction.last_insert_rowid();
        for (place, (name, bytes)) in (0_i64..).zip(&files) {
            transaction.execute(
                "INSERT INTO release_file VALUES (?1, ?2, ?3, ?4)",
                params![id, place, name, bytes],
            )?;
        }
        transaction.commit()?;
        Ok(Finished { id, release_id: release_id.to_owned(), public_key, files })
    }

    /// Notes that everything of a release has been written.
    pub(super) fn placed(&mut self, finished: &Finished) -> Result<(), ReleaseError> {
        self.0.execute("INSERT OR IGNORE INTO release_placed VALUES (?)", [finished.id])?;
        Ok(())
    }

    /// The names of all finished releases.
    pub(super) fn release_ids(&self) -> Result<BTreeSet<String>, ReleaseError> {
        let mut statement = self.0.prepare("SELECT release_id FROM release_finished")?;
        let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(ids)
    }

    /// The latest finished manifest and the key that signed it.
    pub(super) fn latest(&self) -> Result<Option<(Vec<u8>, String)>, ReleaseError> {
        Ok(self
            .0
            .query_row(
                "SELECT bytes, public_key FROM release_finished JOIN release_file ON finished = release_finished.id
                 WHERE place = 0 ORDER BY release_finished.id DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?)
    }

    /// Held against the log.
    pub(super) fn account(&self) -> Result<Account, ReleaseError> {
        let entries = log::entries(&self.0)?;
        let mut statement = self.0.prepare(
            "SELECT release_id FROM release_finished JOIN release_charge ON release_charge.id = charge
             WHERE release_charge.entry = ?",
        )?;
        let mut charges = Vec::new();
        let mut by_plan: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
        for logged in &entries {
            let Entry::Charge(charge) = &logged.entry else { continue };
            let months = charge.period.months().map(|month| month.to_string());
            for budget in months.chain([year_of(charge.period)]) {
                *by_plan.entry(budget).or_default().entry(charge.plan.clone()).or_default() +=
                    charge.epsilon_nano;
            }
            charges.push(Charge {
                period: charge.period,
                plan: charge.plan.clone(),
                revision: charge.revision,
                epsilon_nano: charge.epsilon_nano,
                tables: charge.tables.clone(),
                charged_on: charge.charged_on,
                release_id: statement.query_row([sql(logged.n)?], |row| row.get(0)).optional()?,
            });
        }
        let mut statement = self.0.prepare(
            "SELECT period, cap_nano, spent_nano FROM release_budget WHERE scope = ?1 ORDER BY period",
        )?;
        let mut rows = statement.query([SCOPE])?;
        let mut budgets = Vec::new();
        while let Some(row) = rows.next()? {
            let period: String = row.get(0)?;
            budgets.push(Budget {
                cap_nano: count(row.get(1)?)?,
                spent_nano: count(row.get(2)?)?,
                by_plan: by_plan.remove(&period).unwrap_or_default(),
                period,
            });
        }
        Ok(Account { entries: entries.len() as u64, charges, budgets })
    }
}

/// The name of the year's budget.
pub(super) fn year_of(period: Period) -> String {
    format!("{:04}", period.first_day().year())
}

/// Refuses a correction that would take what the other plans of its months still need for their first releases.
fn leave_what_is_kept(
    transaction: &Transaction<'_>,
    period: Period,
    plans: &[RegisteredPlan],
    asked_nano: u64,
) -> Result<(), ReleaseError> {
    let mut charged =
        transaction.prepare("SELECT 1 FROM release_charge WHERE scope = ?1 AND period = ?2 AND plan = ?3")?;
    let mut budget = transaction
        .prepare("SELECT cap_nano - spent_nano FROM release_budget WHERE scope = ?1 AND period = ?2")?;
    for month in period.months() {
        let mut kept_nano = 0;
        for plan in plans {
            let of_plan = Period::of(plan.plan.period(), month.first_day());
            let name = plan.plan.name();
            if plan.is_in_force(of_plan) && !charged.exists(params![SCOPE, of_plan.to_string(), name])? {
                kept_nano += plan.plan.charge_nano();
            }
        }
        let month = month.to_string();
        let left = budget.query_row(params![SCOPE, month], |row| row.get(0)).optional()?;
        let Some(left_nano) = left.map(count).transpose()? else { continue };
        if kept_nano > 0 && left_nano < kept_nano.saturating_add(asked_nano) {
            return Err(ReleaseError::Kept { period: month, left_nano, kept_nano, asked_nano });
        }
    }
    Ok(())
}

/// Adds to what `period` has spent, or says why not.
fn spend(transaction: &Transaction<'_>, period: &str, asked: u64, cap: u64) -> Result<(), ReleaseError> {
    transaction.execute(
        "INSERT OR IGNORE INTO release_budget (scope, period, cap_nano) VALUES (?1, ?2, ?3)",
        params![SCOPE, period, sql(cap)?],
    )?;
    let (spent, cap) = transaction.query_row(
        "SELECT spent_nano, cap_nano FROM release_budget WHERE scope = ?1 AND period = ?2",
        params![SCOPE, period],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let (spent, cap) = (count(spent)?, count(cap)?);
    if spent.saturating_add(asked) > cap {
        return Err(ReleaseError::OverBudget {
            period: period.to_owned(),
            spent_nano: spent,
            asked_nano: asked,
            cap_nano: cap,
        });
    }
    transaction.execute(
        "UPDATE release_budget SET spent_nano = spent_nano + ?3 WHERE scope = ?1 AND period = ?2",
        params![SCOPE, period, sql(asked)?],
    )?;
    Ok(())
}

pub(super) fn sql(nano: u64) -> Result<i64, ReleaseError> {
    i64::try_from(nano).map_err(|_: TryFromIntError| ReleaseError::Ledger("an amount is too large"))
}

fn count(stored: i64) -> Result<u64, ReleaseError> {
    u64::try_from(stored).map_err(|_: TryFromIntError| ReleaseError::Ledger("an amount is negative"))
}

/// A stored text as the type it was written from.
pub(super) fn parsed<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, ReleaseError> {
    text.parse().map_err(|_| ReleaseError::Ledger(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::testing::Ward;

    #[test]
    fn spending_stops_at_the_cap_and_adds_nothing_beyond_it() {
        let ward = Ward::without_plan();
        let mut ledger = Ledger::open(&ward.home).unwrap();
        let transaction = ledger.0.transaction().unwrap();
        spend(&transaction, "2026", YEAR_CAP_NANO - 500_000_000, YEAR_CAP_NANO).unwrap();
        let refused = spend(&transaction, "2026", Epsilon::NANO, YEAR_CAP_NANO).unwrap_err().to_string();
        assert!(
            refused.contains("budget of 2026 ") && refused.contains("spent epsilon 47.5, asked 1, cap 48"),
            "{refused}"
        );
        spend(&transaction, "2026", 500_000_000, YEAR_CAP_NANO).unwrap();
        assert!(spend(&transaction, "2026", 1, YEAR_CAP_NANO).is_err());
    }
}
