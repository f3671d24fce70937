//! Releases for the tests of other rooms: only this room makes one. No noise is drawn; the numbers are chosen by hand.

use super::{
    Audience, LedgerNote, ListNote, Manifest, PlanNote, Release, Released, ReleasedCell, ReleasedTable,
    Status, TableNote, UnitNote,
};
use crate::vocabulary::{Code, Dimension, Indicator, Unit, severity, verdict};

/// How full the table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Every cell is withheld.
    AllWithheld,
    /// One cell is shown, just above the threshold.
    OneCell,
    /// A busy month, with cells near the threshold and withheld ones.
    Many,
    /// A busy month with the kind of content as a third dimension.
    Wide,
}

const THRESHOLD: u64 = 23;
const HALF_WIDTH: u64 = 3;

/// A release as [`super::Release::open`] would give it, and the bytes of its `matches.csv`. `text` stands wherever the
/// publisher writes freely.
pub(crate) fn sample(shape: Shape, demo: bool, text: &str) -> (Release, String) {
    let dimensions = match shape {
        Shape::Wide => vec![Dimension::Severity, Dimension::Media, Dimension::Verdict],
        _ => vec![Dimension::Verdict, Dimension::Severity],
    };
    let cells: Vec<_> =
        domain(&dimensions).into_iter().map(|codes| cell(count(shape, &codes), codes)).collect();
    let table = table_csv(&dimensions, &cells);
    let note = TableNote {
        name: "matches".into(),
        file: "matches.csv".into(),
        blake3: blake3::hash(table.as_bytes()).to_hex().to_string(),
        indicator: Indicator::ItemsScanned,
        unit: Unit::Items,
        counting_rule: "Distinct items of the month. An item counts once, however often it was reported."
            .into(),
        deduplication: "by the stable key of the entry, else by the bytes".into(),
        area_role: String::new(),
        dimensions,
        domain: Vec::new(),
        cells: cells.len() as u32,
        mechanism: "discrete-laplace".into(),
        neighbours: "Neighbouring data differ by one item, added or removed.".into(),
        epsilon_nano: 1_000_000_000,
        sensitivity: 1,
        k: 10,
        beta: "1e-6".into(),
        threshold: THRESHOLD,
        half_width: HALF_WIDTH,
        noise_sd: "1.358".into(),
        rounding: 1,
    };
    let manifest = Manifest {
        schema: 2,
        release_id: "2026-10-matches".into(),
        demo,
        publisher: text.into(),
        contact: format!("{text} <figures@hotline.example>"),
        purpose: format!("So that the public can see how much listed material is met: {text}"),
        licence: "CC-BY-4.0".into(),
        citation: format!("{text} (2026): matches with shared lists, October 2026"),
        audience: Audience::Public,
        period: month("2026-10"),
        revision: 1,
        supersedes: String::new(),
        published_on: jiff::civil::date(2026, 11, 5),
        plan: PlanNote {
            name: "monthly".into(),
            digest: blake3::hash(b"plan").to_hex().to_string(),
            registered_on: jiff::civil::date(2026, 9, 14),
            applies_from: month("2026-10"),
            expires: month("2030-12"),
            items_per_case: 0,
        },
        tables: vec![note.clone()],
        units: vec![UnitNote {
            unit: Unit::Items,
            unit_of_privacy: "One content item of one organisation in one month, with all its reports together; not a \
                person, a child or a case."
                .into(),
            epsilon_nano: 1_000_000_000,
            promise: "A factor of at most exp(1): a stated, bounded risk for each item.".into(),
        }],
        epsilon_nano: 1_000_000_000,
        epsilon_cap_nano: 1_000_000_000,
        group_figure: "1 item: epsilon 1. 5 items of one person: up to 5; 50 items: up to 50. An item that is seen in all 12 \
            months of a year: up to 12. The same item at 2 organisations: up to 2.".into(),
        denominator: "Table matches counts all items that were screened.".into(),
        lists: vec![
            ListNote { list_class: "NATIONAL".into(), revised: month("2026-09") },
            ListNote { list_class: "KNOWN_GOOD".into(), revised: month("2026-06") },
        ],
        breaks: Vec::new(),
        caveats: vec![
            "There is no cap by case: one large case can show as a spike.".into(),
            "Fifty re-encodings of a picture that is on no list are fifty items.".into(),
        ],
        ledger: LedgerNote { size: 2, root: "00".repeat(32) },
        witness: "none".into(),
        made_with: "innerward 0.1.0".into(),
        previous: String::new(),
    };
    (Release { manifest, tables: vec![ReleasedTable { note, cells }] }, table)
}

fn month(text: &str) -> crate::vocabulary::Period {
    text.parse().expect("the samples' months are months")
}

/// Matches under every severity; what did not match has none.
fn domain(dimensions: &[Dimension]) -> Vec<Vec<Code>> {
    let mut rows = vec![Vec::new()];
    for dimension in dimensions {
        rows = rows
            .iter()
            .flat_map(|row| dimension.codes().map(move |code| [row.as_slice(), &[code]].concat()))
            .collect();
    }
    rows.retain(|codes| {
        let matched = codes.contains(&verdict::KNOWN) || codes.contains(&verdict::NEAR);
        matched != codes.contains(&severity::NOT_APPLICABLE)
    });
    rows
}

/// A made-up noised value for the cell.
fn count(shape: Shape, codes: &[Code]) -> u64 {
    let has = |text: &str| codes.iter().any(|code| code.as_str() == text);
    let scale = match (shape, codes.iter().find(|code| code.dimension() == Dimension::Media)) {
        (Shape::AllWithheld, _) => return 0,
        (Shape::OneCell, _) => return if has("KNOWN") && has("SEV_C") { THRESHOLD + 1 } else { 4 },
        (_, None) => 100,
        (_, Some(media)) => match media.as_str() {
            "IMAGE" => 80,
            "VIDEO" => 19,
            _ => 1,
        },
    };
    let whole = match () {
        () if has("KNOWN") && has("SEV_A") => 312,
        () if has("KNOWN") && has("SEV_B") => 187,
        () if has("KNOWN") && has("SEV_C") => 1_234,
        () if has("KNOWN") && has("SEV_U") => 96,
        () if has("NEAR") && has("SEV_A") => 58,
        () if has("NEAR") && has("SEV_B") => 25,
        () if has("NEAR") && has("SEV_C") => 421,
        () if has("UNKNOWN") => 48_120,
        () if has("UNCHECKED") => 371,
        () if has("IGNORED") => 2_906,
        () => 3,
    };
    whole * scale / 100
}

fn cell(count: u64, codes: Vec<Code>) -> ReleasedCell {
    let status = match count {
        count if count < THRESHOLD => Status::Withheld,
        count if count <= THRESHOLD + HALF_WIDTH => Status::NearThreshold,
        _ => Status::Estimated,
    };
    let shown = status != Status::Withheld;
    ReleasedCell {
        codes,
        value: shown.then(|| Released::new(count)),
        interval: shown
            .then(|| (Released::new(count.saturating_sub(HALF_WIDTH)), Released::new(count + HALF_WIDTH))),
        status,
    }
}

fn table_csv(dimensions: &[Dimension], cells: &[ReleasedCell]) -> String {
    let head: Vec<_> = dimensions.iter().map(|dimension| dimension.as_str()).collect();
    let mut text = format!("{},obs_value,obs_status,ci95_lo,ci95_hi\n", head.join(","));
    for cell in cells {
        let codes: Vec<_> = cell.codes.iter().map(|code| code.as_str()).collect();
        let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
        text += &format!(
            "{},{},{},{},{}\n",
            codes.join(","),
            number(cell.value.map(Released::get)),
            cell.status.letter(),
            number(cell.interval.map(|(lower, _)| lower.get())),
            number(cell.interval.map(|(_, upper)| upper.get())),
        );
    }
    text
}

impl Release {
    /// The release with its table once more under another name and in another unit, and the bytes of the second file.
    pub(crate) fn with_second_table(mut self, table: &str) -> (Self, String) {
        let mut second = self.tables[0].clone();
        second.note.name = "reports".into();
        second.note.file = "reports.csv".into();
        (second.note.indicator, second.note.unit) = (Indicator::Reports, Unit::Reports);
        self.manifest.tables.push(second.note.clone());
        self.tables.push(second);
        (self, table.to_owned())
    }

    /// The first table with other noised values, chosen by the codes of a cell; status and interval follow.
    pub(crate) fn with_counts(mut self, mut count: impl FnMut(&[Code]) -> u64) -> Self {
        let cells = self.tables[0].cells.iter();
        self.tables[0].cells = cells.map(|old| cell(count(&old.codes), old.codes.clone())).collect();
        self
    }

    /// What the release says of itself, to be changed; the tables' own notes stay.
    pub(crate) fn manifest_mut(&mut self) -> &mut Manifest {
        &mut self.manifest
    }

    /// Gives the release another name.
    pub(crate) fn rename(&mut self, release_id: &str) {
        self.manifest.release_id = release_id.into();
    }
}
