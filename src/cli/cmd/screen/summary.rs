//! The summary of a run, for people.

use indicatif::HumanBytes;

use crate::cli::cmd::select::not_searched;
use crate::cli::output::Output;
use crate::language::Arg;
use crate::screen::{NotAllowed, Outcome, Summary};

/// The triage summary, for people.
pub(in crate::cli) fn print_summary(summary: &Summary, out: &mut Output) -> anyhow::Result<()> {
    let language = out.language().clone();
    let rate = summary.items as f64 / summary.seconds.max(1e-9);
    let bytes = HumanBytes(summary.bytes).to_string();
    let bytes = match bytes.split_once(' ') {
        Some((number, unit)) => format!("{} {unit}", language.decimal(&number.replace(',', ""))),
        None => bytes,
    };
    let seconds = language.decimal(&format!("{:.1}", summary.seconds));
    out.text(language.say(
        "operator-summary",
        &[
            ("items", Arg::Number(summary.items)),
            ("bytes", Arg::Text(&bytes)),
            ("seconds", Arg::Text(&seconds)),
            ("rate", Arg::Number(rate as u64)),
        ],
    ))?;
    let words = Outcome::ALL.map(|outcome| language.say(outcome.key(), &[]));
    let width = words.iter().map(|word| word.chars().count()).max().unwrap_or(0);
    for (outcome, word) in Outcome::ALL.into_iter().zip(words) {
        if summary.of(outcome) == 0 && matches!(outcome, Outcome::Quarantined | Outcome::Deconfirmed) {
            continue;
        }
        let meaning = match outcome {
            Outcome::Known => "operator-meaning-known",
            Outcome::Near => "operator-meaning-near",
            Outcome::Ignored => "operator-meaning-ignored",
            Outcome::Unknown if summary.filter.is_some() => "operator-meaning-unknown-in-part",
            Outcome::Unknown => "operator-meaning-unknown",
            Outcome::Unchecked => "operator-meaning-unchecked",
            Outcome::Quarantined => "operator-meaning-quarantined",
            Outcome::Deconfirmed => "operator-meaning-deconfirmed",
        };
        let (number, meaning) = (language.number(summary.of(outcome)), language.say(meaning, &[]));
        out.text(format_args!("  {word:<width$}{number:>8}   {meaning}"))?;
    }
    let count = |number: u64| [("count", Arg::Number(number))];
    for (number, key) in [
        (summary.watched, "operator-watched"),
        (summary.suppressed, "operator-suppressed"),
        (summary.repeats, "operator-repeats"),
    ] {
        if number > 0 {
            out.text(format_args!("  {}", language.say(key, &count(number))))?;
        }
    }
    if summary.clusters > 0 {
        let args = [("items", Arg::Number(summary.clustered)), ("groups", Arg::Number(summary.clusters))];
        out.text(format_args!("  {}", language.say("operator-alike", &args)))?;
    }
    if let Some(filter) = &summary.filter {
        out.text(not_searched(filter, &language))?;
    }
    for NotAllowed { set, reason, .. } in &summary.not_allowed {
        let (set, reason) = (set.to_string(), reason.to_string());
        let args = [("set", Arg::Text(&set)), ("reason", Arg::Text(&reason))];
        out.text(language.say("operator-not-allowed", &args))?;
    }
    if !summary.gaps.is_empty() {
        out.text(language.say("operator-gaps", &[]))?;
        let mut gaps: Vec<_> = summary.gaps.iter().collect();
        gaps.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (cause, items) in gaps {
            out.text(format_args!("  {:>9}   {cause}", language.number(*items)))?;
        }
    }
    for (number, key) in [(summary.excluded, "operator-excluded"), (summary.links, "operator-links")] {
        if number > 0 {
            out.text(language.say(key, &count(number)))?;
        }
    }
    Ok(())
}
