//! What may be said about a set, and who says it: flags that several verbs share.

use clap::Args;

use super::suppress::Suppresses;
use crate::cli::deed::Doing;
use crate::cli::global::Global;
use crate::hashset::{Bounds, KeepUntil, Made, Role, SetName, SetUpdate, Uses};
use crate::home::{Did, Home};
use crate::vocabulary::{Code, Dimension};

/// What a set is for, and what its agreement allows.
#[derive(Args)]
pub(in crate::cli) struct Policy {
    /// What the set is for: `match` (known and near), `ignore` (harmless files) or `watch` (counted, never shown) [default: match, or as before]
    #[arg(long, value_name = "ROLE")]
    pub(super) role: Option<Role>,

    #[command(flatten)]
    pub(super) suppresses: Suppresses,

    /// Class of the list, the only thing about it that releases may name [default: _U, or as before]
    ///
    /// NATIONAL, INTERNATIONAL, INDUSTRY, OWN, NCII, KNOWN_GOOD, _U
    #[arg(long, value_name = "CODE", value_parser = |text: &str| Dimension::ListClass.code(text))]
    class: Option<Code>,

    /// Differing bits allowed in a PDQ hash, bound included [default: 31, or as before]
    ///
    /// KIND=BITS for a classic kind, with commas between several: 31,gradient8=4. Their defaults are 5, 15 and 20 bits
    /// for a side of 8, 16 and 32, fewer for double-gradient.
    #[arg(long, value_name = "BITS")]
    max_distance: Option<Bounds>,

    /// Whom the list comes from, for your own people
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,

    /// What its terms allow, for your own people
    #[arg(long, value_name = "TEXT")]
    licence: Option<String>,

    /// What its agreement allows, with commas: match, derive, export; or none [default: all three, or as before]
    ///
    /// match: content is matched against it. derive: what it matched is counted, and so may be in releases. export: its
    /// entries are written out. What is not allowed is refused, or left out with a word.
    #[arg(long, value_name = "USES")]
    allow: Option<Uses>,

    /// The last day on which anything of that is allowed, as YYYY-MM-DD, or none [default: none, or as before]
    ///
    /// From the next day on the set is not searched, and `doctor` says so, and says it two weeks before.
    #[arg(long, value_name = "DATE")]
    keep_until: Option<KeepUntil>,
}

impl Policy {
    pub(super) fn update(&self) -> SetUpdate {
        let bounds = self.max_distance.clone().unwrap_or_default();
        SetUpdate {
            role: self.role,
            list_class: self.class,
            max_distance: bounds.pdq,
            classic_distances: bounds.classic,
            source: self.source.clone(),
            licence: self.licence.clone(),
            uses: self.allow,
            keep_until: self.keep_until,
        }
    }
}

/// Who does it.
#[derive(Args)]
pub(in crate::cli) struct By {
    /// Who does this, for the log of the set: a name, a role, a ticket
    #[arg(long, value_name = "TEXT")]
    by: Option<String>,
}

impl By {
    /// Now, by whoever is named.
    pub(super) fn made(&self, global: &Global, home: &Home) -> anyhow::Result<Made<'_>> {
        Ok(Made { at: global.clock(home)?.now(), by: self.by.as_deref() })
    }

    /// What is about to be done to set `name` by them, for the audit.
    pub(super) fn doing<'a>(&'a self, did: Did, name: &'a SetName) -> Doing<'a> {
        Doing::new(self.by.as_deref(), did, name.as_str())
    }
}
