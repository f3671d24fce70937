//! The closed words that everything is counted and published in: dimensions, their codes, and labels for people.
//!
//! The data are CSV files beside this code (`data/`), read once. This room must never know where counts come from.

mod codes;
mod crosswalk;
mod dimension;
mod indicator;
mod labels;
mod period;

pub use codes::{
    Code, age_band, area, area_role, channel, harm, legal, list_class, maturity, media, novelty, origin,
    outcome, severity, sex, signal, site, source, verdict,
};
pub use crosswalk::{Category, CategoryError, Mapping, Relation, crosswalk, facets};
pub use dimension::{Dimension, LabelError, UnknownCode};
pub use indicator::{Indicator, IndicatorKind, Unit, UnknownWord};
pub use period::{Period, PeriodError, PeriodKind};

/// Fails if `text`, which a person will read as ours, has a term that the field avoids.
#[cfg(test)]
fn assert_terms(text: &str) {
    const AVOID: [&str; 10] = [
        "child porn",
        "kiddie",
        "child prostitut",
        "child sex tourism",
        "webcam sex tourism",
        "pseudo",
        "virtual child",
        "revenge porn",
        "sextortion",
        "minor",
    ];
    let lower = text.to_lowercase();
    assert!(AVOID.iter().all(|term| !lower.contains(term)), "{text:?} has a term to avoid");
}
