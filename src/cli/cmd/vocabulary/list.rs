//! `innerward vocabulary list`

use clap::Args;
use serde_json::json;

use super::{column, hanging, label_json, marked, note_unchecked};
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::vocabulary::{Code, Dimension, Indicator, Label, Language, Term, Unit};

/// List the dimensions, or the codes of one
///
/// A dimension is one facet of an item, as `severity`. Its codes stand in their order, strongest or most severe first, with the
/// coarser code that each rolls up to. What no speaker of the language has checked is marked so.
#[derive(Args)]
pub(in crate::cli) struct List {
    /// A dimension, or `terms`, `indicators`, `units`, `languages` [default: the dimensions]
    #[arg(value_name = "DIMENSION", value_parser = what)]
    what: Option<What>,

    /// Labels in this language: en, fr, es, pt, ar, ru, zh or de
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    language: String, // as the option of every command, which it stands for here
}

#[derive(Clone, Copy)]
enum What {
    Codes(Dimension),
    Terms,
    Indicators,
    Units,
    Languages,
}

fn what(text: &str) -> Result<What, String> {
    Ok(match text {
        "terms" => What::Terms,
        "indicators" => What::Indicators,
        "units" => What::Units,
        "languages" => What::Languages,
        _ => What::Codes(super::show::dimension(text).ok_or_else(|| {
            let names = Dimension::ALL.map(Dimension::as_str).join(", ");
            format!("use {names}, or terms, indicators, units, languages")
        })?),
    })
}

impl List {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<Status> {
        let language: Language = self.language.parse()?;
        let labels: Vec<&Label> = match self.what {
            None => dimensions(language, out)?,
            Some(What::Codes(dimension)) => codes(dimension, language, out)?,
            Some(What::Terms) => terms(language, out)?,
            Some(What::Indicators) => indicators(language, out)?,
            Some(What::Units) => units(language, out)?,
            Some(What::Languages) => {
                let listed = languages(out)?;
                out.json("summary", &json!({ "listed": listed, "unchecked": 0 }))?;
                return Ok(Status::default());
            }
        };
        let unchecked = labels.iter().filter(|label| !label.least_status().is_checked()).count();
        out.json("summary", &json!({ "listed": labels.len(), "unchecked": unchecked }))?;
        note_unchecked(out, labels.iter().any(|label| !label.status[0].is_checked()))?;
        Ok(Status::default())
    }
}

/// What a row says beyond its label: what it is, and its fields for programs.
fn row(
    out: &mut Output,
    kind: &str,
    name: &str,
    facts: &str,
    language: Language,
    label: &Label,
    mut fields: serde_json::Value,
) -> std::io::Result<()> {
    let words = label_json(language, label);
    if let (Some(fields), serde_json::Value::Object(words)) = (fields.as_object_mut(), words) {
        fields.extend(words);
    }
    out.json(kind, &fields)?;
    let head = column(name, 22) + &column(facts, 26);
    hanging(&head, &marked(label.pref, label.status[0])).into_iter().try_for_each(|line| out.text(line))
}

fn dimensions(language: Language, out: &mut Output) -> anyhow::Result<Vec<&'static Label>> {
    let listed = Dimension::ALL.map(|dimension| (dimension, dimension.label_in(language)));
    for (dimension, label) in listed {
        let is_column = Dimension::COLUMNS.contains(&dimension);
        let codes = dimension.codes().len();
        let fields = json!({ "dimension": dimension, "codes": codes, "column": is_column });
        let facts = format!("{codes} codes{}", if is_column { ", a column" } else { "" });
        row(out, "dimension", dimension.as_str(), &facts, language, label, fields)?;
    }
    Ok(listed.map(|(_, label)| label).into())
}

fn codes(dimension: Dimension, language: Language, out: &mut Output) -> anyhow::Result<Vec<&'static Label>> {
    let mut labels = Vec::new();
    for code in dimension.codes() {
        let label = code.label_in(language);
        let mut facts: Vec<String> = code.parent().map(|parent| format!("in {parent}")).into_iter().collect();
        if code.usage() != crate::vocabulary::Usage::Ok {
            facts.push(code.usage().as_str().to_lowercase());
        }
        if code.is_protected() {
            facts.push("protected".into());
        }
        row(out, "code", code.as_str(), &facts.join(", "), language, label, code_json(code))?;
        labels.push(label);
    }
    Ok(labels)
}

/// What a code is, whatever it is called.
pub(super) fn code_json(code: Code) -> serde_json::Value {
    let mut fields = json!({
        "dimension": code.dimension(), "code": code, "order": code.order(), "parent": code.parent(),
        "usage": code.usage().as_str(), "code_status": code.review_status().as_str(),
    });
    if code.dimension() == Dimension::Area {
        fields["protected"] = code.is_protected().into();
    }
    fields
}

fn terms(language: Language, out: &mut Output) -> anyhow::Result<Vec<&'static Label>> {
    let mut labels = Vec::new();
    for term in Term::all() {
        let label = term.label_in(language);
        let forms = term.forms().filter(|form| form.language == language).count();
        let facts = if forms == 0 { String::new() } else { format!("{forms} to avoid or watch") };
        row(out, "term", term.key(), &facts, language, label, json!({ "term": term.key(), "forms": forms }))?;
        labels.push(label);
    }
    Ok(labels)
}

fn indicators(language: Language, out: &mut Output) -> anyhow::Result<Vec<&'static Label>> {
    let mut labels = Vec::new();
    for indicator in Indicator::ALL {
        let label = indicator.label_in(language);
        let facts = format!("{}, {}", indicator.unit(), indicator.kind().as_str());
        row(out, "indicator", indicator.as_str(), &facts, language, label, indicator_json(indicator))?;
        labels.push(label);
    }
    Ok(labels)
}

/// What an indicator is, whatever it is called.
pub(super) fn indicator_json(indicator: Indicator) -> serde_json::Value {
    json!({
        "indicator": indicator, "unit": indicator.unit(), "kind": indicator.kind().as_str(),
        "counting_rule": indicator.counting_rule(), "deduplication": indicator.deduplication(),
    })
}

fn units(language: Language, out: &mut Output) -> anyhow::Result<Vec<&'static Label>> {
    let listed = Unit::ALL.map(|unit| (unit, unit.label_in(language)));
    for (unit, label) in listed {
        row(out, "unit", unit.as_str(), "", language, label, json!({ "unit": unit }))?;
    }
    Ok(listed.map(|(_, label)| label).into())
}

/// How many there are: what they are called in themselves is no label that needs a check.
fn languages(out: &mut Output) -> anyhow::Result<usize> {
    for language in Language::ALL {
        let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
        out.json(
            "language",
            &json!({ "language": language.as_str(), "endonym": language.endonym(), "direction": direction }),
        )?;
        out.text(format_args!("{:<6}{:<6}{}", language.as_str(), direction, language.endonym()))?;
    }
    Ok(Language::ALL.len())
}
