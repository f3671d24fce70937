//! How the columns of a table are read: a small TOML file that an operator can write, and check, by eye.
//!
//! `docs/cli.md` has every key. A map that does not fit is an error with the line of the map and what to do; it never
//! shows a word of the list.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::Opinion;
use crate::digest::SignalKind;
use crate::vocabulary::{Category, Code};

/// Why a map cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// Not TOML, or not with the keys of a map.
    #[error("the map is not as it should be: {0}")]
    Syntax(String),
    /// A value that cannot be.
    #[error("line {line} of the map: {cause}")]
    Value {
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what to write.
        cause: String,
    },
    /// The list has no such column.
    #[error(
        "the list has no column {column}; write it as it stands in the list's first row, or number the columns from 1 and \
         set header = false"
    )]
    NoColumn {
        /// The column, as the map calls it.
        column: String,
    },
    /// Two spellings of one column, or its name and its number.
    #[error(
        "the map says twice what the column {column} of the list is, under two spellings; it can mean one thing"
    )]
    Twice {
        /// The column, as the map calls it the second time.
        column: String,
    },
}

/// A column, by what stands in the first row or by its number from 1.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Column {
    Number(usize),
    Name(String),
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => write!(f, "{name:?}"),
        }
    }
}

/// What a cell is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Key,
    Hash(SignalKind),
    /// A hash of the kind that a column of its own names.
    TypedHash,
    /// The kind of that hash.
    Type(BTreeMap<String, Option<SignalKind>>),
    /// A hash of a kind that is not matched here.
    Unsupported(String),
    Quality,
    Category {
        scheme: String,
        profile: String,
    },
    Opinion(BTreeMap<String, Opinion>),
    /// A true cell takes the entry back.
    Withdrawn(Spellings),
    Updated,
    Tags,
    Flag {
        spellings: Spellings,
        says: Says,
    },
    Ignored,
}

/// What a true flag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Says {
    Category(Category),
    Facet(Code),
}

/// How yes and no are written, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spellings {
    yes: Vec<String>,
    no: Vec<String>,
}

impl Spellings {
    /// What a cell says; `None` for neither. An empty one says no.
    pub(super) fn read(&self, cell: &str) -> Option<bool> {
        let like = |words: &[String]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
        match cell {
            "" => Some(false),
            _ if like(&self.yes) => Some(true),
            _ if like(&self.no) => Some(false),
            _ => None,
        }
    }
}

/// How a table is to be read.
///
/// # Examples
/// ```
/// # use innerward::hashset::{MapError, TableMap};
/// let map: TableMap = "delimiter = ';'\nkey = 'Id'\n[hashes]\nmd5 = 'MD5'\nsha1 = 'SHA-1'\n".parse()?;
/// assert!(!map.is_illustrative());
/// let error = "header = false\n[hashes]\nmd5 = 'MD5'\n".parse::<TableMap>().unwrap_err();
/// assert!(error.to_string().starts_with("line 3 of the map: "));
/// # Ok::<(), MapError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableMap {
    pub(super) delimiter: u8,
    /// The first row names the columns.
    pub(super) header: bool,
    illustrative: bool,
    pub(super) columns: Vec<(Column, Meaning)>,
}

impl TableMap {
    /// True for a map that nobody who has such lists has confirmed.
    #[must_use]
    pub fn is_illustrative(&self) -> bool {
        self.illustrative
    }

    /// A map for rows without names, of the meaning of each column in turn.
    pub(super) fn of_positions(meanings: impl IntoIterator<Item = Meaning>) -> Self {
        let columns = (1..).map(Column::Number).zip(meanings).collect();
        Self { delimiter: b',', header: false, illustrative: false, columns }
    }

    /// Where in a row of `width` cells each column stands, with its meaning.
    pub(super) fn resolve(
        &self,
        names: Option<&[impl AsRef<str>]>,
        width: usize,
    ) -> Result<Vec<(usize, &Meaning)>, MapError> {
        let place = |column: &Column| match column {
            Column::Number(number) => Some(number - 1).filter(|at| *at < width),
            Column::Name(name) => names?
                .iter()
                .position(|found| found.as_ref().trim_ascii().eq_ignore_ascii_case(name.trim_ascii())),
        };
        let missing = |column: &Column| MapError::NoColumn { column: column.to_string() };
        let mut found = Vec::with_capacity(self.columns.len());
        let mut taken = vec![false; width];
        for (column, meaning) in &self.columns {
            let at = place(column).ok_or_else(|| missing(column))?;
            if std::mem::replace(&mut taken[at], true) {
                return Err(MapError::Twice { column: column.to_string() });
            }
            found.push((at, meaning));
        }
        Ok(found)
    }
}

/// What is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "comma")]
    delimiter: Spanned<String>,
    #[serde(default = "yes")]
    header: bool,
    #[serde(default)]
    illustrative: bool,
    key: Option<Spanned<Columns>>,
    #[serde(default)]
    hashes: BTreeMap<String, Spanned<Column>>,
    #[serde(default)]
    unsupported: BTreeMap<String, Spanned<Column>>,
    typed: Option<Typed>,
    quality: Option<Spanned<Column>>,
    updated: Option<Spanned<Column>>,
    tags: Option<Spanned<Column>>,
    withdrawn: Option<FlagColumn>,
    opinion: Option<OpinionColumn>,
    #[serde(default)]
    category: Vec<CategoryColumn>,
    #[serde(default)]
    flag: Vec<FlagColumn>,
    #[serde(default)]
    ignored: Vec<Spanned<Column>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Columns {
    One(Column),
    Several(Vec<Column>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(rename = "type")]
    kind: Spanned<Column>,
    hash: Spanned<Column>,
    kinds: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpinionColumn {
    column: Spanned<Column>,
    #[serde(default)]
    positive: Vec<String>,
    #[serde(default)]
    negative: Vec<String>,
    #[serde(default)]
    disputed: Vec<String>,
    #[serde(default)]
    investigate: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryColumn {
    column: Spanned<Column>,
    scheme: Spanned<String>,
    #[serde(default)]
    profile: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagColumn {
    column: Spanned<Column>,
    #[serde(rename = "true", default = "spellings_of_yes")]
    yes: Vec<String>,
    #[serde(rename = "false", default = "spellings_of_no")]
    no: Vec<String>,
    category: Option<Spanned<String>>,
    facet: Option<Spanned<String>>,
}

fn comma() -> Spanned<String> {
    Spanned::new(0..0, ",".into())
}

const fn yes() -> bool {
    true
}

fn spellings_of_yes() -> Vec<String> {
    ["true", "yes", "y", "t", "1"].map(str::to_owned).into()
}

fn spellings_of_no() -> Vec<String> {
    ["false", "no", "n", "f", "0"].map(str::to_owned).into()
}

impl std::str::FromStr for TableMap {
    type Err = MapError;

    fn from_str(text: &str) -> Result<Self, MapError> {
        let written: Written = toml::from_str(text).map_err(|error| MapError::Syntax(error.to_string()))?;
        Reading { text, columns: Vec::new(), header: written.header }.map(written)
    }
}

/// A map on its way from what is written.
struct Reading<'t> {
    text: &'t str,
    header: bool,
    columns: Vec<(Column, Meaning)>,
}

impl Reading<'_> {
    fn fault(&self, at: Range<usize>, cause: impl Into<String>) -> MapError {
        let before = self.text.get(..at.start).unwrap_or_default();
        MapError::Value { line: before.matches('\n').count() + 1, cause: cause.into() }
    }

    fn add(&mut self, column: Spanned<Column>, meaning: Meaning) -> Result<(), MapError> {
        let at = column.span();
        let column = column.into_inner();
        match &column {
            Column::Number(0) => return Err(self.fault(at, "columns are numbered from 1")),
            Column::Name(_) if !self.header => {
                return Err(self.fault(at, "with header = false, columns have numbers and no names"));
            }
            _ => {}
        }
        if self.columns.iter().any(|(other, _)| *other == column) {
            return Err(self.fault(at, format!("the column {column} is given twice; it can mean one thing")));
        }
        self.columns.push((column, meaning));
        Ok(())
    }

    fn kind(&self, name: &str, at: Range<usize>) -> Result<SignalKind, MapError> {
        name.parse().map_err(|_| {
            self.fault(
                at,
                format!(
                    "{name:?} is no kind of hash; write md5, sha1, sha256, blake3, pdq or a classic kind, or name the \
                     column under [unsupported]"
                ),
            )
        })
    }

    fn flag(&self, flag: &FlagColumn) -> Result<Spellings, MapError> {
        let Spellings { yes, no } = Spellings { yes: flag.yes.clone(), no: flag.no.clone() };
        let both = yes.iter().any(|word| no.iter().any(|other| word.eq_ignore_ascii_case(other)));
        if yes.is_empty() || both {
            let cause = "a flag has words for true, none of which is one for false";
            return Err(self.fault(flag.column.span(), cause));
        }
        Ok(Spellings { yes, no })
    }

    fn map(mut self, written: Written) -> Result<TableMap, MapError> {
        let delimiter = match *written.delimiter.get_ref().as_bytes() {
            [byte @ (b'\t' | b'!'..=b'~')] if byte != b'"' && !byte.is_ascii_alphanumeric() => byte,
            _ => {
                let cause = "a delimiter is one character, such as \",\", \";\", \"|\" or \"\\t\"";
                return Err(self.fault(written.delimiter.span(), cause));
            }
        };
        if let Some(key) = written.key {
            let at = key.span();
            let columns = match key.into_inner() {
                Columns::One(column) => vec![column],
                Columns::Several(columns) => columns,
            };
            for column in columns {
                self.add(Spanned::new(at.clone(), column), Meaning::Key)?;
            }
        }
        for (name, column) in written.hashes {
            let kind = self.kind(&name, column.span())?;
            self.add(column, Meaning::Hash(kind))?;
        }
        for (name, column) in written.unsupported {
            self.add(column, Meaning::Unsupported(name))?;
        }
        if let Some(typed) = written.typed {
            let mut kinds = BTreeMap::new();
            for (word, kind) in typed.kinds {
                let name = kind.get_ref().as_str();
                let kind = if name == "unsupported" { None } else { Some(self.kind(name, kind.span())?) };
                kinds.insert(word.to_lowercase(), kind);
            }
            self.add(typed.kind, Meaning::Type(kinds))?;
            self.add(typed.hash, Meaning::TypedHash)?;
        }
        for (column, meaning) in [
            (written.quality, Meaning::Quality),
            (written.updated, Meaning::Updated),
            (written.tags, Meaning::Tags),
        ] {
            if let Some(column) = column {
                self.add(column, meaning)?;
            }
        }
        if let Some(flag) = written.withdrawn {
            let spellings = self.flag(&flag)?;
            self.add(flag.column, Meaning::Withdrawn(spellings))?;
        }
        if let Some(opinion) = written.opinion {
            let words = [
                (opinion.positive, Opinion::Positive),
                (opinion.negative, Opinion::Negative),
                (opinion.disputed, Opinion::Disputed),
                (opinion.investigate, Opinion::Investigate),
            ];
            let words = words.into_iter().flat_map(|(words, opinion)| {
                words.into_iter().map(move |word| (word.to_lowercase(), opinion))
            });
            self.add(opinion.column, Meaning::Opinion(words.collect()))?;
        }
        for category in written.category {
            let scheme = category.scheme.get_ref().clone();
            if let Err(error) = Category::new(&scheme, &category.profile, "x") {
                return Err(self.fault(category.scheme.span(), error.to_string()));
            }
            self.add(category.column, Meaning::Category { scheme, profile: category.profile })?;
        }
        for flag in written.flag {
            let spellings = self.flag(&flag)?;
            let says = match (&flag.category, &flag.facet) {
                (Some(text), None) => match text.get_ref().parse() {
                    Ok(category) => Says::Category(category),
                    Err(error) => return Err(self.fault(text.span(), format!("{error}"))),
                },
                (None, Some(text)) => match text.get_ref().parse() {
                    Ok(code) => Says::Facet(code),
                    Err(error) => return Err(self.fault(text.span(), format!("{error}"))),
                },
                _ => {
                    let cause =
                        "a flag says one thing: category = \"SCHEME:CODE\" or facet = \"DIMENSION:CODE\"";
                    return Err(self.fault(flag.column.span(), cause));
                }
            };
            self.add(flag.column, Meaning::Flag { spellings, says })?;
        }
        for column in written.ignored {
            self.add(column, Meaning::Ignored)?;
        }
        if !self.columns.iter().any(|(_, meaning)| matches!(meaning, Meaning::Hash(_) | Meaning::TypedHash)) {
            return Err(
                self.fault(0..0, "no column has hashes; write [hashes] and, below it, md5 = \"its column\"")
            );
        }
        let (header, columns) = (self.header, self.columns);
        Ok(TableMap { delimiter, header, illustrative: written.illustrative, columns })
    }
}
