//! What a release would look like, from numbers that someone types. Has no way to the tally.

use std::collections::BTreeMap;

use rand::CryptoRng;

use super::model::Status;
use super::plan::{Plan, PlanTable};
use crate::vocabulary::Code;

/// The numbers to play with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// How many a period has, spread over the cells of each table by a fixed rule: its last row gets most, the row before it
    /// half of that, the next a third, and so on; what the division leaves over goes to the last row.
    Total(u64),
    /// The count of each cell, by the name of its table and its codes in the order of the dimensions; cells that are not
    /// named have none.
    Cells(BTreeMap<String, BTreeMap<Vec<Code>, u64>>),
}

/// A cell of a preview. Not a [`Released`](super::Released) value, and nothing makes one of it:
/// ```compile_fail,E0308
/// use innerward::release::{Released, SyntheticCell};
/// fn publish(cell: SyntheticCell) -> Option<Released<u64>> { cell.shown }
/// ```
/// ```
/// use innerward::release::SyntheticCell;
/// fn look(cell: SyntheticCell) -> Option<u64> { cell.shown }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticCell {
    /// One code for every dimension.
    pub codes: Vec<Code>,
    /// The number that was typed, or that fell to the cell.
    pub typed: u64,
    /// What would be shown this time; `None` if withheld.
    pub shown: Option<u64>,
    /// The 95 % interval that would be shown.
    pub interval: Option<(u64, u64)>,
    /// How it would be marked.
    pub status: Status,
}

/// A table of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticTable {
    /// Its name.
    pub name: String,
    /// Its cells, in the plan's order.
    pub cells: Vec<SyntheticCell>,
}

/// Cells that the plan does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plan has no cell {0}; look at its rows with `innerward release plan show`")]
pub struct NoSuchCell(String);

/// Shows what `plan` would do to typed numbers: a fresh draw of the noise, then threshold and rounding.
///
/// Tables and cells come in the plan's order. The home's counts are out of reach here, so trying out costs no budget.
///
/// # Errors
/// [`NoSuchCell`] if a typed cell is not in the plan's domain.
///
/// # Examples
/// ```
/// use innerward::release::{Plan, Typed, preview, system_rng};
/// let tables = preview(&Plan::coarse(), &Typed::Total(20_000), &mut system_rng())?;
/// assert_eq!(tables[0].cells.len(), 17);
/// assert_eq!(tables[0].cells.iter().map(|cell| cell.typed).sum::<u64>(), 20_000);
/// # Ok::<(), innerward::release::NoSuchCell>(())
/// ```
pub fn preview<R: CryptoRng + ?Sized>(
    plan: &Plan,
    typed: &Typed,
    rng: &mut R,
) -> Result<Vec<SyntheticTable>, NoSuchCell> {
    if let Typed::Cells(named) = typed {
        if let Some(name) = named.keys().find(|&name| plan.tables().iter().all(|table| table.name() != name))
        {
            return Err(NoSuchCell(format!("of a table {name:?}")));
        }
    }
    plan.tables().iter().map(|table| drawn(table, typed, rng)).collect()
}

fn drawn<R: CryptoRng + ?Sized>(
    table: &PlanTable,
    typed: &Typed,
    rng: &mut R,
) -> Result<SyntheticTable, NoSuchCell> {
    let cells = table.domain().cells();
    let counts = match typed {
        Typed::Total(total) => spread(*total, cells.len() as u64),
        Typed::Cells(named) => {
            let mut rest = named.get(table.name()).cloned().unwrap_or_default();
            let counts = cells.iter().map(|codes| rest.remove(codes).unwrap_or_default()).collect();
            if let Some(codes) = rest.keys().next() {
                let words: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
                return Err(NoSuchCell(words.join(" ")));
            }
            counts
        }
    };
    let protection = table.protection();
    let noise = protection.noise();
    let cells = cells.iter().zip(counts).map(|(codes, typed)| {
        let reading = protection.judge(noise.added_to(typed, rng));
        SyntheticCell {
            codes: codes.clone(),
            typed,
            shown: reading.value,
            interval: reading.interval,
            status: reading.status,
        }
    });
    Ok(SyntheticTable { name: table.name().to_owned(), cells: cells.collect() })
}

/// Shares in proportion to 1, 1/2, 1/3 … from the last cell backward, in whole numbers that add up to `total`.
fn spread(total: u64, cells: u64) -> Vec<u64> {
    const ONE: u64 = 720_720; // divisible by 1 to 16
    let sum: u64 = (1..=cells).map(|rank| ONE / rank).sum();
    let share = |rank: u64| {
        let share = u128::from(total) * u128::from(ONE / rank) / u128::from(sum.max(1));
        u64::try_from(share).expect("a share is at most the total")
    };
    let mut counts: Vec<u64> = (1..=cells).rev().map(share).collect();
    let given: u64 = counts.iter().sum();
    if let Some(last) = counts.last_mut() {
        *last += total - given;
    }
    counts
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::vocabulary::{severity, verdict};

    #[test]
    fn a_total_is_spread_by_the_stated_rule() {
        assert_eq!(spread(1100, 3), [200, 300, 600]);
        assert_eq!(spread(1, 3), [0, 0, 1]);
        assert_eq!(spread(u64::MAX, 17).iter().sum::<u64>(), u64::MAX);
    }

    #[test]
    fn typed_cells_are_noised_and_withheld_below_the_threshold() {
        let plan = Plan::coarse();
        let unknown = vec![verdict::UNKNOWN, severity::NOT_APPLICABLE];
        let typed = |cells| Typed::Cells([("items".to_owned(), cells)].into());
        let numbers = typed([(unknown.clone(), 9000)].into());
        let tables = preview(&plan, &numbers, &mut StdRng::seed_from_u64(1)).unwrap();
        let cells = &tables[0].cells;
        let (shown, withheld): (Vec<_>, Vec<_>) = cells.iter().partition(|cell| cell.shown.is_some());
        assert_eq!((shown.len(), withheld.len()), (1, 16));
        assert_eq!(shown[0].codes, unknown);
        assert!(shown[0].shown.unwrap().abs_diff(9000) < 50);
        assert!(withheld.iter().all(|cell| cell.status == Status::Withheld && cell.interval.is_none()));
        let foreign = typed([(vec![verdict::KNOWN, severity::NOT_APPLICABLE], 1)].into());
        assert!(preview(&plan, &foreign, &mut StdRng::seed_from_u64(1)).is_err());
        let table = Typed::Cells([("others".to_owned(), [(unknown, 1)].into())].into());
        assert!(preview(&plan, &table, &mut StdRng::seed_from_u64(1)).is_err());
    }
}
