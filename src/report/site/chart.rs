//! Charts, drawn by `plotters` as SVG that has no colours, fonts or sizes of text of its own: the style sheet gives them, by
//! class, for light and dark, screen and paper.

use maud::{Markup, PreEscaped, html};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::prelude::*;

/// The parts of a drawing. The colours are names: [`tidy`] puts the class in their place.
const PARTS: [(RGBColor, &str); 8] =
    [(GRID, "g"), (AXIS, "a"), (TEXT, "t"), (LINE, "l"), (BAND, "b"), (DOT, "d"), (GAP, "q"), (BREAK, "k")];
const GRID: RGBColor = RGBColor(1, 0, 0);
const AXIS: RGBColor = RGBColor(2, 0, 0);
const TEXT: RGBColor = RGBColor(3, 0, 0);
const LINE: RGBColor = RGBColor(4, 0, 0);
const BAND: RGBColor = RGBColor(5, 0, 0);
const DOT: RGBColor = RGBColor(6, 0, 0);
const GAP: RGBColor = RGBColor(7, 0, 0);
const BREAK: RGBColor = RGBColor(8, 0, 0);

/// A figure with the range of the true count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) value: u64,
    pub(super) low: u64,
    pub(super) high: u64,
}

/// What is drawn over time: a place for every period from the first to the last, those without a release too.
#[derive(Debug, Clone)]
pub(super) struct Trend {
    /// `None` where nothing can be shown.
    pub(super) marks: Vec<Option<Mark>>,
    /// The places before which the series breaks.
    pub(super) breaks: Vec<usize>,
    /// The places that are named below the axis.
    pub(super) names: Vec<(usize, String)>,
}

/// The size of a drawing, in its own units, which are pixels where it is not scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Fills a desktop's column.
pub(super) const WIDE: Size = Size { width: 740, height: 300 };
/// Fills a telephone's.
pub(super) const NARROW: Size = Size { width: 340, height: 240 };
/// One of many.
pub(super) const SMALL: Size = Size { width: 340, height: 150 };

/// The largest value of an axis and the distance of its grid lines, both "round".
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) end: u64,
    step: u64,
}

impl Scale {
    /// A scale for values up to `most`, with two to `lines` grid lines.
    pub(super) fn reaching(most: u64, lines: u64) -> Self {
        let most = most.max(1);
        let mut unit = 1_u64;
        loop {
            for factor in [1, 2, 5] {
                let step = unit.saturating_mul(factor);
                if most.div_ceil(step) <= lines {
                    return Self { end: step.saturating_mul(most.div_ceil(step)), step };
                }
            }
            unit = unit.saturating_mul(10);
        }
    }

    fn ticks(&self) -> impl Iterator<Item = u64> {
        let step = self.step;
        (0..=self.end / step).map(move |n| n * step)
    }
}

/// A range with the grid lines that its owner chose.
struct Axis {
    end: f64,
    keys: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        let part = if self.end > 0.0 { value / self.end } else { 0.5 };
        from + (f64::from(to - from) * part).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.keys.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        0.0..self.end
    }
}

impl Trend {
    /// The largest number in it.
    fn most(&self) -> u64 {
        self.marks.iter().flatten().map(|mark| mark.high.max(mark.value)).max().unwrap_or(0)
    }

    /// The first and the last figure with their ranges, for those who cannot see the drawing.
    fn described(&self, number: &dyn Fn(u64) -> String) -> Option<String> {
        let text =
            |mark: &Mark| format!("{} ({}–{})", number(mark.value), number(mark.low), number(mark.high));
        let mut marks = self.marks.iter().flatten();
        let first = text(marks.next()?);
        Some(marks.next_back().map_or_else(|| first.clone(), |last| format!("{first} … {}", text(last))))
    }

    /// The drawing, named by `title` for those who cannot see it; `number` writes the numbers of the axis. Where nothing is
    /// shown there is no axis, because there is nothing that it would measure.
    pub(super) fn draw(
        &self,
        size: Size,
        class: &str,
        title: &str,
        number: &dyn Fn(u64) -> String,
    ) -> Markup {
        let scale = Scale::reaching(self.most(), if size == SMALL { 3 } else { 5 });
        let widest = scale.ticks().map(|tick| number(tick).chars().count()).max().unwrap_or(1) as u32;
        let left = 12 + 7 * widest;
        let mut drawn = String::new();
        self.draw_into(&mut drawn, size, left, &scale, number).expect("a text takes every drawing");
        let described = self.described(number);
        html! {
            svg.(class).empty[described.is_none()] role="img" viewBox=(format!("0 0 {} {}", size.width, size.height))
                data-left=(left) data-right=(size.width - RIGHT) {
                title { (title) }
                @if let Some(text) = described { desc { (text) } }
                (PreEscaped(tidy(&drawn)))
            }
        }
    }

    fn draw_into(
        &self,
        drawn: &mut String,
        size: Size,
        left: u32,
        scale: &Scale,
        number: &dyn Fn(u64) -> String,
    ) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        let area = SVGBackend::with_string(drawn, (size.width, size.height)).into_drawing_area();
        let last = self.marks.len().saturating_sub(1) as f64;
        let x = Axis { end: last, keys: self.names.iter().map(|(at, _)| *at as f64).collect() };
        let y = Axis { end: scale.end as f64, keys: scale.ticks().map(|tick| tick as f64).collect() };
        let mut chart = ChartBuilder::on(&area)
            .margin_top(10)
            .margin_right(RIGHT)
            .set_label_area_size(LabelAreaPosition::Left, left)
            .set_label_area_size(LabelAreaPosition::Bottom, 26)
            .build_cartesian_2d(x, y)?;
        let named = |at: &f64| {
            let name = self.names.iter().find(|(place, _)| *place as f64 == *at);
            name.map(|(_, name)| name.clone()).unwrap_or_default()
        };
        for at in self.gaps() {
            let (from, to) = (at.start as f64, (at.end - 1) as f64);
            let (from, to) = ((from - 0.4).max(0.0), (to + 0.4).min(last));
            chart.draw_series([Rectangle::new([(from, 0.0), (to, scale.end as f64)], GAP.filled())])?;
        }
        if self.marks.iter().all(Option::is_none) {
            return area.present();
        }
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(GRID)
            .max_light_lines(0)
            .axis_style(AXIS)
            .label_style(("sans-serif", 12).into_font().color(&TEXT))
            .y_label_formatter(&|value| number(*value as u64))
            .x_label_formatter(&named)
            .set_tick_mark_size(LabelAreaPosition::Left, 0)
            .set_tick_mark_size(LabelAreaPosition::Bottom, 5)
            .draw()?;
        for run in self.runs() {
            let place = |(at, mark): &(usize, Mark), of: fn(&Mark) -> u64| (*at as f64, of(mark) as f64);
            let upper = run.iter().map(|point| place(point, |mark| mark.high));
            let lower = run.iter().rev().map(|point| place(point, |mark| mark.low));
            let line = run.iter().map(|point| place(point, |mark| mark.value));
            if run.len() > 1 {
                chart.draw_series([Polygon::new(upper.chain(lower).collect::<Vec<_>>(), BAND.filled())])?;
                chart.draw_series([PathElement::new(line.collect::<Vec<_>>(), LINE)])?;
            } else {
                // A single period has no area: its range is a stroke.
                chart.draw_series([PathElement::new(upper.chain(lower).collect::<Vec<_>>(), BAND)])?;
                chart.draw_series(line.map(|place| Circle::new(place, 3, DOT.filled())))?;
            }
        }
        for &at in &self.breaks {
            let x = (at as f64 - 0.5).max(0.0);
            chart.draw_series([PathElement::new(vec![(x, 0.0), (x, scale.end as f64)], BREAK)])?;
        }
        if let Some((at, mark)) =
            self.marks.iter().enumerate().rev().find_map(|(at, mark)| Some((at, (*mark)?)))
        {
            chart.draw_series([Circle::new((at as f64, mark.value as f64), 4, DOT.filled())])?;
        }
        area.present()
    }

    /// Stretches of places that can be shown.
    fn runs(&self) -> Vec<Vec<(usize, Mark)>> {
        let mut runs: Vec<Vec<(usize, Mark)>> = Vec::new();
        for (at, mark) in self.marks.iter().enumerate() {
            let Some(mark) = *mark else { continue };
            match runs.last_mut() {
                Some(run)
                    if run.last().is_some_and(|(last, _)| last + 1 == at) && !self.breaks.contains(&at) =>
                {
                    run.push((at, mark));
                }
                _ => runs.push(vec![(at, mark)]),
            }
        }
        runs
    }

    /// Stretches of places that cannot.
    fn gaps(&self) -> Vec<std::ops::Range<usize>> {
        let mut gaps: Vec<std::ops::Range<usize>> = Vec::new();
        for (at, _) in self.marks.iter().enumerate().filter(|(_, mark)| mark.is_none()) {
            match gaps.last_mut() {
                Some(gap) if gap.end == at => gap.end = at + 1,
                _ => gaps.push(at..at + 1),
            }
        }
        gaps
    }
}

/// Free space at the right, for the last dot and half of the last name.
const RIGHT: u32 = 24;

/// Bars of a table's cells: one drawing a row, as wide as its column, so that labels can be text that wraps.
pub(super) fn bar(mark: Mark, scale: &Scale) -> Markup {
    const WIDTH: u32 = 1000;
    let mut drawn = String::new();
    let place = |value: u64| {
        let part = u128::from(value.min(scale.end)) * u128::from(WIDTH) / u128::from(scale.end);
        i32::try_from(part).unwrap_or(i32::MAX)
    };
    let (value, low, high) = (place(mark.value), place(mark.low), place(mark.high));
    let area = SVGBackend::with_string(&mut drawn, (WIDTH, 20)).into_drawing_area();
    let stroke = |points: Vec<(i32, i32)>| PathElement::new(points, AXIS);
    let all = area
        .draw(&Rectangle::new([(0, 3), (value, 17)], BAND.filled()))
        .and_then(|()| area.draw(&stroke(vec![(low, 10), (high, 10)])))
        .and_then(|()| area.draw(&stroke(vec![(low, 6), (low, 14)])))
        .and_then(|()| area.draw(&stroke(vec![(high, 6), (high, 14)])))
        .and_then(|()| area.present());
    all.expect("a text takes every drawing");
    drop(area);
    html! {
        svg.bar viewBox=(format!("0 0 {WIDTH} 20")) preserveAspectRatio="none" aria-hidden="true" { (PreEscaped(tidy(&drawn))) }
    }
}

/// What of an SVG drawing of `plotters` is worth keeping: shapes, places and classes.
fn tidy(drawn: &str) -> String {
    let mut text = String::with_capacity(drawn.len() / 2);
    for line in drawn.lines() {
        match line.strip_prefix('<') {
            // The frame is the page's own.
            Some(tag) if tag.starts_with("svg") || tag.starts_with("/svg") => {}
            Some(tag) if tag.starts_with('/') => text += line,
            Some(tag) => tidy_tag(tag, &mut text),
            None => text += line.trim(),
        }
    }
    text
}

fn tidy_tag(tag: &str, text: &mut String) {
    let name = tag.split([' ', '>', '/']).next().unwrap_or_default();
    let closed = tag.ends_with("/>");
    let mut class = None;
    let mut kept = String::new();
    for attribute in tag[name.len()..].split("\" ").map(str::trim_start) {
        let Some((key, value)) = attribute.split_once("=\"") else { continue };
        let value = value.trim_end_matches(['>', '/']).trim_end_matches('"').trim();
        match key {
            "fill" | "stroke" => {
                let part = PARTS.iter().find(|(colour, _)| {
                    let RGBColor(red, green, blue) = colour;
                    value == format!("#{red:02X}{green:02X}{blue:02X}")
                });
                class = part.map(|(_, class)| *class).filter(|class| *class != "t").or(class);
            }
            // Numbers stand left of their axis, names below theirs: the style sheet knows how.
            "text-anchor" => class = Some(if value == "end" { "y" } else { "x" }),
            "dy" | "opacity" | "stroke-width" | "font-family" | "font-size" => {}
            _ => {
                kept.push(' ');
                kept += key;
                kept += "=\"";
                kept += value;
                kept.push('"');
            }
        }
    }
    // What has no part is the light grid, which nobody asked for.
    let Some(class) = class else { return };
    text.push('<');
    text.push_str(name);
    text.push_str(" class=\"");
    text.push_str(class);
    text.push('"');
    text.push_str(&kept);
    text.push_str(if closed { "/>" } else { ">" });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(value: u64) -> Option<Mark> {
        Some(Mark { value, low: value - 9, high: value + 9 })
    }

    #[test]
    fn the_axis_ends_on_a_round_number_and_holds_everything() {
        for (most, end, step) in
            [(0, 1, 1), (1, 1, 1), (27, 30, 10), (1_237, 1_500, 500), (48_123, 50_000, 10_000), (5, 5, 1)]
        {
            assert_eq!(Scale::reaching(most, 5), Scale { end, step }, "{most}");
        }
        for most in [7, 99, 12_345, u64::MAX] {
            assert!(
                Scale::reaching(most, 5).end >= most && Scale::reaching(most, 5).ticks().count() <= 6,
                "{most}"
            );
        }
    }

    #[test]
    fn a_line_stops_where_nothing_is_shown_and_where_the_series_breaks() {
        let marks = vec![mark(100), mark(120), None, None, mark(90), mark(95), mark(99)];
        let trend = Trend { marks, breaks: vec![6], names: vec![(0, "2025".into())] };
        assert_eq!(trend.runs().iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(trend.gaps(), vec![std::ops::Range { start: 2, end: 4 }]);
        let drawn = trend.draw(WIDE, "wide", "A title <b>", &|value| value.to_string()).into_string();
        assert_eq!(drawn.matches("<polyline class=\"l\"").count(), 2);
        assert_eq!(drawn.matches("<polygon class=\"b\"").count(), 2);
        assert_eq!(drawn.matches("class=\"k\"").count(), 1);
        assert_eq!(drawn.matches("class=\"q\"").count(), 1);
        assert!(drawn.contains("<title>A title &lt;b&gt;</title>"));
        assert!(drawn.matches("<text class=\"y\"").count() >= 3, "numbers stand left of their axis: {drawn}");
        assert!(!drawn.contains("font") && !drawn.contains('#') && !drawn.contains("opacity"), "{drawn}");
    }

    #[test]
    fn a_withheld_period_is_never_drawn_at_zero() {
        let trend = Trend { marks: vec![mark(100), None, mark(100)], breaks: vec![], names: vec![] };
        let drawn = trend.draw(SMALL, "small", "t", &|value| value.to_string()).into_string();
        assert!(!drawn.contains("class=\"l\""), "two single points, no line between them");
        assert_eq!(drawn.matches("<circle class=\"d\"").count(), 3, "each, and the last once more");
    }

    #[test]
    fn where_nothing_is_shown_there_is_no_axis() {
        let trend = Trend { marks: vec![None, None, None], breaks: vec![], names: vec![(0, "2025".into())] };
        let drawn = trend.draw(WIDE, "wide", "t", &|value| value.to_string()).into_string();
        assert!(drawn.contains("class=\"wide empty\"") && !drawn.contains("<desc>"), "{drawn}");
        assert_eq!(drawn.matches("class=\"q\"").count(), 1, "the gap");
        for part in ["class=\"a\"", "class=\"g\"", "<text"] {
            assert!(!drawn.contains(part), "{part}: {drawn}");
        }
    }

    #[test]
    fn a_drawing_tells_its_first_and_last_figure() {
        let described = |marks| {
            let trend = Trend { marks, breaks: vec![], names: vec![] };
            trend.described(&|value| value.to_string())
        };
        assert_eq!(
            described(vec![None, mark(100), mark(110), mark(120), None]).unwrap(),
            "100 (91–109) … 120 (111–129)"
        );
        assert_eq!(described(vec![None, mark(100)]).unwrap(), "100 (91–109)");
        assert_eq!(described(vec![None]), None);
    }

    #[test]
    fn a_bar_ends_at_its_part_of_the_scale() {
        let scale = Scale::reaching(1_237, 5);
        let drawn = bar(Mark { value: 750, low: 740, high: 760 }, &scale).into_string();
        assert!(drawn.contains("width=\"500\""), "{drawn}");
    }
}
