//! Releases as one set of data: every table of every publisher, followed over its periods.
//!
//! Everything here comes from [`Release`] values. A release that a later one takes the place of keeps its files and its
//! observations, and no series has it.

mod estimate;
mod findings;
mod noise;
mod query;

use self::estimate::Sum;
use self::noise::ALPHA;
use crate::release::{Manifest, Release, ReleasedCell, ReleasedTable};
use crate::vocabulary::{Code, Dimension, Indicator, Period, PeriodKind, Unit};

pub use estimate::{Change, Estimate, Trend};
pub use findings::{Against, Finding, LEAST_BASE, Movement, Portion};
pub use query::{Query, QueryError, TrendRow};

/// Releases of one or several publishers, in order of publisher and period.
#[derive(Debug)]
pub struct DataSet<'a> {
    releases: Vec<&'a Release>,
    series: Vec<Series<'a>>,
}

/// One table of one publisher, with each of its periods once: that of the latest revision.
#[derive(Debug)]
pub struct Series<'a> {
    /// Who publishes it.
    pub publisher: &'a str,
    /// The plan that named it.
    pub plan: &'a str,
    /// The table's name.
    pub name: &'a str,
    /// What is counted.
    pub indicator: Indicator,
    /// In which unit.
    pub unit: Unit,
    /// The role of its countries; empty without countries.
    pub area_role: &'a str,
    /// How long its periods are.
    pub kind: PeriodKind,
    points: Vec<Point<'a>>,
}

/// A period of a series.
#[derive(Debug, Clone, Copy)]
pub struct Point<'a> {
    /// The release that it is from.
    pub release: &'a Release,
    /// The table.
    pub table: &'a ReleasedTable,
}

impl<'a> Point<'a> {
    /// Its period.
    #[must_use]
    pub fn period(&self) -> Period {
        self.release.manifest().period
    }

    /// The cells that have every one of `codes`.
    pub fn cells(&self, codes: &[Code]) -> impl Iterator<Item = &'a ReleasedCell> + use<'a> {
        let codes = codes.to_vec();
        self.table.cells().iter().filter(move |cell| codes.iter().all(|code| cell.codes.contains(code)))
    }

    /// The sum over the cells that have every one of `codes`; of all cells without any.
    #[must_use]
    pub fn estimate(&self, codes: &[Code]) -> Estimate {
        self.sum(codes).estimate(ALPHA)
    }

    fn sum(&self, codes: &[Code]) -> Sum {
        Sum::of(self.cells(codes).map(|cell| (self.table.note(), cell)))
    }

    /// The sum over the cells that do not have `code`.
    fn sum_without(&self, code: Code) -> Sum {
        let cells = self.table.cells().iter().filter(|cell| !cell.codes.contains(&code));
        Sum::of(cells.map(|cell| (self.table.note(), cell)))
    }
}

impl<'a> DataSet<'a> {
    /// Puts `releases` in order.
    #[must_use]
    pub fn of(releases: &[&'a Release]) -> Self {
        let mut releases = releases.to_vec();
        releases.sort_by(|a, b| key(a.manifest()).cmp(&key(b.manifest())));
        let superseded: Vec<(&str, &str)> = releases
            .iter()
            .map(|release| release.manifest())
            .map(|manifest| (manifest.publisher.as_str(), manifest.supersedes.as_str()))
            .collect();
        let mut series: Vec<Series<'a>> = Vec::new();
        for &release in &releases {
            let manifest = release.manifest();
            if superseded.contains(&(manifest.publisher.as_str(), manifest.release_id.as_str())) {
                continue;
            }
            for table in release.tables() {
                let point = Point { release, table };
                match series.iter_mut().find(|series| series.continues_with(&point)) {
                    Some(series) => series.points.push(point),
                    None => series.push(Series::starting_with(point)),
                }
            }
        }
        Self { releases, series }
    }

    /// Every release, the superseded ones too, in order of publisher, period and revision.
    #[must_use]
    pub fn releases(&self) -> &[&'a Release] {
        &self.releases
    }

    /// Every table that is followed, in order of publisher and of its first release.
    #[must_use]
    pub fn series(&self) -> &[Series<'a>] {
        &self.series
    }

    /// The release that takes the place of `release`, if there is one here.
    #[must_use]
    pub fn successor(&self, release: &Release) -> Option<&'a Release> {
        let manifest = release.manifest();
        self.releases.iter().copied().find(|other| {
            other.manifest().publisher == manifest.publisher
                && other.manifest().supersedes == manifest.release_id
        })
    }
}

fn key(manifest: &Manifest) -> (&str, Period, &str, u32) {
    (&manifest.publisher, manifest.period, &manifest.plan.name, manifest.revision)
}

impl<'a> Series<'a> {
    fn starting_with(point: Point<'a>) -> Self {
        let (manifest, note) = (point.release.manifest(), point.table.note());
        Self {
            publisher: &manifest.publisher,
            plan: &manifest.plan.name,
            name: &note.name,
            indicator: note.indicator,
            unit: note.unit,
            area_role: &note.area_role,
            kind: manifest.period.kind(),
            points: vec![point],
        }
    }

    fn continues_with(&self, point: &Point<'_>) -> bool {
        let (manifest, note) = (point.release.manifest(), point.table.note());
        self.publisher == manifest.publisher
            && self.plan == manifest.plan.name
            && self.name == note.name
            && (self.indicator, self.unit) == (note.indicator, note.unit)
            && self.area_role == note.area_role
            && self.kind == manifest.period.kind()
    }

    /// Its periods, in order. Some may be missing between them.
    #[must_use]
    pub fn points(&self) -> &[Point<'a>] {
        &self.points
    }

    /// The latest of them.
    #[must_use]
    pub fn latest(&self) -> Point<'a> {
        *self.points.last().expect("a series starts with a point")
    }

    /// The point of `period`.
    #[must_use]
    pub fn at(&self, period: Period) -> Option<Point<'a>> {
        self.points.iter().copied().find(|point| point.period() == period)
    }

    /// The dimensions of its latest table.
    #[must_use]
    pub fn dimensions(&self) -> &'a [Dimension] {
        &self.latest().table.note().dimensions
    }

    /// The codes of `dimension` that any of its tables has, in the order of the code list.
    #[must_use]
    pub fn codes(&self, dimension: Dimension) -> Vec<Code> {
        let cells = self.points.iter().flat_map(|point| point.table.cells());
        let mut codes: Vec<Code> = cells.flat_map(|cell| cell.codes.iter().copied()).collect();
        codes.retain(|code| code.dimension() == dimension);
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// True if one of its tables has a row for a code below `code`: the row of `code` itself is then the rest, what has no
    /// row of its own (Western Europe beside Germany: the other countries of Western Europe). Such rows add up, and the
    /// rest is never the whole of what `code` names.
    #[must_use]
    pub fn is_rest(&self, code: Code) -> bool {
        let below = |row: &Code| above(*row).any(|found| found == code);
        self.points.iter().any(|point| point.table.cells().iter().any(|cell| cell.codes.iter().any(below)))
    }

    /// True if how items are matched changed after `from` and up to `to`: their figures are not to be compared.
    #[must_use]
    pub fn breaks_between(&self, from: Period, to: Period) -> bool {
        self.points.iter().any(|point| {
            let (period, manifest) = (point.period(), point.release.manifest());
            from < period && period <= to && !manifest.breaks.is_empty()
                || period == from && manifest.breaks.iter().any(|found| found.within)
        })
    }

    /// How the cells with every one of `codes` changed between two periods.
    #[must_use]
    pub fn change(&self, from: Period, to: Period, codes: &[Code]) -> Trend {
        self.change_at(from, to, codes, ALPHA)
    }

    /// The same with an interval that misses with a chance of at most `alpha`.
    fn change_at(&self, from: Period, to: Period, codes: &[Code], alpha: f64) -> Trend {
        let (Some(before), Some(after)) = (self.at(from), self.at(to)) else { return Trend::Missing };
        if self.breaks_between(from, to) {
            return Trend::Broken;
        }
        let cells = |point: Point<'a>| point.cells(codes).map(|cell| &cell.codes);
        if !cells(before).eq(cells(after)) {
            return Trend::Withheld;
        }
        before.sum(codes).change_to(&after.sum(codes), alpha)
    }
}

/// The codes that `code` is a part of, from the next one up.
fn above(code: Code) -> impl Iterator<Item = Code> {
    std::iter::successors(code.parent(), |found| found.parent())
}

#[cfg(test)]
mod tests;
