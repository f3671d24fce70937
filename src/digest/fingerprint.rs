//! Everything that is computed of one item, in one read.

use std::io::{self, Read};

use super::bytes::{DigestHasher, Hashed};
use image::ImageFormat;
use image::metadata::Orientation;

use super::{Classic, ClassicHash, Digests, Fidelity, PdqHash, Quality, Sampling, VideoHash};
use crate::media::{Content, Form, FormedRaster, Gap, JpegHeader, Kind, Limits, decode_each, luma};

/// What is to be found out about an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Bounds for decoders, and the forms to make.
    pub limits: Limits,
    /// How exact the picture hashes are to be.
    pub fidelity: Fidelity,
    /// The classic hashes to make as well. Each takes time of its own (`docs/hashing.md`), so only those that somebody asks
    /// for.
    pub classics: Vec<Classic>,
    /// Which frames of a video to hash.
    pub sampling: Sampling,
}

impl From<Limits> for Wanted {
    /// The digests, and PDQ at [`Fidelity::Reference`].
    fn from(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
}

/// The hash of one form of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashedForm {
    /// Which reading of the file it is.
    pub form: Form,
    /// Its hash in eight orientations, and the quality.
    pub hash: PdqHash,
}

/// All hashes of one item, and what could not be checked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Length of the item.
    pub bytes: u64,
    /// What it is, by its content.
    pub content: Content,
    /// Its digests.
    pub digests: Digests,
    /// The hashed forms, the correct one first; forms below the usable quality are among them, marked by it.
    pub forms: Vec<HashedForm>,
    /// How exact `forms` are: what was asked for, or better.
    pub fidelity: Fidelity,
    /// Width and height in pixels of the correct form; `None` if there is none.
    pub size: Option<(u32, u32)>,
    /// The classic hashes that were asked for, of every form in the order of `forms`.
    pub classics: Vec<ClassicHash>,
    /// The frames of a video, or of an animation with more frames than are forms; `None` of anything else, and where nothing
    /// decodes it.
    pub video: Option<VideoHash>,
    /// What was not checked; `None` if all that there is to compare was.
    pub gap: Option<Gap>,
}

impl Fingerprint {
    /// Reads an item to its end and hashes it as [`Wanted::from`] has it.
    ///
    /// # Errors
    /// As [`Fingerprint::read_with`].
    pub fn read(input: impl Read, limits: &Limits) -> io::Result<Self> {
        Self::read_with(input, &(*limits).into())
    }

    /// Reads an item to its end and hashes it.
    ///
    /// A picture within the limits is held in memory; anything else streams through.
    ///
    /// # Errors
    /// Only those of `input`; a file that cannot be decoded is a [`Gap`].
    pub fn read_with(mut input: impl Read, wanted: &Wanted) -> io::Result<Self> {
        let limits = &wanted.limits;
        let mut kept = Vec::new();
        (&mut input).take(Content::HEAD_BYTES as u64).read_to_end(&mut kept)?;
        let content = Content::of(&kept);
        let mut hasher = DigestHasher::default();
        hasher.update(&kept);
        let mut bytes = kept.len() as u64;
        let picture = content.kind.is_decoded();
        let mut piece = vec![0; 256 * 1024];
        loop {
            let len = match input.read(&mut piece) {
                Ok(0) => break,
                Ok(len) => len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hasher.update(&piece[..len]);
            bytes += len as u64;
            if picture && bytes <= limits.max_file_bytes {
                kept.extend_from_slice(&piece[..len]);
            } else if picture {
                kept = Vec::new();
            }
        }
        drop(piece);
        let look =
            Look::of_so_many(bytes, content, wanted).unwrap_or_else(|| Look::at(&kept, content, wanted));
        Ok(Self::new(content, Hashed { bytes, digests: hasher.finish() }, look))
    }

    /// What is known of an item by its bytes and by its pixels.
    #[must_use]
    pub fn new(content: Content, Hashed { bytes, digests }: Hashed, look: Look) -> Self {
        let Look { forms, fidelity, size, classics, video, gap } = look;
        Self { bytes, content, digests, forms, fidelity, size, classics, video, gap }
    }

    /// The forms that are good enough to be matched.
    pub fn usable_forms(&self) -> impl Iterator<Item = &HashedForm> {
        self.forms.iter().filter(|form| form.hash.quality >= Quality::USABLE)
    }

    /// The classic hashes of the forms that are good enough to be matched: what is too plain for PDQ is for them too.
    pub fn usable_classics(&self) -> impl Iterator<Item = &ClassicHash> {
        let usable = |form| self.usable_forms().any(|hashed| hashed.form == form);
        self.classics.iter().filter(move |classic| usable(classic.form))
    }
}

/// What a picture's pixels give: of a [`Fingerprint`] all but the digests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// As [`Fingerprint::forms`].
    pub forms: Vec<HashedForm>,
    /// As [`Fingerprint::fidelity`].
    pub fidelity: Fidelity,
    /// As [`Fingerprint::size`].
    pub size: Option<(u32, u32)>,
    /// As [`Fingerprint::classics`].
    pub classics: Vec<ClassicHash>,
    /// As [`Fingerprint::video`]; a program of somebody else's has to decode it.
    pub video: Option<VideoHash>,
    /// As [`Fingerprint::gap`].
    pub gap: Option<Gap>,
}

impl Look {
    /// Looks at the file `bytes`, recognised as `content`; of what is no picture, `content` is all that is looked at.
    #[must_use]
    pub fn at(bytes: &[u8], content: Content, wanted: &Wanted) -> Self {
        match content.kind {
            Kind::Text | Kind::Audio | Kind::Other => Self::default(), // digests are all there is to compare
            kind => quickly(bytes, kind, wanted).unwrap_or_else(|| exactly(bytes, content, wanted)),
        }
    }

    /// Recognises an item of `bytes` bytes and looks at it. A picture within the limits is read and held in memory, of
    /// anything else no more than the head is read.
    ///
    /// # Errors
    /// Only those of `input`.
    pub fn read(input: impl Read, bytes: u64, wanted: &Wanted) -> io::Result<(Content, Self)> {
        let mut input = input.take(bytes);
        let mut kept = Vec::new();
        (&mut input).take(Content::HEAD_BYTES as u64).read_to_end(&mut kept)?;
        let content = Content::of(&kept);
        if let Some(look) = Self::of_so_many(bytes, content, wanted) {
            return Ok((content, look));
        }
        if content.kind.is_decoded() {
            input.read_to_end(&mut kept)?;
        }
        Ok((content, Self::at(&kept, content, wanted)))
    }

    /// What the length alone says.
    fn of_so_many(bytes: u64, content: Content, wanted: &Wanted) -> Option<Self> {
        let limit = wanted.limits.max_file_bytes;
        if bytes == 0 {
            Some(Self::gap(Gap::Empty))
        } else if bytes > limit && content.kind.is_decoded() {
            Some(Self::gap(Gap::TooLarge { name: content.name, unit: "bytes", found: bytes, limit }))
        } else {
            None
        }
    }

    /// Nothing was looked at, and why.
    #[must_use]
    pub fn gap(gap: Gap) -> Self {
        Self { gap: Some(gap), ..Self::default() }
    }
}

/// Hashes a picture from its luma; `None` if that is not what is wanted, or not to be had.
fn quickly(kept: &[u8], kind: Kind, wanted: &Wanted) -> Option<Look> {
    let Wanted { limits, fidelity, classics, .. } = wanted;
    let all_pixels = limits.forms.stretch512 || limits.forms.borderless || !classics.is_empty();
    if *fidelity == Fidelity::Reference || kind != Kind::Picture(ImageFormat::Jpeg) || all_pixels {
        return None;
    }
    let header = JpegHeader::of(kept, limits)?;
    let (scale, fidelity) = fidelity.scale(&header)?;
    let luma = luma(kept, scale, limits)?;
    let hash = |form, orientation| {
        let hash = PdqHash::of_turned_plane(&luma.plane, orientation);
        HashedForm { form, hash }
    };
    let mut forms = vec![hash(Form::Correct, luma.orientation)];
    if fidelity.is_unsteady(forms[0].hash.quality) {
        return None;
    }
    if luma.orientation != Orientation::NoTransforms && limits.forms.compat {
        forms.push(hash(Form::Compat, Orientation::NoTransforms));
    }
    let size = turned_size(luma.plane.full(), luma.orientation);
    let gap = too_plain(&forms);
    Some(Look { forms, fidelity, size: Some(size), gap, ..Look::default() })
}

fn turned_size((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    match orientation {
        Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH => (height, width),
        _ => (width, height),
    }
}

/// Decodes a picture and hashes all its forms.
fn exactly(kept: &[u8], content: Content, wanted: &Wanted) -> Look {
    let Wanted { limits, classics: kinds, .. } = wanted;
    let (mut found, mut too_long) = (Look::default(), None);
    let mut hash = |FormedRaster { form, raster }: FormedRaster| {
        found.size = found.size.or(Some((raster.width(), raster.height())));
        found.forms.push(HashedForm { form, hash: PdqHash::of(&raster) });
        let codes = Classic::hash_all(kinds, &raster);
        if codes.len() < kinds.len() {
            too_long = Some(raster.width().max(raster.height()));
        }
        found.classics.extend(codes.into_iter().map(|code| ClassicHash { form, code }));
    };
    let more_frames = match decode_each(kept, content, limits, &mut hash) {
        Ok(more_frames) => more_frames,
        Err(gap) => return Look::gap(gap),
    };
    let too_long = too_long.map(|side: u32| Gap::TooLarge {
        name: content.name,
        unit: Gap::SIDE,
        found: side.into(),
        limit: Classic::MAX_SIDE.into(),
    });
    found.gap = too_plain(&found.forms).or(too_long).or(more_frames.then_some(Gap::MoreFrames));
    found
}

/// Said of an item whose correct form is too plain to be matched.
fn too_plain(forms: &[HashedForm]) -> Option<Gap> {
    let quality = forms.first()?.hash.quality;
    (quality < Quality::USABLE).then(|| Gap::LowQuality(quality.percent()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Fingerprint {
        Fingerprint::read(bytes, &Limits::default()).unwrap()
    }

    #[test]
    fn what_cannot_be_checked_says_why() {
        assert_eq!(read(b"").gap, Some(Gap::Empty));
        assert_eq!(read(b"PK\x03\x04....").gap.unwrap().to_string(), "not opened: ZIP");
        assert_eq!(read(b"\0\0\0\x18ftypheic....").gap, Some(Gap::NoDecoder("HEIC")));
        assert_eq!(read(b"plain words\n").gap, None);
    }

    #[test]
    fn the_look_apart_from_the_digests_is_the_same() {
        let png = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![7; 600_000]].concat();
        let pgm = [b"P5\n64 64\n255\n".to_vec(), (0..64 * 64).map(|at| (at % 251) as u8).collect()].concat();
        let small = Wanted::from(Limits { max_file_bytes: 4096, ..Limits::default() });
        for bytes in [&png[..], &png[..5], &png[..0], &pgm, &pgm[..600], b"PK\x03\x04....", b"words"] {
            for wanted in [Wanted::default(), small.clone()] {
                let whole = Fingerprint::read_with(bytes, &wanted).unwrap();
                let (content, look) = Look::read(bytes, bytes.len() as u64, &wanted).unwrap();
                let hashed = Hashed { bytes: bytes.len() as u64, digests: Digests::of(bytes) };
                assert_eq!(Fingerprint::new(content, hashed, look), whole, "{} bytes", bytes.len());
            }
        }
    }

    #[test]
    fn of_what_is_no_picture_only_the_head_is_read() {
        let mut bytes = io::repeat(b'x').take(1 << 40);
        Look::read(&mut bytes, 1 << 40, &Wanted::default()).unwrap();
        assert_eq!(bytes.limit(), (1 << 40) - Content::HEAD_BYTES as u64);
    }

    #[test]
    fn a_picture_beyond_the_limit_still_has_its_digests() {
        let mut bytes = b"\xff\xd8\xff".to_vec();
        bytes.resize(5000, 7);
        let limits = Limits { max_file_bytes: 4096, ..Limits::default() };
        let fingerprint = Fingerprint::read(&bytes[..], &limits).unwrap();
        assert_eq!(fingerprint.digests, Digests::of(&bytes));
        assert!(matches!(fingerprint.gap, Some(Gap::TooLarge { unit: "bytes", found: 5000, .. })));
    }

    #[test]
    fn a_picture_too_long_for_the_classic_family_says_so_if_it_was_asked_for() {
        let (width, height) = (70_000_u32, 64_u32);
        let mut bytes = format!("P5\n{width} {height}\n255\n").into_bytes();
        let patch = |x: u32, y: u32| ((x / 4400) * 97 + (y / 4) * 61 + (x / 4400) * (y / 4) * 37) as u8;
        bytes.extend((0..height).flat_map(|y| (0..width).map(move |x| patch(x, y))));
        assert_eq!(read(&bytes).gap, None);
        let asked = Fingerprint::read_with(
            &bytes[..],
            &Wanted { classics: Classic::ALL[..1].to_vec(), ..Wanted::default() },
        )
        .unwrap();
        assert!(
            matches!(asked.gap, Some(Gap::TooLarge { found: 70_000, limit: 65_535, .. })),
            "{:?}",
            asked.gap
        );
        assert!(asked.classics.is_empty() && asked.usable_forms().count() == 1);
    }
}
