//! Videos against listed videos: frames that are near frames, counted on both sides.
//!
//! Of a video, and of each listed one, the frames of usable quality are taken, each distinct hash once. All frames of all
//! videos that are asked together are searched together, as any hashes are; what they are near is gathered by listed
//! video. Only for those few of which enough frames were met is it asked how many they have in all.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use roaring::RoaringBitmap;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::found::Answer;
use super::matched::MatchedBy;
use super::question::Questions;
use crate::digest::{Pdq, Quality, SignalKind, TimedFrame, Transform};
use crate::index::{Hit, Index, IndexError, ListedFrames, Scope, VideoId};
use crate::kernel::Distance;

/// How much of two videos must be alike, in percent of the distinct usable frames of each, bounds included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoBounds {
    query: u8,
    index: u8,
}

/// Text that says no such thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("how much of two videos must be alike is PERCENT or PERCENT,PERCENT, each 0 to 100, as in 80,0")]
pub struct VideoBoundsError;

impl VideoBounds {
    /// So much of the video that is asked about must be near frames of the listed one, and so much of that near frames of
    /// the other.
    ///
    /// # Errors
    /// [`VideoBoundsError`] if one of them is more than 100.
    pub fn new(query: u8, index: u8) -> Result<Self, VideoBoundsError> {
        if query.max(index) <= 100 { Ok(Self { query, index }) } else { Err(VideoBoundsError) }
    }

    /// Both, in this order.
    pub(super) const fn percents(self) -> [u8; 2] {
        [self.query, self.index]
    }
}

impl Default for VideoBounds {
    /// 80 and 0, as python-threatexchange has it: the one may be a piece of the other.
    fn default() -> Self {
        Self { query: 80, index: 0 }
    }
}

impl FromStr for VideoBounds {
    type Err = VideoBoundsError;

    fn from_str(text: &str) -> Result<Self, VideoBoundsError> {
        let (query, index) = text.split_once(',').unwrap_or((text, "0"));
        let percent = |text: &str| text.parse().map_err(|_| VideoBoundsError);
        Self::new(percent(query)?, percent(index)?)
    }
}

/// What of a video matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InVideo {
    /// One of its frames is near a listed picture: the nearest, and of several the first.
    Frame {
        /// Its number among the decoded frames, from 0.
        number: u32,
        /// When it is shown, in thousandths of a second.
        millis: u32,
    },
    /// So many of its frames are near those of a listed video.
    Frames(VideoMatch),
}

/// How much of two videos is alike. Frames are distinct ones of usable quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VideoMatch {
    /// Frames that are near one of the listed video.
    pub matched: u32,
    /// Frames of the video.
    pub frames: u32,
    /// Frames of the listed video that are near one of the video.
    pub listed_matched: u32,
    /// Frames of the listed video.
    pub listed_frames: u32,
    /// When the first of [`VideoMatch::matched`] is shown for the first time, in thousandths of a second.
    pub from_millis: u32,
    /// When the last of them is shown for the last time.
    pub to_millis: u32,
}

impl VideoMatch {
    /// The share of the video, in percent, to two decimals.
    #[must_use]
    pub fn query_percent(&self) -> f64 {
        percent(self.matched, self.frames)
    }

    /// The share of the listed video, in percent, to two decimals.
    #[must_use]
    pub fn index_percent(&self) -> f64 {
        percent(self.listed_matched, self.listed_frames)
    }
}

fn percent(part: u32, of: u32) -> f64 {
    (f64::from(part) * 10_000.0 / f64::from(of.max(1))).round() / 100.0
}

fn seconds(millis: u32) -> f64 {
    f64::from(millis) / 1000.0
}

impl InVideo {
    /// The same in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Frame { number, millis } => format!("frame {number} at {} s", seconds(*millis)),
            Self::Frames(found) => format!(
                "{} % of the video and {} % of the listed one are alike, from {} to {} s",
                found.query_percent(),
                found.index_percent(),
                seconds(found.from_millis),
                seconds(found.to_millis)
            ),
        }
    }
}

impl Serialize for InVideo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Frame { number, millis } => {
                let mut parts = serializer.serialize_struct("Frame", 2)?;
                parts.serialize_field("frame", number)?;
                parts.serialize_field("timestamp", &seconds(*millis))?;
                parts.end()
            }
            Self::Frames(found) => {
                let mut parts = serializer.serialize_struct("Frames", 3)?;
                parts.serialize_field("query_percent", &found.query_percent())?;
                parts.serialize_field("index_percent", &found.index_percent())?;
                let interval = [seconds(found.from_millis), seconds(found.to_millis)];
                parts.serialize_field("interval", &interval)?;
                parts.end()
            }
        }
    }
}

/// One distinct hash of a video that is asked about.
#[derive(Clone, Copy)]
pub(super) struct FrameAsked {
    pub(super) item: usize,
    /// The number of the hash among those of its video.
    rank: u32,
    /// The first frame that has it.
    number: u32,
    millis: u32,
    hash: Pdq,
}

/// When each distinct hash of a video is shown for the first and the last time, in thousandths of a second.
#[derive(Clone)]
pub(super) struct VideoAsked {
    shown: Vec<(u32, u32)>,
}

impl Questions {
    /// Asks for the frames of usable quality, each distinct one once.
    pub(super) fn video(&mut self, item: usize, frames: impl Iterator<Item = TimedFrame>) {
        let mut ranks: BTreeMap<Pdq, u32> = BTreeMap::new();
        let mut shown = Vec::new();
        for TimedFrame { frame, millis } in frames.filter(|timed| timed.frame.quality >= Quality::USABLE) {
            let rank = *ranks.entry(frame.hash).or_insert_with(|| {
                let rank = shown.len() as u32;
                shown.push((millis, millis));
                self.frames.push(FrameAsked { item, rank, number: frame.number, millis, hash: frame.hash });
                rank
            });
            let (from, to) = &mut shown[rank as usize];
            (*from, *to) = ((*from).min(millis), (*to).max(millis)); // times that a list states need not rise
        }
        self.videos.insert(item, VideoAsked { shown });
    }
}

/// Which frames the videos of each set have, found out when it is first asked for.
#[derive(Default)]
pub(super) struct Listed(Mutex<BTreeMap<String, Arc<ListedFrames>>>);

impl Listed {
    fn of(&self, index: &Index, set: &str) -> Result<Arc<ListedFrames>, IndexError> {
        let known = |known: &BTreeMap<String, Arc<ListedFrames>>| known.get(set).cloned();
        if let Some(found) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(found);
        }
        // Not under the lock: the pool that this uses may do other work, which asks as well.
        let found = Arc::new(index.listed_frames(set)?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(all.entry(set.to_owned()).or_insert(found).clone())
    }
}

/// What a listed video and one that is asked about have in common.
#[derive(Default)]
struct Candidate {
    /// The distinct hashes of the one.
    ranks: RoaringBitmap,
    /// The frames of the other, by segment and entry, at their least distance.
    listed: BTreeMap<(u32, u32), Distance>,
}

/// How videos are searched.
pub(super) struct VideoSearch<'a> {
    pub(super) index: &'a Index,
    pub(super) scope: &'a Scope,
    pub(super) listed: &'a Listed,
    pub(super) bounds: VideoBounds,
    /// Pictures whose list states a low quality answer to what is near, too.
    pub(super) low_quality: bool,
}

type Candidates<'a> = BTreeMap<(&'a str, VideoId), Candidate>;

impl<'a> VideoSearch<'a> {
    /// Gives `give` what answers to the videos of `questions`, with the number of their item: of each listed video that is
    /// alike enough those of its frames that were met, and of other entries those that are near a frame.
    pub(super) fn ask(
        &self,
        questions: &Questions,
        give: impl Fn(usize, Answer<'a>) + Sync,
    ) -> Result<(), IndexError> {
        let asked = &questions.frames;
        let hashes: Vec<Pdq> = asked.iter().map(|frame| frame.hash).collect();
        let items: BTreeSet<usize> = asked.iter().map(|frame| frame.item).collect();
        let met: BTreeMap<usize, Mutex<Candidates<'a>>> =
            items.into_iter().map(|item| (item, Mutex::default())).collect();
        self.index.each_near_many(&hashes, self.scope, |at, hit, entry| {
            let frame = &asked[at];
            let is_plain = hit.quality.is_some_and(|quality| quality < Quality::USABLE);
            match entry.key().of_frame() {
                Some(_) if is_plain => {}
                Some((video, _)) => {
                    let mut candidates = met[&frame.item].lock().unwrap_or_else(PoisonError::into_inner);
                    let candidate = candidates.entry((entry.set(), video)).or_default();
                    candidate.ranks.insert(frame.rank);
                    let nearest = candidate.listed.entry((hit.segment, hit.entry)).or_insert(hit.distance);
                    *nearest = (*nearest).min(hit.distance);
                }
                None if is_plain && hit.distance > Distance::ZERO && !self.low_quality => {}
                None => {
                    let place = InVideo::Frame { number: frame.number, millis: frame.millis };
                    give(
                        frame.item,
                        Answer {
                            entry,
                            signal: SignalKind::Pdq.into(),
                            distance: hit.distance,
                            max_distance: self.scope.bound(entry.set()).unwrap_or(hit.distance),
                            transform: Some(Transform::Original),
                            form: None,
                            video: Some(place),
                        },
                    );
                }
            }
        })?;
        for (item, candidates) in met {
            let Some(asked) = questions.videos.get(&item) else { continue };
            let candidates = candidates.into_inner().unwrap_or_else(PoisonError::into_inner);
            for ((set, video), candidate) in candidates {
                self.conclude(asked, set, video, &candidate, |answer| give(item, answer))?;
            }
        }
        Ok(())
    }

    fn conclude(
        &self,
        asked: &VideoAsked,
        set: &'a str,
        video: VideoId,
        candidate: &Candidate,
        give: impl Fn(Answer<'a>),
    ) -> Result<(), IndexError> {
        let enough = |part: usize, of: usize, least: u8| part * 100 >= usize::from(least) * of;
        let (matched, frames) = (candidate.ranks.len() as usize, asked.shown.len());
        if !enough(matched, frames, self.bounds.query) {
            return Ok(());
        }
        let of_video = self.index.frames_of(&*self.listed.of(self.index, set)?, video, self.scope)?;
        let is_usable = |quality: Option<Quality>| quality.is_none_or(|quality| quality >= Quality::USABLE);
        let usable = || of_video.iter().filter(|frame| is_usable(frame.quality));
        let is_met = |segment, entry| candidate.listed.contains_key(&(segment, entry));
        let listed: BTreeSet<Pdq> = usable().map(|frame| frame.hash).collect();
        let met: BTreeSet<Pdq> =
            usable().filter(|frame| is_met(frame.segment, frame.entry)).map(|frame| frame.hash).collect();
        if !enough(met.len(), listed.len(), self.bounds.index) {
            return Ok(());
        }
        let shown = || candidate.ranks.iter().map(|rank| asked.shown[rank as usize]);
        let found = VideoMatch {
            matched: matched as u32,
            frames: frames as u32,
            listed_matched: met.len() as u32,
            listed_frames: listed.len() as u32,
            from_millis: shown().map(|(from, _)| from).min().unwrap_or(0),
            to_millis: shown().map(|(_, to)| to).max().unwrap_or(0),
        };
        for (&(segment, entry), &distance) in &candidate.listed {
            let entry = self.index.entry(&Hit { segment, entry, distance, quality: None })?;
            give(Answer {
                entry: entry.of_video(video),
                signal: MatchedBy::Vpdq,
                distance,
                max_distance: self.scope.bound(set).unwrap_or(distance),
                transform: None,
                form: None,
                video: Some(InVideo::Frames(found)),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_percent() {
        assert_eq!("80".parse(), VideoBounds::new(80, 0));
        assert_eq!("0,100".parse(), VideoBounds::new(0, 100));
        assert_eq!("80,0".parse(), Ok(VideoBounds::default()));
        for text in ["", "101", "80,101", "-1", "80,", "80,0,0", "80 0"] {
            assert_eq!(text.parse::<VideoBounds>(), Err(VideoBoundsError), "{text}");
        }
    }

    #[test]
    fn what_matched_is_told_in_percent_and_seconds() {
        let found = VideoMatch {
            matched: 2,
            frames: 3,
            listed_matched: 1,
            listed_frames: 1,
            from_millis: 1_500,
            to_millis: 20_033,
        };
        let told = serde_json::to_string(&InVideo::Frames(found)).unwrap();
        assert_eq!(told, r#"{"query_percent":66.67,"index_percent":100.0,"interval":[1.5,20.033]}"#);
        let told = serde_json::to_string(&InVideo::Frame { number: 29, millis: 967 }).unwrap();
        assert_eq!(told, r#"{"frame":29,"timestamp":0.967}"#);
    }
}
