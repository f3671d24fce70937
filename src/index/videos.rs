//! Listed videos: entries whose keys are `VIDEO-FRAME`, which belong together.
//!
//! An entry is a frame like any other entry, wherever in a set it lies; which frames make a video is told by their keys
//! alone. So nothing of it is stored, and sets that were imported before anybody asked for videos are searched too. What
//! frames a video has is asked of the few that nearly match; a pass over the keys of their set finds that for all of it.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::error::{Fault, IndexError};
use super::key::Key;
use super::scope::Scope;
use super::snapshot::{EntryRef, Index};
use crate::digest::{Pdq, Quality, SignalKind};
use crate::hashset::EntryKey;
use crate::kernel::{Code256, Distance};

/// A listed video: the 16 digits with which the keys of its frames begin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VideoId(u64);

impl VideoId {
    /// As the key of the video.
    #[must_use]
    pub fn key(self) -> Key<'static> {
        Key::of_sixteen_digits(self.0.to_be_bytes())
    }
}

impl Key<'_> {
    /// The video of which this is the key of a frame, and the number of the frame; `None` for any other key.
    #[must_use]
    pub fn of_frame(&self) -> Option<(VideoId, u32)> {
        let (video, number) = self.as_str().split_once('-')?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        let leads = number.len() > 1 && number.starts_with('0');
        if video.len() != 16 || !video.bytes().all(is_digit) || !is_number || leads {
            return None;
        }
        Some((VideoId(u64::from_str_radix(video, 16).ok()?), number.parse().ok()?))
    }
}

impl<'a> EntryRef<'a> {
    /// What the set says of a frame, said of its video.
    #[must_use]
    pub fn of_video(self, video: VideoId) -> Self {
        self.with_key(video.key())
    }
}

/// Which frames the videos of one set have, as of one snapshot: 16 bytes a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFrames {
    /// Video, segment, entry; sorted.
    frames: Vec<(u64, u32, u32)>,
}

/// A frame of a listed video.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ListedFrame {
    /// As in a [`Hit`](super::Hit).
    pub segment: u32,
    /// As in a [`Hit`](super::Hit).
    pub entry: u32,
    /// Its hash.
    pub hash: Pdq,
    /// The quality of that, if the list states it.
    pub quality: Option<Quality>,
}

impl Index {
    /// Which frames the videos of set `name` have.
    ///
    /// Reads all keys of the segments that have PDQ hashes. Uses the current rayon pool.
    ///
    /// # Errors
    /// [`IndexError::File`] if keys are damaged.
    pub fn listed_frames(&self, name: &str) -> Result<ListedFrames, IndexError> {
        let mut frames = Vec::new();
        for (number, live) in (0..).zip(&self.segments).filter(|(_, live)| self.set_name(live) == name) {
            if live.segment.codes(SignalKind::Pdq).is_none() {
                continue;
            }
            let frame = |entry: u32| -> Option<Result<_, Fault>> {
                match live.segment.key(entry) {
                    Ok(key) => key.of_frame().map(|(video, _)| Ok((video.0, number, entry))),
                    Err(fault) => Some(Err(fault)),
                }
            };
            let found: Result<Vec<_>, Fault> =
                (0..live.segment.len()).into_par_iter().filter_map(frame).collect();
            frames.append(&mut found.map_err(live.fault())?);
            live.segment.sound().map_err(live.fault())?;
        }
        frames.par_sort_unstable();
        Ok(ListedFrames { frames })
    }

    /// The frames of one video that are in `scope` and answer to searches, whatever the bounds of its sets.
    ///
    /// # Errors
    /// [`IndexError::File`] if a segment is damaged.
    pub fn frames_of(
        &self,
        listed: &ListedFrames,
        video: VideoId,
        scope: &Scope,
    ) -> Result<Vec<ListedFrame>, IndexError> {
        let frames = &listed.frames;
        let (start, end) = (
            frames.partition_point(|frame| frame.0 < video.0),
            frames.partition_point(|frame| frame.0 <= video.0),
        );
        let mut found = Vec::with_capacity(end - start);
        for of_segment in frames[start..end].chunk_by(|a, b| a.1 == b.1) {
            let number = of_segment[0].1;
            let live = self.segments.get(number as usize).ok_or(IndexError::ForeignHit)?;
            let Some(codes) = live.segment.codes(SignalKind::Pdq) else { continue };
            let Some((_, admitted)) = self.in_scope(live, scope)? else { continue };
            let mut add = |entry: u32| -> Result<(), Fault> {
                let at = codes.first_of(entry);
                if at >= codes.len() || codes.entry(at) != entry {
                    return Ok(()); // a key like a frame's, and no hash
                }
                let Ok(code) = codes.code(at).try_into() else { return Ok(()) };
                let hit = live.near(number as usize, &codes, at, Distance::ZERO, &admitted)?;
                found.extend(hit.map(|hit| ListedFrame {
                    segment: hit.segment,
                    entry: hit.entry,
                    hash: Pdq::new(Code256::from_bytes(code)),
                    quality: hit.quality,
                }));
                Ok(())
            };
            of_segment.iter().try_for_each(|frame| add(frame.2)).map_err(live.fault())?;
            live.segment.sound().map_err(live.fault())?;
        }
        Ok(found)
    }

    /// Those of `keys` that are the keys of listed videos of set `name`.
    ///
    /// # Errors
    /// As [`Index::listed_frames`].
    pub(super) fn videos_in(
        &self,
        name: &str,
        keys: &BTreeSet<&EntryKey>,
    ) -> Result<BTreeSet<EntryKey>, IndexError> {
        let with_frame = |key: &EntryKey| Key::from(&*format!("{}-0", key.as_str())).of_frame();
        let wanted: Vec<(u64, &EntryKey)> =
            keys.iter().filter_map(|key| Some((with_frame(key)?.0.0, *key))).collect();
        if wanted.is_empty() {
            return Ok(BTreeSet::new());
        }
        let frames = self.listed_frames(name)?.frames;
        let is_there = |video: u64| frames.binary_search_by_key(&video, |frame| frame.0).is_ok();
        Ok(wanted.into_iter().filter(|(video, _)| is_there(*video)).map(|(_, key)| key.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::super::{IndexWriter, SegmentBuilder};
    use super::*;
    use crate::digest::Signal;
    use crate::hashset::{Entry, Hashes, PdqEntry};

    #[test]
    fn a_key_is_a_frames_if_it_is_written_as_one() {
        let of =
            |key: &str| Key::from(key).of_frame().map(|(video, number)| (video.key().to_string(), number));
        assert_eq!(of("0123456789abcdef-0"), Some(("0123456789abcdef".into(), 0)));
        assert_eq!(of("00000000000000ff-4294967295"), Some(("00000000000000ff".into(), u32::MAX)));
        for other in [
            "0123456789abcdef",
            "0123456789abcdef-",
            "0123456789abcdef--1",
            "0123456789abcdef-+1",
            "0123456789abcdef-01",
            "0123456789abcdef-4294967296",
            "0123456789ABCDEF-1",
            "0123456789abcde-1",
            "0123456789abcdef0-1",
            "+123456789abcdef-1",
            "0123456789abcdef-é",
            "12-34",
            "",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn the_frames_of_a_video_are_found_wherever_they_lie() {
        let (_dir, home) = home();
        let dir = home.index_dir();
        let lock = home.lock().unwrap();
        let entry = |key: &str, seed: u64, quality: Option<u8>| {
            let quality = quality.map(|percent| Quality::new(percent).unwrap());
            let mut hashes = Hashes::from(Signal::Pdq(pdq(seed)));
            hashes.pdq = Some(PdqEntry { hash: pdq(seed), quality });
            Entry { key: EntryKey::new(key).unwrap(), ..Entry::bare(hashes) }
        };
        let segment = |entries: &[Entry]| {
            let mut builder = SegmentBuilder::new();
            entries.iter().for_each(|entry| {
                builder.push(entry).unwrap();
            });
            builder.write(&dir).unwrap()
        };
        let (one, two) = ("00000000000000aa", "00000000000000ab");
        let first = segment(&[
            entry(&format!("{one}-0"), 1, Some(100)),
            entry("a picture", 2, None),
            entry(&format!("{two}-0"), 3, None),
            entry(&format!("{one}-7"), 4, Some(20)),
        ]);
        let second = segment(&[entry(&format!("{one}-30"), 5, None), entry(&format!("{one}-60"), 6, None)]);
        let mut writer = IndexWriter::open(&dir, &lock).unwrap();
        writer.append("DEMO", 1, vec![first, second], vec![]).unwrap();
        writer.append("OTHER", 1, vec![segment(&[entry(&format!("{one}-0"), 9, None)])], vec![]).unwrap();
        let gone = EntryKey::new(format!("{one}-60")).unwrap();
        writer.withdraw("DEMO", std::slice::from_ref(&gone)).unwrap();
        let index = Index::open(&dir).unwrap();
        let listed = index.listed_frames("DEMO").unwrap();
        let of = |key: &str, scope: &Scope| -> Vec<(Pdq, Option<u8>)> {
            let (video, _) = Key::from(&*format!("{key}-0")).of_frame().unwrap();
            let frames = index.frames_of(&listed, video, scope).unwrap();
            frames.iter().map(|frame| (frame.hash, frame.quality.map(Quality::percent))).collect()
        };
        let all = Scope::within(Distance::ZERO);
        assert_eq!(of(one, &all), [(pdq(1), Some(100)), (pdq(4), Some(20)), (pdq(5), None)]);
        assert_eq!(of(two, &all), [(pdq(3), None)]);
        assert_eq!(of("00000000000000ac", &all), []);
        assert_eq!(of(one, &all.clone().without_set("DEMO")), []);
        // A video can be decided on by its key, as an entry can.
        let keys: BTreeSet<EntryKey> =
            [one, two, "00000000000000ac", "a picture"].map(|key| EntryKey::new(key).unwrap()).into();
        let found = index.keys_in("DEMO", &keys).unwrap();
        let found: Vec<&str> = found.iter().map(EntryKey::as_str).collect();
        assert_eq!(found, [one, two, "a picture"]);
    }
}
