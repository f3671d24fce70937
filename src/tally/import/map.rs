//! The map of an import: which columns are used, and what their values mean. A file of the operator's own, parsed once.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;

use super::crosswalk::{ANY, filled, rows_of};
use super::date::DateForm;
use crate::tally::Cell;
use crate::vocabulary::{Category, Code, CrosswalkRow, Dimension, Unit, channel, outcome, verdict};

/// Most bytes of a map.
pub(super) const MAX_MAP: usize = 1 << 20;
/// Most values that a dimension's map names.
const MAX_VALUES: usize = 10_000;

/// How the rows of a case system's export are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    pub(super) unit: Unit,
    /// The columns that are used, each once; nothing of any other is looked at.
    pub(super) columns: Vec<String>,
    pub(super) id: usize,
    pub(super) date: usize,
    pub(super) date_form: DateForm,
    pub(super) case: Option<usize>,
    pub(super) delimiter: u8,
    pub(super) form: Option<Form>,
    pub(super) fields: Vec<Field>,
    pub(super) constants: Vec<Code>,
    pub(super) removed: Option<(usize, Vec<String>)>,
}

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// Comma-separated values, with a line of names.
    Csv,
    /// A JSON object a line.
    Jsonl,
}

/// A column that gives a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) dimension: Dimension,
    pub(super) column: usize,
    meaning: Meaning,
    /// For values that mean nothing here.
    pub(super) other: Code,
    pub(super) separator: Option<char>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    Codes(BTreeMap<String, Code>),
    /// By the code of the scheme, or [`ANY`].
    Crosswalk {
        scheme: String,
        profile: String,
        codes: BTreeMap<String, Code>,
    },
    AsIs,
}

impl Field {
    /// The code that one value means; `None` if it means nothing here.
    pub(super) fn code(&self, value: &str) -> Option<Code> {
        match &self.meaning {
            Meaning::Codes(codes) => codes.get(value).copied(),
            // A sum is no code of one row.
            Meaning::AsIs => self.dimension.code(value).ok().filter(|code| code.as_str() != "_T"),
            Meaning::Crosswalk { scheme, profile, codes } => {
                let category = Category::new(scheme, profile, value).ok()?;
                [category.code(), ANY].into_iter().filter_map(|code| codes.get(code).copied()).min()
            }
        }
    }
}

/// What is wrong with a map.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// It is no TOML, or has a key that there is not.
    #[error("{0}")]
    Toml(String),
    /// It is far too long.
    #[error("a map has at most {MAX_MAP} bytes and {MAX_VALUES} values a dimension")]
    TooLong,
    /// Not a dimension.
    #[error("[dimensions.{name}]: no dimension of the counts; those are {known}")]
    Dimension {
        /// What stood there.
        name: String,
        /// What there is.
        known: String,
    },
    /// Not a code of the dimension.
    #[error("[dimensions.{dimension}]: {cause}")]
    Code {
        /// The dimension.
        dimension: Dimension,
        /// What is wrong.
        cause: String,
    },
    /// No way, or several, to a code.
    #[error(
        "[dimensions.{0}]: give either constant = \"CODE\", or column = \"NAME\" with one of codes = {{ … }}, crosswalk = \
         \"SCHEME\" or \"SCHEME/PROFILE\", as_is = true; profile = \"FILE\" goes with crosswalk"
    )]
    Ways(Dimension),
    /// A crosswalk by which every value would be unknown.
    #[error(
        "[dimensions.{dimension}]: crosswalk = {scheme:?} has no row that leads to {dimension}, so that all of it would be \
         unknown; those that have some are {known}; `vocabulary load` or profile = \"FILE\" brings those of another scheme"
    )]
    NoRows {
        /// The dimension.
        dimension: Dimension,
        /// As the map has it.
        scheme: String,
        /// What there is.
        known: String,
    },
    /// A filled profile cannot be read.
    #[error("profile = {file:?}: {cause}")]
    Profile {
        /// As the map has it.
        file: String,
        /// What is wrong, with the cure.
        cause: String,
    },
    /// Something that only items or web addresses have.
    #[error("{0} goes with unit = {1:?}")]
    Unit(&'static str, &'static str),
    /// An item that would be counted nowhere.
    #[error(
        "unit = \"item\" needs [dimensions.verdict], for items that were screened, or [dimensions.outcome], for items that a \
         person reviewed, or both; without them an item is counted nowhere"
    )]
    CountsNothing,
    /// A name of a column that is none.
    #[error("{0}: a column has a name")]
    Column(&'static str),
    /// The delimiter is none.
    #[error("delimiter is one ASCII character, not a quotation mark or the end of a line")]
    Delimiter,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    unit: WrittenUnit,
    id: String,
    date: String,
    #[serde(default)]
    date_form: DateForm,
    case: Option<String>,
    delimiter: Option<char>,
    form: Option<Form>,
    profile: Option<String>,
    #[serde(default)]
    dimensions: BTreeMap<String, WrittenField>,
    removed: Option<WrittenRemoved>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum WrittenUnit {
    Item,
    Report,
    Url,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenField {
    column: Option<String>,
    constant: Option<String>,
    codes: Option<BTreeMap<String, String>>,
    crosswalk: Option<String>,
    profile: Option<String>,
    #[serde(default)]
    as_is: bool,
    other: Option<String>,
    separator: Option<char>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRemoved {
    column: String,
    values: Vec<String>,
}

impl FromStr for Map {
    type Err = MapError;

    /// As [`Map::in_folder`], with profiles in the working directory.
    fn from_str(text: &str) -> Result<Self, MapError> {
        Self::in_folder(text, Path::new(""), &[])
    }
}

impl Map {
    /// The map that `text` writes, of a file in `folder`: profiles that it names are read from there. Where it names none,
    /// the rows of profiles that the ward has `loaded` stand beside the program's own.
    ///
    /// # Errors
    /// [`MapError`] with what is wrong, where and what to do.
    pub fn in_folder(text: &str, folder: &Path, loaded: &[CrosswalkRow]) -> Result<Self, MapError> {
        if text.len() > MAX_MAP {
            return Err(MapError::TooLong);
        }
        let written: Written = toml::from_str(text).map_err(|error| MapError::Toml(error.to_string()))?;
        let unit = match written.unit {
            WrittenUnit::Item => Unit::Items,
            WrittenUnit::Report => Unit::Reports,
            WrittenUnit::Url => Unit::Urls,
        };
        let delimiter = written.delimiter.unwrap_or(',');
        let delimiter =
            u8::try_from(delimiter).ok().filter(|byte| byte.is_ascii() && !b"\"\r\n\0".contains(byte));
        let mut map = Self {
            unit,
            columns: Vec::new(),
            id: 0,
            date: 0,
            date_form: written.date_form,
            case: None,
            delimiter: delimiter.ok_or(MapError::Delimiter)?,
            form: written.form,
            fields: Vec::new(),
            constants: Vec::new(),
            removed: None,
        };
        map.id = map.column("id", written.id)?;
        map.date = map.column("date", written.date)?;
        map.case = written.case.map(|name| map.column("case", name)).transpose()?;
        let read = |file: Option<String>| file.map(|file| filled(folder, file)).transpose();
        let shared = read(written.profile)?.unwrap_or_else(|| loaded.to_vec());
        for (name, field) in written.dimensions {
            let own = read(field.profile.clone().filter(|_| field.crosswalk.is_some()))?;
            map.add(&name, field, own.as_ref().unwrap_or(&shared))?;
        }
        if let Some(WrittenRemoved { column, values }) = written.removed {
            if unit != Unit::Urls {
                return Err(MapError::Unit("[removed]", "url"));
            }
            map.removed = Some((map.column("[removed]", column)?, values));
        }
        let has = |dimension| {
            map.fields.iter().any(|field| field.dimension == dimension)
                || map.constants.iter().any(|code| code.dimension() == dimension)
        };
        if unit == Unit::Items && !has(Dimension::Verdict) && !has(Dimension::Outcome) {
            return Err(MapError::CountsNothing);
        }
        if !has(Dimension::Channel) {
            map.constants.push(channel::IMPORT);
        }
        Ok(map)
    }

    /// What a row is: an item, a report or a web address.
    #[must_use]
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// True if a row has a column of this dimension, or a constant.
    pub(super) fn says(&self, dimension: Dimension) -> bool {
        self.fields.iter().any(|field| field.dimension == dimension)
            || self.constants.iter().any(|code| code.dimension() == dimension)
    }

    fn column(&mut self, what: &'static str, name: String) -> Result<usize, MapError> {
        if name.is_empty() {
            return Err(MapError::Column(what));
        }
        let at = self.columns.iter().position(|known| *known == name);
        Ok(at.unwrap_or_else(|| {
            self.columns.push(name);
            self.columns.len() - 1
        }))
    }

    fn add(&mut self, name: &str, written: WrittenField, filled: &[CrosswalkRow]) -> Result<(), MapError> {
        let all = Cell::DIMENSIONS.into_iter().chain([Dimension::Outcome]);
        let dimension = all.clone().find(|dimension| dimension.as_str() == name).ok_or_else(|| {
            let known: Vec<&str> = all.map(Dimension::as_str).collect();
            MapError::Dimension { name: name.to_owned(), known: known.join(", ") }
        })?;
        if dimension == Dimension::Outcome && self.unit != Unit::Items {
            return Err(MapError::Unit("[dimensions.outcome]", "item"));
        }
        let code = |text: &str| {
            let code = dimension.code(text).map_err(|error| error.to_string());
            let code = code.and_then(|code| {
                let is_whole = code.as_str() == "_T";
                if is_whole { Err("_T is a sum, and no code of one row".to_owned()) } else { Ok(code) }
            });
            code.map_err(|cause| MapError::Code { dimension, cause })
        };
        let WrittenField { column, constant, codes, crosswalk, profile, as_is, other, separator } = written;
        if profile.is_some() && crosswalk.is_none() {
            return Err(MapError::Ways(dimension));
        }
        let ways = [codes.is_some(), crosswalk.is_some(), as_is].into_iter().filter(|way| *way).count();
        let Some(column) = column else {
            let constant = constant.filter(|_| ways == 0 && other.is_none() && separator.is_none());
            self.constants.push(code(&constant.ok_or(MapError::Ways(dimension))?)?);
            return Ok(());
        };
        let meaning = match (codes, crosswalk) {
            _ if ways != 1 || constant.is_some() => return Err(MapError::Ways(dimension)),
            (Some(codes), _) if codes.len() > MAX_VALUES => return Err(MapError::TooLong),
            (Some(codes), _) => {
                let codes =
                    codes.into_iter().map(|(value, text)| Ok((value.trim().to_owned(), code(&text)?)));
                Meaning::Codes(codes.collect::<Result<_, MapError>>()?)
            }
            (None, Some(scheme)) => {
                let (name, of) = scheme.split_once('/').unwrap_or((&scheme, ""));
                let of_scheme = Category::new(name, of, "x");
                of_scheme.map_err(|error| MapError::Code { dimension, cause: error.to_string() })?;
                let codes = rows_of(name, of, dimension, filled, profile.is_some())?;
                Meaning::Crosswalk { scheme: name.into(), profile: of.into(), codes }
            }
            (None, None) => Meaning::AsIs,
        };
        let other = match other {
            Some(text) => code(&text)?,
            None => match dimension {
                Dimension::Verdict => verdict::UNCHECKED,
                Dimension::Outcome => outcome::NOT_APPLICABLE,
                dimension => dimension.unknown().ok_or(MapError::Ways(dimension))?,
            },
        };
        let column = self.column("column", column)?;
        self.fields.push(Field { dimension, column, meaning, other, separator });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "unit = \"report\"\nid = \"no\"\ndate = \"day\"\n";

    fn fault(text: &str) -> String {
        format!("{HEAD}{text}").parse::<Map>().unwrap_err().to_string()
    }

    #[test]
    fn a_map_names_its_columns_once() {
        let text = "case = \"no\"\n[dimensions.severity]\ncolumn = \"cat\"\ncodes = { A = \"SEV_A\" }\n\
            [dimensions.maturity]\ncolumn = \"cat\"\ncrosswalk = \"NCMEC\"\n[dimensions.source]\nconstant = \"PUBLIC\"\n";
        let map: Map = format!("{HEAD}{text}").parse().unwrap();
        assert_eq!(map.columns, ["no", "day", "cat"]);
        assert_eq!((map.id, map.date, map.case), (0, 1, Some(0)));
        let of = |dimension, value| {
            let field = map.fields.iter().find(|field| field.dimension == dimension).unwrap();
            field.code(value).map(Code::as_str)
        };
        assert_eq!(of(Dimension::Severity, "A"), Some("SEV_A"));
        assert_eq!(of(Dimension::Severity, "a"), None, "letter case counts");
        assert_eq!(of(Dimension::Maturity, "A1"), Some("PREPUB"));
        assert_eq!(of(Dimension::Maturity, "A 1"), None);
        assert_eq!(map.constants.iter().map(|code| code.as_str()).collect::<Vec<_>>(), ["PUBLIC", "IMPORT"]);
    }

    #[test]
    fn what_a_map_cannot_say_is_refused_with_the_cure() {
        for (text, words) in [
            ("colour = 1\n", "colour"),
            ("[dimensions.colour]\nconstant = \"RED\"\n", "severity, maturity"),
            ("[dimensions.severity]\nconstant = \"A\"\n", "SEV_A"),
            ("[dimensions.age_band]\nconstant = \"_T\"\n", "a sum"),
            ("[dimensions.severity]\ncolumn = \"x\"\n", "crosswalk"),
            ("[dimensions.severity]\ncolumn = \"x\"\nas_is = true\ncrosswalk = \"IWF\"\n", "either constant"),
            ("[dimensions.severity]\nconstant = \"SEV_A\"\nother = \"SEV_B\"\n", "either constant"),
            ("[dimensions.severity]\ncolumn = \"x\"\ncrosswalk = \"I W F\"\n", "scheme"),
            (
                "[dimensions.severity]\ncolumn = \"x\"\ncodes = {}\nprofile = \"x.csv\"\n",
                "goes with crosswalk",
            ),
            ("[dimensions.severity]\ncolumn = \"x\"\ncrosswalk = \"NCMCE\"\n", "IWF, NCMEC, "),
            ("[dimensions.severity]\ncolumn = \"x\"\ncrosswalk = \"VICS\"\n", "VICS/US"),
            (
                "[dimensions.severity]\ncolumn = \"x\"\ncrosswalk = \"UCS/3\"\n",
                "[dimensions.severity]: crosswalk = \"UCS/3\"",
            ),
            ("[dimensions.sex]\ncolumn = \"x\"\ncrosswalk = \"IWF\"\n", "those that have some are none"),
            ("profile = \"missing.csv\"\n", "missing.csv"),
            ("[dimensions.outcome]\nconstant = \"CONFIRMED\"\n", "item"),
            ("[removed]\ncolumn = \"x\"\nvalues = []\n", "url"),
            ("delimiter = \"\\n\"\n", "delimiter"),
            ("case = \"\"\n", "case"),
        ] {
            assert!(fault(text).contains(words), "{text}: {}", fault(text));
        }
        let item = "unit = \"item\"\nid = \"no\"\ndate = \"day\"\n".parse::<Map>().unwrap_err().to_string();
        assert!(item.contains("dimensions.verdict"), "{item}");
        assert!(matches!(" ".repeat(MAX_MAP + 1).parse::<Map>(), Err(MapError::TooLong)));
    }
}
