//! The open data model: entities, their attributes and their code lists, read from the files beside this code.
//!
//! What may change between versions of the model stands in `docs/data-model.md`. Hashes of content are no part of it: no
//! attribute has a type that could hold one.

pub(super) mod cdm;
mod export;
pub(super) mod frictionless;
pub(super) mod json_schema;
mod lists;
mod page;
mod skos;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

pub use export::export;
pub(super) use lists::code_rows;
pub use lists::{CodeList, CodeWords, ListedCode, code_list, code_lists};

/// The version of the model: the first number rises when something goes or changes its meaning, the second when something
/// is added, the third when only words change.
pub const VERSION: &str = "1.0.0";

/// What stands before the names of lists, codes and the categories of other schemes.
pub const NAMESPACE: &str = "urn:innerward";

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A code of a closed list.
    Code,
    /// A whole number, never negative.
    Count,
    /// A decimal number, never negative.
    Number,
    /// True or false.
    Flag,
    /// A day, `2026-11-05`.
    Date,
    /// A month, a quarter or a year: `2026-10`, `2026-Q4`, `2026`.
    Period,
    /// Letters, digits, `.`, `_` and `-`.
    Name,
    /// Words for people.
    Text,
    /// BLAKE3 of a published file or of a log, in hex.
    Digest,
    /// A BCP 47 tag.
    Language,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 10] = [
        Self::Code,
        Self::Count,
        Self::Number,
        Self::Flag,
        Self::Date,
        Self::Period,
        Self::Name,
        Self::Text,
        Self::Digest,
        Self::Language,
    ];

    /// As it stands in the model's file: `count`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Count => "count",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Date => "date",
            Self::Period => "period",
            Self::Name => "name",
            Self::Text => "text",
            Self::Digest => "digest",
            Self::Language => "language",
        }
    }

    /// The whole of a value as a regular expression that JSON Schema and Python read alike; `None` where the type says it
    /// all. No name and no text holds 32 hexadecimal digits in a row, as every digest of content would.
    #[must_use]
    pub const fn pattern(self) -> Option<&'static str> {
        match self {
            Self::Period => Some("^[12][0-9]{3}(-(0[1-9]|1[0-2]|Q[1-4]))?$"),
            Self::Name => Some("^(?!.*[0-9A-Fa-f]{32})[A-Za-z0-9._-]{1,100}$"),
            Self::Text => Some("^(?![\\s\\S]*[0-9A-Fa-f]{32})[\\s\\S]*$"),
            Self::Digest => Some("^[0-9a-f]{64}$"),
            Self::Language => Some("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
            Self::Code | Self::Count | Self::Number | Self::Flag | Self::Date => None,
        }
    }
}

/// A stage in the life of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Who decides, by which rules.
    Governance,
    /// How information comes in.
    Collection,
    /// Where it is kept.
    Storage,
    /// What leaves the organisation.
    Sharing,
    /// How it becomes figures.
    Processing,
    /// How the figures are read.
    Use,
}

impl Stage {
    /// Every stage, in the order of the model.
    pub const ALL: [Stage; 6] =
        [Self::Governance, Self::Collection, Self::Storage, Self::Sharing, Self::Processing, Self::Use];

    /// `Governance`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Governance => "Governance",
            Self::Collection => "Collection",
            Self::Storage => "Storage",
            Self::Sharing => "Sharing",
            Self::Processing => "Processing",
            Self::Use => "Use",
        }
    }
}

/// One attribute of an entity: a column where the entity is a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, in snake case.
    pub name: String,
    /// What a value looks like.
    pub kind: Kind,
    /// The code list of a code; empty for anything else.
    pub list: String,
    /// False if it may be empty.
    pub required: bool,
    /// The unit of a number; empty without one.
    pub unit: String,
    /// The stage at which it comes into being.
    pub stage: Stage,
    /// HXL hashtag with its attributes: `#date+period`.
    pub hxl: String,
    /// SDMX concept: a cross-domain one where there is one, else the model's own.
    pub sdmx: String,
    /// What counts, where that is not plain; may be empty.
    pub counting_rule: String,
    /// What it is, in English.
    pub definition: String,
}

impl Column {
    /// `severity` as `Severity`, `ref_area` as `Ref area`.
    #[must_use]
    pub fn title(&self) -> String {
        title(&self.name)
    }
}

/// A kind of thing that the model speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its name: `PrivacyLedger`.
    pub name: String,
    /// Its name in file names: `privacy_ledger`.
    pub file: String,
    /// The stage that it belongs to.
    pub stage: Stage,
    /// The attributes that together tell one from another.
    pub key: Vec<String>,
    /// What it is called, in English.
    pub label: String,
    /// What it is, in English.
    pub definition: String,
    /// Its attributes, in order.
    pub attributes: Vec<Column>,
}

/// Every entity, in the order of the model.
#[must_use]
pub fn entities() -> &'static [Entity] {
    &ENTITIES
}

/// The entity `name`.
///
/// # Panics
/// If there is none: the names are the program's own.
#[must_use]
pub fn entity(name: &str) -> &'static Entity {
    entities()
        .iter()
        .find(|entity| entity.name == name)
        .expect("the model has the entities the program speaks of")
}

/// The columns of the tidy file: those of an observation, in their order, and what tells whose it is.
#[must_use]
pub fn columns() -> &'static [Column] {
    &entity("Observation").attributes
}

/// `list_class` as `List class`.
pub(super) fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The files are part of the program, so a fault in them is a fault of the build: the tests read every row.
static ENTITIES: LazyLock<Vec<Entity>> = LazyLock::new(|| {
    let attributes: Vec<_> = rows(include_str!("attributes.csv")).collect();
    rows(include_str!("entities.csv"))
        .map(|row| Entity {
            name: row[0].to_owned(),
            file: row[1].to_owned(),
            stage: stage(&row[2]),
            key: row[3].split(' ').map(str::to_owned).collect(),
            label: row[4].to_owned(),
            definition: row[5].to_owned(),
            attributes: attributes.iter().filter(|column| column[0] == row[0]).map(column).collect(),
        })
        .collect()
});

fn column(row: &csv::StringRecord) -> Column {
    let text = |at: usize| row[at].to_owned();
    Column {
        name: text(1),
        kind: Kind::ALL.into_iter().find(|kind| kind.as_str() == &row[2]).expect("an attribute has a kind"),
        list: text(3),
        required: &row[4] == "yes",
        unit: text(5),
        stage: stage(&row[6]),
        hxl: text(7),
        sdmx: text(8),
        counting_rule: text(9),
        definition: text(10),
    }
}

fn stage(text: &str) -> Stage {
    Stage::ALL.into_iter().find(|stage| stage.as_str() == text).expect("there are six stages")
}

fn rows(text: &'static str) -> impl Iterator<Item = csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes())
        .into_records()
        .map(|row| row.expect("the model's files are valid CSV"))
}
