//! `/m/raw_lookup` and `/m/lookup`: hashes and uploads against the banks.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::asked::Asked;
use super::hashing::{Wanted, unhashable};
use super::media::Item;
use super::number::number_of;
use super::shares::{Coin, Known};
use super::types::{kind_of, no_such_type, signal};
use super::{Answer, Problem};
use crate::digest::SignalKind;
use crate::hashset::Role;
use crate::screen::{Match, Outcome, Selection, Verdict};
use crate::serve::Ask;

/// Says that an answer lists the nearest entries and that there are more.
const CUT: &str = "innerward-matches-cut";
/// Says what of an upload was not compared.
const UNCHECKED: &str = "innerward-unchecked";

/// The numbers of what a hash matches, the nearest first.
pub(super) async fn raw_lookup(asked: Asked) -> Answer {
    let with_distance = asked.params.flag("include_distance", false)?;
    let query = Query::of(&asked)?;
    let Some(verdict) = query.verdict(&asked).await? else { return Ok(json("{\"matches\":[]}".into())) };
    let mut text = String::from("{\"matches\":[");
    // No coin is tossed here; what is switched off altogether stays so.
    let takes = |found: &&Match| found.counts() && query.shares.of(&found.set) > 0.0;
    for (at, found) in verdict.matches.iter().filter(takes).enumerate() {
        if at > 0 {
            text.push(',');
        }
        if with_distance {
            push_match(&mut text, number_of(&found.entry), found.distance.bits());
        } else {
            let _ = write!(text, "{}", number_of(&found.entry)); // text takes all that is written
        }
    }
    text.push_str("]}");
    Ok(marked(json(text), &verdict))
}

/// The banks that a hash, or what lies behind a URL, matches.
pub(super) async fn lookup(asked: Asked) -> Answer {
    if let Some(url) = asked.params.text("url") {
        let only = asked.params.text("signal_type").map(str::to_owned);
        if only.as_ref().is_some_and(|name| kind_of(name).is_none()) {
            return Err(no_such_type());
        }
        let item = Item::behind(&asked, url).await?;
        return looked_up(asked, item, only).await;
    }
    let query = Query::of(&asked)?;
    let coin = Coin::of(&asked.params)?;
    let takes_part = coin.takes(query.shares.of_kind(query.kind));
    let verdict = if takes_part { query.verdict(&asked).await? } else { None };
    let Some(verdict) = verdict else { return Ok(json("{}".into())) };
    let mut banks = Banks::default();
    for found in verdict.matches.iter().filter(|found| found.counts()) {
        banks.add(found, &query.shares, coin);
    }
    let mut text = String::new();
    banks.write(&mut text);
    Ok(marked(json(text), &verdict))
}

/// The banks that an upload matches, by kind of hash.
pub(super) async fn lookup_upload(asked: Asked, request: Request) -> Answer {
    let item = Item::uploaded(&asked.state, request).await?;
    looked_up(asked, item, None).await
}

/// A hash that is asked for, and what is known of shares.
struct Query {
    signal: crate::digest::Signal,
    kind: SignalKind,
    shares: Known,
}

impl Query {
    fn of(asked: &Asked) -> Result<Self, Problem> {
        let (Some(text), Some(kind)) = (asked.params.text("signal"), asked.params.text("signal_type")) else {
            if asked.params.is_empty("signal") && asked.params.text("signal_type").is_some() {
                return Err(Problem::bad_request(
                    "invalid signal: there is none of a picture that is too plain",
                ));
            }
            return Err(Problem::bad_request("Either url or both signal and signal_type are required"));
        };
        let signal = signal(kind, text)?;
        let (kind, shares) = (signal.kind(), Known::now(&asked.state));
        if shares.of_kind(kind) <= 0.0 {
            return Err(Problem::bad_request("the signal type is not enabled"));
        }
        Ok(Self { signal, kind, shares })
    }

    /// What the hash matches; `None` if no bank that was named is there.
    async fn verdict(&self, asked: &Asked) -> Result<Option<Verdict>, Problem> {
        let Some(ask) = ask(asked)? else { return Ok(None) };
        let mut verdicts = asked.state.look_up(&asked.caller, vec![self.signal], &ask).await?;
        Ok(verdicts.pop())
    }
}

/// The banks that are asked; `None` if `banks` names none that is there.
fn ask(asked: &Asked) -> Result<Option<Ask>, Problem> {
    let matcher = asked.state.matcher()?;
    let Some(named) = asked.params.list("banks") else { return Ok(Some(Ask::default())) };
    let named: Vec<&str> = named.collect();
    // A bank of which nothing is searched answers nothing, as one that is not there.
    let is_named = |set: &&crate::hashset::SetInfo| {
        named.contains(&set.name.as_str()) && matcher.searched_entries(set) > 0
    };
    let banks = matcher.sets().iter().filter(|set| set.role == Role::Match).filter(is_named);
    let sets: Vec<_> = banks.map(|set| set.name.clone()).collect();
    let selection = Selection { sets, ..Selection::default() };
    Ok((!selection.sets.is_empty()).then(|| Ask { selection, ..Ask::default() }))
}

/// What an upload matches, by the name of the kind of hash; of one kind alone if `only` names it.
async fn looked_up(asked: Asked, item: Item, only: Option<String>) -> Answer {
    let (coin, shares) = (Coin::of(&asked.params)?, Known::now(&asked.state));
    let wanted = Wanted::of(&asked.params, item.content, &shares)?;
    let mut kinds: BTreeMap<&'static str, Banks> =
        wanted.kinds.iter().map(|(name, _)| (*name, Banks::default())).collect();
    let mut verdict = None;
    if let Some(ask) = ask(&asked)? {
        let brought = asked.caller.brought()?;
        let screened = asked.state.screen(&asked.caller, item.upload, &ask, brought).await?;
        let found = screened.verdict;
        // What is on a list of harmless files is no bank's, as under `/v1`.
        let counts = |one: &&Match| one.counts() && found.outcome != Outcome::Ignored;
        for one in found.matches.iter().filter(counts) {
            for name in wanted.names_for(one.signal) {
                if coin.takes(kind_of(name).map_or(1.0, |kind| shares.of_kind(kind))) {
                    kinds.entry(name).or_default().add(one, &shares, coin);
                }
            }
        }
        if let Some(fingerprint) = screened.fingerprint.filter(|_| wanted.needs_picture())
            && found.outcome != Outcome::Ignored
            && kinds.values().all(Banks::is_empty)
            && fingerprint.usable_forms().next().is_none()
        {
            return Err(unhashable(&fingerprint)); // nothing was compared, and that is not "no match"
        }
        verdict = Some(found);
    }
    let mut text = String::new();
    match &only {
        Some(name) => match kinds.get(name.as_str()) {
            Some(banks) => banks.write(&mut text),
            None => {
                let detail =
                    "`signal_type` is none of the types that were made of this content; name it in `types`";
                return Err(Problem::bad_request(detail));
            }
        },
        None => {
            for (at, (name, banks)) in kinds.iter().enumerate() {
                let _ = write!(text, "{}\"{name}\":", if at > 0 { ',' } else { '{' }); // text takes all
                banks.write(&mut text);
            }
            text.push('}'); // one kind at least is wanted
        }
    }
    Ok(match verdict {
        Some(verdict) => marked(json(text), &verdict),
        None => json(text),
    })
}

/// Matches by bank.
#[derive(Default)]
struct Banks(BTreeMap<String, String>);

impl Banks {
    /// Adds what was found, if its bank takes part.
    fn add(&mut self, found: &Match, shares: &Known, coin: Coin) {
        if !coin.takes(shares.of(&found.set)) {
            return;
        }
        if !self.0.contains_key(&found.set) {
            self.0.insert(found.set.clone(), String::new());
        }
        let Some(bank) = self.0.get_mut(&found.set) else { return };
        if !bank.is_empty() {
            bank.push(',');
        }
        push_match(bank, number_of(&found.entry), found.distance.bits());
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn write(&self, text: &mut String) {
        text.push('{');
        for (at, (name, matches)) in self.0.iter().enumerate() {
            // The name of a set needs no escapes.
            let _ = write!(text, "{}\"{name}\":[{matches}]", if at > 0 { "," } else { "" });
        }
        text.push('}');
    }
}

/// HMA gives a distance as text.
fn push_match(text: &mut String, number: u64, distance: u16) {
    let _ = write!(text, "{{\"bank_content_id\":{number},\"distance\":\"{distance}\"}}");
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

/// The answer, with a word on what HMA has no field for.
fn marked(mut answer: Response, verdict: &Verdict) -> Response {
    let headers = answer.headers_mut();
    if verdict.matches_cut {
        headers.insert(CUT, HeaderValue::from_static("true"));
    }
    let gap = verdict.gap.as_ref().and_then(|gap| HeaderValue::from_str(&gap.to_string()).ok());
    if let Some(words) = gap {
        headers.insert(UNCHECKED, words);
    }
    answer
}
