//! Request and answer between the run and its workers, as bytes. An answer is taken for hostile: nothing in it is
//! believed but what its types can hold, and names are found again in the tables of this build or refused.

use std::io;

use serde::{Deserialize, Serialize};

use crate::digest::{ClassicCode, ClassicHash, Fidelity, HashedForm, Look, Pdq, PdqHash, Quality, Wanted};
use crate::kernel::Code256;
use crate::media::{Bound, Content, Form, Gap, Limits};

/// What an item is, and what its pixels give.
pub type Seen = (Content, Look);

/// What a worker is asked: a look at the pixels within limits, and classic hashes as well.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) limits: Limits,
    pub(super) fidelity: Fidelity,
    pub(super) classics: Vec<String>,
    /// Read so much of it and no more, however it may have grown.
    pub(super) most_bytes: u64,
    /// Say what it is, and no more.
    pub(super) recognise_only: bool,
    /// Take the pixels as they lie, whatever orientation is asked for beside them.
    pub(super) upright: bool,
}

impl Request {
    pub(super) fn new(wanted: &Wanted, most_bytes: u64) -> Self {
        // Videos are nothing that a worker decodes.
        let Wanted { limits, fidelity, classics, sampling: _ } = wanted;
        let classics = classics.iter().map(ToString::to_string).collect();
        let (recognise_only, upright) = (false, false);
        Self { limits: *limits, fidelity: *fidelity, classics, most_bytes, recognise_only, upright }
    }

    pub(super) fn wanted(&self) -> Wanted {
        let classics = self.classics.iter().filter_map(|name| name.parse().ok()).collect();
        Wanted { limits: self.limits, fidelity: self.fidelity, classics, ..Wanted::default() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Answer {
    Read(Box<Read>),
    /// The system's number for why the file could not be read.
    Unreadable(i32),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    content: String,
    forms: Vec<HashedFormOut>,
    fidelity: Fidelity,
    size: Option<(u32, u32)>,
    gap: Option<GapOut>,
    classics: Vec<ClassicOut>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HashedFormOut {
    form: String,
    /// The eight orientations, one after another.
    pdq: String,
    quality: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassicOut {
    form: String,
    kind: String,
    code: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum GapOut {
    Empty,
    NoDecoder(String),
    Truncated(String),
    Damaged(String),
    TooLarge { name: String, unit: String, found: u64, limit: u64 },
    LowQuality(u8),
    MoreFrames,
    Video(String),
    Container(String),
    Encrypted,
    Bound(Bound, u64),
}

/// An answer as bytes.
pub(super) fn encode(seen: &io::Result<Seen>) -> Vec<u8> {
    let answer = match seen {
        Ok((content, look)) => Answer::Read(Box::new(Read::new(*content, look))),
        Err(error) => Answer::Unreadable(error.raw_os_error().unwrap_or(0)),
    };
    // An empty answer is refused, as one that is too long would be.
    serde_json::to_vec(&answer).unwrap_or_default()
}

/// An answer from bytes; `None` if they are none. Takes memory in proportion to the bytes.
#[must_use]
pub fn decode_answer(bytes: &[u8]) -> Option<io::Result<Seen>> {
    match serde_json::from_slice(bytes).ok()? {
        Answer::Read(read) => read.checked().map(Ok),
        Answer::Unreadable(0) => Some(Err(io::Error::other("it cannot be read to its end"))),
        Answer::Unreadable(number) => Some(Err(io::Error::from_raw_os_error(number))),
    }
}

impl Read {
    fn new(content: Content, look: &Look) -> Self {
        let Look { forms, fidelity, size, classics, video: _, gap } = look;
        Self {
            content: content.name.to_owned(),
            forms: forms.iter().map(HashedFormOut::new).collect(),
            fidelity: *fidelity,
            size: *size,
            gap: gap.as_ref().map(|gap| GapOut::new(gap, content.name)),
            classics: classics.iter().map(ClassicOut::new).collect(),
        }
    }

    fn checked(self) -> Option<Seen> {
        let gap = match self.gap {
            Some(gap) => Some(gap.checked()?),
            None => None,
        };
        let forms = self.forms.into_iter().map(HashedFormOut::checked).collect::<Option<Vec<_>>>()?;
        let classics = self.classics.into_iter().map(ClassicOut::checked).collect::<Option<Vec<_>>>()?;
        let content = Content::named(&self.content)?;
        let Self { fidelity, size, .. } = self;
        Some((content, Look { forms, fidelity, size, classics, video: None, gap }))
    }
}

impl HashedFormOut {
    fn new(form: &HashedForm) -> Self {
        let pdq = form.hash.dihedral.iter().map(Pdq::to_hex).collect();
        Self { form: form.form.to_string(), pdq, quality: form.hash.quality.percent() }
    }

    fn checked(self) -> Option<HashedForm> {
        let codes: [u8; 256] = bytes(&self.pdq)?;
        let mut dihedral = [Pdq::new(Code256::ZERO); 8];
        for (hash, code) in dihedral.iter_mut().zip(codes.as_chunks().0) {
            *hash = Pdq::new(Code256::from_bytes(*code));
        }
        let quality = Quality::new(self.quality).ok()?;
        Some(HashedForm { form: form(&self.form)?, hash: PdqHash { dihedral, quality } })
    }
}

impl ClassicOut {
    fn new(classic: &ClassicHash) -> Self {
        let ClassicHash { form, code } = classic;
        Self { form: form.to_string(), kind: code.kind().to_string(), code: hex::encode(code.as_bytes()) }
    }

    fn checked(self) -> Option<ClassicHash> {
        let code = ClassicCode::new(self.kind.parse().ok()?, &hex::decode(&self.code).ok()?)?;
        Some(ClassicHash { form: form(&self.form)?, code })
    }
}

/// The form of this name.
fn form(name: &str) -> Option<Form> {
    const NAMED: [Form; 5] =
        [Form::Correct, Form::CorrectBlack, Form::Compat, Form::Stretch512, Form::Borderless];
    let frame = || name.strip_prefix("frame-")?.parse().ok().map(Form::Frame);
    NAMED.into_iter().find(|form| form.to_string() == name).or_else(frame)
}

impl GapOut {
    /// `content` stands for a name that the other side would not know.
    fn new(gap: &Gap, content: &'static str) -> Self {
        let name = |name: &'static str| known(name).unwrap_or(content).to_owned();
        match gap {
            Gap::Empty => Self::Empty,
            Gap::NoDecoder(kind) | Gap::NoHelper { name: kind, .. } => Self::NoDecoder(name(kind)),
            Gap::Truncated(kind) => Self::Truncated(name(kind)),
            Gap::Damaged(kind) => Self::Damaged(name(kind)),
            Gap::TooLarge { name: kind, unit, found, limit } => {
                Self::TooLarge { name: name(kind), unit: name(unit), found: *found, limit: *limit }
            }
            Gap::LowQuality(percent) => Self::LowQuality(*percent),
            Gap::MoreFrames => Self::MoreFrames,
            Gap::Video(kind) => Self::Video(name(kind)),
            Gap::Container(kind) => Self::Container(name(kind)),
            Gap::Encrypted => Self::Encrypted,
            Gap::Bound(bound, most) => Self::Bound(*bound, *most),
            // Said of a worker, never by one.
            Gap::Killed(_) | Gap::Unreadable(_) => Self::Damaged(content.to_owned()),
        }
    }

    fn checked(self) -> Option<Gap> {
        Some(match self {
            Self::Empty => Gap::Empty,
            Self::NoDecoder(kind) => Gap::NoDecoder(known(&kind)?),
            Self::Truncated(kind) => Gap::Truncated(known(&kind)?),
            Self::Damaged(kind) => Gap::Damaged(known(&kind)?),
            Self::TooLarge { name, unit, found, limit } => {
                Gap::TooLarge { name: known(&name)?, unit: known(&unit)?, found, limit }
            }
            Self::LowQuality(percent) => Gap::LowQuality(Quality::new(percent).ok()?.percent()),
            Self::MoreFrames => Gap::MoreFrames,
            Self::Video(kind) => Gap::Video(known(&kind)?),
            Self::Container(kind) => Gap::Container(known(&kind)?),
            Self::Encrypted => Gap::Encrypted,
            Self::Bound(bound, most) => Gap::Bound(bound, most),
        })
    }
}

/// This build's own copy of a name.
fn known(name: &str) -> Option<&'static str> {
    let content = Content::named(name).map(|content| content.name);
    content.or_else(|| Gap::NAMES.iter().find(|other| **other == name).copied())
}

/// Exactly so many bytes from hexadecimal digits.
fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    hex::decode_to_slice(hex, &mut out).is_ok().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(gap: Option<Gap>) -> Seen {
        let hash = |seed: u8| PdqHash {
            dihedral: std::array::from_fn(|n| Pdq::new(Code256::from_bytes([seed + n as u8; 32]))),
            quality: Quality::new(seed % 101).unwrap(),
        };
        let forms = [
            Form::Correct,
            Form::CorrectBlack,
            Form::Compat,
            Form::Stretch512,
            Form::Borderless,
            Form::Frame(2),
            Form::Frame(u16::MAX),
        ];
        let forms = (0..).zip(forms).map(|(n, form)| HashedForm { form, hash: hash(n * 20) }).collect();
        let code = ClassicCode::new("gradient8".parse().unwrap(), &[0, 255, 0, 255, 0, 255, 0, 255]).unwrap();
        let look = Look {
            forms,
            fidelity: Fidelity::Luma,
            size: Some((3, u32::MAX)),
            classics: vec![ClassicHash { form: Form::Compat, code }],
            video: None,
            gap,
        };
        (Content::named("PNG").unwrap(), look)
    }

    #[test]
    fn every_answer_is_understood_as_it_was_meant() {
        let gaps = [
            Gap::Empty,
            Gap::NoDecoder("HEIC"),
            Gap::Truncated("PNG"),
            Gap::Damaged("TIFF"),
            Gap::TooLarge { name: "BMP", unit: "pixels", found: u64::MAX, limit: 7 },
            Gap::LowQuality(49),
            Gap::MoreFrames,
            Gap::Video("MPEG-4 video"),
            Gap::Container("tar"),
            Gap::Encrypted,
            Gap::Bound(Bound::Ratio, 1_000),
        ];
        let named = Gap::NAMES.iter().flat_map(|name| {
            [Gap::NoDecoder(name), Gap::TooLarge { name: "PNG", unit: name, found: 8, limit: 7 }]
        });
        for gap in gaps.into_iter().chain(named).map(Some).chain([None]) {
            let seen = seen(gap);
            let bytes = encode(&Ok(seen.clone()));
            assert_eq!(decode_answer(&bytes).unwrap().unwrap(), seen);
        }
        let error = io::Error::from_raw_os_error(libc::EISDIR);
        let back = decode_answer(&encode(&Err(error))).unwrap().unwrap_err();
        assert_eq!(back.raw_os_error(), Some(libc::EISDIR));
    }

    #[test]
    fn names_that_gaps_are_made_with_are_known() {
        for name in [
            "pixels on a side for the classic hashes of the lists",
            "JPEG XL; a build with `--features jxl` has one",
            "JPEG XL in CMYK",
            "this variant of JPEG (12-bit, lossless, arithmetic or of unusual sampling)",
        ] {
            assert_eq!(known(name), Some(name));
        }
    }

    #[test]
    fn what_no_worker_says_is_refused() {
        let good = String::from_utf8(encode(&Ok(seen(Some(Gap::LowQuality(49)))))).unwrap();
        assert!(decode_answer(good.as_bytes()).is_some());
        for (from, to) in [
            ("\"PNG\"", "\"Secret name\""),
            ("\"low_quality\":49", "\"low_quality\":149"),
            ("\"low_quality\":49", "\"damaged\":\"anything at all\""),
            ("\"quality\":20", "\"quality\":101"),
            ("frame-2", "frame-70000"),
            ("frame-2", "frame-"),
            ("borderless", "bordered"),
            ("gradient8", "gradient9"),
            ("\"00ff", "\"00fg"),
            ("\"size\":[3,4294967295]", "\"size\":[3,4294967296]"),
            ("\"gap\":", "\"more\":1,\"gap\":"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(good, bad, "{from} is there");
            assert!(decode_answer(bad.as_bytes()).is_none(), "{to}");
        }
        for end in 0..good.len() {
            assert!(decode_answer(&good.as_bytes()[..end]).is_none(), "cut at {end}");
        }
    }
}
