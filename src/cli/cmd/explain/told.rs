//! What `explain` says to programs, field by field as `docs/cli.md` has it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Given, hex_of};
use crate::cli::cmd::hash::FormLine;
use crate::digest::{Fidelity, Quality, Transform};
use crate::media::Form;
use crate::screen::{ComparedItem, Comparison, Outcome, Reading, Side, Subject, Terms, VideoPair};

#[derive(Serialize)]
pub(super) struct Explanation<'a> {
    a: SideLine,
    b: SideLine,
    outcome: Outcome,
    reason: &'a Option<String>,
    digests: Vec<DigestLine>,
    turned: Option<&'static str>,
    max_distance: u16,
    pdq: Vec<PairLine>,
    nearest: Option<NearestLine>,
    classic: Vec<ClassicLine>,
    video: Option<VideoLine>,
}

/// One of the two.
#[derive(Default, Serialize)]
struct SideLine {
    given: &'static str,
    hash: Option<String>,
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    media: Option<&'static str>,
    content: Option<&'static str>,
    bytes: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
    fidelity: Option<Fidelity>,
    forms: Vec<FormLine>,
    frames: Option<usize>,
    usable_frames: Option<usize>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct DigestLine {
    kind: &'static str,
    equal: bool,
}

#[derive(Serialize)]
struct PairLine {
    a: ReadingLine,
    b: ReadingLine,
    distances: BTreeMap<&'static str, u16>,
    counts: bool,
}

/// What of a thing has a hash; nothing but `null` for a bare one.
#[derive(Serialize)]
struct ReadingLine {
    form: Option<Form>,
    frame: Option<u32>,
    timestamp: Option<f64>,
    quality: Option<Quality>,
}

#[derive(Serialize)]
struct NearestLine {
    a: ReadingLine,
    b: ReadingLine,
    transform: Transform,
    distance: u16,
    within: bool,
    differing: Vec<usize>,
}

#[derive(Serialize)]
struct ClassicLine {
    kind: &'static str,
    a: Option<Form>,
    b: Option<Form>,
    distance: u16,
    max_distance: u16,
    within: bool,
}

#[derive(Serialize)]
struct VideoLine {
    query_percent: f64,
    index_percent: f64,
    needed: [u8; 2],
    interval: Option<[f64; 2]>,
    distance: Option<u16>,
    within: bool,
}

pub(super) fn explanation<'a>(a: &Given, b: &Given, found: &'a Comparison, terms: &Terms) -> Explanation<'a> {
    let pair = |pair: &crate::screen::Pair| PairLine {
        a: reading(pair.a),
        b: reading(pair.b),
        distances: pair
            .distances
            .iter()
            .zip(Transform::ALL)
            .map(|(distance, transform)| (transform.as_str(), distance.bits()))
            .collect(),
        counts: pair.counts(pair.least().0),
    };
    let nearest = found.nearest().map(|(pair, distance, transform)| {
        let (first, second) = pair.hashes(transform);
        NearestLine {
            a: reading(pair.a),
            b: reading(pair.b),
            transform,
            distance: distance.bits(),
            within: distance <= found.max_distance && pair.counts(distance),
            differing: first.differing(&second),
        }
    });
    let classic = |pair: &crate::screen::ClassicPair| ClassicLine {
        kind: pair.kind.as_str(),
        a: pair.a,
        b: pair.b,
        distance: pair.distance.bits(),
        max_distance: pair.max_distance.bits(),
        within: pair.distance <= pair.max_distance,
    };
    Explanation {
        a: side(a),
        b: side(b),
        outcome: found.outcome,
        reason: &found.reason,
        digests: found
            .digests
            .iter()
            .map(|(kind, equal)| DigestLine { kind: kind.as_str(), equal: *equal })
            .collect(),
        turned: found.turned.map(|side| if side == Side::A { "a" } else { "b" }),
        max_distance: found.max_distance.bits(),
        pdq: found.pairs.iter().map(pair).collect(),
        nearest,
        classic: found.classics.iter().map(classic).collect(),
        video: found.video.as_ref().map(|pair| video(pair, terms)),
    }
}

fn side(given: &Given) -> SideLine {
    match &given.subject {
        Subject::Hash(signal) => {
            SideLine { given: "hash", hash: Some(signal.to_text()), ..SideLine::default() }
        }
        Subject::Digits(bytes) => {
            SideLine { given: "digits", hash: Some(hex::encode(bytes)), ..SideLine::default() }
        }
        Subject::Item(item) => file(given, item),
    }
}

fn file(given: &Given, item: &ComparedItem) -> SideLine {
    let print = &item.fingerprint;
    let forms = print.forms.iter().map(|form| FormLine {
        form: form.form,
        pdq: form.hash.original().to_hex(),
        quality: form.hash.quality,
    });
    let usable = item.frames.iter().filter(|timed| timed.frame.quality >= Quality::USABLE).count();
    SideLine {
        given: "file",
        hash: None,
        path: given.path.as_ref().map(|path| path.to_string_lossy().into_owned()),
        path_hex: hex_of(given),
        media: Some(print.content.media().as_str()),
        content: Some(print.content.name),
        bytes: Some(print.bytes),
        width: print.size.map(|(width, _)| width),
        height: print.size.map(|(_, height)| height),
        fidelity: (!print.forms.is_empty()).then_some(print.fidelity),
        forms: forms.collect(),
        frames: (!item.frames.is_empty()).then_some(item.frames.len()),
        usable_frames: (!item.frames.is_empty()).then_some(usable),
        reason: item.gap().map(|gap| gap.to_string()),
    }
}

fn seconds(millis: u32) -> f64 {
    f64::from(millis) / 1000.0
}

fn reading((reading, quality): (Reading, Option<Quality>)) -> ReadingLine {
    let line = ReadingLine { form: None, frame: None, timestamp: None, quality };
    match reading {
        Reading::Form(form) => ReadingLine { form: Some(form), ..line },
        Reading::Frame { number, millis } => {
            ReadingLine { frame: Some(number), timestamp: Some(seconds(millis)), ..line }
        }
        Reading::Bare => line,
    }
}

fn video(pair: &VideoPair, terms: &Terms) -> VideoLine {
    let VideoPair { found, nearest, is_alike } = pair;
    let interval = [seconds(found.from_millis), seconds(found.to_millis)];
    VideoLine {
        query_percent: found.query_percent(),
        index_percent: found.index_percent(),
        needed: [terms.videos.query(), terms.videos.index()],
        interval: (found.matched > 0).then_some(interval),
        distance: nearest.map(|distance| distance.bits()),
        within: *is_alike,
    }
}
