//! From a verdict to a sighting: where an item is counted, and as which item.

use std::collections::BTreeMap;

use super::{CaseId, Cell, ItemId, Sighting};
use crate::digest::SignalKind;
use crate::screen::{Held, Match, MatchedBy, Outcome, Screened};
use crate::vocabulary::{Code, Dimension, area_role, facets, severity, signal};

/// How items reached the ward, and what for.
#[derive(Clone, Copy)]
pub struct Brought {
    /// A code of [`Dimension::Channel`].
    pub channel: Code,
    /// The country that they are counted in and its part in the matter: codes of [`Dimension::Area`] and
    /// [`Dimension::AreaRole`]. `None`: unknown.
    pub area: Option<(Code, Code)>,
    /// The case that they belong to.
    pub case: Option<CaseId>,
}

impl Brought {
    /// By `channel`, and nothing else is known.
    #[must_use]
    pub const fn by(channel: Code) -> Self {
        Self { channel, area: None, case: None }
    }

    /// What `CC` or `CC:ROLE` says: a country of the code list of areas, and a role, [`area_role::JURISDICTION`] if none is
    /// said.
    ///
    /// # Errors
    /// The words to tell what there is.
    pub fn region(text: &str) -> Result<(Code, Code), String> {
        let (country, role) =
            text.split_once(':').map_or((text, None), |(country, role)| (country, Some(role)));
        let country = Dimension::Area.code(country).ok().filter(|code| {
            code.as_str().len() == 2 && code.as_str().bytes().all(|byte| byte.is_ascii_uppercase())
        });
        let country = country.ok_or(
            "a region is a country of ISO 3166-1, two capital letters: NL, or NL:HOSTING with its role",
        )?;
        let role = match role {
            None => area_role::JURISDICTION,
            Some(role) => Dimension::AreaRole.code(role).map_err(|error| error.to_string())?,
        };
        Ok((country, role))
    }
}

/// What the matching entry may say of an item beside its severity.
const OF_ENTRY: [Dimension; 9] = [
    Dimension::Maturity,
    Dimension::AgeBand,
    Dimension::Sex,
    Dimension::Origin,
    Dimension::Legal,
    Dimension::Harm,
    Dimension::Novelty,
    Dimension::Site,
    Dimension::Source,
];

/// The sighting that a screened item gives; `None` if it could not be read, since it cannot be told from others then.
///
/// A content that matched points to the list entry that its verdict rests on, in whatever copies and edits it comes. Its
/// cell follows from the same entry: what its labels and its source's categories say, of several codes of a dimension the
/// first, and the class of its set. The verdict is the one that the lists give: neither quarantine nor an analyst's decision
/// nor a list of harmless files that was told to overrule others makes a difference. Sets whose agreements do not allow
/// statistics are left out, as if they were not there.
#[must_use]
pub fn sighting(screened: &Screened, brought: &Brought) -> Option<Sighting> {
    let blake3 = screened.blake3()?;
    let verdict = screened.verdict.counted();
    let grounds = verdict.grounds();
    let matched = matches!(verdict.outcome, Outcome::Known | Outcome::Near);
    let mut cell = match grounds {
        Some(found) if matched => assessed(found),
        _ => Cell::blank(),
    };
    if let Some(found) = grounds {
        cell = cell.with(found.list_class).with(signal_of(found.signal));
    }
    cell = cell.with(verdict.code()).with(screened.media()).with(brought.channel);
    if let Some((area, role)) = brought.area {
        cell = cell.with(area).with(role);
    }
    Some(Sighting {
        content: ItemId::of_bytes(blake3),
        entry: grounds.map(|found| ItemId::of_entry(&found.set, &found.entry)),
        cell,
        watched: verdict.held.contains(&Held::Watched),
        case: brought.case,
    })
}

/// What the source says of an entry.
fn assessed(found: &Match) -> Cell {
    let mut codes: BTreeMap<Dimension, Code> = BTreeMap::new();
    for code in found.labels.iter().copied().chain(found.categories.iter().flat_map(facets)) {
        let dimension = code.dimension();
        if dimension == Dimension::Severity || OF_ENTRY.contains(&dimension) {
            let first = codes.entry(dimension).or_insert(code);
            *first = code.min(*first);
        }
    }
    codes.entry(Dimension::Severity).or_insert(severity::UNKNOWN);
    codes.into_values().fold(Cell::unknown(), Cell::with)
}

/// The code of a kind of hash.
fn signal_of(matched: MatchedBy) -> Code {
    match matched {
        MatchedBy::Vpdq => signal::VPDQ,
        MatchedBy::Hash(SignalKind::Md5) => signal::MD5,
        MatchedBy::Hash(SignalKind::Sha1) => signal::SHA1,
        MatchedBy::Hash(SignalKind::Sha256) => signal::SHA256,
        MatchedBy::Hash(SignalKind::Pdq) => signal::PDQ,
        MatchedBy::Hash(_) => signal::OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_country_with_its_role() {
        let region = |text: &str| Brought::region(text).map(|(area, role)| format!("{area} {role}"));
        assert_eq!(region("NL").as_deref(), Ok("NL JURISDICTION"));
        assert_eq!(region("NL:HOSTING").as_deref(), Ok("NL HOSTING"));
        for bad in ["", "nl", "155", "_U", "XX", "NL:", "NL:HOST", "Netherlands"] {
            assert!(region(bad).is_err(), "{bad}");
        }
    }
}
