//! What could not be checked, and the limits that decoders keep.

use serde::{Deserialize, Serialize};

use super::FormSet;

/// How much a decoder may take. Checked on the header, before any pixel is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Most pixels of one picture.
    pub max_pixels: u64,
    /// Most bytes of a picture file.
    pub max_file_bytes: u64,
    /// The forms to make.
    pub forms: FormSet,
}

impl Limits {
    /// Memory for decoding, of all threads together, in bytes: a picture waits until there is room for it, and one
    /// that needs more than this is decoded alone.
    pub const MEMORY_BYTES: u64 = 2 << 30;
    /// Most frames or pages of a file that are forms of it, beside the first. An animation on the web has some dozens;
    /// each is hashed and looked up, and all further ones together may have [`Limits::max_pixels`].
    pub const MAX_FRAMES: u16 = 64;
    /// Most bytes that what surrounds the pixels of a picture may take in memory.
    pub(super) const HEADER_BYTES: usize = 64 << 20;
}

impl Default for Limits {
    /// 100 megapixels from 512 MiB.
    fn default() -> Self {
        Self { max_pixels: 100_000_000, max_file_bytes: 512 << 20, forms: FormSet::default() }
    }
}

/// What could not be checked about an item, and why. The words are for the ward's own people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Gap {
    /// Nothing in the file.
    #[error("empty file")]
    Empty,
    /// A picture of a kind that this build cannot decode, or not by itself.
    #[error("no decoder for {0}")]
    NoDecoder(&'static str),
    /// What a program of somebody else's decodes, and why that did not do it.
    #[error("{}", helper.lacking(name, *why))]
    NoHelper {
        /// The kind of file.
        name: &'static str,
        /// The program.
        helper: Helper,
        /// What is lacking.
        why: HelperLack,
    },
    /// The confined process that decoded it did not live to answer.
    #[error("decoder killed ({0})")]
    Killed(Killed),
    /// The data end before the picture does.
    #[error("{0} is cut short")]
    Truncated(&'static str),
    /// The decoder gave up.
    #[error("{0} is damaged")]
    Damaged(&'static str),
    /// More pixels or bytes than allowed.
    #[error("{name} is too large: {found} {unit}, and the limit is {limit}")]
    TooLarge {
        /// The kind of file.
        name: &'static str,
        /// What was counted.
        unit: &'static str,
        /// What the file has.
        found: u64,
        /// What is allowed.
        limit: u64,
    },
    /// Too plain to be told apart.
    #[error("too plain for a picture hash (quality {0} of 100, needs 50)")]
    LowQuality(u8),
    /// Several frames or pages, of which some were not compared.
    #[error("not all frames or pages were compared")]
    MoreFrames,
    /// Video frames were not looked at, or there are none.
    #[error("video frames are not compared ({0})")]
    Video(&'static str),
    /// What is inside was not opened.
    #[error("not opened: {0}")]
    Container(&'static str),
    /// It opens with a password only.
    #[error("encrypted")]
    Encrypted,
    /// More is inside than is taken out, of which this is the bound.
    #[error("{}", .0.met(*.1))]
    Bound(Bound, u64),
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// What is bounded of the parts of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// How many there are.
    Parts,
    /// What they unpack to.
    Bytes,
    /// The same for each byte of the container.
    Ratio,
    /// What a method of packing has to remember.
    Memory,
    /// How many containers lie within each other.
    Depth,
}

impl Bound {
    fn met(self, bound: u64) -> String {
        match self {
            Self::Parts => format!("holds more than {bound} parts"),
            Self::Bytes => format!("unpacks to more than {bound} bytes"),
            Self::Ratio => format!("unpacks to more than {bound} times its size"),
            Self::Memory => format!("needs more than {bound} bytes of memory to unpack"),
            Self::Depth => format!("is nested more than {bound} deep"),
        }
    }

    fn cause(self) -> &'static str {
        match self {
            Self::Parts => "holds too many parts",
            Self::Bytes => "unpacks to too many bytes",
            Self::Ratio => "unpacks to too many times its size",
            Self::Memory => "needs too much memory to unpack",
            Self::Depth => "is nested too deep",
        }
    }
}

/// Why a decoder had to be killed, or ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Killed {
    /// It wanted more memory than a worker may have.
    #[error("memory")]
    Memory,
    /// It took longer than it may.
    #[error("time")]
    Time,
    /// Anything else.
    #[error("crash")]
    Crash,
}

/// A program of somebody else's that decodes what this build does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helper {
    /// For HEIC and AVIF.
    HeifConvert,
    /// For the frames of videos; `ffprobe` comes with it.
    Ffmpeg,
}

/// Why a program of somebody else's was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HelperLack {
    /// It is not there.
    Program,
    /// Nothing is decoded outside this process, and it cannot be done inside.
    Jail,
    /// The kernel cannot confine it.
    Confinement,
}

impl Helper {
    /// The name of the command.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::HeifConvert => "heif-convert",
            Self::Ffmpeg => "ffmpeg",
        }
    }

    /// The package of Debian that has it.
    #[must_use]
    pub const fn package(self) -> &'static str {
        match self {
            Self::HeifConvert => "libheif-examples",
            Self::Ffmpeg => "ffmpeg",
        }
    }

    /// What is not checked of a file of kind `name`, and what to do about it.
    fn lacking(self, name: &str, why: HelperLack) -> String {
        let command = self.command();
        let why = match why {
            HelperLack::Program => format!("install {command} (Debian: {})", self.package()),
            HelperLack::Jail => format!("{command} is run in the jail alone"),
            HelperLack::Confinement => format!("this system cannot confine {command}"),
        };
        match self {
            Self::HeifConvert => format!("no decoder for {name}; {why}"),
            Self::Ffmpeg => format!("video frames are not compared ({name}); {why}"),
        }
    }
}

impl Gap {
    /// Names that a gap may carry, of kinds or of what was counted, beside those of [`Content`](super::Content).
    ///
    /// A worker's answer is understood by these alone.
    pub const NAMES: &'static [&'static str] = &[
        "pixels",
        "bytes",
        Self::SIDE,
        super::jpeg::SCANS,
        super::jpeg::VARIANT,
        super::tiff::VARIANT,
        super::parts::ZIP_METHOD,
        super::parts::TAR_SPARSE,
        super::parts::SEVEN_ZIP_METHOD,
        super::parts::SIGNED_MAIL,
        super::parts::METAFILE,
        super::parts::OUTLOOK_OBJECT,
        super::parts::PDF_COLOURS,
        super::parts::PDF_METHOD,
        super::parts::JBIG2,
        JPEG_XL_LEFT_OUT,
        JPEG_XL_INKS,
    ];
    /// What is counted of a picture that is too long for the hashes of some lists.
    pub const SIDE: &'static str = "pixels on a side for the classic hashes of the lists";

    /// The gap without its figures, for counting how often a cause occurs.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::TooLarge { name, unit, .. } => format!("{name} is too large ({unit})"),
            Self::LowQuality(_) => "too plain for a picture hash".into(),
            Self::Bound(bound, _) => bound.cause().into(),
            other => other.to_string(),
        }
    }
}

/// What builds without the decoder call JPEG XL. A run may read the answer of another build, so all know all names.
pub(super) const JPEG_XL_LEFT_OUT: &str = "JPEG XL; a build with `--features jxl` has one";
/// What the decoder does not make colours of.
pub(super) const JPEG_XL_INKS: &str = "JPEG XL in CMYK";

/// The limit that every decoder asks on the header, before it takes memory.
pub(super) fn check(unit: &'static str, name: &'static str, found: u64, limit: u64) -> Result<(), Gap> {
    if found > limit { Err(Gap::TooLarge { name, unit, found, limit }) } else { Ok(()) }
}
