//! The budget ledger: what each month may spend, what it has spent, and the finished bytes of every release.
//!
//! Epsilon is an integer of billionths throughout. A charge is made before noise is drawn and is never taken back; the
//! finished bytes are stored before anything is written for the public, so whatever happens, what is public has been
//! charged, and a second run publishes the same bytes.

#![deny(clippy::float_arithmetic)]

use std::num::TryFromIntError;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::error::ReleaseError;
use super::plan::{Epsilon, PlanTable};
use super::register::RegisteredPlan;
use crate::home::Home;
use crate::vocabulary::Period;

const SCHEMA: &str = include_str!("schema.sql");

/// Everything that this home releases shares one budget, whatever the table and the way.
const SCOPE: &str = "home";

/// What a month may spend: epsilon 1.
pub(super) const MONTH_CAP_NANO: u64 = Epsilon::NANO;

/// What a calendar year may spend.
pub(super) const YEAR_CAP_NANO: u64 = 12 * MONTH_CAP_NANO;

/// The only revision that this build publishes; a correction will be the next, and paid for again.
pub(super) const FIRST_REVISION: u32 = 1;

/// Leave to draw noise for one table, once. Made by the ledger alone, after the budget has been charged; used up by
/// [`protect`](super::protect).
pub struct Permit {
    charge: i64,
    table: PlanTable,
}

impl Permit {
    /// The charge that it belongs to.
    pub(super) fn charge(&self) -> ChargeId {
        ChargeId(self.charge)
    }

    /// What may be released under it.
    pub(super) fn into_table(self) -> PlanTable {
        self.table
    }
}

/// One charge in the ledger.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChargeId(i64);

/// The bytes of a release, as signed.
pub(super) struct Finished {
    pub(super) release_id: String,
    pub(super) public_key: String,
    pub(super) manifest: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) table: Vec<u8>,
}

/// What was charged and published, and what is left: numbers and names of tables only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Every charge, oldest first.
    pub charges: Vec<Charge>,
    /// Every month and year that has been charged, in order.
    pub budgets: Vec<Budget>,
}

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The month.
    pub period: Period,
    /// The table.
    pub table: String,
    /// 1 for the first release of the table and month.
    pub revision: u32,
    /// Billionths of epsilon.
    pub epsilon_nano: u64,
    /// The day of the charge.
    pub charged_on: Date,
    /// The release, once its bytes were final; `None` if publishing was interrupted: publish the month again.
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
pub fn log(home: &Home) -> Result<Log, ReleaseError> {
    Ledger::open(home)?.log()
}

/// The open ledger.
pub(super) struct Ledger(pub(super) Connection);

impl Ledger {
    pub(super) fn open(home: &Home) -> Result<Self, ReleaseError> {
        Ok(Self(home.database(&[SCHEMA, super::log::SCHEMA].concat())?))
    }

    /// Charges `table` to the month and the year, in one transaction, and gives leave to draw noise for it.
    ///
    /// A charge whose release was never finished gives leave again: nobody has seen what was drawn under it.
    pub(super) fn reserve(
        &mut self,
        period: Period,
        plan: &RegisteredPlan,
        today: Date,
    ) -> Result<Permit, ReleaseError> {
        let table = plan.plan.table().clone();
        let asked = table.protection().epsilon().nano();
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let month = period.to_string();
        let existing: Option<(i64, String, i64, bool)> = transaction
            .query_row(
                "SELECT id, plan_digest, epsilon_nano,
                        EXISTS (SELECT 1 FROM release_finished WHERE charge = release_charge.id)
                 FROM release_charge WHERE scope = ?1 AND period = ?2 AND table_name = ?3 AND revision = ?4",
                params![SCOPE, month, table.name(), FIRST_REVISION],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )
            .optional()?;
        if let Some((charge, digest, epsilon, finished)) = existing {
            if finished || digest != plan.digest || count(epsilon)? != asked {
                return Err(ReleaseError::ChargedOtherwise { period, table: table.name().to_owned() });
            }
            return Ok(Permit { charge, table });
        }
        let year = format!("{:04}", period.first_day().year());
        for (name, cap) in [(&month, MONTH_CAP_NANO), (&year, YEAR_CAP_NANO)] {
            spend(&transaction, name, asked, cap)?;
        }
        transaction.execute(
            "INSERT INTO release_charge (scope, period, table_name, revision, plan_digest, epsilon_nano, charged_on)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                SCOPE,
                month,
                table.name(),
                FIRST_REVISION,
                plan.digest,
                sql(asked)?,
                today.to_string()
            ],
        )?;
        let charge = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(Permit { charge, table })
    }

    /// The finished release of a table and month.
    pub(super) fn finished(&self, period: Period, table: &str) -> Result<Option<Finished>, ReleaseError> {
        Ok(self
            .0
            .query_row(
                "SELECT release_id, public_key, manifest, signature, table_csv
                 FROM release_finished JOIN release_charge ON release_charge.id = charge
                 WHERE scope = ?1 AND period = ?2 AND table_name = ?3 AND revision = ?4",
                params![SCOPE, period.to_string(), table, FIRST_REVISION],
                |row| {
                    Ok(Finished {
                        release_id: row.get(0)?,
                        public_key: row.get(1)?,
                        manifest: row.get(2)?,
                        signature: row.get(3)?,
                        table: row.get(4)?,
                    })
                },
            )
            .optional()?)
    }

    /// Makes a release final. From here on, publishing gives these bytes and no others.
    pub(super) fn finish(&mut self, charge: ChargeId, finished: &Finished) -> Result<(), ReleaseError> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "INSERT INTO release_finished (charge, release_id, public_key, manifest, signature, table_csv)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                charge.0,
                finished.release_id,
                finished.public_key,
                finished.manifest,
                finished.signature,
                finished.table
            ],
        )?;
        Ok(transaction.commit()?)
    }

    /// The latest finished manifest and the key that signed it.
    pub(super) fn latest(&self) -> Result<Option<(Vec<u8>, String)>, ReleaseError> {
        Ok(self
            .0
            .query_row(
                "SELECT manifest, public_key FROM release_finished ORDER BY id DESC LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?)
    }

    fn log(&self) -> Result<Log, ReleaseError> {
        let mut statement = self.0.prepare(
            "SELECT period, table_name, revision, epsilon_nano, charged_on, release_id
             FROM release_charge LEFT JOIN release_finished ON release_charge.id = charge
             WHERE scope = ?1 ORDER BY release_charge.id",
        )?;
        let mut rows = statement.query([SCOPE])?;
        let mut charges = Vec::new();
        while let Some(row) = rows.next()? {
            charges.push(Charge {
                period: parsed(&row.get::<_, String>(0)?, "month of a charge")?,
                table: row.get(1)?,
                revision: row.get(2)?,
                epsilon_nano: count(row.get(3)?)?,
                charged_on: parsed(&row.get::<_, String>(4)?, "day of a charge")?,
                release_id: row.get(5)?,
            });
        }
        let mut statement = self.0.prepare(
            "SELECT period, cap_nano, spent_nano FROM release_budget WHERE scope = ?1 ORDER BY period",
        )?;
        let mut rows = statement.query([SCOPE])?;
        let mut budgets = Vec::new();
        while let Some(row) = rows.next()? {
            budgets.push(Budget {
                period: row.get(0)?,
                cap_nano: count(row.get(1)?)?,
                spent_nano: count(row.get(2)?)?,
            });
        }
        Ok(Log { charges, budgets })
    }
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

fn sql(nano: u64) -> Result<i64, ReleaseError> {
    i64::try_from(nano).map_err(|_: TryFromIntError| ReleaseError::Ledger("an amount is too large"))
}

fn count(stored: i64) -> Result<u64, ReleaseError> {
    u64::try_from(stored).map_err(|_: TryFromIntError| ReleaseError::Ledger("an amount is negative"))
}

/// A stored text as the type it was written from.
pub(super) fn parsed<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, ReleaseError> {
    text.parse().map_err(|_| ReleaseError::Ledger(what))
}
