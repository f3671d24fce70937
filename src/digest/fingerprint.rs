//! Everything that is computed of one item, in one read.

use std::io::{self, Read};

use super::bytes::DigestHasher;
use super::{Classic, ClassicHash, Digests, PdqHash, Quality};
use crate::media::{Content, Form, FormedRaster, Gap, Kind, Limits, decode_each};

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
    /// The classic hashes that were asked for, of every form in the order of `forms`.
    pub classics: Vec<ClassicHash>,
    /// What was not checked; `None` if all that there is to compare was.
    pub gap: Option<Gap>,
}

impl Fingerprint {
    /// Reads an item to its end and hashes it, without classic hashes.
    ///
    /// A picture within the limits is held in memory; anything else streams through.
    ///
    /// # Errors
    /// Only those of `input`; a file that cannot be decoded is a [`Gap`].
    pub fn read(input: impl Read, limits: &Limits) -> io::Result<Self> {
        Self::read_with(input, limits, &[])
    }

    /// As [`Fingerprint::read`], with the classic hashes of `kinds`: each takes time of its own (`docs/hashing.md`), so
    /// only those that somebody asks for are made.
    ///
    /// # Errors
    /// As [`Fingerprint::read`].
    pub fn read_with(mut input: impl Read, limits: &Limits, kinds: &[Classic]) -> io::Result<Self> {
        let mut kept = Vec::new();
        (&mut input).take(Content::HEAD_BYTES as u64).read_to_end(&mut kept)?;
        let content = Content::of(&kept);
        let mut hasher = DigestHasher::default();
        hasher.update(&kept);
        let mut bytes = kept.len() as u64;
        let picture = matches!(content.kind, Kind::Picture(_));
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
            } else {
                kept = Vec::new();
            }
        }
        drop(piece);
        let digests = hasher.finish();
        let (forms, classics, gap) = if bytes > limits.max_file_bytes && picture {
            let too_large = Gap::TooLarge {
                name: content.name,
                unit: "bytes",
                found: bytes,
                limit: limits.max_file_bytes,
            };
            (Vec::new(), Vec::new(), Some(too_large))
        } else {
            perceptual(&kept, bytes, content, limits, kinds)
        };
        Ok(Self { bytes, content, digests, forms, classics, gap })
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

fn perceptual(
    kept: &[u8],
    bytes: u64,
    content: Content,
    limits: &Limits,
    kinds: &[Classic],
) -> (Vec<HashedForm>, Vec<ClassicHash>, Option<Gap>) {
    match content.kind {
        _ if bytes == 0 => (Vec::new(), Vec::new(), Some(Gap::Empty)),
        // Digests are all there is to compare.
        Kind::Text | Kind::Audio | Kind::Other => (Vec::new(), Vec::new(), None),
        _ => {
            let (mut forms, mut classics, mut too_long) = (Vec::new(), Vec::new(), None);
            let mut hash = |FormedRaster { form, raster }: FormedRaster| {
                forms.push(HashedForm { form, hash: PdqHash::of(&raster) });
                let codes = Classic::hash_all(kinds, &raster);
                if codes.len() < kinds.len() {
                    too_long = Some(raster.width().max(raster.height()));
                }
                classics.extend(codes.into_iter().map(|code| ClassicHash { form, code }));
            };
            let more_frames = match decode_each(kept, content, limits, &mut hash) {
                Ok(more_frames) => more_frames,
                Err(gap) => return (Vec::new(), Vec::new(), Some(gap)),
            };
            let quality = forms[0].hash.quality;
            let gap = if quality < Quality::USABLE {
                Some(Gap::LowQuality(quality.percent()))
            } else if let Some(side) = too_long {
                Some(Gap::TooLarge {
                    name: content.name,
                    unit: "pixels on a side for the classic hashes of the lists",
                    found: side.into(),
                    limit: Classic::MAX_SIDE.into(),
                })
            } else {
                more_frames.then_some(Gap::MoreFrames)
            };
            (forms, classics, gap)
        }
    }
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
        assert_eq!(
            read(b"PK\x03\x04....").gap.unwrap().to_string(),
            "not opened: ZIP, or a document made of one"
        );
        assert_eq!(read(b"\0\0\0\x18ftypheic....").gap, Some(Gap::NoDecoder("HEIC")));
        assert_eq!(read(b"plain words\n").gap, None);
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
        let asked = Fingerprint::read_with(&bytes[..], &Limits::default(), &Classic::ALL[..1]).unwrap();
        assert!(
            matches!(asked.gap, Some(Gap::TooLarge { found: 70_000, limit: 65_535, .. })),
            "{:?}",
            asked.gap
        );
        assert!(asked.classics.is_empty() && asked.usable_forms().count() == 1);
    }
}
