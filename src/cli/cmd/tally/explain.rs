//! `innerward tally explain`

use clap::Args;
use serde_json::json;

use super::LOCAL;
use crate::cli::global::Global;
use crate::cli::output::{Output, counted, grouped};
use crate::tally::{Break, BreakCause, ListInUse, Tally};
use crate::vocabulary::{Indicator, Period, Unit};

/// Say in words what a period holds, and what its counts are to be read beside
///
/// How many units there are of each kind, what came late or was left out, which lists items were matched against and how,
/// and where series break. These counts are exact and stay in the ward. What a release would show of them is not said:
/// that depends on noise, which is drawn once.
#[derive(Args)]
pub(in crate::cli) struct Explain {
    /// The period: 2026-10, 2026-Q4 or 2026
    #[arg(value_name = "PERIOD")]
    period: Period,
}

impl Explain {
    pub(super) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<()> {
        let (home, period) = (global.open_home()?, self.period);
        let tally = Tally::open(&home)?;
        let words = period.in_words();
        let Some(about) = tally.about(period)? else {
            out.json("summary", &json!({ "period": period, "counted": false, "local": LOCAL }))?;
            out.text(format_args!("Nothing was counted in {words}."))?;
            return Ok(());
        };
        if about.purged {
            let summary = json!({
                "period": period, "counted": true, "sealed": true, "purged": true, "local": LOCAL,
            });
            out.json("summary", &summary)?;
            out.text(format_args!("{words} was purged: it was sealed, and its counts were deleted."))?;
            return Ok(());
        }
        let (cube, watched) = (tally.cube(period, None)?, tally.watched(period)?);
        let (cube, watched, told) = (cube.show_locally(), *watched.show_locally(), about.told.show_locally());
        let (lists, breaks) = (tally.lists(period)?, tally.breaks(period)?);

        out.text(format_args!("{words} (local, {LOCAL})\n"))?;
        for indicator in cube.indicators() {
            let number = cube.total(indicator);
            out.json(
                "count",
                &json!({
                    "period": period, "indicator": indicator, "unit": indicator.unit(), "codes": {}, "number": number,
                    "local": LOCAL,
                }),
            )?;
            out.text(format_args!("{:>9}  {indicator}: {}", grouped(number), indicator.counting_rule()))?;
        }
        if cube.indicators().next().is_none() {
            out.text("  Nothing is counted in it.")?;
        }
        out.text("")?;
        out.prose(
            "Each item is in one cell of each of these, however often it was seen: the most severe category, then the \
             youngest maturity, then the strongest match. Decisions change nothing of what was seen. Reports, web addresses \
             and items are different units, and are never added.",
        )?;
        out.prose(if about.sealed {
            "Sealed: it takes nothing more. Its pseudonyms and their key are gone; what comes late counts elsewhere, if at all."
        } else {
            "Not sealed: it still takes what is dated in it. Pseudonyms tell its items apart, under a key of its own."
        })?;
        if !about.cased {
            out.prose("Something has no case, so that no cap on the items of a case can hold.")?;
        } else if cube.indicators().any(|indicator| indicator.unit() == Unit::Items) {
            out.prose(
                "Everything that was screened or imported as an item has a case, so that a cap on the items of a case can \
                 hold.",
            )?;
        }
        if !about.caps.is_empty() {
            let caps = about.caps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            out.prose(format_args!("It was also counted with at most so many items a case: {caps}."))?;
        }
        let in_case =
            "Items that were only decided on have no case in this period, and count under no such cap.";
        if cube.total(Indicator::Reviewed) > 0 {
            out.prose(in_case)?;
        }
        if watched > 0 {
            out.text(format_args!(
                "Watched sets have {}, in no count above.",
                counted(watched, "content", "contents")
            ))?;
        }
        for (origin, what, number) in told.iter().filter(|(_, _, number)| *number > 0) {
            out.prose(format_args!("Of {origin}: {} {what}.", grouped(*number)))?;
        }
        print_beside(&lists, &breaks, out)?;
        let told: Vec<_> =
            told.iter().map(|(of, what, rows)| json!({ "of": of, "what": what, "rows": rows })).collect();
        out.json(
            "summary",
            &json!({
                "period": period, "counted": true, "sealed": about.sealed, "purged": false,
                "cased": about.cased, "caps": about.caps, "screened": cube.total(Indicator::ItemsScanned), "watched": watched, "told": told,
                "lists": lists.iter().map(list_json).collect::<Vec<_>>(),
                "breaks": breaks.iter().map(break_json).collect::<Vec<_>>(), "local": LOCAL,
            }),
        )?;
        Ok(())
    }
}

/// The lists in use, and the breaks.
fn print_beside(lists: &[ListInUse], breaks: &[Break], out: &mut Output) -> anyhow::Result<()> {
    out.text(if lists.is_empty() {
        "\nNothing was matched against lists."
    } else {
        "\nMatched against lists, by class:"
    })?;
    for list in lists {
        out.text(format_args!(
            "  {:<14} {:>12} active entries, last revised in {}",
            list.list_class.as_str(),
            grouped(list.active_entries),
            list.revised.in_words()
        ))?;
    }
    for Break { cause, within } in breaks {
        let when = if *within { "within the period" } else { "against the period before" };
        let what = match cause {
            BreakCause::Program => "this program, or settings of it that change verdicts".to_owned(),
            BreakCause::Lists(class) => {
                format!("the lists of class {class}, their kinds of hash, bounds or roles")
            }
        };
        out.prose(format_args!(
            "A break {when}: {what} changed, so that counts are not to be compared across it."
        ))?;
    }
    Ok(())
}

fn list_json(list: &ListInUse) -> serde_json::Value {
    json!({ "list_class": list.list_class, "revised": list.revised, "active_entries": list.active_entries })
}

fn break_json(found: &Break) -> serde_json::Value {
    let (cause, class) = match found.cause {
        BreakCause::Program => ("program", None),
        BreakCause::Lists(class) => ("lists", Some(class)),
    };
    json!({ "cause": cause, "list_class": class, "within": found.within })
}
