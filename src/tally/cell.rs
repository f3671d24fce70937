//! Where an item is counted: one code of each dimension.

use std::fmt;

use crate::vocabulary::{Code, Dimension, LabelError, verdict};

/// Where an item is counted: one code of each of [`Cell::DIMENSIONS`].
///
/// The order of cells is the rule by which an item that fits several gets one: the most severe category, then the youngest
/// maturity, then the strongest verdict, then the order of the code lists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell([Code; Cell::DIMENSIONS.len()]);

/// Of an item that nothing is known of, these are unknown; the others do not apply to it.
const OPEN: [Dimension; 6] = [
    Dimension::Media,
    Dimension::Site,
    Dimension::Source,
    Dimension::Area,
    Dimension::AreaRole,
    Dimension::Channel,
];

/// What a source may say of an item that it has assessed.
const FACETS: [Dimension; 8] = [
    Dimension::Severity,
    Dimension::Maturity,
    Dimension::AgeBand,
    Dimension::Sex,
    Dimension::Origin,
    Dimension::Legal,
    Dimension::Harm,
    Dimension::Novelty,
];

impl Cell {
    /// What items are counted by, in the order by which an item that fits several cells gets one.
    pub const DIMENSIONS: [Dimension; 17] = [
        Dimension::Severity,
        Dimension::Maturity,
        Dimension::Verdict,
        Dimension::ListClass,
        Dimension::AgeBand,
        Dimension::Sex,
        Dimension::Origin,
        Dimension::Legal,
        Dimension::Harm,
        Dimension::Media,
        Dimension::Signal,
        Dimension::Novelty,
        Dimension::Site,
        Dimension::Source,
        Dimension::Area,
        Dimension::AreaRole,
        Dimension::Channel,
    ];

    /// Of an item that was not checked and matched nothing: where it came from is unknown, the rest does not apply.
    #[must_use]
    pub fn blank() -> Self {
        Self(Self::DIMENSIONS.map(|dimension| {
            match dimension {
                Dimension::Verdict => Some(verdict::UNCHECKED),
                open if OPEN.contains(&open) => open.unknown().or(open.not_applicable()),
                other => other.not_applicable().or(other.unknown()),
            }
            .expect("each of these dimensions has a code for what is not known or does not apply")
        }))
    }

    /// Of an item that somebody has assessed, of which nothing else is known: as blank, and what a source may say of it is
    /// unknown.
    #[must_use]
    pub fn unknown() -> Self {
        FACETS.into_iter().filter_map(Dimension::unknown).fold(Self::blank(), Self::with)
    }

    /// The same with `code` in its dimension; unchanged if items are not counted by that.
    #[must_use]
    pub fn with(mut self, code: Code) -> Self {
        if let Some(at) = place(code.dimension()) {
            self.0[at] = code;
        }
        self
    }

    /// Its code in `dimension`; `None` for one that items are not counted by.
    #[must_use]
    pub fn code(&self, dimension: Dimension) -> Option<Code> {
        place(dimension).map(|at| self.0[at])
    }

    /// Its codes, in the order of [`Cell::DIMENSIONS`].
    pub fn codes(&self) -> impl ExactSizeIterator<Item = Code> {
        self.0.into_iter()
    }

    /// As it is stored: `severity=SEV_A;verdict=KNOWN`, without what is as in [`Cell::blank`], so that a dimension may be
    /// added later.
    pub(super) fn to_text(self) -> String {
        written(
            self.0.into_iter().zip(Self::blank().0).filter(|(own, blank)| own != blank).map(|(own, _)| own),
        )
    }

    pub(super) fn from_text(text: &str) -> Result<Self, LabelError> {
        Ok(codes_in(text)?.into_iter().fold(Self::blank(), Self::with))
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cell({})", self.to_text())
    }
}

fn place(dimension: Dimension) -> Option<usize> {
    Cell::DIMENSIONS.iter().position(|own| *own == dimension)
}

/// Codes as they are stored.
pub(super) fn written(codes: impl Iterator<Item = Code>) -> String {
    codes.map(|code| format!("{}={}", code.dimension(), code.as_str())).collect::<Vec<_>>().join(";")
}

/// Codes that were [`written`].
pub(super) fn codes_in(text: &str) -> Result<Vec<Code>, LabelError> {
    text.split(';').filter(|part| !part.is_empty()).map(|part| part.replacen('=', ":", 1).parse()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        text.parse().unwrap()
    }

    #[test]
    fn the_order_is_severity_then_maturity_then_the_strength_of_the_match() {
        let cell = |texts: &[&str]| texts.iter().map(|text| code(text)).fold(Cell::unknown(), Cell::with);
        let sorted = [
            cell(&["severity:SEV_A", "maturity:PUB", "verdict:NEAR"]),
            cell(&["severity:SEV_B", "maturity:INFANT", "verdict:NEAR"]),
            cell(&["severity:SEV_B", "maturity:PUB", "verdict:KNOWN"]),
            cell(&["severity:SEV_B", "maturity:PUB", "verdict:NEAR", "sex:F"]),
            cell(&["severity:SEV_B", "maturity:PUB", "verdict:NEAR", "sex:M"]),
            cell(&["verdict:KNOWN"]),
            Cell::blank().with(code("verdict:KNOWN")),
            Cell::blank().with(code("verdict:UNKNOWN")),
        ];
        assert!(sorted.is_sorted());
    }

    #[test]
    fn a_cell_is_stored_without_what_is_blank_and_read_back() {
        assert_eq!(Cell::blank().to_text(), "");
        let cell = Cell::blank().with(code("verdict:KNOWN")).with(code("severity:SEV_A"));
        assert_eq!(cell.to_text(), "severity=SEV_A;verdict=KNOWN");
        for cell in [cell, Cell::blank(), Cell::unknown()] {
            assert!(Cell::from_text(&cell.to_text()).unwrap() == cell);
        }
        assert!(Cell::from_text("severity=SEV_A;colour=RED").is_err());
    }

    #[test]
    fn every_code_of_a_cell_belongs_to_its_dimension_and_others_are_not_taken() {
        for cell in [Cell::blank(), Cell::unknown()] {
            let dimensions: Vec<_> = cell.codes().map(Code::dimension).collect();
            assert_eq!(dimensions, Cell::DIMENSIONS);
        }
        assert!(Cell::blank().with(code("opinion:POSITIVE")) == Cell::blank());
        for dimension in [Dimension::Opinion, Dimension::Act, Dimension::Outcome] {
            assert_eq!(Cell::blank().code(dimension), None);
        }
    }
}
