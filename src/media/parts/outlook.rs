//! A message of Outlook ([MS-OXMSG]): its attachments, and those of messages attached to it.
//!
//! Each property is a stream. Of these the data of attachments and the body as HTML are parts; text, addresses and the
//! body in compressed RTF are not handed out.

use std::collections::HashMap;

use super::ole::{Compound, Entry};
use super::out::{Out, Stop};
use super::source::Source;
use super::{Gap, PartName};

/// Most bytes of the name of an attachment that are looked at.
const NAME_BYTES: u64 = 2_048;

pub(super) fn open(
    file: &Compound,
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    // Long file name, short file name, display name: the first there is, in Unicode before a code page.
    const NAMES: [&str; 6] = ["3707001F", "3707001E", "3704001F", "3704001E", "3001001F", "3001001E"];
    let mut names: HashMap<u32, (usize, &Entry)> = HashMap::new();
    for entry in file.streams() {
        let Some(rank) = property(entry).and_then(|tag| NAMES.iter().position(|name| *name == tag)) else {
            continue;
        };
        let Some(parent) = entry.parent else { continue };
        let best = names.entry(parent).or_insert((rank, entry));
        if rank < best.0 {
            *best = (rank, entry);
        }
    }
    for entry in file.streams() {
        let stored = match property(entry) {
            Some("37010102") => {
                let found = entry.parent.and_then(|parent| names.get(&parent));
                found.map(|(rank, name)| {
                    let bytes = file.head(source, name, NAME_BYTES);
                    if rank % 2 == 0 { PartName::of_utf16(&bytes) } else { PartName::of_bytes(&bytes) }
                })
            }
            Some("10130102") => Some(PartName::new("body.html")),
            Some(_) => continue,
            None if entry.name.starts_with("__") => continue,
            // A stream of an object that is embedded: its storage stands for a property.
            None => Some(PartName::new(&entry.name)),
        };
        let stored = stored.as_ref().and_then(PartName::as_str).filter(|name| !name.is_empty());
        let name = format!("{}{}", place(file, entry), stored.unwrap_or("attachment"));
        file.hand_out(source, entry, &PartName::new(&name), kind, out)?;
    }
    Ok(None)
}

/// Tag and type of the property that a stream is, as hexadecimal digits.
fn property(entry: &Entry) -> Option<&str> {
    entry.name.strip_prefix("__substg1.0_")
}

/// The attached messages an entry is in, by the numbers of their attachments: `1/` and so on.
fn place(file: &Compound, entry: &Entry) -> String {
    let numbers = file.around(entry).filter_map(|(_, storage)| {
        let number = storage.name.strip_prefix("__attach_version1.0_#")?;
        u32::from_str_radix(number, 16).ok()
    });
    let mut numbers: Vec<_> = numbers.collect();
    // The innermost is the attachment itself, whose name says enough, unless it is a message.
    if property(entry) == Some("37010102") && !numbers.is_empty() {
        numbers.remove(0);
    }
    numbers.iter().rev().map(|number| format!("{}/", u64::from(*number) + 1)).collect()
}
