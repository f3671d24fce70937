//! What codes are called, read from `data/labels/`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::codes::{Code, leaked, rows};
use super::dimension::Dimension;

/// What a code is called.
pub(super) struct Texts {
    pub(super) label: String,
    pub(super) plain: String,
    pub(super) definition: String,
}

/// The English texts of a code.
pub(super) fn english(code: Code) -> &'static Texts {
    &ENGLISH[&(code.dimension(), code.as_str())]
}

type Labels = BTreeMap<(Dimension, &'static str), Texts>;

/// The files are part of the program, so a fault in them is a fault of the build: the tests read every text.
static ENGLISH: LazyLock<Labels> = LazyLock::new(|| {
    let mut labels: Labels = rows(include_str!("data/labels/en.csv"))
        .map(|row| {
            let dimension = Dimension::named(&row[0]).expect("a label names a dimension");
            let texts = Texts { label: row[2].into(), plain: row[3].into(), definition: row[4].into() };
            ((dimension, leaked(&row[1])), texts)
        })
        .collect();
    // All countries are defined in the same words, and so are all regions.
    let [country, region] = [COUNTRY, REGION]
        .map(|kind| labels.remove(&(Dimension::Area, kind)).expect("areas have a definition").definition);
    for row in rows(include_str!("data/labels/areas/en.csv")) {
        let is_region = row[0].starts_with(|first: char| first.is_ascii_digit());
        let definition = if is_region { &region } else { &country }.replace("{code}", &row[0]);
        let texts = Texts { label: row[1].into(), plain: row[1].into(), definition };
        labels.insert((Dimension::Area, leaked(&row[0])), texts);
    }
    labels
});

const COUNTRY: &str = "COUNTRY";
const REGION: &str = "REGION";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_label_without_a_code_and_each_once() {
        for (dimension, code) in ENGLISH.keys() {
            assert!(dimension.code(code).is_ok(), "{dimension}:{code}");
        }
        let codes: usize = Dimension::ALL.into_iter().map(|dimension| dimension.codes().len()).sum();
        assert_eq!(ENGLISH.len(), codes);
        let written = [include_str!("data/labels/en.csv"), include_str!("data/labels/areas/en.csv")]
            .map(|text| rows(text).count());
        assert_eq!(
            written.into_iter().sum::<usize>(),
            codes + 2,
            "each label once, and two definitions of areas"
        );
    }
}
