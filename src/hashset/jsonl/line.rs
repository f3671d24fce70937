//! One line of a list: what it says, before anything is believed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::super::record::{Record, Take, key};
use super::super::report::Cause;
use super::super::{Labels, Opinion};
use crate::digest::{Quality, Signal, SignalKind};
use crate::vocabulary::{Category, Code};

const ENTRY: Cause =
    Cause::Expected("an entry with a key, a status and hashes, as docs/hashset-format.md has it");

/// What a line is.
pub(super) enum Content<'a> {
    Header(Header<'a>),
    Entry(Box<EntryLine<'a>>),
    Summary(Summary<'a>),
    /// A type that later writers may add.
    Other,
}

#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
}

/// The `data` of a line.
#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

/// What of the header decides whether the list can be read.
#[derive(Deserialize)]
pub(super) struct Header<'a> {
    #[serde(borrow)]
    pub(super) format: Cow<'a, str>,
    pub(super) version: u32,
}

#[derive(Deserialize)]
pub(super) struct Summary<'a> {
    pub(super) entries: u64,
    pub(super) withdrawn: u64,
    #[serde(borrow, default)]
    pub(super) sha256: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(super) struct EntryLine<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(default)]
    hashes: Pairs<HashLine>,
    /// `None`: the list leaves it to the reader to say what its categories mean.
    facets: Option<Pairs<Vec<String>>>,
    #[serde(default)]
    categories: Vec<CategoryLine>,
    #[serde(borrow, default)]
    opinion: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    updated: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum HashLine {
    Text(String),
    WithQuality {
        hex: String,
        quality: Option<u8>,
    },
    /// Whatever a kind that is not known here consists of.
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct CategoryLine {
    scheme: String,
    #[serde(default)]
    profile: String,
    code: String,
}

/// The names and values of an object; none that has a name twice.
struct Pairs<T>(BTreeMap<String, T>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Collect<T> {
            type Value = Pairs<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs<T>, M::Error> {
                let mut pairs = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if pairs.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("a name stands twice"));
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Collect(std::marker::PhantomData))
    }
}

impl<'a> Content<'a> {
    /// What `text` is. What is wrong with it is told without a word of it.
    pub(super) fn of(text: &'a str) -> Result<Self, Cause> {
        let typed: Typed<'_> = parsed(text, Cause::Expected("a line of JSON with a type"))?;
        match &*typed.name {
            "header" => {
                Ok(Self::Header(data(text, Cause::Expected("a header with a format and a version"))?))
            }
            "entry" => Ok(Self::Entry(Box::new(data(text, ENTRY).or_else(|cause| withdrawal(text, cause))?))),
            "summary" => Ok(Self::Summary(data(text, Cause::Expected("a summary that counts entries"))?)),
            _ => Ok(Self::Other),
        }
    }
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a str, cause: Cause) -> Result<T, Cause> {
    serde_json::from_str(text).map_err(|_| cause)
}

fn data<'a, T: Deserialize<'a>>(text: &'a str, cause: Cause) -> Result<T, Cause> {
    Ok(parsed::<Data<T>>(text, cause)?.data)
}

/// The entry of a line that withdraws it, whatever else the line holds; `cause` of any other.
fn withdrawal(text: &str, cause: Cause) -> Result<EntryLine<'_>, Cause> {
    #[derive(Deserialize)]
    struct Withdrawal<'a> {
        #[serde(borrow)]
        key: Cow<'a, str>,
        #[serde(borrow)]
        status: Cow<'a, str>,
    }
    let Withdrawal { key, status } = data(text, cause.clone())?;
    if status != "withdrawn" {
        return Err(cause);
    }
    let (hashes, categories) = (Pairs::default(), Vec::new());
    Ok(EntryLine { key, status, hashes, facets: None, categories, opinion: None, updated: None })
}

impl EntryLine<'_> {
    /// What the line says; what of it is not kept, `take` is told.
    pub(super) fn record<T: Take + ?Sized>(&self, take: &mut T) -> Result<Record, Cause> {
        let withdrawn = match &*self.status {
            "active" => false,
            "withdrawn" => true,
            _ => return Err(Cause::Expected("the status active or withdrawn")),
        };
        let updated = match self.updated.as_deref().map(str::parse::<jiff::Timestamp>) {
            Some(Err(_)) => {
                take.dropped("updated");
                None
            }
            time => time.and_then(Result::ok).map(jiff::Timestamp::as_second),
        };
        let mut record =
            Record { key: Some(key(&self.key)?), withdrawn, updated, beside: true, ..Record::default() };
        if withdrawn {
            return Ok(record);
        }
        self.hashes(&mut record, take)?;
        record.labels = self.labels(take);
        record.facets_stated = self.facets.is_some();
        record.opinion = match self.opinion.as_deref() {
            None => Opinion::default(),
            Some(word) => opinion_named(word).unwrap_or_else(|| {
                take.dropped("opinion");
                Opinion::default()
            }),
        };
        Ok(record)
    }

    /// Adds the hashes to `record`; those of a wrong length or with other characters are refused, and the others stay.
    fn hashes<T: Take + ?Sized>(&self, record: &mut Record, take: &mut T) -> Result<(), Cause> {
        for (name, value) in &self.hashes.0 {
            let Ok(kind) = name.parse::<SignalKind>() else {
                take.unsupported(name);
                continue;
            };
            let (text, quality) = match value {
                HashLine::Text(text) => (text, None),
                HashLine::WithQuality { hex, quality } => (hex, *quality),
                HashLine::Other(_) => return Err(Cause::Expected("a hash as text, or with its quality")),
            };
            if record.hashes.iter().any(|known: Signal| known.kind() == kind) {
                return Err(Cause::Expected("one hash of a kind in an entry"));
            }
            record.add(kind, Ok(Some(text)));
            if let (Some(percent), SignalKind::Pdq, Some(pdq)) = (quality, kind, record.hashes.pdq.as_mut()) {
                pdq.quality =
                    Some(Quality::new(percent).map_err(|_| Cause::Expected("a quality of 0 to 100"))?);
            }
        }
        match record.refused.first() {
            Some(cause) if record.hashes.is_empty() => Err(cause.clone()),
            None if self.hashes.0.is_empty() => Err(Cause::NoHash),
            _ => Ok(()),
        }
    }

    fn labels<T: Take + ?Sized>(&self, take: &mut T) -> Labels {
        let mut categories = Vec::new();
        for line in &self.categories {
            match Category::new(&line.scheme, &line.profile, &line.code) {
                Ok(category) => categories.push(category),
                Err(_) => take.dropped("categories"),
            }
        }
        let Some(facets) = &self.facets else {
            return categories.into_iter().fold(Labels::default(), Labels::with_crosswalk);
        };
        let mut codes = Vec::new();
        for (dimension, names) in &facets.0 {
            for name in names {
                match format!("{dimension}:{name}").parse::<Code>() {
                    Ok(code) => codes.push(code),
                    Err(_) => take.dropped("facets"),
                }
            }
        }
        codes.into_iter().collect::<Labels>().with_categories(categories)
    }
}

/// The words for opinions.
const OPINIONS: [(&str, Opinion); 4] = [
    ("negative", Opinion::Negative),
    ("investigate", Opinion::Investigate),
    ("positive", Opinion::Positive),
    ("disputed", Opinion::Disputed),
];

fn opinion_named(word: &str) -> Option<Opinion> {
    OPINIONS.iter().find(|(known, _)| *known == word).map(|(_, opinion)| *opinion)
}

/// The word for `opinion`.
pub(super) fn opinion_word(opinion: Opinion) -> &'static str {
    OPINIONS.iter().find(|(_, known)| *known == opinion).map_or("investigate", |(word, _)| word)
}
