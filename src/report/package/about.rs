//! What the forms say of the data as a whole.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::plain::slug;
use super::tidy;
use crate::language::Locale;
use crate::release::{Release, TableNote, decimal};
use crate::report::DataSet;
use crate::report::model::VERSION;

/// What a code stands for that others of its table roll up to.
pub(super) const REST: &str =
    "A code above other rows of the same table is the rest: what has no row of its own";

/// How the marks in the tables are to be read.
pub(super) const READING: &str = "An empty obs_value is withheld: after noise was added it lay below the threshold. The true count may be nothing or a small number, so do not read it as zero; obs_status is Q and conf_status C. Status E means that noise was added, U that the value is also close to the threshold, where shown values tend to be too high. Figures of different units, and different tables, are not added. A code above other rows of the same table is the rest: what has no row of its own. noise_sd leaves rounding out, which moves a value by at most half of the column rounding in privacy_ledger.csv. Rows whose superseded_by is not empty have been corrected: leave them out before counting.";

/// The facts that titles and descriptions are made of.
#[derive(Debug)]
pub(super) struct About {
    /// Everybody who publishes, in order.
    pub(super) publishers: Vec<String>,
    /// What stands for each publisher in names and codes.
    pub(super) slugs: BTreeMap<String, String>,
    /// Every licence, in order.
    pub(super) licences: Vec<String>,
    /// Every address that readers may write to.
    pub(super) contacts: Vec<String>,
    /// The day of the latest publication.
    pub(super) published_on: String,
    /// `2021-11 to 2026-10`
    pub(super) periods: String,
    /// From the first day to the last: `2021-11-01/2026-10-31`
    pub(super) coverage: String,
    /// What is counted, in words.
    pub(super) counted: Vec<String>,
    /// True if any release is a demo's.
    pub(super) demo: bool,
    /// How to cite: the one citation, or that of each release.
    pub(super) citation: String,
}

impl About {
    pub(super) fn of(data: &DataSet<'_>) -> Self {
        let manifests = || data.releases().iter().map(|release| release.manifest());
        let distinct = |text: fn(&crate::release::Manifest) -> &str| -> Vec<String> {
            let found: BTreeSet<&str> = manifests().map(text).filter(|text| !text.is_empty()).collect();
            found.into_iter().map(str::to_owned).collect()
        };
        let publishers = distinct(|manifest| &manifest.publisher);
        let first = manifests().map(|manifest| manifest.period).min_by_key(|period| period.first_day());
        let last = manifests().map(|manifest| manifest.period).max_by_key(|period| period.last_day());
        let periods = match (first, last) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(only), _) => only.to_string(),
            _ => String::new(),
        };
        let coverage = match (first, last) {
            (Some(first), Some(last)) => format!("{}/{}", first.first_day(), last.last_day()),
            _ => String::new(),
        };
        let tables = data.releases().iter().flat_map(|release| release.tables());
        let counted: BTreeSet<String> = tables
            .map(|table| Locale::english().indicator(table.note().indicator).pref.to_lowercase())
            .collect();
        let citations = distinct(|manifest| &manifest.citation);
        let citation = match &citations[..] {
            [only] => only.clone(),
            _ => format!(
                "{}: released counts, {periods}, {} releases; the citation of each release is in releases.csv",
                publishers.join("; "),
                data.releases().len(),
            ),
        };
        Self {
            licences: distinct(|manifest| &manifest.licence),
            contacts: distinct(|manifest| &manifest.contact),
            published_on: manifests()
                .map(|manifest| manifest.published_on.to_string())
                .max()
                .unwrap_or_default(),
            demo: manifests().any(|manifest| manifest.demo),
            slugs: slugs(&publishers),
            publishers,
            coverage,
            counted: counted.into_iter().collect(),
            periods,
            citation,
        }
    }

    pub(super) fn title(&self) -> String {
        let demo = if self.demo { "DEMO, the numbers describe nothing. " } else { "" };
        format!("{demo}Released counts of {}, {}", self.publishers.join("; "), self.periods)
    }

    pub(super) fn description(&self) -> String {
        format!(
            "Counts that were published with noise added: {}. In the open data model {VERSION} of innerward. {READING}",
            self.counted.join("; ")
        )
    }

    /// The version of the figures: the day of the latest publication as `2026.11.2`.
    pub(super) fn version(&self) -> String {
        let parts: Vec<&str> =
            self.published_on.split('-').map(|part| part.trim_start_matches('0')).collect();
        parts.join(".")
    }

    /// The name of the package: that of its publisher, or for several a part of the digest of their names.
    pub(super) fn name(&self) -> String {
        match &self.publishers[..] {
            [only] => format!("innerward-{}", self.slugs[only]),
            several => {
                let digest = blake3::hash(several.join("\n").as_bytes()).to_hex();
                format!("innerward-{}-publishers-{}", several.len(), &digest[..8])
            }
        }
    }
}

/// The licences that are known by their names in SPDX's list; another program may not know any other text.
const SPDX: [&str; 18] = [
    "Apache-2.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDLA-Permissive-1.0",
    "CDLA-Sharing-1.0",
    "MIT",
    "ODC-By-1.0",
    "ODbL-1.0",
    "OGL-UK-3.0",
    "PDDL-1.0",
    "etalab-2.0",
];

/// Where the words of the licence `name` are, if it is one that SPDX lists; `None` for words of the publisher's own.
pub(super) fn spdx(name: &str) -> Option<String> {
    SPDX.contains(&name).then(|| format!("https://spdx.org/licenses/{name}"))
}

/// A short name of letters, digits and `-` for each of `publishers`. Where two would have the same, or one none, a part of
/// the name's digest tells them apart: it does not depend on who else publishes.
fn slugs(publishers: &[String]) -> BTreeMap<String, String> {
    let plain: Vec<String> = publishers.iter().map(|publisher| slug(publisher)).collect();
    let alone = |one: &String| !one.is_empty() && plain.iter().filter(|other| *other == one).count() == 1;
    let named = publishers.iter().zip(&plain).map(|(publisher, plain)| {
        if alone(plain) {
            return (publisher.clone(), plain.clone());
        }
        let digest = blake3::hash(publisher.as_bytes()).to_hex();
        let start = if plain.is_empty() { "publisher" } else { plain };
        (publisher.clone(), format!("{start}-{}", &digest[..8]))
    });
    named.collect()
}

/// Every release with what protects it, what may be read from it and what it rests on.
pub(super) fn releases(data: &DataSet<'_>) -> Value {
    let all = tidy::caveats(data);
    let one = |release: &&Release| {
        let manifest = release.manifest();
        let number = |caveat: &String| all.iter().position(|other| other == caveat).map(|at| at + 1);
        json!({
            "publisher": manifest.publisher,
            "releaseId": manifest.release_id,
            "demo": manifest.demo,
            "period": manifest.period.to_string(),
            "revision": manifest.revision,
            "supersedes": manifest.supersedes,
            "supersededBy": data.successor(release).map(|found| &found.manifest().release_id),
            "publishedOn": manifest.published_on.to_string(),
            "purpose": manifest.purpose,
            "licence": manifest.licence,
            "contact": manifest.contact,
            "citation": manifest.citation,
            "epsilon": decimal(manifest.epsilon_nano),
            "epsilonCap": decimal(manifest.epsilon_cap_nano),
            "groupFigure": manifest.group_figure,
            "denominator": manifest.denominator,
            "units": manifest.units.iter().map(|note| json!({
                "unit": note.unit.as_str(),
                "unitOfPrivacy": note.unit_of_privacy,
                "epsilon": decimal(note.epsilon_nano),
                "promise": note.promise,
            })).collect::<Vec<_>>(),
            "tables": manifest.tables.iter().map(protection).collect::<Vec<_>>(),
            "lists": manifest.lists.iter().map(tidy::list_in_words).collect::<Vec<_>>(),
            "breaks": manifest.breaks.iter().map(tidy::break_in_words).collect::<Vec<_>>(),
            "caveats": manifest.caveats.iter().filter_map(number).collect::<Vec<_>>(),
            "manifestBlake3": manifest.blake3(),
            "madeWith": manifest.made_with,
        })
    };
    let releases: Vec<Value> = data.releases().iter().map(one).collect();
    json!({ "modelVersion": VERSION, "reading": READING, "caveats": all, "releases": releases })
}

fn protection(note: &TableNote) -> Value {
    json!({
        "table": note.name,
        "file": note.file,
        "blake3": note.blake3,
        "mechanism": note.mechanism,
        "epsilon": decimal(note.epsilon_nano),
        "delta": "0",
        "sensitivity": note.sensitivity,
        "k": note.k,
        "beta": note.beta,
        "threshold": note.threshold,
        "halfWidth": note.half_width,
        "noiseSd": note.noise_sd,
        "rounding": note.rounding,
    })
}
