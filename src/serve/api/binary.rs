//! Many hashes and their verdicts in a compact form, byte by byte as `docs/api.md` has it. All numbers are little-endian.

use std::collections::BTreeMap;

use super::super::{Problem, ProblemCode};
use crate::digest::{Signal, SignalKind};
use crate::screen::{Outcome, Verdict};

/// The media type of hashes to look up.
pub(super) const HASHES: &str = "application/vnd.innerward.hashes";
/// The media type of the answer.
pub(super) const VERDICTS: &str = "application/vnd.innerward.verdicts";

const HASHES_MAGIC: [u8; 4] = *b"IWHQ";
const VERDICTS_MAGIC: [u8; 4] = *b"IWHA";
const VERSION: u8 = 1;
pub(super) const HEADER_BYTES: usize = 16;
pub(super) const RECORD_BYTES: usize = 16;
/// Where there is no match: in place of a distance, a bound and a set.
const NONE: u16 = u16::MAX;

/// The kinds of hash that have a number, which is that of `docs/format.md`.
const KINDS: [(u8, SignalKind); 5] = [
    (1, SignalKind::Md5),
    (2, SignalKind::Sha1),
    (3, SignalKind::Sha256),
    (4, SignalKind::Blake3),
    (5, SignalKind::Pdq),
];

/// Reads hashes, of which there may be at most `most`.
///
/// # Errors
/// [`ProblemCode::BadRequest`] for what is malformed, with the byte; [`ProblemCode::Unprocessable`] for none or too many.
pub(super) fn hashes(bytes: &[u8], most: usize) -> Result<Vec<Signal>, Problem> {
    let wrong = |what: String| Err(Problem::bad_request(what));
    let Some((header, values)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return wrong(format!("the header has {HEADER_BYTES} bytes, not {}", bytes.len()));
    };
    let [m0, m1, m2, m3, version, kind, w0, w1, c0, c1, c2, c3, reserved @ ..] = *header;
    if [m0, m1, m2, m3] != HASHES_MAGIC {
        return wrong("byte 0: the magic is IWHQ".into());
    }
    if version != VERSION {
        return wrong(format!("byte 4: the version is {VERSION}"));
    }
    let Some((_, kind)) = KINDS.into_iter().find(|(number, _)| *number == kind) else {
        let kinds: Vec<String> = KINDS.iter().map(|(number, kind)| format!("{number} {kind}")).collect();
        return wrong(format!("byte 5: the kinds are {}", kinds.join(", ")));
    };
    let width = kind.len_bytes();
    if usize::from(u16::from_le_bytes([w0, w1])) != width {
        return wrong(format!("byte 6: a value of {kind} has {width} bytes"));
    }
    if reserved != [0; 4] {
        return wrong("byte 12: four bytes of zero".into());
    }
    let count = u32::from_le_bytes([c0, c1, c2, c3]) as usize;
    if count == 0 || count > most {
        let detail = format!("byte 8: a request has 1 to {most} hashes; split what is more");
        return Err(Problem::new(ProblemCode::Unprocessable, detail));
    }
    if values.len() as u64 != count as u64 * width as u64 {
        let detail = format!(
            "byte 8: {count} values have {} bytes, and {} follow the header",
            count * width,
            values.len()
        );
        return wrong(detail);
    }
    let values = values.chunks_exact(width).enumerate().map(|(number, value)| {
        let at = HEADER_BYTES + number * width;
        kind.parse(&hex::encode(value)).map_err(|error| Problem::bad_request(format!("byte {at}: {error}")))
    });
    values.collect()
}

/// Writes verdicts: of each the outcome, how many matches there are, and the one that it rests on or the first.
pub(super) fn verdicts(verdicts: &[Verdict], is_part: bool) -> Vec<u8> {
    let (mut names, mut keys) = (Vec::new(), Vec::new());
    let mut numbers: BTreeMap<&str, u16> = BTreeMap::new();
    let mut out = Vec::with_capacity(HEADER_BYTES + RECORD_BYTES * verdicts.len());
    out.resize(HEADER_BYTES, 0);
    for verdict in verdicts {
        let flags = u8::from(verdict.matches_cut)
            | u8::from(verdict.gap.is_some()) << 1
            | u8::from(!verdict.held.is_empty()) << 2;
        out.extend([number(verdict.outcome), flags]);
        out.extend((verdict.matches.len() as u16).to_le_bytes()); // at most a hundred
        let told = verdict.grounds().or(verdict.matches.first());
        // A ward with 65,535 sets would run out of files first.
        let (distance, max_distance, set, key) = match told {
            None => (NONE, NONE, NONE, ""),
            Some(found) => {
                let next = numbers.len() as u16;
                let set = *numbers.entry(&found.set).or_insert_with(|| {
                    names.push(found.set.len() as u8); // at most 64
                    names.extend_from_slice(found.set.as_bytes());
                    next
                });
                (found.distance.bits(), found.max_distance.bits(), set, &*found.entry)
            }
        };
        for value in [distance, max_distance, set, key.len() as u16] {
            out.extend(value.to_le_bytes());
        }
        out.extend((keys.len() as u32).to_le_bytes());
        keys.extend_from_slice(key.as_bytes());
    }
    let [count, sets] = [verdicts.len() as u32, numbers.len() as u32];
    out[..4].copy_from_slice(&VERDICTS_MAGIC);
    (out[4], out[5]) = (VERSION, u8::from(is_part));
    out[6..8].copy_from_slice(&(sets as u16).to_le_bytes());
    out[8..12].copy_from_slice(&count.to_le_bytes());
    out[12..16].copy_from_slice(&(names.len() as u32).to_le_bytes());
    out.extend(names);
    out.extend(keys);
    out
}

/// The number of an outcome.
const fn number(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Known => 1,
        Outcome::Near => 2,
        Outcome::Ignored => 3,
        Outcome::Unknown => 4,
        Outcome::Unchecked => 5,
        Outcome::Quarantined => 6,
        Outcome::Deconfirmed => 7,
    }
}
