//! `innerward vocabulary crosswalk`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::{column, hanging};
use crate::cli::global::Global;
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::hashset::profiles_of;
use crate::vocabulary::{
    Category, Code, CrosswalkRow, Dimension, EMPTY_PROFILES, Profiles, common_code, crosswalk_rows,
};

/// Show what categories of other schemes mean in our codes, and what is lost
///
/// A category number means nothing without the scheme, and where that has them the profile, that it came from: NCMEC's A is a
/// young child, IWF's A the most severe act. `exact` is the same extent; `narrower`: the category lies wholly within our
/// code; `broader`: it contains our code, and may be another; `close`; `related`. Where nobody knows which of several codes it
/// is, it is published under the one that they share.
#[derive(Args)]
pub(in crate::cli) struct Crosswalk {
    /// NCMEC, VICS/US or VICS/US:1 [default: every scheme]
    #[arg(value_name = "SCHEME[/PROFILE][:CODE]", value_parser = wanted)]
    from: Option<Wanted>,

    /// Only what leads to this dimension
    #[arg(long, value_name = "DIMENSION", value_parser = |text: &str| super::show::dimension(text)
        .ok_or_else(|| format!("use {}", Dimension::ALL.map(Dimension::as_str).join(", "))))]
    to: Option<Dimension>,

    /// A profile that somebody filled, beside what the program and this home have
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
}

#[derive(Clone)]
struct Wanted {
    scheme: String,
    profile: Option<String>,
    code: Option<String>,
}

fn wanted(text: &str) -> Result<Wanted, String> {
    let (source, code) = text.split_once(':').map_or((text, None), |(source, code)| (source, Some(code)));
    let (scheme, profile) =
        source.split_once('/').map_or((source, None), |(scheme, profile)| (scheme, Some(profile)));
    // Whatever a category can be; `X` stands in for a part that was not given.
    Category::new(scheme, profile.unwrap_or_default(), code.filter(|code| *code != "*").unwrap_or("X"))
        .map_err(|error| error.to_string())?;
    let [profile, code] = [profile, code].map(|part| part.map(str::to_owned));
    // A category without a profile is that of a scheme that has none.
    let profile = profile.or_else(|| code.is_some().then(String::new));
    Ok(Wanted { scheme: scheme.to_owned(), profile, code })
}

impl Wanted {
    fn admits(&self, row: &CrosswalkRow) -> bool {
        self.scheme == row.scheme
            && self.profile.as_ref().is_none_or(|profile| *profile == row.profile)
            && self.code.as_ref().is_none_or(|code| *code == row.code || row.code == "*")
    }
}

impl Crosswalk {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let mut rows = crosswalk_rows();
        // Those of the home, where there is one; none is made for a question.
        let mut profiles = match global.open_home() {
            Ok(home) => profiles_of(&home)?,
            Err(_) => Profiles::default(),
        };
        if let Some(path) = &self.profile {
            profiles.add(super::profile(path)?);
        }
        rows.extend_from_slice(profiles.rows());
        rows.retain(|row| {
            self.from.as_ref().is_none_or(|wanted| wanted.admits(row))
                && self.to.is_none_or(|dimension| dimension == row.target.dimension())
        });
        for row in &rows {
            out.json("crosswalk", &row_json(row))?;
            for line in row_lines(row) {
                out.text(line)?;
            }
        }
        let sets = sets(&rows);
        for ((source, dimension), codes) in &sets {
            let shared = common_code(codes);
            let codes: Vec<&str> = codes.iter().copied().map(Code::as_str).collect();
            out.json(
                "set",
                &json!({ "from": source, "dimension": dimension, "codes": codes, "published_as": shared }),
            )?;
            let shared = shared.map_or("nothing that they share", Code::as_str);
            out.prose(format_args!("{source} is one of {} and is published as {shared}", codes.join(", ")))?;
        }
        if rows.is_empty() {
            out.prose(self.nothing())?;
        }
        out.json("summary", &json!({ "rows": rows.len(), "sets": sets.len() }))?;
        Ok(Status::default())
    }

    fn nothing(&self) -> String {
        let of = |wanted: &Wanted| {
            EMPTY_PROFILES.iter().find(|empty| {
                empty.scheme == wanted.scheme
                    && wanted.profile.as_ref().is_none_or(|profile| *profile == empty.profile)
            })
        };
        match self.from.as_ref().and_then(of) {
            Some(empty) => format!(
                "No row: the categories of {} are not public. A member can fill what `vocabulary load \
                 --template {}` prints, and load it (docs/vocabulary.md).",
                empty.title, empty.name
            ),
            None => {
                "No row: such a category means nothing to innerward, and entries keep it as it is.".into()
            }
        }
    }
}

/// A category, as it is written, and what is asked of it.
type Source = (String, Dimension);

/// Categories of which nobody knows which of several codes they are: from rows that are broader, and from codes that stand for
/// several themselves.
fn sets(rows: &[CrosswalkRow]) -> BTreeMap<Source, Vec<Code>> {
    let mut sets: BTreeMap<Source, Vec<Code>> = BTreeMap::new();
    for row in rows {
        let key = (written(row), row.target.dimension());
        if row.relation == crate::vocabulary::Relation::Broader {
            sets.entry(key).or_default().push(row.target);
        } else if row.relation.holds() && row.target.children().next().is_some() {
            sets.entry(key).or_default().extend(row.target.children());
        }
    }
    // What one row says for sure is not one of several.
    sets.retain(|_, codes| codes.len() > 1);
    sets
}

fn written(row: &CrosswalkRow) -> String {
    let CrosswalkRow { scheme, profile, code, .. } = row;
    if profile.is_empty() { format!("{scheme}:{code}") } else { format!("{scheme}/{profile}:{code}") }
}

/// A row as the lines of programs have it.
pub(super) fn row_json(row: &CrosswalkRow) -> serde_json::Value {
    let or_null = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    json!({
        "scheme": row.scheme, "profile": or_null(&row.profile), "code": row.code,
        "source_label": or_null(&row.source_label), "dimension": row.target.dimension(), "target": row.target,
        "relation": row.relation.as_str(), "holds": row.relation.holds(), "loss": or_null(&row.loss),
        "evidence": row.evidence, "since": row.since,
    })
}

/// A row for people: the category, how it relates to which code, and below what is lost.
pub(super) fn row_lines(row: &CrosswalkRow) -> Vec<String> {
    let mark = if row.evidence == "unverified" { " [unverified]" } else { "" };
    let target = format!("{}{:?}{mark}", column(row.relation.as_str(), 10), row.target);
    let mut lines = hanging(&column(&written(row), 34), &target);
    if !row.loss.is_empty() {
        lines.extend(hanging("    lost: ", &row.loss));
    }
    lines
}
