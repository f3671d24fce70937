//! The cells of a release by verdict, and the only sums that the page makes: over shown cells, with what is missing.

use crate::release::{ReleasedCell, ReleasedTable, Status};
use crate::vocabulary::{Code, Dimension, verdict};

/// All cells that share a verdict, in the order of the table.
pub(super) struct Group<'a> {
    /// `None` if the table has no such dimension.
    pub(super) verdict: Option<Code>,
    pub(super) cells: Vec<&'a ReleasedCell>,
}

/// A published figure with the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Figure {
    pub(super) value: u64,
    pub(super) lower: u64,
    pub(super) upper: u64,
}

/// A sum over the shown cells of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    /// Values and ends added up. The summed interval is wider than 95 % asks for, and anyone can check it by hand.
    pub(super) figure: Figure,
    pub(super) shown: usize,
    pub(super) near_threshold: usize,
    pub(super) withheld: usize,
}

impl Sum {
    pub(super) fn cells(&self) -> usize {
        self.shown + self.withheld
    }
}

impl Group<'_> {
    /// Says whether the group counts matches with a list (or the table does not tell).
    pub(super) fn is_match(&self) -> bool {
        self.verdict.is_none_or(|code| code == verdict::KNOWN || code == verdict::NEAR)
    }

    pub(super) fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        for cell in &self.cells {
            let Some(Figure { value, lower, upper }) = figure(cell) else {
                sum.withheld += 1;
                continue;
            };
            let whole = &mut sum.figure;
            whole.value = whole.value.saturating_add(value);
            whole.lower = whole.lower.saturating_add(lower);
            whole.upper = whole.upper.saturating_add(upper);
            sum.shown += 1;
            sum.near_threshold += usize::from(cell.status == Status::NearThreshold);
        }
        sum
    }
}

/// The groups of the table, strongest verdict first.
pub(super) fn by_verdict(table: &ReleasedTable) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for cell in table.cells() {
        let verdict = cell.codes.iter().copied().find(|code| code.dimension() == Dimension::Verdict);
        match groups.iter_mut().find(|group| group.verdict == verdict) {
            Some(group) => group.cells.push(cell),
            None => groups.push(Group { verdict, cells: vec![cell] }),
        }
    }
    groups.sort_by_key(|group| group.verdict);
    groups
}

/// The figure of a cell; `None` if it is withheld.
pub(super) fn figure(cell: &ReleasedCell) -> Option<Figure> {
    match (cell.status, cell.value, cell.interval) {
        (Status::Estimated | Status::NearThreshold, Some(value), Some((lower, upper))) => {
            Some(Figure { value: value.get(), lower: lower.get(), upper: upper.get() })
        }
        _ => None,
    }
}

/// What distinguishes a cell within its group: its codes without the verdict.
pub(super) fn codes_within(cell: &ReleasedCell) -> impl Iterator<Item = Code> {
    cell.codes.iter().copied().filter(|code| code.dimension() != Dimension::Verdict)
}

/// The codes of `dimension` that the table has, in the order of the code list.
pub(super) fn codes_of(table: &ReleasedTable, dimension: Dimension) -> Vec<Code> {
    let mut codes: Vec<_> = table.cells().iter().flat_map(|cell| &cell.codes).copied().collect::<Vec<_>>();
    codes.retain(|code| code.dimension() == dimension);
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::sample::{Shape, sample};

    #[test]
    fn sums_run_over_shown_cells_and_count_the_rest() {
        let (release, _) = sample(Shape::Many, false, "Hotline");
        let groups = by_verdict(&release.tables()[0]);
        assert_eq!(groups.len(), 5);
        let known = groups[0].sum();
        assert_eq!(known.figure.value, 312 + 187 + 1_234 + 96);
        assert_eq!((known.figure.upper - known.figure.lower, known.shown), (4 * 6, 4));
        assert_eq!((known.withheld, known.cells()), (3, 7));
        let near = groups[1].sum();
        assert_eq!((near.shown, near.near_threshold), (3, 1));
    }

    #[test]
    fn a_withheld_cell_has_no_figure() {
        let (release, _) = sample(Shape::AllWithheld, false, "Hotline");
        assert!(release.tables()[0].cells().iter().all(|cell| figure(cell).is_none()));
        assert!(by_verdict(&release.tables()[0]).iter().all(|group| group.sum().figure == Figure::default()));
    }
}
