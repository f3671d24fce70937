//! `innerward vocabulary show`

use clap::Args;
use serde_json::json;

use super::list::{code_json, indicator_json};
use super::{column, hanging, label_json, marked, note_unchecked};
use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::vocabulary::{
    Code, Dimension, Indicator, Label, LabelError, Language, Term, Unit, crosswalk_rows,
};

/// Show what a code, a term, an indicator or a dimension means
///
/// In every language, with who has vouched for each string; of a code also what it rolls up to and what categories of other
/// schemes lead to it, of a term the forms that are avoided or need care.
#[derive(Args)]
pub(in crate::cli) struct Show {
    /// severity:SEV_A, TERM_CSAM, MATCH_ITEMS, ITEMS or severity
    #[arg(value_name = "WORD", value_parser = word)]
    word: Word,

    /// This language alone: en, fr, es, pt, ar, ru, zh or de [default: every language]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>, // as the option of every command, which it stands for here
}

#[derive(Clone, Copy)]
enum Word {
    Code(Code),
    Term(Term),
    Indicator(Indicator),
    Unit(Unit),
    Dimension(Dimension),
}

pub(super) fn dimension(text: &str) -> Option<Dimension> {
    Dimension::ALL.into_iter().find(|dimension| dimension.as_str() == text)
}

fn word(text: &str) -> Result<Word, String> {
    if text.contains(':') {
        return text.parse().map(Word::Code).map_err(|error: LabelError| error.to_string());
    }
    if text.starts_with("TERM") {
        return text
            .parse()
            .map(Word::Term)
            .map_err(|error: crate::vocabulary::UnknownWord| error.to_string());
    }
    // REPORTS and URLS are the name of an indicator and of its unit; the unit is what is counted by the indicator.
    None.or_else(|| text.parse().ok().map(Word::Indicator))
        .or_else(|| text.parse().ok().map(Word::Unit))
        .or_else(|| dimension(text).map(Word::Dimension))
        .ok_or_else(|| {
            "write DIMENSION:CODE, a key as TERM_CSAM, an indicator, a unit or a dimension; `vocabulary list` \
             has them"
                .into()
        })
}

impl Word {
    fn label_in(self, language: Language) -> &'static Label {
        match self {
            Self::Code(code) => code.label_in(language),
            Self::Term(term) => term.label_in(language),
            Self::Indicator(indicator) => indicator.label_in(language),
            Self::Unit(unit) => unit.label_in(language),
            Self::Dimension(dimension) => dimension.label_in(language),
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Term(_) => "term",
            Self::Indicator(_) => "indicator",
            Self::Unit(_) => "unit",
            Self::Dimension(_) => "dimension",
        }
    }
}

impl Show {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<Status> {
        let only: Option<Language> = self.language.as_deref().map(str::parse).transpose()?;
        let languages: Vec<Language> = Language::ALL
            .into_iter()
            .filter(|&language| only.is_none_or(|wanted| wanted == language))
            .collect();
        let labels: Vec<(Language, &Label)> =
            languages.iter().map(|&language| (language, self.word.label_in(language))).collect();
        let mut fields = self.facts(&languages);
        fields["labels"] =
            labels.iter().map(|&(language, label)| label_json(language, label)).collect::<Vec<_>>().into();
        out.json(self.word.kind(), &fields)?;
        for line in self.lines(&languages) {
            out.text(line)?;
        }
        for (language, label) in &labels {
            let [pref, plain, definition] = label.status;
            out.text("")?;
            let mut lines = hanging(&column(language.as_str(), 4), &marked(label.pref, pref));
            if label.plain != label.pref {
                lines.extend(hanging("    ", &marked(label.plain, plain)));
            }
            lines.extend(hanging("    ", &marked(label.definition, definition)));
            for line in lines {
                out.text(line)?;
            }
            if !label.source.is_empty() {
                out.text(format_args!("    from {}", label.source))?;
            }
        }
        let unchecked = labels.iter().filter(|(_, label)| !label.least_status().is_checked()).count();
        out.json("summary", &json!({ "listed": labels.len(), "unchecked": unchecked }))?;
        note_unchecked(out, unchecked > 0)?;
        Ok(Status::default())
    }

    fn facts(&self, languages: &[Language]) -> serde_json::Value {
        match self.word {
            Word::Code(code) => {
                let mut fields = code_json(code);
                fields["rolls_up"] = roll_up(code).into();
                fields["children"] = code.children().map(Code::as_str).collect::<Vec<_>>().into();
                fields["crosswalk"] = crosswalk_rows()
                    .iter()
                    .filter(|row| row.target == code)
                    .map(super::crosswalk::row_json)
                    .collect::<Vec<_>>()
                    .into();
                fields
            }
            Word::Term(term) => {
                let forms: Vec<_> = term
                    .forms()
                    .filter(|form| languages.contains(&form.language))
                    .map(|form| {
                        json!({
                            "language": form.language.as_str(), "form": form.written,
                            "usage": form.usage.as_str(), "preferred": form.preferred,
                        })
                    })
                    .collect();
                json!({ "term": term.key(), "forms": forms })
            }
            Word::Indicator(indicator) => indicator_json(indicator),
            Word::Unit(unit) => json!({ "unit": unit }),
            Word::Dimension(dimension) => json!({
                "dimension": dimension, "codes": dimension.codes().len(),
                "column": Dimension::COLUMNS.contains(&dimension),
            }),
        }
    }

    fn lines(&self, languages: &[Language]) -> Vec<String> {
        match self.word {
            Word::Code(code) => {
                let mut lines =
                    vec![format!("{code:?}, {} of {}", code.order(), code.dimension().codes().len())];
                let chain = roll_up(code);
                if !chain.is_empty() {
                    lines.push(format!("rolls up to {}", chain.join(", then ")));
                }
                if code.is_protected() {
                    lines.push("protected: never published on its own, only within its region".into());
                }
                let rows = crosswalk_rows();
                let rows = rows.iter().filter(|row| row.target == code);
                lines.extend(rows.flat_map(super::crosswalk::row_lines));
                lines
            }
            Word::Term(term) => {
                let mut lines = vec![term.key().to_owned()];
                let forms = term.forms().filter(|form| languages.contains(&form.language));
                lines.extend(forms.flat_map(|form| {
                    let head = column(form.usage.as_str(), 9) + &column(form.language.as_str(), 4);
                    hanging(&format!("  {head}"), form.written)
                }));
                lines
            }
            Word::Indicator(indicator) => {
                let mut lines =
                    vec![format!("{indicator}, in {}, {}", indicator.unit(), indicator.kind().as_str())];
                lines.extend(hanging("counts ", indicator.counting_rule()));
                lines.extend(hanging("twice: ", indicator.deduplication()));
                lines
            }
            Word::Unit(unit) => vec![unit.to_string()],
            Word::Dimension(dimension) => {
                vec![format!("{dimension}, {} codes; `vocabulary list {dimension}`", dimension.codes().len())]
            }
        }
    }
}

fn roll_up(code: Code) -> Vec<&'static str> {
    std::iter::successors(code.parent(), |code| code.parent()).map(Code::as_str).collect()
}
