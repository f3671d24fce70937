//! The summary of a run, for people.

use indicatif::HumanBytes;

use crate::cli::cmd::select::not_searched;
use crate::cli::output::{Output, counted, grouped};
use crate::screen::{NotAllowed, Outcome, Summary};

/// The triage summary, for people.
pub(in crate::cli) fn print_summary(summary: &Summary, out: &mut Output) -> anyhow::Result<()> {
    let rate = summary.items as f64 / summary.seconds.max(1e-9);
    out.text(format_args!(
        "{}, {}, in {:.1} s ({} a second)",
        counted(summary.items, "item", "items"),
        HumanBytes(summary.bytes),
        summary.seconds,
        grouped(rate as u64)
    ))?;
    for outcome in Outcome::ALL {
        let meaning = match outcome {
            Outcome::Known => "identical to a listed file",
            Outcome::Near => "looks like a listed picture; a person decides",
            Outcome::Ignored => "on a list of harmless files",
            Outcome::Unknown if summary.filter.is_some() => "checked, not in what was searched of the lists",
            Outcome::Unknown => "checked, on no list",
            Outcome::Unchecked => "not or only partly checked, and nothing found",
            Outcome::Quarantined => "matches an entry in quarantine; a person decides",
            Outcome::Deconfirmed => "matches an entry that was deconfirmed here",
        };
        if summary.of(outcome) == 0 && matches!(outcome, Outcome::Quarantined | Outcome::Deconfirmed) {
            continue;
        }
        out.text(format_args!("  {:<11}{:>8}   {meaning}", outcome.as_str(), grouped(summary.of(outcome))))?;
    }
    for (number, what) in [
        (summary.watched, "on a watched list, whatever their outcome"),
        (summary.suppressed, "with a match that a list of harmless files overrules"),
    ] {
        if number > 0 {
            out.text(format_args!("  {}, {what}", counted(number, "item", "items")))?;
        }
    }
    if summary.repeats > 0 {
        let repeats = counted(summary.repeats, "item has", "items have");
        out.text(format_args!("  {repeats} the bytes of an earlier one, which was decoded for all"))?;
    }
    if summary.clusters > 0 {
        out.text(format_args!(
            "  {} unknown items look alike, in {}: one of each is to be seen",
            grouped(summary.clustered),
            counted(summary.clusters, "group", "groups")
        ))?;
    }
    if let Some(filter) = &summary.filter {
        out.text(not_searched(filter))?;
    }
    for NotAllowed { set, reason, .. } in &summary.not_allowed {
        out.text(format_args!("Not searched: {set}, since {reason}."))?;
    }
    if !summary.gaps.is_empty() {
        out.text("What was not checked, and why:")?;
        let mut gaps: Vec<_> = summary.gaps.iter().collect();
        gaps.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (cause, items) in gaps {
            out.text(format_args!("  {:>9}   {cause}", grouped(*items)))?;
        }
    }
    if summary.excluded > 0 {
        out.text(format_args!(
            "Left out as asked: {}.",
            counted(summary.excluded, "file or folder", "files and folders")
        ))?;
    }
    if summary.links > 0 {
        out.text(format_args!("Not followed: {}.", counted(summary.links, "link", "links")))?;
    }
    Ok(())
}
