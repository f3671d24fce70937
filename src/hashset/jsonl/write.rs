//! Writes a list.

use std::io::{self, ErrorKind, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use sha2::{Digest, Sha256};

use super::line::opinion_word;
use super::{FORMAT, VERSION};
use crate::digest::Signal;
use crate::hashset::{Entry, EntryKey, Hashes, Labels, PdqEntry};

/// What a list says of itself. What is empty is not written; no text says anything of people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ListHeader {
    /// The list's own name, the same in all its versions.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub list_id: String,
    /// The organisation that answers for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// Which of the owner's systems it comes from, such as `production` or `test`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub environment: String,
    /// Whose law its categories rest on: an ISO 3166 code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub jurisdiction: String,
    /// The version of the list.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub list_version: String,
    /// The version that it takes the place of.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub supersedes: String,
    /// When it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<Timestamp>,
}

impl ListHeader {
    /// Most bytes of a text.
    pub const MAX_TEXT: usize = 200;

    fn is_fine(&self) -> bool {
        let Self { list_id, owner, environment, jurisdiction, list_version, supersedes, issued: _ } = self;
        [list_id, owner, environment, jurisdiction, list_version, supersedes]
            .into_iter()
            .all(|text| text.len() <= Self::MAX_TEXT && !text.chars().any(char::is_control))
    }
}

/// Writes an innerward list, line by line.
///
/// Without [`ListWriter::finish`] the list has no summary, and every reader refuses it as cut short. Hand in a buffered
/// writer.
///
/// # Examples
/// ```
/// # use innerward::hashset::{Entry, EntryKey, ListHeader, ListWriter, ReadOptions, read_list};
/// let hashes = "md5:c0ffee00c0ffee00c0ffee00c0ffee00".parse::<innerward::digest::Signal>()?.into();
/// let mut list = ListWriter::new(Vec::new(), &ListHeader { list_id: "demo".into(), ..Default::default() })?;
/// list.entry(&Entry::bare(hashes))?;
/// list.withdrawn(&EntryKey::new("7-demo-2")?, None)?;
/// let text = list.finish()?;
/// let report = read_list(&mut &text[..], &ReadOptions::default(), &mut |_| Ok::<(), std::convert::Infallible>(()))?;
/// assert_eq!((report.entries, report.withdrawals), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ListWriter<W: Write> {
    out: W,
    digest: Sha256,
    entries: u64,
    withdrawn: u64,
}

impl<W: Write> ListWriter<W> {
    /// Begins a list with its header.
    ///
    /// # Errors
    /// What `out` says; [`ErrorKind::InvalidInput`] for a text of the header that is longer than
    /// [`ListHeader::MAX_TEXT`] bytes or holds control characters.
    pub fn new(out: W, header: &ListHeader) -> io::Result<Self> {
        if !header.is_fine() {
            let cause = "a text in the header of a list has at most 200 bytes, all of them printable";
            return Err(io::Error::new(ErrorKind::InvalidInput, cause));
        }
        let mut list = Self { out, digest: Sha256::new(), entries: 0, withdrawn: 0 };
        list.line("header", &HeaderLine { format: FORMAT, version: VERSION, header })?;
        Ok(list)
    }

    /// Writes an entry. Several may have one key.
    ///
    /// # Errors
    /// What the writer says.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.entries += 1;
        self.line(
            "entry",
            &EntryLine {
                key: entry.key.as_str(),
                status: "active",
                hashes: Some(HashesLine(&entry.hashes)),
                facets: Some(FacetsLine(&entry.labels)),
                categories: entry.labels.categories().iter().map(CategoryLine::of).collect(),
                opinion: Some(opinion_word(entry.opinion)),
                updated: time(entry.updated),
            },
        )
    }

    /// Writes that whatever has `key` must not match any more; `updated` is when that was said, in seconds since 1970.
    ///
    /// # Errors
    /// What the writer says.
    pub fn withdrawn(&mut self, key: &EntryKey, updated: Option<u32>) -> io::Result<()> {
        self.withdrawn += 1;
        self.line(
            "entry",
            &EntryLine {
                key: key.as_str(),
                status: "withdrawn",
                hashes: None,
                facets: None,
                categories: Vec::new(),
                opinion: None,
                updated: time(updated),
            },
        )
    }

    /// Writes the summary and gives the writer back, flushed.
    ///
    /// # Errors
    /// What the writer says; the list is not whole then.
    pub fn finish(mut self) -> io::Result<W> {
        let sha256 = hex::encode(std::mem::take(&mut self.digest).finalize());
        let (entries, withdrawn) = (self.entries, self.withdrawn);
        self.line("summary", &SummaryLine { entries, withdrawn, sha256 })?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn line(&mut self, name: &'static str, data: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Typed { name, data })?;
        line.push(b'\n');
        self.digest.update(&line);
        self.out.write_all(&line)
    }
}

fn time(seconds: Option<u32>) -> Option<Timestamp> {
    seconds.and_then(|seconds| Timestamp::from_second(seconds.into()).ok())
}

#[derive(Serialize)]
struct Typed<'a, T> {
    #[serde(rename = "type")]
    name: &'static str,
    data: &'a T,
}

#[derive(Serialize)]
struct HeaderLine<'a> {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    header: &'a ListHeader,
}

#[derive(Serialize)]
struct SummaryLine {
    entries: u64,
    withdrawn: u64,
    sha256: String,
}

#[derive(Serialize)]
struct EntryLine<'a> {
    key: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<HashesLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facets: Option<FacetsLine<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<CategoryLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opinion: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<Timestamp>,
}

#[derive(Serialize)]
struct CategoryLine<'a> {
    scheme: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    profile: &'a str,
    code: &'a str,
}

impl<'a> CategoryLine<'a> {
    fn of(category: &'a crate::vocabulary::Category) -> Self {
        Self { scheme: category.scheme(), profile: category.profile(), code: category.code() }
    }
}

struct HashesLine<'a>(&'a Hashes);

#[derive(Serialize)]
struct PdqLine {
    hex: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quality: Option<u8>,
}

impl Serialize for HashesLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for signal in self.0.iter() {
            let name = signal.kind().as_str();
            match (signal, self.0.pdq) {
                (Signal::Pdq(_), Some(PdqEntry { hash, quality })) => {
                    let quality = quality.map(|quality| quality.percent());
                    map.serialize_entry(name, &PdqLine { hex: hash.to_hex(), quality })?;
                }
                _ => map.serialize_entry(name, &hex::encode(signal.as_bytes()))?,
            }
        }
        map.end()
    }
}

struct FacetsLine<'a>(&'a Labels);

impl Serialize for FacetsLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for codes in self.0.as_slice().chunk_by(|a, b| a.dimension() == b.dimension()) {
            map.serialize_entry(codes[0].dimension().as_str(), codes)?;
        }
        map.end()
    }
}
