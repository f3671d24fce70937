//! What is answered, field by field as `docs/api.md` has it; the names are those of the command line's JSON (`docs/cli.md`).

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

use crate::digest::{Fingerprint, Transform};
use crate::hashset::Role;
use crate::index::Explained;
use crate::screen::{Held, InVideo, Match, Matcher, NotAllowed, Outcome, Selection, Verdict};

/// A closed list of words.
pub(in crate::serve) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// The same, or `null`.
pub(super) fn one_of_or_null<'a>(words: impl IntoIterator<Item = &'a str>) -> Object {
    let words = words.into_iter().map(serde_json::Value::from).chain([serde_json::Value::Null]);
    let types = SchemaType::from_iter([Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(types).enum_values(Some(words)).build()
}

pub(super) fn outcomes() -> Object {
    one_of(Outcome::ALL.map(Outcome::as_str))
}

pub(super) fn transforms() -> Object {
    one_of_or_null(Transform::ALL.map(Transform::as_str))
}

fn held() -> Object {
    one_of_or_null(Held::ALL.map(Held::as_str))
}

fn held_words() -> utoipa::openapi::schema::Array {
    utoipa::openapi::schema::ArrayBuilder::new().items(one_of(Held::ALL.map(Held::as_str))).build()
}

fn roles() -> Object {
    one_of([Role::Match, Role::Ignore, Role::Watch].map(Role::as_str))
}

fn policies() -> Object {
    one_of([COUNTS, HARMLESS].into_iter().chain(Held::ALL.map(Held::as_str)))
}

pub(in crate::serve) const COUNTS: &str = "counts";
const HARMLESS: &str = "harmless";

/// One category of a source, as it gave it.
#[derive(Serialize, ToSchema)]
pub(super) struct Category<'a> {
    /// Whose it is.
    #[schema(example = "threatexchange")]
    scheme: &'a str,
    /// The profile without which a number says nothing.
    profile: Option<&'a str>,
    /// The code.
    code: &'a str,
}

/// One entry that matched. For the ward's own people.
#[derive(Serialize, ToSchema)]
#[schema(as = Match)]
pub(super) struct Found<'a> {
    /// The set's name.
    #[schema(example = "DEMO")]
    set: &'a str,
    /// The entry's key in the set.
    #[schema(example = "7-demo-1")]
    entry: &'a str,
    /// The kind of hash that matched: `md5`, `sha1`, `sha256`, `blake3`, `pdq`, a classic kind, or `vpdq` for a video.
    #[schema(example = "pdq")]
    signal: &'static str,
    /// Bits that differ; 0 for a digest.
    #[schema(example = 4)]
    distance: u16,
    /// Bits that might differ, bound included; 0 for a digest.
    #[schema(example = 31)]
    max_distance: u16,
    /// How the item had to be turned; `null` for a digest.
    #[schema(schema_with = transforms)]
    transform: Option<&'static str>,
    /// Which reading of the file matched: `correct`, `compat`, `frame-2` and so on; `null` for a digest and a bare hash.
    form: Option<String>,
    /// Of a video's frame that is near a listed picture, its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<u32>,
    /// The same in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<f64>,
    /// Of the video's frames, the share that is near a frame of the listed video.
    #[serde(skip_serializing_if = "Option::is_none")]
    query_percent: Option<f64>,
    /// Of the listed video's frames, the share that is near a frame of the video.
    #[serde(skip_serializing_if = "Option::is_none")]
    index_percent: Option<f64>,
    /// From the first to the last of the frames that are near, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<[f64; 2]>,
    /// The entry's facets, as codes of `docs/vocabulary.md`.
    #[schema(example = json!(["SEV_A"]))]
    labels: Vec<&'static str>,
    /// The source's own categories.
    categories: Vec<Category<'a>>,
    /// The dimensions of which the list gives the entry several codes: a person weighs them.
    conflicts: Vec<String>,
    /// What the set is for.
    #[schema(schema_with = roles)]
    role: &'static str,
    /// Why the match does not count; `null` if it does.
    #[schema(schema_with = held)]
    held: Option<&'static str>,
    /// What the ward's policy makes of it: it counts, it says that the item is harmless, or the reason of `held`.
    #[schema(schema_with = policies)]
    policy: &'static str,
    /// The set of harmless files that overrules it.
    suppressed_by: Option<&'a str>,
    /// An analyst of this ward found the entry to be what its list says.
    confirmed: bool,
    /// An analyst of this ward found that it is not.
    deconfirmed: bool,
}

impl<'a> From<&'a Match> for Found<'a> {
    fn from(found: &'a Match) -> Self {
        let seconds = |millis: u32| f64::from(millis) / 1000.0;
        let (mut frame, mut timestamp) = (None, None);
        let (mut query_percent, mut index_percent, mut interval) = (None, None, None);
        match &found.video {
            Some(InVideo::Frame { number, millis }) => {
                (frame, timestamp) = (Some(*number), Some(seconds(*millis)));
            }
            Some(InVideo::Frames(alike)) => {
                query_percent = Some(alike.query_percent());
                index_percent = Some(alike.index_percent());
                interval = Some([seconds(alike.from_millis), seconds(alike.to_millis)]);
            }
            None => {}
        }
        let held = found.held.map(Held::as_str);
        let category = |category: &'a crate::vocabulary::Category| Category {
            scheme: category.scheme(),
            profile: Some(category.profile()).filter(|profile| !profile.is_empty()),
            code: category.code(),
        };
        Self {
            set: &found.set,
            entry: &found.entry,
            signal: found.signal.as_str(),
            distance: found.distance.bits(),
            max_distance: found.max_distance.bits(),
            transform: found.transform.map(Transform::as_str),
            form: found.form.map(|form| form.to_string()),
            frame,
            timestamp,
            query_percent,
            index_percent,
            interval,
            labels: found.labels.iter().map(|label| label.as_str()).collect(),
            categories: found.categories.iter().map(category).collect(),
            conflicts: found.conflicts.iter().map(ToString::to_string).collect(),
            role: found.role.as_str(),
            held,
            policy: held.unwrap_or(if found.is_harmless() { HARMLESS } else { COUNTS }),
            suppressed_by: found.suppressed_by.as_deref(),
            confirmed: found.confirmed,
            deconfirmed: found.deconfirmed,
        }
    }
}

/// What is said about an item or a hash, with its grounds.
#[derive(Serialize, ToSchema)]
#[schema(as = Verdict)]
pub(super) struct Told<'a> {
    /// The answer in one word. `unchecked` is never `unknown`, and `near` is never `known`.
    #[schema(schema_with = outcomes)]
    outcome: &'static str,
    /// What a person should know about the outcome; `null` if it speaks for itself.
    reason: Option<String>,
    /// What could not be checked, told beside a match too; `null` if all was.
    unchecked: Option<String>,
    /// What matched, the strongest first; then what is harmless, then what is held.
    matches: Vec<Found<'a>>,
    /// True if there were more matches than are told. The outcome is as if all were.
    matches_cut: bool,
    /// Why matches were held, those too that are not told.
    #[schema(schema_with = held_words)]
    held: Vec<&'static str>,
}

impl<'a> Told<'a> {
    /// The verdict with its first `limit` matches, and in any case the one that it rests on if there is room for one.
    pub(super) fn new(verdict: &'a Verdict, limit: usize) -> Self {
        let mut matches: Vec<&Match> = verdict.matches.iter().take(limit).collect();
        let grounds = verdict.grounds();
        let is_told = |grounds: &Match| matches.iter().any(|found| std::ptr::eq(*found, grounds));
        if let Some(grounds) = grounds.filter(|grounds| !is_told(grounds))
            && let Some(last) = matches.last_mut()
        {
            *last = grounds;
        }
        Self {
            outcome: verdict.outcome.as_str(),
            reason: verdict.reason(),
            unchecked: verdict.gap.as_ref().map(ToString::to_string),
            matches_cut: verdict.matches_cut || matches.len() < verdict.matches.len(),
            matches: matches.into_iter().map(Found::from).collect(),
            held: verdict.held.iter().map(|held| held.as_str()).collect(),
        }
    }
}

/// A set that was not searched because the agreement about it does not allow that.
#[derive(Serialize, ToSchema)]
#[schema(as = NotAllowed)]
struct Closed {
    /// The set.
    set: String,
    /// Why, in words.
    reason: String,
}

/// How much of the lists was searched: `unknown` speaks of that part alone.
#[derive(Serialize, ToSchema)]
pub(super) struct Reach {
    /// `part` if the request or an agreement left something out.
    #[schema(schema_with = reaches)]
    searched: &'static str,
    /// The sets that were left out because their agreements do not allow them to be searched.
    not_allowed: Vec<Closed>,
}

fn reaches() -> Object {
    one_of(["all", "part"])
}

impl Reach {
    pub(super) fn new(matcher: &Matcher, selection: &Selection) -> Self {
        let closed = |forbidden| {
            let NotAllowed { set, reason, .. } = NotAllowed::from(forbidden);
            Closed { set: set.to_string(), reason }
        };
        let not_allowed: Vec<Closed> = matcher.forbidden().iter().map(closed).collect();
        let is_all = selection.is_empty() && not_allowed.is_empty();
        Self { searched: if is_all { "all" } else { "part" }, not_allowed }
    }

    pub(super) fn is_all(&self) -> bool {
        self.searched == "all"
    }
}

/// How one segment of the lists was searched for what is near.
#[derive(Serialize, ToSchema)]
pub(super) struct Segment {
    /// The name of its set.
    set: String,
    /// The name of its file.
    file: String,
    /// Its hashes of that kind.
    codes: u64,
    /// Entries that the labels admit, withdrawn ones included; `null` where it makes no difference.
    admitted: Option<u64>,
    /// Bits that might differ.
    max_distance: u16,
    /// Of each of its bands the width, and the most bits flipped; `null` if the band was not looked at.
    bands: Vec<(u32, Option<u32>)>,
    /// 1 if it was answered by its bands.
    banded_segments: u32,
    /// 1 if it was scanned from end to end.
    scanned_segments: u32,
    /// 1 if the hashes of the admitted entries were compared, and no others.
    filtered_segments: u32,
    /// Buckets looked into.
    buckets: u64,
    /// Postings in them.
    postings: u64,
    /// Hashes compared in full.
    candidates: u64,
    /// Hashes compared by scanning.
    scanned: u64,
    /// Hashes compared since the filter admits no others.
    filtered: u64,
    /// Microseconds that it took.
    micros: f64,
}

impl From<Explained> for Segment {
    fn from(told: Explained) -> Self {
        let plan = told.plan;
        Self {
            set: told.set,
            file: told.file,
            codes: told.codes,
            admitted: told.admitted,
            max_distance: told.max_distance.bits(),
            bands: told.bands,
            banded_segments: plan.banded_segments,
            scanned_segments: plan.scanned_segments,
            filtered_segments: plan.filtered_segments,
            buckets: plan.buckets,
            postings: plan.postings,
            candidates: plan.candidates,
            scanned: plan.scanned,
            filtered: plan.filtered,
            micros: told.micros,
        }
    }
}

/// The answer to one hash.
#[derive(Serialize, ToSchema)]
pub(super) struct HashAnswer<'a> {
    /// The hash, in lower case.
    #[schema(example = "pdq:f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22")]
    query: String,
    #[serde(flatten)]
    told: Told<'a>,
    #[serde(flatten)]
    reach: Reach,
    /// With `explain=true`, how each segment of the lists was searched; empty for a digest, which is looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<Segment>>,
}

impl<'a> HashAnswer<'a> {
    pub(super) fn new(query: String, told: Told<'a>, reach: Reach, plan: Option<Vec<Segment>>) -> Self {
        Self { query, told, reach, plan }
    }
}

/// The answer to one of many hashes.
#[derive(Serialize, ToSchema)]
pub(super) struct OneOfMany<'a> {
    /// The hash, in lower case.
    #[schema(example = "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")]
    pub(super) query: String,
    #[serde(flatten)]
    pub(super) told: Told<'a>,
}

/// The answer to many hashes.
#[derive(Serialize, ToSchema)]
pub(super) struct HashesAnswer<'a> {
    /// One for each hash, in their order, duplicates kept.
    pub(super) answers: Vec<OneOfMany<'a>>,
    #[serde(flatten)]
    pub(super) reach: Reach,
}

/// The answer to an upload.
#[derive(Serialize, ToSchema)]
pub(super) struct UploadAnswer<'a> {
    /// Code of the medium.
    #[schema(example = "IMAGE")]
    media: &'static str,
    /// What the item is, by its content.
    #[schema(example = "JPEG")]
    content: &'static str,
    /// Its length.
    bytes: u64,
    #[serde(flatten)]
    told: Told<'a>,
    #[serde(flatten)]
    reach: Reach,
    /// With `explain=true`, how each segment of the lists was searched for the picture as it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Vec<Segment>>,
}

impl<'a> UploadAnswer<'a> {
    pub(super) fn new(
        fingerprint: &Fingerprint,
        told: Told<'a>,
        reach: Reach,
        plan: Option<Vec<Segment>>,
    ) -> Self {
        let (media, content) = (fingerprint.content.media().as_str(), fingerprint.content.name);
        Self { media, content, bytes: fingerprint.bytes, told, reach, plan }
    }
}
