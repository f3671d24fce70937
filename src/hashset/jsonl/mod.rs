//! innerward's own list format: JSON Lines, specified in `docs/hashset-format.md`.
//!
//! A header, one line for each entry or withdrawal, and a summary that counts them and digests what stands before it: a
//! list that is cut or damaged is refused as a whole. Several lines may have one key; what holds of the item is all of
//! them together, so that a set is written and read back without loss.

mod line;
#[cfg(test)]
mod tests;
mod write;

use std::io::BufRead;

use sha2::{Digest, Sha256};

use super::lines::{Line, Lines, first_line};
use super::record::{Ended, Place, Take};
use super::report::Cause;
use line::Content;
pub use write::{ListHeader, ListWriter};

/// What the header calls the format.
const FORMAT: &str = "innerward-list";

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// True for the beginning of such a list.
pub(super) fn recognises(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = first_line(text);
    first.starts_with('{') && first.contains("\"innerward-list\"")
}

/// Reads the list to its end.
pub(super) fn read<T: Take + ?Sized>(input: &mut dyn BufRead, take: &mut T) -> Result<(), Ended<T::Stop>> {
    let mut input = input;
    let mut lines = Lines::new(&mut input);
    let mut walk = Walk::default();
    let mut last = 0;
    while let Some(line) = lines.next().map_err(Ended::Io)? {
        last = line.number;
        walk.line(&line, take)?;
    }
    match walk.stage {
        Stage::Ended => Ok(()),
        Stage::Start => Err(broken(last + 1, HEADER)),
        Stage::Records => Err(broken(last + 1, "the summary that ends the list: it is cut short")),
    }
}

const HEADER: &str = "the header of an innerward list, {\"type\":\"header\",…}";

fn broken<S>(line: u64, expected: &'static str) -> Ended<S> {
    Ended::Broken { place: Place::Line(line), expected }
}

#[derive(Clone, Copy, Default)]
enum Stage {
    #[default]
    Start,
    Records,
    Ended,
}

/// A way through the lines.
#[derive(Default)]
struct Walk {
    stage: Stage,
    /// Lines that are, or should be, an entry or a withdrawal.
    records: u64,
    digest: Sha256,
    /// A line that cannot be read. It is told of once another follows: the last one is where the list was cut.
    bad: Option<(u64, Cause)>,
}

impl Walk {
    fn line<T: Take + ?Sized>(&mut self, line: &Line<'_>, take: &mut T) -> Result<(), Ended<T::Stop>> {
        let number = line.number;
        let text = match (&line.text, self.stage) {
            (Ok(text), Stage::Start) => Ok(text.trim_start_matches('\u{feff}')),
            (Ok(text), _) => Ok(*text),
            (Err(cause), _) => Err(cause.clone()),
        };
        if text == Ok("") {
            return Ok(());
        }
        if let Some((number, cause)) = self.bad.take() {
            take.take(Place::Line(number), Err(cause)).map_err(Ended::Stopped)?;
        }
        let content = text.clone().and_then(Content::of);
        match (self.stage, content) {
            (Stage::Ended, _) => return Err(broken(number, "nothing behind the summary")),
            (Stage::Start, Ok(Content::Header(header))) => {
                if header.format != FORMAT {
                    return Err(broken(number, HEADER));
                }
                if header.version != VERSION {
                    return Err(broken(
                        number,
                        "version 1 of the format; ask for that, or for a newer innerward",
                    ));
                }
                self.stage = Stage::Records;
            }
            (Stage::Start, _) => return Err(broken(number, HEADER)),
            (Stage::Records, Ok(Content::Header(_))) => return Err(broken(number, "one header")),
            (Stage::Records, Ok(Content::Entry(entry))) => {
                self.records += 1;
                let found = entry.record(take);
                take.take(Place::Line(number), found).map_err(Ended::Stopped)?;
            }
            (Stage::Records, Ok(Content::Summary(summary))) => {
                if summary.entries.checked_add(summary.withdrawn) != Some(self.records) {
                    return Err(broken(number, "as many entries and withdrawals as the summary counts"));
                }
                let digest = hex::encode(std::mem::take(&mut self.digest).finalize());
                if summary.sha256.is_some_and(|stated| !stated.eq_ignore_ascii_case(&digest)) {
                    return Err(broken(number, "a summary of these very lines: they were changed"));
                }
                self.stage = Stage::Ended;
            }
            (Stage::Records, Ok(Content::Other)) => {}
            (Stage::Records, Err(cause)) => {
                self.records += 1;
                self.bad = Some((number, cause));
            }
        }
        if let Ok(text) = text {
            self.digest.update(text);
            self.digest.update("\n");
        }
        Ok(())
    }
}
