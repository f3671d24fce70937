//! `winmail.dat` ([MS-OXTNEF]): what Outlook packs attachments into when it writes mail of its own kind.
//!
//! A stream of attributes, in which the name of an attachment may stand before or behind its bytes. Messages that are
//! attached as such are objects of another kind, and are not opened.

use std::io::Read;

use super::out::{Out, Stop};
use super::source::Source;
use super::{Gap, PartName};

/// An attachment that is a message or another object.
pub(in crate::media) const OBJECT: &str = "an object attached by Outlook";

/// The attribute that begins an attachment, and those of its short name and its bytes.
const BEGIN: u32 = 0x0006_9002;
const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800f;

/// Most bytes of a name that are looked at.
const NAME_BYTES: u64 = 2_048;

/// An attachment as far as it is known.
#[derive(Default)]
struct Attachment {
    name: Option<PartName>,
    data: Option<(u64, u64)>,
}

pub(super) fn open(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    const HEADER: u64 = 6;
    let mut at = HEADER;
    let mut attachment: Option<Attachment> = None;
    let gap = loop {
        // Level, attribute, length; behind the bytes follows a checksum.
        let Ok((head, had)) = source.peek::<9>(at) else { break Some(Gap::Damaged(kind)) };
        if had < head.len() {
            break (had > 0).then_some(Gap::Truncated(kind));
        }
        if !matches!(head[0], 1 | 2) {
            break Some(Gap::Damaged(kind));
        }
        let [attribute, len] =
            [1, 5].map(|at| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
        let (data, len) = (at + head.len() as u64, u64::from(len));
        match attribute {
            BEGIN => {
                if let Some(whole) = attachment.replace(Attachment::default()) {
                    hand_out(source, &whole, kind, out)?;
                }
            }
            TITLE => {
                let mut name = Vec::new();
                // What cannot be read shows at the next attribute.
                let _ = source.take(len.min(NAME_BYTES)).read_to_end(&mut name);
                let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
                attachment.get_or_insert_default().name = Some(PartName::of_bytes(&name[..end]));
            }
            DATA => attachment.get_or_insert_default().data = Some((data, len)),
            _ => {}
        }
        at = data + len + 2;
        if at > source.len() {
            break Some(Gap::Truncated(kind));
        }
    };
    if let Some(last) = attachment {
        hand_out(source, &last, kind, out)?;
    }
    Ok(gap)
}

fn hand_out(
    source: &mut Source<'_>,
    attachment: &Attachment,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<(), Stop> {
    let name = attachment.name.clone().unwrap_or_else(|| PartName::new("attachment"));
    let Some((data, len)) = attachment.data else { return out.unopened(&name, Gap::Container(OBJECT)) };
    out.begin(&name)?;
    let cut = source.go(data).is_err() || data + len > source.len();
    let gap = out.pour(&mut source.take(len), kind)?;
    out.end(gap.or(cut.then_some(Gap::Truncated(kind))))
}
