//! Two things side by side: how far apart they are in each way in which they are compared, and what follows from it.
//!
//! Needs no list: one of the two is in the place of what is screened, the other in that of what is listed.

use std::collections::BTreeMap;

use super::videos::alike;
use super::{Outcome, VideoBounds, VideoMatch};
use crate::digest::{
    Blake3, Classic, ClassicCode, Fingerprint, Pdq, Quality, Sha256, Signal, SignalKind, TimedFrame,
    Transform,
};
use crate::hashset::Bounds;
use crate::kernel::{Code256, Distance};
use crate::media::{Form, Gap};

/// One of two things that are compared.
pub enum Subject {
    /// A file.
    Item(Box<ComparedItem>),
    /// A hash of which the kind is known.
    Hash(Signal),
    /// 64 hexadecimal digits that nobody named: read as a PDQ hash, and as a digest if they equal one.
    Digits([u8; 32]),
}

/// A file of which is known what is to be explained.
pub struct ComparedItem {
    /// Its hashes.
    pub fingerprint: Fingerprint,
    /// The frames of a video, of whose bytes there need be no more than these.
    pub frames: Vec<TimedFrame>,
}

impl From<Fingerprint> for ComparedItem {
    fn from(fingerprint: Fingerprint) -> Self {
        let frames = fingerprint.video.as_ref().map_or_else(Vec::new, |video| video.timed().collect());
        Self { fingerprint, frames }
    }
}

impl ComparedItem {
    /// What of it could not be checked.
    #[must_use]
    pub fn gap(&self) -> Option<Gap> {
        let best = self.frames.iter().map(|timed| timed.frame.quality).max();
        let plain = best.filter(|best| !is_usable(Some(*best))).map(|best| Gap::LowQuality(best.percent()));
        self.fingerprint.gap.clone().or(plain)
    }
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

/// What of a thing has a PDQ hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A form of a picture.
    Form(Form),
    /// A frame of a video.
    Frame {
        /// Its number among the decoded frames, from 0.
        number: u32,
        /// When it is shown, in thousandths of a second.
        millis: u32,
    },
    /// Nothing is known but the hash.
    Bare,
}

/// How near is near.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Of picture hashes; kinds that are not named have their default.
    pub bounds: Bounds,
    /// Of videos.
    pub videos: VideoBounds,
}

impl Terms {
    /// The bound for `kind`.
    #[must_use]
    pub fn bound(&self, kind: SignalKind) -> Distance {
        self.bounds.get(kind).unwrap_or(kind.default_distance())
    }
}

/// Two PDQ hashes, one of which is turned if there are pixels to turn.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What of the first thing it is, with the quality if that is known.
    pub a: (Reading, Option<Quality>),
    /// What of the second.
    pub b: (Reading, Option<Quality>),
    /// Bits that differ: as both lie, and where pixels are turned in the order of [`Transform::ALL`].
    pub distances: Vec<Distance>,
    screened: Side,
    /// Of what is screened, as many as of `distances`.
    turned: Vec<Pdq>,
    lying: Pdq,
}

impl Pair {
    /// True if a search would go by it when this many bits differ: not if what is screened is too plain, and if what is listed
    /// is, only when they are equal.
    #[must_use]
    pub fn counts(&self, distance: Distance) -> bool {
        let (screened, listed) = match self.screened {
            Side::A => (self.a.1, self.b.1),
            Side::B => (self.b.1, self.a.1),
        };
        is_usable(screened) && (is_usable(listed) || distance == Distance::ZERO)
    }

    /// The least distance, and how what is screened is turned for it.
    #[must_use]
    pub fn least(&self) -> (Distance, Transform) {
        let all = self.distances.iter().copied().zip(Transform::ALL);
        all.min_by_key(|(distance, _)| *distance).unwrap_or((Distance::ZERO, Transform::Original))
    }

    /// The two hashes, that of the first thing first, with what is screened turned so.
    #[must_use]
    pub fn hashes(&self, transform: Transform) -> (Pdq, Pdq) {
        let turned = self.turned.get(transform as usize).copied().unwrap_or(self.turned[0]);
        match self.screened {
            Side::A => (turned, self.lying),
            Side::B => (self.lying, turned),
        }
    }
}

/// Two hashes of a classic kind.
#[derive(Debug, Clone)]
pub struct ClassicPair {
    /// The kind.
    pub kind: Classic,
    /// The form of the first thing; `None` for a bare hash.
    pub a: Option<Form>,
    /// The form of the second.
    pub b: Option<Form>,
    /// Bits that differ.
    pub distance: Distance,
    /// Bits that may.
    pub max_distance: Distance,
}

/// Two videos.
#[derive(Debug, Clone)]
pub struct VideoPair {
    /// How much of them is alike, the first in the place of what is screened.
    pub found: VideoMatch,
    /// Bits in which the nearest two frames differ; `None` if no two are near.
    pub nearest: Option<Distance>,
    /// True if so much is enough.
    pub is_alike: bool,
}

/// How two things compare.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// `Known`, `Near`, `Unknown` (compared, and neither), or `Unchecked`.
    pub outcome: Outcome,
    /// What could not be checked, or that only an MD5 is equal.
    pub reason: Option<String>,
    /// The digests that both have, and whether they are equal.
    pub digests: Vec<(SignalKind, bool)>,
    /// Whose pixels are turned; `None` if there are none.
    pub turned: Option<Side>,
    /// Bits of PDQ that may differ.
    pub max_distance: Distance,
    /// The PDQ hashes; of a video with a picture the nearest frame alone.
    pub pairs: Vec<Pair>,
    /// The classic hashes.
    pub classics: Vec<ClassicPair>,
    /// Both are videos.
    pub video: Option<VideoPair>,
}

impl Comparison {
    /// The nearest two PDQ hashes, of those that count if any do, and how what is screened is turned for it.
    #[must_use]
    pub fn nearest(&self) -> Option<(&Pair, Distance, Transform)> {
        let least = |pair: &&Pair| {
            let (distance, transform) = pair.least();
            (!pair.counts(distance), distance, transform != Transform::Original)
        };
        let pair = self.pairs.iter().min_by_key(least)?;
        let (distance, transform) = pair.least();
        Some((pair, distance, transform))
    }
}

fn is_usable(quality: Option<Quality>) -> bool {
    quality.is_none_or(|quality| quality >= Quality::USABLE)
}

impl Subject {
    /// The digest that it is, and nothing else.
    fn as_digest(&self) -> Option<Signal> {
        match self {
            Self::Hash(signal) if signal.kind().is_digest() => Some(*signal),
            _ => None,
        }
    }

    fn digests(&self) -> Vec<Signal> {
        match self {
            Self::Item(item) => item.fingerprint.digests.signals().to_vec(),
            Self::Hash(_) => self.as_digest().into_iter().collect(),
            Self::Digits(bytes) => {
                vec![Sha256::from_bytes(*bytes).into(), Blake3::from_bytes(*bytes).into()]
            }
        }
    }

    fn item(&self) -> Option<&ComparedItem> {
        match self {
            Self::Item(item) => Some(item),
            _ => None,
        }
    }

    /// Its pictures: of each what it is, the hash in all orientations that are known, and the quality.
    fn pictures(&self) -> Vec<(Reading, Vec<Pdq>, Option<Quality>)> {
        match self {
            Self::Item(item) => {
                let forms = item.fingerprint.forms.iter();
                let picture = |form: &crate::digest::HashedForm| {
                    (Reading::Form(form.form), form.hash.dihedral.to_vec(), Some(form.hash.quality))
                };
                forms.map(picture).collect()
            }
            Self::Hash(Signal::Pdq(hash)) => vec![(Reading::Bare, vec![*hash], None)],
            Self::Hash(_) => Vec::new(),
            Self::Digits(bytes) => {
                vec![(Reading::Bare, vec![Pdq::new(Code256::from_bytes(*bytes))], None)]
            }
        }
    }

    /// Its frames that are good enough to be compared.
    fn frames(&self) -> impl Iterator<Item = &TimedFrame> + Clone {
        let frames = self.item().map_or(&[][..], |item| &item.frames);
        frames.iter().filter(|timed| is_usable(Some(timed.frame.quality)))
    }

    fn has_frames(&self) -> bool {
        self.item().is_some_and(|item| !item.frames.is_empty())
    }

    fn classics(&self) -> Vec<(Option<Form>, ClassicCode)> {
        match self {
            Self::Item(item) => {
                let usable = item.fingerprint.usable_classics();
                usable.map(|classic| (Some(classic.form), classic.code)).collect()
            }
            Self::Hash(Signal::Classic(code)) => vec![(None, *code)],
            _ => Vec::new(),
        }
    }
}

/// Compares two things as a search would, had the one been screened and the other listed. That is the first, if it is a
/// file, else the second: what is screened is turned, what is listed is compared as it lies.
///
/// Two videos are compared frame by frame, each with each.
#[must_use]
pub fn compare(a: &Subject, b: &Subject, terms: &Terms) -> Comparison {
    let max_distance = terms.bound(SignalKind::Pdq);
    let screened = if a.item().is_none() && b.item().is_some() { Side::B } else { Side::A };
    let digests = digests(a, b);
    let pairs = pairs(a, b, screened);
    let classics = classics(a, b, terms);
    let video = video(a, b, terms);
    let turned = pairs.iter().any(|pair| pair.distances.len() > 1).then_some(screened);
    let is_known = digests.iter().any(|(_, equal)| *equal);
    let is_near = pairs.iter().any(|pair| {
        pair.distances.iter().any(|distance| *distance <= max_distance && pair.counts(*distance))
    }) || classics.iter().any(|pair| pair.distance <= pair.max_distance)
        || video.as_ref().is_some_and(|video| video.is_alike);
    let missing = missing(a, b, &digests, pairs.is_empty() && classics.is_empty() && video.is_none());
    let (outcome, reason) = match (is_known, is_near, missing) {
        (true, ..) => (Outcome::Known, md5_alone(&digests)),
        (_, true, missing) => (Outcome::Near, missing),
        (.., Some(missing)) => (Outcome::Unchecked, Some(missing)),
        (.., None) => (Outcome::Unknown, None),
    };
    Comparison { outcome, reason, digests, turned, max_distance, pairs, classics, video }
}

fn md5_alone(digests: &[(SignalKind, bool)]) -> Option<String> {
    let alone = digests.iter().all(|(kind, equal)| !equal || *kind == SignalKind::Md5);
    alone.then(|| "equal by MD5 alone, which can be forged".into())
}

/// What could not be compared that should be, in words.
fn missing(a: &Subject, b: &Subject, digests: &[(SignalKind, bool)], no_looks: bool) -> Option<String> {
    if a.as_digest().or(b.as_digest()).is_some() {
        let other = "a digest is compared with a digest of its own kind, or with a file";
        return digests.is_empty().then(|| other.into());
    }
    let sides = [("A", a.item()), ("B", b.item())];
    let gaps = sides.into_iter().filter_map(|(side, item)| Some(format!("{side}: {}", item?.gap()?)));
    let gaps: Vec<String> = gaps.collect();
    if !gaps.is_empty() {
        return Some(gaps.join("; "));
    }
    // Two files of which neither has anything but digests are compared by all that there is.
    let both = a.item().is_some() && b.item().is_some();
    (no_looks && !both).then(|| "they have no hash of one kind".into())
}

fn digests(a: &Subject, b: &Subject) -> Vec<(SignalKind, bool)> {
    let theirs: BTreeMap<SignalKind, Signal> =
        b.digests().into_iter().map(|digest| (digest.kind(), digest)).collect();
    let compared =
        a.digests().into_iter().filter_map(|ours| Some((ours.kind(), *theirs.get(&ours.kind())? == ours)));
    // Digits that nobody named are no digest unless they equal one; two of them are compared as PDQ hashes.
    let unnamed = |subject: &Subject| matches!(subject, Subject::Digits(_));
    let (one, two) = (unnamed(a) || unnamed(b), unnamed(a) && unnamed(b));
    compared.filter(|(_, equal)| !two && (!one || *equal)).collect()
}

fn pairs(a: &Subject, b: &Subject, screened: Side) -> Vec<Pair> {
    let (query, listed) = match screened {
        Side::A => (a, b),
        Side::B => (b, a),
    };
    type Picture = (Reading, Vec<Pdq>, Option<Quality>);
    let pair = |(ours, turned, quality): &Picture, (theirs, lying, listed): (Reading, Pdq, _)| {
        let distances = turned.iter().map(|hash| hash.code().distance(lying.code())).collect();
        let (query, listed) = ((*ours, *quality), (theirs, listed));
        let (a, b) = if screened == Side::A { (query, listed) } else { (listed, query) };
        Pair { a, b, distances, screened, turned: turned.clone(), lying }
    };
    let of_frame = |timed: &TimedFrame| {
        let reading = Reading::Frame { number: timed.frame.number, millis: timed.millis };
        (reading, timed.frame.hash, Some(timed.frame.quality))
    };
    let (ours, theirs) = (query.pictures(), listed.pictures());
    let mut pairs = Vec::new();
    for picture in &ours {
        pairs
            .extend(theirs.iter().map(|(form, hashes, quality)| pair(picture, (*form, hashes[0], *quality))));
    }
    // Of many frames the one that says most stands for all, since no more than one is needed.
    for picture in &ours {
        let distance = |timed: &&TimedFrame| {
            picture.1.iter().map(|hash| hash.code().distance(timed.frame.hash.code())).min()
        };
        pairs.extend(listed.frames().min_by_key(distance).map(|timed| pair(picture, of_frame(timed))));
    }
    for (form, hashes, quality) in &theirs {
        let distance = |timed: &&TimedFrame| hashes[0].code().distance(timed.frame.hash.code());
        pairs.extend(query.frames().min_by_key(distance).map(|timed| {
            let (reading, hash, ours) = of_frame(timed);
            pair(&(reading, vec![hash], ours), (*form, hashes[0], *quality))
        }));
    }
    pairs
}

fn classics(a: &Subject, b: &Subject, terms: &Terms) -> Vec<ClassicPair> {
    let (ours, theirs) = (a.classics(), b.classics());
    let mut pairs = Vec::new();
    for (a, code) in &ours {
        for (b, other) in theirs.iter().filter(|(_, other)| other.kind() == code.kind()) {
            let (kind, distance) = (code.kind(), code.code().distance(other.code()));
            let max_distance = terms.bound(SignalKind::Classic(kind));
            pairs.push(ClassicPair { kind, a: *a, b: *b, distance, max_distance });
        }
    }
    pairs.sort_by_key(|pair| (pair.kind, pair.distance));
    pairs
}

fn video(a: &Subject, b: &Subject, terms: &Terms) -> Option<VideoPair> {
    if !a.has_frames() || !b.has_frames() {
        return None;
    }
    let max = terms.bound(SignalKind::Pdq);
    let (found, nearest) = alike(a.frames().copied(), b.frames().copied(), max)?;
    Some(VideoPair { found, nearest, is_alike: terms.videos.admits(&found) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{Digests, FrameRate, HashedForm, PdqHash, VideoFrame, VideoHash};
    use crate::media::{Content, Raster};

    fn waves(seed: u32) -> Raster {
        let pixel = move |x: u32, y: u32| ((x * x * seed + 3 * y * y + 2 * x * y * (seed + 1)) / 700) as u8;
        Raster::grey(150, 120, (0..120).flat_map(|y| (0..150).map(move |x| pixel(x, y))).collect())
    }

    fn picture(seed: u32, quality: u8) -> Fingerprint {
        let mut fingerprint = Fingerprint::read(&b"words"[..], &Default::default()).unwrap();
        fingerprint.digests = Digests::of(&seed.to_le_bytes());
        let mut hash = PdqHash::of(&waves(seed));
        hash.quality = Quality::new(quality).unwrap();
        fingerprint.forms = vec![HashedForm { form: Form::Correct, hash }];
        fingerprint.gap = (quality < 50).then_some(Gap::LowQuality(quality));
        fingerprint
    }

    fn subject(fingerprint: Fingerprint) -> Subject {
        Subject::Item(Box::new(fingerprint.into()))
    }

    fn flipped(hash: Pdq, bits: usize) -> Pdq {
        let mut bytes = *hash.code().as_bytes();
        (0..bits).for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
        Pdq::new(Code256::from_bytes(bytes))
    }

    fn outcome(a: &Subject, b: &Subject) -> (Outcome, Option<String>) {
        let found = compare(a, b, &Terms::default());
        (found.outcome, found.reason)
    }

    #[test]
    fn the_bound_counts_and_one_bit_more_does_not() {
        let print = picture(1, 100);
        let turned = print.forms[0].hash.dihedral[5];
        for (bits, expected) in [(0, Outcome::Near), (31, Outcome::Near), (32, Outcome::Unknown)] {
            let hash = Subject::Hash(flipped(turned, bits).into());
            let found = compare(&subject(print.clone()), &hash, &Terms::default());
            let (pair, distance, transform) = found.nearest().unwrap();
            assert_eq!((usize::from(distance.bits()), transform), (bits, Transform::FlipY));
            assert_eq!((found.outcome, found.turned), (expected, Some(Side::A)));
            let (a, b) = pair.hashes(transform);
            assert_eq!((a, b), (turned, flipped(turned, bits)));
            // The other way round it is the file again that is turned.
            let found = compare(&hash, &subject(print.clone()), &Terms::default());
            assert_eq!((found.outcome, found.turned), (expected, Some(Side::B)));
            assert_eq!(found.nearest().unwrap().1, distance);
        }
    }

    #[test]
    fn what_is_plain_is_not_near_and_a_plain_entry_answers_to_an_equal_hash_alone() {
        let (good, plain) = (picture(1, 100), picture(1, 12));
        let hash = |bits| Subject::Hash(flipped(good.forms[0].hash.original(), bits).into());
        let (told, reason) = outcome(&subject(plain.clone()), &hash(0));
        assert_eq!(told, Outcome::Unchecked);
        assert!(reason.unwrap().starts_with("A: too plain"));
        let listed = |bits| {
            let mut listed = plain.clone();
            let original = &mut listed.forms[0].hash.dihedral[0];
            *original = flipped(*original, bits);
            listed.digests = Digests::of(b"another");
            subject(listed)
        };
        assert_eq!(outcome(&subject(good.clone()), &listed(0)).0, Outcome::Near);
        assert_eq!(outcome(&subject(good.clone()), &listed(1)).0, Outcome::Unchecked);
    }

    #[test]
    fn digests_make_it_known_and_md5_alone_says_so() {
        let print = picture(1, 100);
        let [sha256, blake3, _, md5] = print.digests.signals();
        assert_eq!(outcome(&subject(print.clone()), &subject(print.clone())), (Outcome::Known, None));
        assert_eq!(outcome(&subject(print.clone()), &Subject::Hash(sha256)), (Outcome::Known, None));
        let (told, reason) = outcome(&Subject::Hash(md5), &subject(print.clone()));
        assert!(told == Outcome::Known && reason.unwrap().contains("forged"));
        let other = Subject::Hash(Digests::of(b"other").md5.into());
        assert_eq!(outcome(&other, &subject(print.clone())), (Outcome::Unknown, None));
        assert_eq!(outcome(&other, &Subject::Hash(md5)).0, Outcome::Unknown);
        assert_eq!(outcome(&other, &Subject::Hash(sha256)).0, Outcome::Unchecked);
        // Digits without a kind that are the digest of the file are no PDQ hash.
        for digest in [sha256, blake3] {
            let digits = Subject::Digits(digest.as_bytes().try_into().unwrap());
            assert_eq!(outcome(&digits, &subject(print.clone())).0, Outcome::Known);
        }
        let digits = Subject::Digits(*print.forms[0].hash.original().code().as_bytes());
        assert_eq!(outcome(&digits, &subject(print)).0, Outcome::Near);
        assert_eq!(outcome(&digits, &digits).0, Outcome::Near, "equal, and no file was seen");
    }

    #[test]
    fn what_has_nothing_in_common_is_not_compared() {
        let text = || subject(Fingerprint::read(&b"words"[..], &Default::default()).unwrap());
        let other = || subject(Fingerprint::read(&b"more words"[..], &Default::default()).unwrap());
        let pdq = Subject::Hash(PdqHash::of(&waves(3)).original().into());
        assert_eq!(outcome(&text(), &pdq).0, Outcome::Unchecked);
        assert_eq!(outcome(&text(), &other()), (Outcome::Unknown, None));
        assert_eq!(outcome(&text(), &subject(picture(1, 100))), (Outcome::Unknown, None));
        let classic = Subject::Hash("gradient8:00000000000000ff".parse().unwrap());
        assert_eq!(outcome(&classic, &pdq).0, Outcome::Unchecked);
        assert_eq!(outcome(&classic, &classic).0, Outcome::Near);
        let zip = subject(Fingerprint::read(&b"PK\x03\x04...."[..], &Default::default()).unwrap());
        assert_eq!(outcome(&zip, &text()), (Outcome::Unchecked, Some("A: not opened: ZIP".into())));
    }

    fn video(seeds: &[u32]) -> Fingerprint {
        let frame = |(number, seed): (u32, &u32)| VideoFrame {
            number,
            hash: PdqHash::of(&waves(*seed)).original(),
            quality: Quality::new(if *seed == 0 { 10 } else { 100 }).unwrap(),
        };
        let mut print = Fingerprint::read(&b"words"[..], &Default::default()).unwrap();
        print.content = Content::named("MPEG-4 video").unwrap();
        print.digests = Digests::of(&seeds.iter().flat_map(|seed| seed.to_le_bytes()).collect::<Vec<_>>());
        let frames = (0..).zip(seeds).map(frame).collect();
        print.video = Some(VideoHash { rate: FrameRate::new(1, 1).unwrap(), frames });
        print
    }

    #[test]
    fn videos_are_compared_by_the_shares_of_their_distinct_frames() {
        let found = compare(
            &subject(video(&[1, 1, 2, 0, 7])),
            &subject(video(&[2, 1, 11, 13, 17])),
            &Terms::default(),
        );
        let pair = found.video.unwrap();
        let VideoMatch { matched, frames, listed_matched, listed_frames, from_millis, to_millis } =
            pair.found;
        assert_eq!((matched, frames, listed_matched, listed_frames), (2, 3, 2, 5));
        assert_eq!((from_millis, to_millis, pair.nearest), (0, 2000, Some(Distance::ZERO)));
        assert_eq!((pair.is_alike, found.outcome), (false, Outcome::Unknown));
        let videos = "66,40".parse().unwrap();
        let terms = |videos| Terms { videos, ..Terms::default() };
        let again = |terms: &Terms| {
            compare(&subject(video(&[1, 1, 2, 0, 7])), &subject(video(&[2, 1, 11, 13, 17])), terms).outcome
        };
        assert_eq!(again(&terms(videos)), Outcome::Near);
        assert_eq!(again(&terms("66,41".parse().unwrap())), Outcome::Unknown);
        let plain = outcome(&subject(video(&[0, 0])), &subject(video(&[1])));
        assert_eq!(plain.0, Outcome::Unchecked);
    }

    #[test]
    fn a_frame_is_compared_with_a_picture_which_is_turned_if_it_is_screened() {
        let still = picture(2, 100);
        let found = compare(&subject(video(&[5, 2])), &subject(still.clone()), &Terms::default());
        let (pair, distance, transform) = found.nearest().unwrap();
        assert_eq!(pair.a.0, Reading::Frame { number: 1, millis: 1000 });
        assert_eq!((distance, transform), (Distance::ZERO, Transform::Original));
        assert_eq!((found.turned, found.outcome), (None, Outcome::Near));
        let mut turned = still;
        turned.forms[0].hash.dihedral.rotate_left(4);
        let found = compare(&subject(turned.clone()), &subject(video(&[5, 2])), &Terms::default());
        assert_eq!((found.outcome, found.nearest().unwrap().1), (Outcome::Near, Distance::ZERO));
        let found = compare(&subject(video(&[5, 2])), &subject(turned), &Terms::default());
        assert_eq!(found.outcome, Outcome::Unknown, "frames are compared as they lie");
    }
}
