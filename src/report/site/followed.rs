//! The figures of one series, worked out once for the pages of every language.

use super::chart::{Mark, Trend};
use crate::report::data::Point;
use crate::report::data::{Estimate, Series, Trend as Changed};
use crate::vocabulary::{Code, Dimension, Period, PeriodKind};

/// The most places of a chart: fifty years of months.
const MOST_PLACES: usize = 600;

/// A series with every figure that its page shows.
#[derive(Debug)]
pub(super) struct Followed<'a> {
    pub(super) series: &'a Series<'a>,
    /// Every period from the first to the last; those without a release have no point.
    pub(super) places: Vec<Place<'a>>,
    /// The codes of each dimension, and the figure of each in every place.
    pub(super) groups: Vec<Groups>,
    /// The period before the latest, and the same of the year before.
    pub(super) earlier: [Period; 2],
    /// How all groups together changed since.
    pub(super) changes: [Changed; 2],
}

/// A period of a series.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) period: Period,
    pub(super) point: Option<Point<'a>>,
    /// All cells together.
    pub(super) all: Option<Estimate>,
    /// Comparisons across its beginning mean nothing.
    pub(super) breaks: bool,
}

/// The groups that one dimension makes.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) dimension: Dimension,
    pub(super) codes: Vec<Group>,
}

/// The cells of one code.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) code: Code,
    /// By place.
    pub(super) estimates: Vec<Option<Estimate>>,
    /// Since the two earlier periods.
    pub(super) changes: [Changed; 2],
}

impl Group {
    /// True if some period shows a figure.
    pub(super) fn is_ever_shown(&self) -> bool {
        self.estimates.iter().flatten().any(|estimate| estimate.shown > 0)
    }
}

impl<'a> Followed<'a> {
    pub(super) fn of(series: &'a Series<'a>) -> Self {
        let points = series.points();
        let (first, last) = (points[0].period(), series.latest().period());
        let mut periods: Vec<Period> = std::iter::successors(Some(last), |period| {
            Some(period.previous()).filter(|before| *before >= first)
        })
        .take(MOST_PLACES)
        .collect();
        periods.reverse();
        let places: Vec<Place<'a>> = periods
            .iter()
            .map(|&period| {
                let point = series.at(period);
                let breaks = point.is_some_and(|point| !point.release.manifest().breaks.is_empty());
                Place { period, point, all: point.map(|point| point.estimate(&[])), breaks }
            })
            .collect();
        let earlier = [last.previous(), a_year_before(last)];
        let changes = |codes: &[Code]| earlier.map(|before| series.change(before, last, codes));
        let group = |code: Code| Group {
            code,
            estimates: places.iter().map(|place| Some(place.point?.estimate(&[code]))).collect(),
            changes: changes(&[code]),
        };
        let groups = series.dimensions().iter().map(|&dimension| Groups {
            dimension,
            codes: series.codes(dimension).into_iter().map(group).collect(),
        });
        Self { series, groups: groups.collect(), earlier, changes: changes(&[]), places }
    }

    pub(super) fn latest(&self) -> Point<'a> {
        self.series.latest()
    }

    /// All cells of the latest period together.
    pub(super) fn latest_sum(&self) -> Estimate {
        self.places.last().and_then(|place| place.all).unwrap_or_default()
    }

    /// True if there is something to draw a line through.
    pub(super) fn has_trend(&self) -> bool {
        self.places.len() > 1
    }

    /// All cells together, over time; `name` says what a period is called.
    pub(super) fn trend(&self, few: bool, name: &dyn Fn(Period) -> String) -> Trend {
        self.drawn(self.places.iter().map(|place| place.all).collect(), few, name)
    }

    /// One group over time.
    pub(super) fn trend_of(&self, group: &Group, name: &dyn Fn(Period) -> String) -> Trend {
        self.drawn(group.estimates.clone(), true, name)
    }

    fn drawn(&self, estimates: Vec<Option<Estimate>>, few: bool, name: &dyn Fn(Period) -> String) -> Trend {
        let mark = |estimate: Option<Estimate>| {
            let Estimate { value, low, high, .. } = estimate.filter(|estimate| estimate.shown > 0)?;
            Some(Mark { value, low, high })
        };
        let breaks = self.places.iter().enumerate().filter(|(_, place)| place.breaks).map(|(at, _)| at);
        Trend {
            marks: estimates.into_iter().map(mark).collect(),
            breaks: breaks.collect(),
            names: self.names(few, name),
        }
    }

    /// Which places are named below a chart: Januaries by their year where there are enough of them, else both ends.
    fn names(&self, few: bool, name: &dyn Fn(Period) -> String) -> Vec<(usize, String)> {
        let year = |period: Period| period.first_day().year();
        let places = self.places.iter().enumerate();
        let mut starts: Vec<_> = places
            .filter(|(_, place)| place.period.first_day().day_of_year() == 1)
            .map(|(at, place)| (at, year(place.period).to_string()))
            .collect();
        if starts.len() >= 3 {
            let every = starts.len().div_ceil(if few { 4 } else { 10 });
            starts = starts.into_iter().rev().step_by(every).collect();
            starts.reverse();
            return starts;
        }
        let last = self.places.len() - 1;
        let mut ends = vec![(0, name(self.places[0].period)), (last, name(self.places[last].period))];
        ends.dedup();
        ends
    }
}

/// The same month, quarter or year of the year before.
pub(super) fn a_year_before(period: Period) -> Period {
    let steps = match period.kind() {
        PeriodKind::Month => 12,
        PeriodKind::Quarter => 4,
        PeriodKind::Year => 1,
    };
    (0..steps).fold(period, |period, _| period.previous())
}
