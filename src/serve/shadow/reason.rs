//! Why two answers differ, by evidence: what each side says when it is asked again in another way.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::exchange::{Asked, Side};
use super::inside::{Held, Inside, banks, held};
use super::picture::special;
use super::seen::{Entries, Seen};
use crate::digest::{Fingerprint, Pdq, Quality, Signal};
use crate::media::Form;

/// Two decoders that read the same pixels may round differently by so many bits of PDQ.
const ROUNDING: u32 = 10;
/// HMA finds what is within so many bits, and nothing beyond.
pub(super) const HMA_BITS: u32 = 31;
/// Of so many entries that one side alone matches, each is asked for.
const MOST_ASKED: usize = 8;

/// Why two answers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The file has a palette, whose numbers HMA takes for grey values.
    Palette,
    /// 16 bits a channel, which HMA cuts off.
    Depth16,
    /// CMYK, whose inks HMA takes for light.
    Cmyk,
    /// Transparent parts, which HMA leaves out of account.
    Alpha,
    /// The file says that it is to be turned, and HMA does not turn it.
    Orientation,
    /// The file is read differently in some other way.
    Decoding,
    /// The same pixels, rounded differently by a few bits.
    Rounding,
    /// One side has another bound of what is near.
    Threshold,
    /// The picture is too plain: HMA has an empty hash, and refuses it on look-up.
    LowQuality,
    /// The entry was withdrawn here.
    Withdrawn,
    /// The flood guard here took the entry out of service.
    Quarantined,
    /// An analyst here found that the entry is not what its list says, and such are hidden.
    Deconfirmed,
    /// The entry, or its bank, is switched off on one side.
    SwitchedOff,
    /// The bank takes part in a share of look-ups, by chance.
    Share,
    /// HMA has no such entry.
    UnknownThere,
    /// This service has no such entry; one that runs elsewhere may have withdrawn it.
    UnknownHere,
    /// HMA finds nothing in an index of one entry.
    OneEntry,
    /// HMA's index is older than its bank.
    IndexLag,
    /// HMA failed, refused, or did not answer.
    HmaError,
    /// This service failed, refused, or did not answer.
    InnerwardError,
    /// The same banks, distances and numbers of entries; only the numbers of the entries differ.
    Numbers,
    /// Nothing of this can be shown.
    Unknown,
}

impl Reason {
    /// As reports name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Palette => "palette",
            Self::Depth16 => "depth16",
            Self::Cmyk => "cmyk",
            Self::Alpha => "alpha",
            Self::Orientation => "orientation",
            Self::Decoding => "decoding",
            Self::Rounding => "rounding",
            Self::Threshold => "threshold",
            Self::LowQuality => "low-quality",
            Self::Withdrawn => "withdrawn",
            Self::Quarantined => "quarantined",
            Self::Deconfirmed => "deconfirmed",
            Self::SwitchedOff => "switched-off",
            Self::Share => "share",
            Self::UnknownThere => "unknown-there",
            Self::UnknownHere => "unknown-here",
            Self::OneEntry => "one-entry",
            Self::IndexLag => "index-lag",
            Self::HmaError => "hma-error",
            Self::InnerwardError => "innerward-error",
            Self::Numbers => "numbers",
            Self::Unknown => "unknown",
        }
    }
}

/// Who can be asked for evidence.
pub(super) struct Evidence<'a> {
    /// This service; `None` where nothing more can be known of it.
    pub(super) ours: Option<&'a dyn Inside>,
    pub(super) theirs: &'a dyn Side,
    /// Decodes a file as this service does.
    pub(super) fingerprint: &'a dyn Fn(&[u8]) -> Option<Fingerprint>,
}

impl Evidence<'_> {
    /// Why `ours` and `theirs` differ, which answer the same request.
    pub(super) fn reason(&self, asked: &Asked, ours: &Seen, theirs: &Seen) -> Reason {
        let is_error = |seen: &Seen| matches!(seen, Seen::Nothing | Seen::Refused(_));
        if is_error(theirs) || is_error(ours) {
            let is_plain = asked.query("signal") == Some("") || self.is_too_plain(asked);
            return match (theirs, ours) {
                (Seen::Refused(400..=499), _) if is_plain => Reason::LowQuality,
                (theirs, _) if is_error(theirs) => Reason::HmaError,
                _ => Reason::InnerwardError,
            };
        }
        if let Some(reason) = asked.file.as_deref().and_then(|file| self.decoding(asked, file)) {
            return reason;
        }
        match (ours, theirs) {
            (Seen::Matches(ours), Seen::Matches(theirs)) => self.matches(asked, ours, theirs),
            _ => Reason::Unknown,
        }
    }

    fn is_too_plain(&self, asked: &Asked) -> bool {
        let print = asked.file.as_deref().and_then(|file| (self.fingerprint)(file));
        print.is_some_and(|print| !print.forms.is_empty() && print.usable_forms().next().is_none())
    }

    /// What of the difference comes from how the file is read: its hash there against its hashes here.
    fn decoding(&self, asked: &Asked, file: &[u8]) -> Option<Reason> {
        let again = Asked { path: "/h/hash".into(), ..asked.clone() };
        let Seen::Hashes(hashes) = Seen::of(&again, &self.theirs.ask(&again)) else { return None };
        let there = hashes.get("pdq")?;
        let print = (self.fingerprint)(file)?;
        let form = |wanted: Form| print.forms.iter().find(|hashed| hashed.form == wanted);
        let correct = form(Form::Correct)?;
        let Some(there) = pdq(there) else {
            let is_plain = there.is_empty() || correct.hash.quality < Quality::USABLE;
            return is_plain.then_some(Reason::LowQuality);
        };
        let bits = |hash: Pdq| hash.code().distance(there.code()).bits();
        let original = bits(correct.hash.original());
        // Turning changes the pixels that are sampled, so a turned hash is near and hardly ever equal.
        let is_nearer = |bits: u16| u32::from(bits) <= HMA_BITS && bits < original;
        let turned = correct.hash.dihedral[1..].iter().any(|hash| is_nearer(bits(*hash)));
        match u32::from(original) {
            0 => None,
            1..=ROUNDING => Some(Reason::Rounding),
            _ if turned => Some(Reason::Orientation),
            _ => Some(special(file).unwrap_or(Reason::Decoding)),
        }
    }

    /// Why different entries match the same hash.
    fn matches(
        &self,
        asked: &Asked,
        ours: &BTreeMap<(String, String), Entries>,
        theirs: &BTreeMap<(String, String), Entries>,
    ) -> Reason {
        let shape = |all: &BTreeMap<(String, String), Entries>| -> BTreeMap<_, Vec<_>> {
            let sorted = |entries: &Entries| {
                let mut distances: Vec<_> = entries.values().copied().collect();
                distances.sort_unstable();
                distances
            };
            all.iter().map(|(bank, entries)| (bank.clone(), sorted(entries))).collect()
        };
        if shape(ours) == shape(theirs) {
            return Reason::Numbers;
        }
        let (here, there) = (only(ours, theirs), only(theirs, ours));
        let missing_there = (!here.is_empty()).then(|| self.missing_there(asked, &here)).flatten();
        let of_here = self.ours.filter(|_| !there.is_empty());
        let missing_here = of_here.and_then(|ours| {
            let why = |(bank, id, bits): &Missing| ours.why_not(bank, *id, *bits).unwrap_or(Reason::Unknown);
            there.iter().take(MOST_ASKED).map(why).max()
        });
        // The gravest of several, and the last word is that nothing can be shown.
        let is_told =
            missing_there.is_some() != here.is_empty() && missing_here.is_some() != there.is_empty();
        missing_there.max(missing_here).filter(|_| is_told).unwrap_or(Reason::Unknown)
    }

    /// Why HMA does not tell of entries: the gravest cause.
    fn missing_there(&self, asked: &Asked, missing: &[Missing]) -> Option<Reason> {
        let far = |distance: Option<u32>| distance.is_some_and(|bits| bits > HMA_BITS);
        if missing.iter().all(|(_, _, distance)| far(*distance)) {
            return Some(Reason::Threshold);
        }
        // What it leaves out of a look-up and still has in its raw one is switched off there.
        let raw = self.raw(asked);
        let is_one = self.index_is_of_one();
        let banks = missing.iter().any(|(bank, ..)| bank.is_empty()).then(|| banks(self.theirs));
        let why = |(bank, id, distance): &Missing| {
            if far(*distance) {
                return Reason::Threshold;
            }
            if raw.contains(id) {
                return Reason::SwitchedOff;
            }
            let banks = banks.as_deref().filter(|_| bank.is_empty()).unwrap_or(std::slice::from_ref(bank));
            let said: Vec<_> = banks.iter().map(|bank| held(self.theirs, bank, *id)).collect();
            if said.contains(&Some(Held::Off)) {
                Reason::SwitchedOff
            } else if !said.is_empty() && said.iter().all(|said| *said == Some(Held::Nothing)) {
                Reason::UnknownThere
            } else if is_one {
                Reason::OneEntry
            } else if said.contains(&Some(Held::Served)) && self.index_is_late() {
                Reason::IndexLag
            } else {
                Reason::Unknown
            }
        };
        missing.iter().take(MOST_ASKED).map(why).max()
    }

    /// The entries that HMA has for a hash, whatever is switched off.
    fn raw(&self, asked: &Asked) -> BTreeSet<u64> {
        let Some(signal) = asked.query("signal").filter(|signal| !signal.is_empty()) else {
            return BTreeSet::new();
        };
        let kind = asked.query("signal_type").unwrap_or("pdq");
        let again = Asked::get(format!("/m/raw_lookup?signal={signal}&signal_type={kind}"));
        match Seen::of(&again, &self.theirs.ask(&again)) {
            Seen::Matches(all) => all.into_values().flatten().map(|(id, _)| id).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// HMA finds nothing then.
    fn index_is_of_one(&self) -> bool {
        let asked = Asked::get("/m/index/status");
        let Seen::Other(status) = Seen::of(&asked, &self.theirs.ask(&asked)) else { return false };
        let size = |kind: &serde_json::Value| kind.get("size").and_then(serde_json::Value::as_u64);
        status.get("pdq").and_then(size) == Some(1)
    }

    /// HMA says that its index lacks what its banks have.
    fn index_is_late(&self) -> bool {
        let asked = Asked::get("/c/signal_type/index");
        let Seen::Other(lag) = Seen::of(&asked, &self.theirs.ask(&asked)) else { return false };
        let is_late = |kind: &serde_json::Value| kind.get("index_out_of_date") == Some(&true.into());
        lag.as_object().is_some_and(|kinds| kinds.values().any(is_late))
    }
}

/// An entry that one side alone matches: bank, number, distance.
type Missing = (String, u64, Option<u32>);

/// The hash that is written so.
fn pdq(hex: &str) -> Option<Pdq> {
    match format!("pdq:{hex}").parse().ok()? {
        Signal::Pdq(hash) => Some(hash),
        _ => None,
    }
}

/// The entries of `a` that `b` has not: bank, number, distance.
fn only(a: &BTreeMap<(String, String), Entries>, b: &BTreeMap<(String, String), Entries>) -> Vec<Missing> {
    let each = a.iter().flat_map(|(key, entries)| entries.iter().map(move |(id, bits)| (key, *id, *bits)));
    let missing = each.filter(|(key, id, _)| !b.get(*key).is_some_and(|entries| entries.contains_key(id)));
    missing.map(|(key, id, bits)| (key.1.clone(), id, bits)).collect()
}
