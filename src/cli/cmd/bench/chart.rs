//! The figures as one SVG picture: a bar each, longer is faster, on one scale for each unit.

use maud::{Markup, PreEscaped, html};

use super::Row;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 110.0;
const BAR: f64 = 14.0;
const LINE: f64 = 20.0;
const TOP: f64 = 56.0;

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#222}.title{font-size:16px;font-weight:600}\
    .small{font-size:12px;fill:#555}.one{fill:#7a9cc6}.all{fill:#2b5c94}";

/// The picture as the text of an SVG file.
pub(super) fn draw(title: &str, rows: &[Row]) -> String {
    let bars: usize = rows.iter().map(|row| row.speeds.len()).sum();
    let height = TOP + (bars as f64 + 0.5 * rows.len() as f64) * LINE + 10.0;
    let mut y = TOP;
    let mut body = Vec::new();
    for row in rows {
        for (number, speed) in row.speeds.iter().enumerate() {
            let most = rows.iter().filter(|other| other.unit() == row.unit()).flat_map(Row::figures);
            let most = most.fold(0.0, f64::max);
            let label = if number == 0 { row.name.as_str() } else { "" };
            let threads = if speed.threads == 1 { "one" } else { "all" };
            body.push(bar(label, (threads, row.figure(speed) / most), &row.amount(speed), y));
            y += LINE;
        }
        y += LINE / 2.0;
    }
    let page: Markup = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) } role="img" {
            title { (title) }
            style { (PreEscaped(STYLE)) }
            rect width="100%" height="100%" fill="#fff" {}
            text.title x="12" y="24" { (title) }
            rect.one x="12" y="34" width="10" height="10" {}
            text.small x="26" y="43" { "one core" }
            rect.all x="96" y="34" width="10" height="10" {}
            text.small x="110" y="43" { "all cores. Longer is faster; MB/s and pictures/s have scales of their own." }
            @for bar in body { (bar) }
        }
    };
    page.into_string()
}

fn bar(label: &str, (class, share): (&str, f64), amount: &str, y: f64) -> Markup {
    let place = |value: f64| format!("{value:.1}");
    let width = (WIDTH - LEFT - RIGHT) * share;
    html! {
        text x=(place(LEFT - 8.0)) y=(place(y + 11.0)) text-anchor="end" { (label) }
        rect.(class) x=(place(LEFT)) y=(place(y)) width=(place(width)) height=(place(BAR)) {}
        text x=(place(LEFT + width + 6.0)) y=(place(y + 11.0)) { (amount) }
    }
}
