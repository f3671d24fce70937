//! Forms of lines.

use std::io::{self, Write};

use super::{About, Form, Said};
use crate::digest::{Signal, SignalKind};
use crate::hashset::{Entry, Opinion, tx};

/// One hash a line.
pub(super) struct Plain {
    bare: bool,
}

impl Plain {
    pub(super) fn new(about: &About) -> Self {
        Self { bare: about.kinds.len() == 1 }
    }
}

impl Form for Plain {
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said> {
        // Lines have no opinions: whatever stands in them is to be found.
        if entry.opinion == Opinion::Negative {
            return Ok(Said::Nothing);
        }
        for signal in entry.hashes.iter() {
            if self.bare {
                writeln!(out, "{}", hex::encode(signal.as_bytes()))?;
            } else {
                writeln!(out, "{}", signal.to_text())?;
            }
        }
        Ok(Said::All)
    }

    fn finish(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// What `tx` calls a kind of hash; `None` for one that it does not match.
fn signal_type(signal: &Signal) -> Option<&'static str> {
    match signal.kind() {
        SignalKind::Pdq => Some("pdq"),
        SignalKind::Md5 => Some("video_md5"),
        _ => None,
    }
}

/// The rows of `tx dataset`.
pub(super) struct Tx {
    collab: String,
}

impl Tx {
    pub(super) fn begin(out: &mut dyn Write, about: &About) -> io::Result<Self> {
        writeln!(out, "{}", tx::HEADER)?;
        Ok(Self { collab: about.name.to_string() })
    }
}

impl Form for Tx {
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said> {
        let opinion = match entry.opinion {
            Opinion::Negative => "NEGATIVE_CLASS",
            Opinion::Investigate => "INVESTIGATION_SEED",
            Opinion::Positive => "POSITIVE_CLASS",
            Opinion::Disputed => "DISPUTED",
        };
        // Nothing here has a comma, a quote or a sign that a spreadsheet takes for a formula: names of sets, codes, digits.
        let tags: Vec<_> = entry.labels.as_slice().iter().map(|code| tx::tag(*code)).collect();
        let tags = tags.join(" ");
        let mut said = 0;
        for signal in entry.hashes.iter() {
            if let Some(name) = signal_type(&signal) {
                writeln!(out, "{name},{},{},{opinion},{tags}", hex::encode(signal.as_bytes()), self.collab)?;
                said += 1;
            }
        }
        Ok(Said::of(said, &entry.hashes))
    }

    fn says_labels(&self, entry: &Entry) -> bool {
        entry.labels.categories().is_empty() // all facets are tags
    }

    fn finish(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The lines of a local file of `tx` and HMA.
pub(super) struct Hma;

impl Form for Hma {
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said> {
        let mut said = 0;
        // As with plain lines.
        for signal in entry.hashes.iter().filter(|_| entry.opinion != Opinion::Negative) {
            if let Some(name) = signal_type(&signal) {
                writeln!(out, "{name} {}", hex::encode(signal.as_bytes()))?;
                said += 1;
            }
        }
        Ok(Said::of(said, &entry.hashes))
    }

    fn finish(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The id as a name that is one cell, unquoted, in the last column. Ids come from lists that others wrote: whatever cells a
/// spreadsheet makes of a line, none begins a formula.
fn file_name(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    let mut begins = true;
    for c in id.chars() {
        let ends_a_cell = matches!(c, ',' | ';' | '"' | '\t' | '\r' | '\n');
        if ends_a_cell || (begins && matches!(c, '=' | '+' | '-' | '@')) {
            name += &format!("%{:02X}", u32::from(c));
        } else {
            name.push(c);
        }
        begins = begins && c == ' ';
    }
    name
}

/// hashdeep's columns.
pub(super) struct Hashdeep {
    columns: Vec<SignalKind>,
}

impl Hashdeep {
    pub(super) fn begin(out: &mut dyn Write, about: &About) -> io::Result<Self> {
        let known = [SignalKind::Md5, SignalKind::Sha1, SignalKind::Sha256];
        let columns: Vec<_> = known.into_iter().filter(|kind| about.kinds.contains(kind)).collect();
        let names: Vec<_> = columns.iter().map(|kind| kind.as_str()).collect();
        writeln!(
            out,
            "%%%% HASHDEEP-1.0\n%%%% size,{}filename",
            names.iter().map(|n| format!("{n},")).collect::<String>()
        )?;
        writeln!(
            out,
            "## Sizes are not known and are given as 0; names are the ids of entries, with %XX for a sign that a\n\
             ## spreadsheet would take for the end of a cell or the beginning of a formula."
        )?;
        Ok(Self { columns })
    }
}

impl Form for Hashdeep {
    fn entry(&mut self, out: &mut dyn Write, entry: &Entry) -> io::Result<Said> {
        let value = |kind: &SignalKind| entry.hashes.iter().find(|signal| signal.kind() == *kind);
        // hashdeep refuses a line with an empty column.
        let Some(values) = self.columns.iter().map(value).collect::<Option<Vec<_>>>() else {
            return Ok(Said::Nothing);
        };
        if values.is_empty() || entry.opinion == Opinion::Negative {
            return Ok(Said::Nothing);
        }
        write!(out, "0,")?;
        for signal in &values {
            write!(out, "{},", hex::encode(signal.as_bytes()))?;
        }
        writeln!(out, "{}", file_name(entry.key.as_str()))?;
        Ok(Said::of(values.len(), &entry.hashes))
    }

    fn finish(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}
