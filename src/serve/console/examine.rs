//! A file or a hash against the lists, with the grounds of the answer. The picture itself is never shown, kept or written
//! down, nor is the name of its file.

use std::collections::BTreeSet;

use axum::extract::State as Shared;
use maud::{Markup, html};

use super::super::{Ask, Problem, ProblemCode, Scope, State};
use super::forms::{self, SentFiles};
use super::gate::{Console, Trouble, Visit, failed};
use super::page::{self, Html, Page, grouped};
use super::{bits, quarantine, words};
use crate::digest::{Fingerprint, Quality, Signal, SignalKind};
use crate::hashset::{Bounds, EntryKey, Role, SetInfo, Use};
use crate::index::{Memory, open_described};
use crate::kernel::Distance;
use crate::screen::{Held, InVideo, Match, MatchedBy, Selection, Verdict};

/// Matches of which the bits are drawn.
const DRAWN: usize = 5;

/// The page with the form.
pub(super) async fn form(Shared(console): Shared<Console>, visit: Visit) -> Html {
    page(&console, &visit, html! {})
}

fn page(console: &Console, visit: &Visit, answer: Markup) -> Html {
    let matcher = console.state.matcher();
    let body = html! {
        (answer)
        section {
            h2 { (words::ASK) }
            @match &matcher {
                Ok(matcher) => (question(visit, matcher.sets(), console.state.0.settings.count)),
                Err(problem) => p.alert { (page::sentence(&problem.detail)) },
            }
        }
    };
    page::page(visit, console.state.0.home.is_demo(), Page::Examine, words::MATCH, body)
}

fn question(visit: &Visit, sets: &[SetInfo], is_counted: bool) -> Markup {
    html! {
        p { (words::MATCH_LEAD) @if is_counted { " " (words::MATCH_COUNTED) } }
        form.stack method="post" action=(Page::Examine.path()) enctype="multipart/form-data" {
            (forms::key(visit))
            p.field.drop {
                label for="file" { (words::FILE) }
                input #file type="file" name="file" aria-describedby="file-note";
                span.note #file-note { (words::FILE_NOTE) }
            }
            p.field {
                label for="hash" { (words::OR_HASH) }
                input #hash name="hash" maxlength="200" autocomplete="off" spellcheck="false" aria-describedby="hash-note";
                span.note #hash-note { (words::HASH_NOTE) }
            }
            details {
                summary { (words::NARROW) }
                div.grid {
                    p.field {
                        label for="set" { (words::ONLY_SET) }
                        select #set name="set" {
                            option value="" { (words::ALL_SETS) }
                            @for set in sets { option value=(set.name) { (set.name) } }
                        }
                    }
                    p.field {
                        label for="distance" { (words::DISTANCE) }
                        input #distance type="number" name="distance" min="0" max="256" inputmode="numeric";
                    }
                }
            }
            p { button.main type="submit" { (words::CHECK) } }
        }
    }
}

/// A hash as somebody pasted it: with its kind, or of a length that only one kind has.
pub(super) fn hash_of(text: &str) -> Result<Signal, Problem> {
    let read = match (text.contains(':'), text.len()) {
        (true, _) => text.parse(),
        (false, 32) => SignalKind::Md5.parse(text),
        (false, 40) => SignalKind::Sha1.parse(text),
        (false, 64) => return Err(Problem::bad_request(words::AMBIGUOUS)),
        (false, _) => return Err(Problem::bad_request(words::NO_HASH)),
    };
    read.map_err(|error| Problem::bad_request(error.to_string()))
}

/// What is asked about, as far as the answer needs it.
enum Query {
    File(Box<Fingerprint>),
    Hash(Signal),
}

/// Checks what was sent and tells what came of it.
pub(super) async fn answer(
    Shared(console): Shared<Console>,
    visit: Visit,
    mut sent: SentFiles,
) -> Result<Html, Trouble> {
    let ask = asked(sent.texts.get("set"), sent.texts.get("distance"))?;
    let state = &console.state;
    let (query, verdict) = match (sent.file("file"), sent.texts.get("hash")) {
        (Some(_), text) if !text.is_empty() => return Err(Problem::bad_request(words::ONE_OF_BOTH).into()),
        (Some(upload), _) => {
            let screened = state.screen(&visit.caller, upload, &ask, visit.caller.brought()?).await?;
            let fingerprint = screened.fingerprint.ok_or_else(|| {
                let why = screened.verdict.reason().unwrap_or_else(|| words::BROKEN_FORM.into());
                Problem::new(ProblemCode::Unprocessable, why)
            })?;
            (Query::File(Box::new(fingerprint)), screened.verdict)
        }
        (None, "") => return Err(Problem::bad_request(words::NOTHING_SENT).into()),
        (None, text) => {
            let signal = hash_of(text)?;
            let verdict = state.look_up(&visit.caller, vec![signal], &ask).await?.into_iter().next();
            (Query::Hash(signal), verdict.ok_or_else(Problem::internal)?)
        }
    };
    let sees_hashes = visit.may(Scope::Manage);
    let (query, verdict, drawn) = state
        .apart(move |state| {
            let drawn = if sees_hashes { drawn(state, &query, &verdict)? } else { Vec::new() };
            Ok((query, verdict, drawn))
        })
        .await?;
    let answer = html! {
        section #answer {
            h2 { (words::ANSWER) }
            (headline(&verdict))
            (about(&query))
            (matches(&visit, &verdict))
            @if !drawn.is_empty() {
                h3 { (words::WHY_NEAR) }
                p.note { (words::WHY_NEAR_NOTE) }
                div.drawings { @for one in &drawn { (one) } }
            }
        }
    };
    Ok(page(&console, &visit, answer))
}

fn asked(set: &str, distance: &str) -> Result<Ask, Problem> {
    let mut ask = Ask::default();
    if !set.is_empty() {
        let name = set.parse().map_err(|_| Problem::bad_request(words::NO_SET_NAME))?;
        ask.selection = Selection { sets: vec![name], ..Selection::default() };
    }
    if !distance.is_empty() {
        let bits = distance.parse().ok().and_then(|bits| Distance::new(bits).ok());
        let bits = bits.ok_or_else(|| Problem::bad_request(words::NO_DISTANCE))?;
        ask.bounds = Bounds { pdq: Some(bits), ..Bounds::default() };
    }
    Ok(ask)
}

fn headline(verdict: &Verdict) -> Markup {
    let (word, meaning) = words::outcome(verdict.outcome);
    html! {
        div.verdict.(verdict.outcome.as_str()) role="status" {
            p.big { (word) }
            p { (meaning) }
            @if let Some(reason) = verdict.reason() { p { strong { (reason_title(verdict)) } " " (page::sentence(&reason)) } }
        }
    }
}

fn reason_title(verdict: &Verdict) -> &'static str {
    if verdict.gap.is_some() { words::UNCHECKED_BECAUSE } else { words::BEWARE }
}

fn about(query: &Query) -> Markup {
    match query {
        Query::Hash(signal) => page::facts(&[
            (words::ASKED_ABOUT, html! { (words::A_HASH) ", " span.code { (signal.kind()) } }),
            (
                words::COMPARED_BY,
                html! { @if signal.kind().is_digest() { (words::EQUALITY) } @else { (words::NEARNESS_ONE) } },
            ),
        ]),
        Query::File(print) => {
            let size = print.size.map_or_else(String::new, |(width, height)| format!(", {width} × {height}"));
            let digests: Vec<String> =
                print.digests.signals().iter().map(|digest| digest.kind().to_string()).collect();
            let forms = html! {
                @if print.forms.is_empty() && print.video.is_none() { span.soft { (words::NO_LOOKS) } }
                @for formed in &print.forms {
                    span.pair {
                        span.code { (formed.form) } " " (words::quality(formed.hash.quality.percent()))
                        @if formed.hash.quality < Quality::USABLE { " " span.warn { (words::TOO_PLAIN) } }
                    } " "
                }
                @if let Some(video) = &print.video { (words::frames(video.frames.len())) }
            };
            page::facts(&[
                (
                    words::ASKED_ABOUT,
                    html! { (print.content.name) ", " (grouped(print.bytes)) " " (words::BYTES) (size) },
                ),
                (words::DIGESTS, html! { (digests.join(", ")) }),
                (words::LOOKS, forms),
            ])
        }
    }
}

fn matches(visit: &Visit, verdict: &Verdict) -> Markup {
    html! {
        @if !verdict.matches.is_empty() {
            (page::table(words::MATCHED, &words::MATCH_HEADS, html! {
                @for found in &verdict.matches { (row(visit, found)) }
            }))
            @if verdict.matches_cut { p { (words::MORE_MATCHES) } }
        }
    }
}

fn row(visit: &Visit, found: &Match) -> Markup {
    html! {
        tr {
            th scope="row" { (found.set) }
            td {
                bdi.code { (found.entry) }
                @if visit.may(Scope::Decide) {
                    (quarantine::of_entry(visit, "/console/decide/find", words::DECIDE_IT, &found.set, &found.entry))
                }
            }
            td {
                span.code { (found.signal) } br;
                @if found.signal.is_digest() { (words::EQUAL) } @else { (page::distance(found.distance.bits(), found.max_distance.bits())) }
                @if let Some(video) = found.video { br; (in_video(video)) }
            }
            td {
                @if let Some(transform) = found.transform { (transform.as_str()) }
                @if let Some(form) = found.form { ", " (form) }
            }
            td {
                @for label in &found.labels { (page::label(*label)) br; }
                @for dimension in &found.conflicts { span.warn { (words::several(dimension.as_str())) } br; }
            }
            td { (standing(found)) }
        }
    }
}

fn in_video(video: InVideo) -> Markup {
    match video {
        InVideo::Frame { millis, .. } => html! { (words::at(millis)) },
        InVideo::Frames(found) => html! {
            (format!("{:.0} % / {:.0} %", found.query_percent(), found.index_percent())) " " (words::OF_FRAMES)
        },
    }
}

/// What this ward makes of a match.
fn standing(found: &Match) -> Markup {
    html! {
        @match (found.held, found.role) {
            (Some(Held::Quarantined), _) => span.warn { (words::HELD_QUARANTINED) },
            (Some(Held::Deconfirmed), _) => span.warn { (words::HELD_DECONFIRMED) },
            (Some(Held::Suppressed), _) => span.warn { (words::HELD_SUPPRESSED) @if let Some(by) = &found.suppressed_by { " " (by) } },
            (Some(Held::Watched), _) => span.warn { (words::HELD_WATCHED) },
            (None, Role::Ignore) => (words::HARMLESS),
            (None, _) => (words::COUNTS),
        }
        @if found.confirmed { br; (words::CONFIRMED) }
        @if found.deconfirmed { br; (words::DECONFIRMED) }
        @if !found.derive { br; span.soft { (words::NOT_COUNTED) } }
    }
}

/// Of the first matches that are near, which bits differ. That tells the listed hash itself, so it is for those who may
/// export the set anyhow.
fn drawn(state: &State, query: &Query, verdict: &Verdict) -> Result<Vec<Markup>, Problem> {
    let matcher = state.matcher()?;
    let today = state.clock().today();
    let may_show = |found: &&Match| {
        let set = matcher.sets().iter().find(|set| set.name.as_str() == found.set);
        set.is_some_and(|set| set.allows(Use::Export, today).is_ok())
    };
    let near = verdict.matches.iter().filter(|found| !found.signal.is_digest()).filter(may_show).take(DRAWN);
    let near: Vec<(&Match, Signal)> =
        near.filter_map(|found| Some((found, asked_by(query, found)?))).collect();
    if near.is_empty() {
        return Ok(Vec::new());
    }
    let (index, _) = open_described(state.database()?, Memory::Mapped).map_err(failed)?;
    let mut drawn = Vec::new();
    for (found, ours) in near {
        let Ok(key) = EntryKey::new(&*found.entry) else { continue };
        let lines = index.entries_with(&found.set, &BTreeSet::from([key])).map_err(failed)?;
        let listed =
            lines.iter().flat_map(|line| line.hashes.iter()).filter(|hash| hash.kind() == ours.kind());
        // An entry may have several hashes of a kind; the one that was told is as far away as was told.
        let apart = |hash: &Signal| {
            bits::differing(ours.as_bytes(), hash.as_bytes()).into_iter().filter(|bit| *bit).count()
        };
        let listed = listed.into_iter().find(|hash| apart(hash) == usize::from(found.distance.bits()));
        drawn.extend(listed.map(|listed| {
            let what = format!("{} {}, {}", found.set, found.entry, ours.kind());
            bits::drawing(ours.as_bytes(), listed.as_bytes(), &what)
        }));
    }
    Ok(drawn)
}

/// The hash of what was asked about by which `found` was found.
fn asked_by(query: &Query, found: &Match) -> Option<Signal> {
    let MatchedBy::Hash(kind) = found.signal else { return None };
    let print = match query {
        Query::Hash(signal) => return (signal.kind() == kind).then_some(*signal),
        Query::File(print) => print,
    };
    match (kind, found.video) {
        (SignalKind::Pdq, Some(InVideo::Frame { number, .. })) => {
            let frame = print.video.as_ref()?.frames.iter().find(|frame| frame.number == number)?;
            Some(frame.hash.into())
        }
        (SignalKind::Pdq, None) => {
            let formed = print.forms.iter().find(|formed| Some(formed.form) == found.form)?;
            formed.hash.dihedral.get(found.transform? as usize).map(|hash| (*hash).into())
        }
        (SignalKind::Classic(kind), None) => {
            let classic =
                print.classics.iter().find(|one| one.code.kind() == kind && Some(one.form) == found.form)?;
            Some(classic.code.into())
        }
        _ => None,
    }
}
