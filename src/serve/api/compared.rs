//! How two things compare, field by field as `innerward explain` has it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::answers::{one_of, outcomes, transforms};
use super::hashed::{FormHash, forms};
use crate::digest::{Quality, Transform};
use crate::screen::{
    ClassicPair, ComparedItem, Comparison, Outcome, Pair, Reading, Side, Subject, Terms, VideoPair,
};

/// How two things compare.
#[derive(Serialize, ToSchema)]
#[schema(as = Comparison)]
pub(super) struct Compared {
    /// The first thing.
    a: Thing,
    /// The second.
    b: Thing,
    /// `known` (a digest is equal), `near`, `unknown` (compared, and neither), `unchecked` (could not be compared).
    #[schema(schema_with = outcomes)]
    outcome: &'static str,
    /// What could not be checked, of which side, or that only an MD5 is equal.
    reason: Option<String>,
    /// The digests that both have.
    digests: Vec<DigestPair>,
    /// Whose pixels are turned: `a`, `b`, or `null` if there are none.
    turned: Option<&'static str>,
    /// Bits of PDQ that may differ.
    max_distance: u16,
    /// The PDQ hashes, each pair of forms; of a video with a picture the nearest frame.
    pdq: Vec<PdqPair>,
    /// The least of these, of those that count if any do.
    nearest: Option<Nearest>,
    /// The classic hashes that both have.
    classic: Vec<ClassicPairTold>,
    /// Of two videos.
    video: Option<VideoPairTold>,
}

/// One of two things.
#[derive(Default, Serialize, ToSchema)]
struct Thing {
    /// What was given.
    #[schema(schema_with = given)]
    given: &'static str,
    /// The hash, if that was given.
    hash: Option<String>,
    /// Code of the medium.
    media: Option<&'static str>,
    /// What the file is, by its content.
    content: Option<&'static str>,
    /// Its length.
    bytes: Option<u64>,
    /// Pixels of the first form.
    width: Option<u32>,
    /// Pixels of the first form.
    height: Option<u32>,
    /// PDQ of every form that differs.
    forms: Vec<FormHash>,
    /// Frames of a video that were hashed.
    frames: Option<usize>,
    /// Those of them that are good enough to be compared.
    usable_frames: Option<usize>,
    /// What of it could not be checked; `null` if all was.
    unchecked: Option<String>,
}

fn given() -> Object {
    one_of(["file", "hash"])
}

#[derive(Serialize, ToSchema)]
struct DigestPair {
    /// `md5`, `sha1`, `sha256` or `blake3`.
    kind: &'static str,
    /// Whether they are equal.
    equal: bool,
}

/// What of a thing has a hash; nothing but `null` for a bare one.
#[derive(Serialize, ToSchema)]
struct Place {
    /// The form of a picture.
    form: Option<String>,
    /// The number of a video's frame.
    frame: Option<u32>,
    /// The same in seconds.
    timestamp: Option<f64>,
    /// 0 to 100; below 50 it is too plain.
    quality: Option<u8>,
}

#[derive(Serialize, ToSchema)]
struct PdqPair {
    a: Place,
    b: Place,
    /// Bits that differ by transform; `original` alone where nothing is turned.
    distances: BTreeMap<&'static str, u16>,
    /// False if one of them is too plain to count.
    counts: bool,
}

#[derive(Serialize, ToSchema)]
struct Nearest {
    a: Place,
    b: Place,
    /// How what is screened is turned.
    #[schema(schema_with = transforms)]
    transform: &'static str,
    /// Bits that differ.
    distance: u16,
    /// Whether they are near by it.
    within: bool,
    /// Numbers of the bits that differ, row by row: 16 times the row plus the column.
    differing: Vec<usize>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ClassicPair)]
struct ClassicPairTold {
    /// The kind.
    kind: &'static str,
    /// The form of the first thing; `null` for a bare hash.
    a: Option<String>,
    /// The form of the second.
    b: Option<String>,
    /// Bits that differ.
    distance: u16,
    /// Bits that may.
    max_distance: u16,
    /// Whether they are near by it.
    within: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = VideoPair)]
struct VideoPairTold {
    /// Of the first video's frames, the share that is near a frame of the second.
    query_percent: f64,
    /// Of the second's, the share that is near a frame of the first.
    index_percent: f64,
    /// The shares that are needed.
    needed: [u8; 2],
    /// From the first to the last of the first video's frames that are near, in seconds.
    interval: Option<[f64; 2]>,
    /// Bits in which the nearest two frames differ; `null` if no two are near.
    distance: Option<u16>,
    /// Whether so much is enough.
    within: bool,
}

impl Compared {
    pub(super) fn new(a: &Subject, b: &Subject, found: &Comparison, terms: &Terms) -> Self {
        let nearest = found.nearest().map(|(pair, distance, transform)| {
            let (first, second) = pair.hashes(transform);
            Nearest {
                a: place(pair.a),
                b: place(pair.b),
                transform: transform.as_str(),
                distance: distance.bits(),
                within: distance <= found.max_distance && pair.counts(distance),
                differing: first.differing(&second),
            }
        });
        let digest = |(kind, equal): &(crate::digest::SignalKind, bool)| DigestPair {
            kind: kind.as_str(),
            equal: *equal,
        };
        Self {
            a: thing(a),
            b: thing(b),
            outcome: Outcome::as_str(found.outcome),
            reason: found.reason.clone(),
            digests: found.digests.iter().map(digest).collect(),
            turned: found.turned.map(|side| if side == Side::A { "a" } else { "b" }),
            max_distance: found.max_distance.bits(),
            pdq: found.pairs.iter().map(pdq).collect(),
            nearest,
            classic: found.classics.iter().map(classic).collect(),
            video: found.video.as_ref().map(|pair| video(pair, terms)),
        }
    }
}

fn pdq(pair: &Pair) -> PdqPair {
    let distances = pair.distances.iter().zip(Transform::ALL);
    PdqPair {
        a: place(pair.a),
        b: place(pair.b),
        distances: distances.map(|(distance, transform)| (transform.as_str(), distance.bits())).collect(),
        counts: pair.counts(pair.least().0),
    }
}

fn classic(pair: &ClassicPair) -> ClassicPairTold {
    ClassicPairTold {
        kind: pair.kind.as_str(),
        a: pair.a.map(|form| form.to_string()),
        b: pair.b.map(|form| form.to_string()),
        distance: pair.distance.bits(),
        max_distance: pair.max_distance.bits(),
        within: pair.distance <= pair.max_distance,
    }
}

fn thing(subject: &Subject) -> Thing {
    match subject {
        Subject::Item(item) => file(item),
        Subject::Hash(signal) => Thing { given: "hash", hash: Some(signal.to_text()), ..Thing::default() },
        Subject::Digits(bytes) => Thing { given: "hash", hash: Some(hex::encode(bytes)), ..Thing::default() },
    }
}

fn file(item: &ComparedItem) -> Thing {
    let print = &item.fingerprint;
    let usable = item.frames.iter().filter(|timed| timed.frame.quality >= Quality::USABLE).count();
    let is_video = !item.frames.is_empty();
    Thing {
        given: "file",
        hash: None,
        media: Some(print.content.media().as_str()),
        content: Some(print.content.name),
        bytes: Some(print.bytes),
        width: print.size.map(|(width, _)| width),
        height: print.size.map(|(_, height)| height),
        forms: forms(print),
        frames: is_video.then_some(item.frames.len()),
        usable_frames: is_video.then_some(usable),
        unchecked: item.gap().map(|gap| gap.to_string()),
    }
}

fn seconds(millis: u32) -> f64 {
    f64::from(millis) / 1000.0
}

fn place((reading, quality): (Reading, Option<Quality>)) -> Place {
    let place = Place { form: None, frame: None, timestamp: None, quality: quality.map(Quality::percent) };
    match reading {
        Reading::Form(form) => Place { form: Some(form.to_string()), ..place },
        Reading::Frame { number, millis } => {
            Place { frame: Some(number), timestamp: Some(seconds(millis)), ..place }
        }
        Reading::Bare => place,
    }
}

fn video(pair: &VideoPair, terms: &Terms) -> VideoPairTold {
    let VideoPair { found, nearest, is_alike } = pair;
    let interval = [seconds(found.from_millis), seconds(found.to_millis)];
    VideoPairTold {
        query_percent: found.query_percent(),
        index_percent: found.index_percent(),
        needed: [terms.videos.query(), terms.videos.index()],
        interval: (found.matched > 0).then_some(interval),
        distance: nearest.map(|distance| distance.bits()),
        within: *is_alike,
    }
}
