//! The code lists of the model: those of the vocabulary, and the few words that only the model has.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{NAMESPACE, Stage, rows, title};
use crate::language::Locale;
use crate::vocabulary::{Code, Dimension, Indicator, Unit, age_band};

/// What a code stands for, by which its labels are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Code(Code),
    Indicator(Indicator),
    Unit(Unit),
    /// `_T`, in the languages of a file of its own.
    Total,
    /// In English only.
    Own(&'static str, &'static str),
}

/// A code of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCode {
    /// As it stands in data: `SEV_A`.
    pub code: &'static str,
    /// The coarser code that it rolls up to; empty without one.
    pub parent: &'static str,
    /// Its place, from 1.
    pub order: usize,
    /// Its stable name.
    pub uri: String,
    /// `OK` or `CAUTION`.
    pub usage: &'static str,
    /// Who has vouched for the code.
    pub status: &'static str,
    of: Of,
}

/// A closed list of codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeList {
    /// Its name: that of the dimension or the attribute.
    pub name: &'static str,
    /// What it is called, in English.
    pub label: String,
    /// What its codes are about, in English.
    pub definition: String,
    /// Its codes, in order.
    pub codes: Vec<ListedCode>,
}

impl CodeList {
    /// Its stable name.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("{NAMESPACE}:vocabulary:{}", self.name)
    }

    /// `cl_severity`
    #[must_use]
    pub fn file(&self) -> String {
        format!("cl_{}", self.name)
    }

    /// True if the list has `code`.
    #[must_use]
    pub fn holds(&self, code: &str) -> bool {
        self.codes.iter().any(|listed| listed.code == code)
    }

    /// True if its codes have labels in every language; false if they have them in English only.
    #[must_use]
    pub fn is_translated(&self) -> bool {
        self.codes.iter().all(|code| !matches!(code.of, Of::Own(..)))
    }
}

/// What a code is called: short, plain, its definition, and who has vouched for the least sure of the three.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeWords {
    /// The short label.
    pub pref: String,
    /// For someone who is new to the field.
    pub plain: String,
    /// What is meant.
    pub definition: String,
    /// `official`, `reviewed`, `machine`, `draft`.
    pub status: &'static str,
}

impl ListedCode {
    /// What it is called in `locale`; `None` where there are no words in that language.
    #[must_use]
    pub fn words(&self, locale: &Locale) -> Option<CodeWords> {
        let found = match self.of {
            Of::Code(code) => locale.code(code),
            Of::Indicator(indicator) => locale.indicator(indicator),
            Of::Unit(unit) => locale.unit(unit),
            Of::Total => return total(locale),
            Of::Own(label, definition) => {
                return (locale.tag() == "en").then(|| CodeWords {
                    pref: label.to_owned(),
                    plain: label.to_owned(),
                    definition: definition.to_owned(),
                    status: "draft",
                });
            }
        };
        Some(CodeWords {
            pref: found.pref.to_owned(),
            plain: found.plain.to_owned(),
            definition: found.definition.to_owned(),
            status: found.status.as_str(),
        })
    }
}

/// `_T` of a dimension whose own list does not name it: the total over it. `None` in a language that it has no words in.
fn total(locale: &Locale) -> Option<CodeWords> {
    let row = rows(include_str!("totals.csv")).find(|row| &row[0] == locale.tag())?;
    Some(CodeWords {
        pref: row[1].to_owned(),
        plain: row[1].to_owned(),
        definition: row[2].to_owned(),
        status: if locale.tag() == "en" { "draft" } else { "machine" },
    })
}

/// Every code list, by name.
pub fn code_lists() -> impl Iterator<Item = &'static CodeList> {
    LISTS.values()
}

/// The list `name`.
///
/// # Panics
/// If there is none: a test holds the names that attributes have against the lists.
#[must_use]
pub fn code_list(name: &str) -> &'static CodeList {
    &LISTS[name]
}

static LISTS: LazyLock<BTreeMap<&'static str, CodeList>> = LazyLock::new(|| {
    let own = rows(include_str!("lists.csv")).fold(BTreeMap::<&str, Vec<_>>::new(), |mut lists, row| {
        let [list, code, label, definition] = [0, 1, 2, 3].map(|at| leaked(&row[at]));
        lists.entry(list).or_default().push((code, "", "OK", "draft", Of::Own(label, definition)));
        lists
    });
    let own = own.into_iter().map(|(name, codes)| {
        list(name, title(name), format!("Codes of {}", title(name).to_lowercase()), codes)
    });
    Dimension::ALL
        .into_iter()
        .map(of_dimension)
        .chain([indicators(), units()])
        .chain(own)
        .map(|list| (list.name, list))
        .collect()
});

fn of_dimension(dimension: Dimension) -> CodeList {
    let mut codes: Vec<_> = dimension
        .codes()
        .map(|code| {
            let parent = code.parent().map_or("", Code::as_str);
            (code.as_str(), parent, code.usage().as_str(), code.review_status().as_str(), Of::Code(code))
        })
        .collect();
    let total = age_band_total().as_str();
    if Dimension::COLUMNS.contains(&dimension) && codes.iter().all(|code| code.0 != total) {
        codes.push((total, "", "OK", "draft", Of::Total));
    }
    let words = Locale::english().dimension(dimension);
    list(dimension.as_str(), words.pref.to_owned(), words.definition.to_owned(), codes)
}

/// The spelling of the total over a dimension, where a list has it itself.
fn age_band_total() -> Code {
    age_band::NOT_APPLICABLE.dimension().code("_T").expect("age bands have a total")
}

fn indicators() -> CodeList {
    let codes = Indicator::ALL.map(|found| (found.as_str(), "", "OK", "draft", Of::Indicator(found)));
    list("indicator", "Indicator".to_owned(), entity_words("Indicator"), codes.to_vec())
}

fn units() -> CodeList {
    let codes = Unit::ALL.map(|found| (found.as_str(), "", "OK", "draft", Of::Unit(found)));
    let definition = "What one count counts; figures of different units are never added".to_owned();
    list("unit", "Unit".to_owned(), definition, codes.to_vec())
}

fn entity_words(name: &str) -> String {
    super::entity(name).definition.clone()
}

type Row = (&'static str, &'static str, &'static str, &'static str, Of);

fn list(name: &'static str, label: String, definition: String, codes: Vec<Row>) -> CodeList {
    let listed = |(at, (code, parent, usage, status, of)): (usize, Row)| ListedCode {
        code,
        parent,
        order: at + 1,
        uri: format!("{NAMESPACE}:vocabulary:{name}:{code}"),
        usage,
        status,
        of,
    };
    CodeList { name, label, definition, codes: codes.into_iter().enumerate().map(listed).collect() }
}

/// Every code of every list, in the order of the entity's attributes.
pub(in crate::report) fn code_rows() -> Vec<Vec<String>> {
    let of_list = |list: &'static CodeList| {
        list.codes.iter().map(move |code| {
            let order = code.order.to_string();
            [list.name, code.code, code.parent, &order, &code.uri, code.usage, code.status]
                .map(str::to_owned)
                .to_vec()
        })
    };
    code_lists().flat_map(of_list).collect()
}

/// The stages, with what happens in them.
pub(super) fn stages() -> impl Iterator<Item = (Stage, &'static ListedCode)> {
    Stage::ALL.into_iter().zip(&code_list("stage").codes)
}

/// The files are part of the program: what they say is there as long as it is.
fn leaked(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}
