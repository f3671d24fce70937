//! What a run knows of the contents that it has seen: `fingerprints.jsonl` in its folder, one line an item.
//!
//! A content that comes again is not decoded again, however many others came between. Fingerprints, not content: no
//! picture can be made of them. They are as sensitive as the lists, and lie where the verdicts do, readable by the same
//! people alone.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::answer::{decode_answer, encode};
use super::{Outcome, ReadError, Screened};
use crate::digest::{
    Blake3, Classic, Digests, Fidelity, Fingerprint, Hashed, Look, Md5, Pdq, Quality, Sha1, Sha256,
    VideoFrame, VideoHash, Wanted,
};
use crate::hashset::ByPrint;
use crate::home::{HomeError, create_private};
use crate::kernel::Code256;
use crate::media::{Content, Gap};

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<'a> {
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    path_hex: Option<String>,
    outcome: Outcome,
    bytes: u64,
    blake3: String,
    /// The others of a content's digests, and what was seen of it, are in the line of the first item that has it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    first: Option<First>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    md5: String,
    sha1: String,
    sha256: String,
    /// As a worker answers; `None` if there is nothing that would hold for a second look.
    #[serde(default)]
    seen: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    video: Option<Frames>,
}

/// The frames of a video: their rate, and of each its number, quality and hash.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Frames {
    rate: String,
    frames: Vec<(u32, u8, String)>,
}

impl Frames {
    fn of(video: &VideoHash) -> Self {
        let frames = video.frames.iter();
        let frames = frames.map(|frame| (frame.number, frame.quality.percent(), frame.hash.to_hex()));
        Self { rate: video.rate.to_string(), frames: frames.collect() }
    }

    fn checked(self) -> Option<VideoHash> {
        let frame = |(number, quality, hash): (u32, u8, String)| {
            let hash = Pdq::new(Code256::from_bytes(digits(&hash)?));
            Some(VideoFrame { number, hash, quality: Quality::new(quality).ok()? })
        };
        let frames = self.frames.into_iter().map(frame).collect::<Option<Vec<_>>>()?;
        Some(VideoHash { rate: self.rate.parse().ok()?, frames })
    }
}

/// An item as it was remembered.
pub(super) struct Known {
    /// Its path, exactly.
    pub(super) path: PathBuf,
    /// What was said of it.
    pub(super) outcome: Outcome,
    /// What names its content.
    pub(super) blake3: Blake3,
    /// What is known of that; `None` if it was told with an earlier item.
    pub(super) fingerprint: Option<Fingerprint>,
}

/// The contents of batches that are looked at right now or were just now.
type InHand = HashMap<(Blake3, Fidelity), InBatch>;

/// A content that was looked at and has no line yet.
struct InBatch {
    /// The last batch that asked for it.
    batch: u64,
    found: Arc<OnceLock<Option<Fingerprint>>>,
}

/// The contents that a run has seen. Batches may be looked at while the one before is written.
pub(super) struct Remembered {
    file: Mutex<Lines>,
    read: File,
    hasher: RandomState,
    /// By print of a BLAKE3, where the line of the first item that has it begins. The line is in the file.
    places: RwLock<ByPrint<u64>>,
    in_hand: Mutex<InHand>,
}

/// The file, to be written to.
struct Lines {
    out: BufWriter<File>,
    len: u64,
}

/// What is done under these locks cannot panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Remembered {
    /// Opens the file at `path` with its first `len` bytes; what follows them is dropped.
    pub(super) fn open(path: &Path, len: u64) -> Result<Self, HomeError> {
        let open = || -> io::Result<_> {
            let mut file = create_private(path, false).map_err(io::Error::other)?;
            file.set_len(len)?;
            file.seek(SeekFrom::End(0))?;
            Ok((BufWriter::new(file), File::open(path)?))
        };
        let (out, read) = open().map_err(HomeError::io(path))?;
        let (hasher, mut places, mut len) = (RandomState::new(), ByPrint::default(), 0);
        let mut lines = BufReader::new(read.try_clone().map_err(HomeError::io(path))?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(HomeError::io(path))? > 0 {
            if let Some((record, blake3)) = parse(&line)
                && record.first.is_some()
            {
                places.entry(hasher.hash_one(blake3)).or_insert(len);
            }
            len += line.len() as u64;
            line.clear();
        }
        let (file, places) = (Mutex::new(Lines { out, len }), RwLock::new(places));
        Ok(Self { file, read, hasher, places, in_hand: Mutex::default() })
    }

    /// What `make` gives of the content `blake3`, or gave of it before, with all that is wanted; for an item of the batch
    /// with the number `batch`.
    pub(super) fn once(
        &self,
        batch: u64,
        blake3: &Blake3,
        wanted: &Wanted,
        make: impl FnOnce() -> Result<Fingerprint, ReadError>,
    ) -> Result<Fingerprint, ReadError> {
        if let Some(known) = self.recall(blake3)
            && has_all(&known, wanted)
        {
            return Ok(known);
        }
        let slot = {
            let mut in_hand = lock(&self.in_hand);
            let new = || InBatch { batch, found: Arc::default() };
            let slot = in_hand.entry((*blake3, wanted.fidelity)).or_insert_with(new);
            slot.batch = slot.batch.max(batch);
            Arc::clone(&slot.found)
        };
        let mut make = Some(make);
        let mut made = None;
        let shared = slot.get_or_init(|| {
            let found = make.take().map(|make| make());
            let good = found.as_ref().and_then(|found| found.as_ref().ok());
            let shared = good.filter(|found| holds_again(found) && found.digests.blake3 == *blake3).cloned();
            made = found;
            shared
        });
        match (made, shared, make) {
            (Some(made), ..) => made,
            (None, Some(known), _) => Ok(known.clone()),
            (None, None, Some(make)) => make(),
            (None, None, None) => unreachable!("what was not made is there to be made"),
        }
    }

    /// What is in the hand of this batch alone, and of those before, is not waited for.
    pub(super) fn end_batch(&self, batch: u64) {
        lock(&self.in_hand).retain(|_, slot| slot.batch > batch);
    }

    fn recall(&self, blake3: &Blake3) -> Option<Fingerprint> {
        let place = {
            let places = self.places.read().unwrap_or_else(PoisonError::into_inner);
            *places.get(&self.hasher.hash_one(blake3))?
        };
        let mut line = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let read =
                self.read.read_at(&mut piece, place + line.len() as u64).ok().filter(|read| *read > 0)?;
            let end = piece[..read].iter().position(|byte| *byte == b'\n');
            line.extend_from_slice(&piece[..end.unwrap_or(read)]);
            if end.is_some() {
                break;
            }
        }
        let (record, found) = parse(&line)?;
        let first = record.first.filter(|first| first.seen.is_some())?;
        (found == *blake3).then(|| fingerprint(record.bytes, found, first)).flatten()
    }

    /// Writes a line for each item that could be read; the number of those whose content was there before.
    pub(super) fn take(&self, items: &[Screened]) -> io::Result<u64> {
        let mut repeats = 0;
        let mut file = lock(&self.file);
        let mut new = ByPrint::default();
        let known = items.iter().filter_map(|item| Some((item, item.fingerprint.as_ref()?)));
        for (item, known) in known {
            let print = self.hasher.hash_one(known.digests.blake3);
            let is_new = !new.contains_key(&print) && {
                !self.places.read().unwrap_or_else(PoisonError::into_inner).contains_key(&print)
            };
            let first = is_new.then(|| First::of(known));
            let record = Record {
                path: item.path.to_string_lossy(),
                path_hex: super::path_hex(&item.path),
                outcome: item.verdict.outcome,
                bytes: known.bytes,
                blake3: hex::encode(known.digests.blake3.as_bytes()),
                first,
            };
            let mut line = serde_json::to_vec(&record)?;
            line.push(b'\n');
            match record.first {
                Some(_) => {
                    new.insert(print, file.len);
                }
                None => repeats += 1,
            }
            file.out.write_all(&line)?;
            file.len += line.len() as u64;
        }
        file.out.flush()?;
        self.places.write().unwrap_or_else(PoisonError::into_inner).extend(new);
        let mut in_hand = lock(&self.in_hand);
        for blake3 in items.iter().filter_map(|item| Some(item.fingerprint.as_ref()?.digests.blake3)) {
            for fidelity in [Fidelity::Fast, Fidelity::Luma, Fidelity::Reference] {
                in_hand.remove(&(blake3, fidelity));
            }
        }
        Ok(repeats)
    }

    /// Puts all on disk; its length then.
    pub(super) fn sync(&self) -> io::Result<u64> {
        let mut file = lock(&self.file);
        file.out.flush()?;
        file.out.get_ref().sync_data()?;
        Ok(file.len)
    }

    /// All items, in their order.
    pub(super) fn all(&self) -> io::Result<impl Iterator<Item = io::Result<Known>>> {
        let mut read = self.read.try_clone()?;
        read.rewind()?;
        Ok(known(BufReader::new(read)))
    }
}

/// The items in the lines of `input`.
pub(super) fn known(mut input: impl BufRead) -> impl Iterator<Item = io::Result<Known>> {
    let mut line = Vec::new();
    std::iter::from_fn(move || {
        line.clear();
        match input.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(
                parse(&line)
                    .and_then(item)
                    .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a line is no fingerprint")),
            ),
            Err(error) => Some(Err(error)),
        }
    })
}

fn item((record, blake3): (Record<'_>, Blake3)) -> Option<Known> {
    let path = match record.path_hex {
        Some(digits) => OsString::from_vec(hex::decode(digits).ok()?).into(),
        None => PathBuf::from(record.path.into_owned()),
    };
    let fingerprint = match record.first {
        Some(first) => Some(fingerprint(record.bytes, blake3, first)?),
        None => None,
    };
    Some(Known { path, outcome: record.outcome, blake3, fingerprint })
}

fn parse(line: &[u8]) -> Option<(Record<'_>, Blake3)> {
    let record: Record<'_> = serde_json::from_slice(line).ok()?;
    let blake3 = Blake3::from_bytes(digits(&record.blake3)?);
    Some((record, blake3))
}

fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).is_ok().then_some(bytes)
}

fn fingerprint(bytes: u64, blake3: Blake3, first: First) -> Option<Fingerprint> {
    let digests = Digests {
        md5: Md5::from_bytes(digits(&first.md5)?),
        sha1: Sha1::from_bytes(digits(&first.sha1)?),
        sha256: Sha256::from_bytes(digits(&first.sha256)?),
        blake3,
    };
    let (content, look) = match first.seen {
        Some(seen) => decode_answer(seen.get().as_bytes())?.ok()?,
        None => (Content::of(b""), Look::gap(Gap::Unreadable("it was not looked at to its end".into()))),
    };
    let video = match first.video {
        Some(frames) => Some(frames.checked()?),
        None => None,
    };
    Some(Fingerprint::new(content, Hashed { bytes, digests }, Look { video, ..look }))
}

/// True if a look for what is `wanted` would find no more. A run that goes on may ask for classic hashes that it did not ask
/// for before: its lists are those of now.
fn has_all(known: &Fingerprint, wanted: &Wanted) -> bool {
    let is_exact = known.fidelity == wanted.fidelity || known.fidelity == Fidelity::Reference;
    let is_there = |kind: &Classic| known.classics.iter().any(|hash| hash.code.kind() == *kind);
    is_exact && (known.forms.is_empty() || wanted.classics.iter().all(is_there))
}

/// True if a second look would find the same: not so if a worker was killed over it, or a program is lacking.
fn holds_again(fingerprint: &Fingerprint) -> bool {
    !matches!(fingerprint.gap, Some(Gap::Killed(_) | Gap::Unreadable(_) | Gap::NoHelper { .. }))
}

impl First {
    fn of(fingerprint: &Fingerprint) -> Self {
        let seen = holds_again(fingerprint).then(|| {
            let Fingerprint { content, forms, fidelity, size, classics, gap, .. } = fingerprint.clone();
            encode(&Ok((content, Look { forms, fidelity, size, classics, video: None, gap })))
        });
        let seen = seen.and_then(|seen| RawValue::from_string(String::from_utf8(seen).ok()?).ok());
        let Digests { md5, sha1, sha256, .. } = &fingerprint.digests;
        Self {
            md5: hex::encode(md5.as_bytes()),
            sha1: hex::encode(sha1.as_bytes()),
            sha256: hex::encode(sha256.as_bytes()),
            seen,
            video: fingerprint.video.as_ref().map(Frames::of),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{ClassicCode, ClassicHash, HashedForm, PdqHash};
    use crate::media::{Form, Killed};
    use crate::screen::Verdict;

    fn picture(seed: u8, gap: Option<Gap>) -> Fingerprint {
        let dihedral =
            std::array::from_fn(|turn| Pdq::new(Code256::from_bytes([seed ^ (turn as u8) << 4; 32])));
        let hash = PdqHash { dihedral, quality: Quality::new(90).unwrap() };
        let code =
            ClassicCode::new("gradient8".parse().unwrap(), &[0, 255, 0, 255, 0, 255, 0, seed]).unwrap();
        let look = Look {
            forms: vec![HashedForm { form: Form::Correct, hash }],
            size: Some((8, 8)),
            classics: vec![ClassicHash { form: Form::Correct, code }],
            gap,
            ..Look::default()
        };
        let hashed = Hashed { bytes: 9, digests: Digests::of(&[seed]) };
        Fingerprint::new(Content::named("PNG").unwrap(), hashed, look)
    }

    fn item(path: impl Into<PathBuf>, fingerprint: Fingerprint) -> Screened {
        let verdict = Verdict::conclude(vec![], false, fingerprint.gap.clone());
        Screened { path: path.into(), file: None, fingerprint: Some(fingerprint), verdict }
    }

    #[test]
    fn what_is_remembered_is_what_was_seen_up_to_where_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("fingerprints.jsonl");
        let remembered = Remembered::open(&path, 0).unwrap();
        let killed = picture(3, Some(Gap::Killed(Killed::Time)));
        let odd = OsString::from_vec(b"odd\xff".to_vec());
        let items = [
            item("a", picture(1, None)),
            item("b", picture(1, None)),
            item("c", killed.clone()),
            item(odd, picture(2, None)),
        ];
        assert_eq!(remembered.take(&items[..3]).unwrap(), 1, "one repeats");
        let whole = remembered.sync().unwrap();
        assert_eq!(remembered.take(&items[3..]).unwrap(), 0);
        let all = remembered.sync().unwrap();
        drop(remembered);
        for (len, knows_2) in [(all, true), (whole, false)] {
            let remembered = Remembered::open(&path, len).unwrap();
            let recall = |of: &Fingerprint| remembered.recall(&of.digests.blake3);
            assert_eq!(recall(&picture(1, None)), Some(picture(1, None)));
            assert_eq!(recall(&picture(2, None)), knows_2.then(|| picture(2, None)));
            assert_eq!(recall(&killed), None, "a second look might find more");
            let known: Vec<Known> = remembered.all().unwrap().map(Result::unwrap).collect();
            let paths: Vec<&Path> = known.iter().map(|known| &*known.path).collect();
            let expected: Vec<&Path> =
                items.iter().map(|item| &*item.path).take(3 + usize::from(knows_2)).collect();
            assert_eq!(paths, expected);
            assert_eq!(known[0].fingerprint, Some(picture(1, None)));
            assert_eq!((&known[1].fingerprint, known[1].blake3), (&None, picture(1, None).digests.blake3));
        }
    }

    #[test]
    fn a_content_is_looked_at_once_for_what_is_wanted() {
        let dir = tempfile::tempdir().unwrap();
        let remembered = Remembered::open(&dir.path().join("fingerprints.jsonl"), 0).unwrap();
        let made = std::cell::Cell::new(0);
        let once = |batch, remembered: &Remembered, kinds: &[&str]| {
            let classics = kinds.iter().map(|kind| kind.parse().unwrap()).collect();
            let wanted = Wanted { classics, ..Wanted::default() };
            let make = || {
                made.set(made.get() + 1);
                Ok(picture(1, None))
            };
            let found = remembered.once(batch, &picture(1, None).digests.blake3, &wanted, make).unwrap();
            assert_eq!(found, picture(1, None));
            made.get()
        };
        assert_eq!([once(1, &remembered, &[]), once(2, &remembered, &[])], [1, 1], "in hand");
        remembered.end_batch(1);
        assert_eq!(once(2, &remembered, &[]), 1, "in the hand of the next batch");
        remembered.end_batch(2);
        assert_eq!(once(3, &remembered, &[]), 2, "nobody knows of it");
        remembered.take(&[item("a", picture(1, None))]).unwrap();
        assert_eq!([once(4, &remembered, &[]), once(4, &remembered, &["gradient8"])], [2, 2], "on disk");
        assert_eq!(once(4, &remembered, &["mean8"]), 3, "of a kind that nobody asked for then");
    }
}
