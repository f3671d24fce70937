//! `innerward decide …`

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use jiff::civil::Date;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use crate::cli::deed::Doing;
use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::cli::status::Status;
use crate::hashset::{
    Decision, EntryKey, FeedbackForm, Hashes, Local, SetName, Sets, Use, Word, Wordless, feedback,
    feedback_text,
};
use crate::home::{Did, Home, write_atomic};
use crate::index::{Memory, open_described};
use crate::tally::{Desk, Finding, FindingLabelError};
use crate::vocabulary::Code;

/// Record what an analyst found an entry to be, and write it down as feedback for its source
///
/// A decision is kept in this home, with its time and the revision of the set. A confirmed entry says so wherever it
/// matches; a deconfirmed one says so, or no longer counts as known or near, as `[decisions]` in innerward.toml has it.
/// The latest decision holds, and unsure takes an earlier one back. In the local tally the item counts as reviewed in the
/// month of the decision, with what --label says of it; what was counted when it was seen stays as it is. innerward sends
/// nothing: --export writes records that you may send.
#[derive(Args)]
pub(in crate::cli) struct Decide {
    /// Name of the set; with --list, the only one that is listed
    #[arg(value_name = "SET", required_unless_present_any = ["from", "list", "export"])]
    set: Option<SetName>,

    /// Key of the entry, as `match` and `screen` show it
    #[arg(value_name = "KEY", requires = "decision", required_unless_present_any = ["from", "list", "export"])]
    entry: Option<String>,

    /// confirm, deconfirm or unsure
    #[arg(value_name = "DECISION")]
    decision: Option<Decision>,

    /// Who decided, as a short label: A-Z a-z 0-9 . _ -
    #[arg(long, value_name = "LABEL")]
    by: Option<Word>,

    /// Why, as a code of yours or of the source
    ///
    /// NCMEC takes a negative feedback only with the GUID of one of its reasons.
    #[arg(long, value_name = "CODE")]
    reason: Option<Word>,

    /// What the item is, in codes: severity:SEV_A, and so of maturity, age_band, sex, origin, legal, harm
    ///
    /// One code of a dimension, counted in the tally with the decision; may be given several times, or with commas. The
    /// codes are those of `innerward vocabulary list`.
    #[arg(long = "label", value_name = "DIMENSION:CODE", value_delimiter = ',', value_parser = Finding::label,
          conflicts_with_all = ["list", "export"])]
    labels: Vec<Code>,

    /// Read decisions from FILE, a JSON object a line; `-` is stdin
    ///
    /// {"set": …, "entry": …, "decision": …, "by": …, "reason": …, "labels": ["severity:SEV_A", …]}; without by, reason and
    /// labels those of the command line hold. A bad line is reported and counted, and does not stop the rest.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "list", "export"])]
    from: Option<PathBuf>,

    /// List the decisions that hold
    #[arg(long, conflicts_with_all = ["entry", "by", "reason", "export"])]
    list: bool,

    /// Write the decisions on the entries of SET down as feedback for its source
    #[arg(long, value_name = "SET", conflicts_with_all = ["set", "by", "reason"])]
    export: Option<SetName>,

    /// In whose words: ncmec, stopncii, threatexchange, jsonl [default: those of the list's form, else jsonl]
    #[arg(long = "as", value_name = "FORM", requires = "export")]
    form: Option<FeedbackForm>,

    /// Write to FILE, readable by you alone [default: stdout]
    #[arg(long, value_name = "FILE", requires = "export")]
    out: Option<PathBuf>,
}

/// A line of `--from`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    set: SetName,
    entry: String,
    decision: Decision,
    by: Option<Word>,
    reason: Option<Word>,
    #[serde(default, deserialize_with = "labels")]
    labels: Option<Vec<Code>>,
}

fn labels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Code>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let codes: Result<Vec<Code>, FindingLabelError> = texts.iter().map(|text| Finding::label(text)).collect();
    codes.map(Some).map_err(D::Error::custom)
}

/// Longest line that is read; longer ones are bad lines.
const MAX_LINE: u64 = 4096;

impl Decide {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        // clap does not ask for what an argument requires once another excludes it.
        if self.export.is_none() && (self.form.is_some() || self.out.is_some()) {
            bail!("--as and --out go with --export SET");
        }
        let home = global.open_home()?;
        if self.list {
            list(&home, self.set.as_ref(), out)?;
        } else if let Some(set) = &self.export {
            self.export(&home, set, global.clock(&home)?.today(), out)?;
        } else {
            let mut intake = Intake::at(Desk::open(&home, global.clock(&home)?.today())?);
            let doing = Doing::new(self.by.as_ref().map(Word::as_str), Did::Decide, self.set_name());
            let doing = match self.decision {
                Some(decision) => doing.with("decision", decision.as_str()),
                None => doing.with("decisions", "many"),
            };
            doing.during(global, &home, || {
                if let Some(path) = &self.from {
                    self.read(path, &mut intake)?;
                } else if let (Some(set), Some(entry), Some(decision)) =
                    (&self.set, &self.entry, self.decision)
                {
                    let (by, reason) = (self.by.clone(), self.reason.clone());
                    let labels = self.labels.clone();
                    let finding =
                        Finding { set: set.clone(), entry: entry.clone(), decision, by, reason, labels };
                    intake.refuses_bad_lines = true;
                    intake.take(String::new(), Ok(finding))?;
                }
                intake.keep()
            })?;
            let Intake { decided, reviewed, bad_lines, .. } = intake;
            out.json(
                "summary",
                &json!({ "decided": decided, "reviewed": reviewed, "bad_lines": bad_lines }),
            )?;
            if reviewed < decided {
                let others = counted(decided - reviewed, "decision", "decisions");
                complain(format_args!(
                    "{others} not counted in the tally: the set is watched, or its agreement allows no statistics"
                ));
            }
            let decided = counted(decided, "decision", "decisions");
            let bad = if bad_lines > 0 {
                format!(", {} passed over", counted(bad_lines, "bad line", "bad lines"))
            } else {
                String::new()
            };
            out.text(format_args!("{decided} kept in this home{bad}; nothing is sent to anybody"))?;
        }
        Ok(Status::default())
    }

    /// The set, if there is one: of many decisions each has its own.
    fn set_name(&self) -> &str {
        self.set.as_ref().map_or("", SetName::as_str)
    }

    fn read(&self, path: &Path, intake: &mut Intake<'_>) -> anyhow::Result<()> {
        let (name, input): (String, Box<dyn Read>) = if path.as_os_str() == "-" {
            ("stdin".into(), Box::new(io::stdin()))
        } else {
            let name = on_one_line(path.display());
            let file = File::open(path).with_context(|| name.clone())?;
            (name, Box::new(file))
        };
        let (mut input, mut line) = (BufReader::new(input), Vec::new());
        for number in 1_u64.. {
            line.clear();
            if input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).with_context(|| name.clone())? == 0
            {
                break;
            }
            let text = line.trim_ascii();
            let parsed = if line.last() != Some(&b'\n') && line.len() as u64 == MAX_LINE {
                input.skip_until(b'\n').with_context(|| name.clone())?;
                Err("the line is too long for a decision".to_owned())
            } else if text.is_empty() {
                continue;
            } else {
                // The place in the line says enough: its text may name an entry or a person.
                serde_json::from_slice(text).map_err(|error| {
                    format!(
                        "not a decision with set, entry and decision, or with labels that are none (column {})",
                        error.column()
                    )
                })
            };
            let parsed = parsed.map(|line: Line| Finding {
                set: line.set,
                entry: line.entry,
                decision: line.decision,
                by: line.by.or_else(|| self.by.clone()),
                reason: line.reason.or_else(|| self.reason.clone()),
                labels: line.labels.unwrap_or_else(|| self.labels.clone()),
            });
            intake.take(format!("{name}:{number}: "), parsed)?;
        }
        Ok(())
    }

    fn export(&self, home: &Home, set: &SetName, today: Date, out: &mut Output) -> anyhow::Result<()> {
        let decided = Local::open(home)?.decisions(Some(set))?;
        let (index, sets) = open_described(home, Memory::Mapped)?;
        let described = sets.iter().find(|one| one.name == *set);
        // The last import may be one that was not finished.
        let content = match described {
            Some(described) => Sets::open(home)?.content(set, described.revision)?,
            None => None,
        };
        let form = self.form.unwrap_or_else(|| {
            content.map_or(FeedbackForm::Jsonl, |import| FeedbackForm::of_list(&import.form))
        });
        // What StopNCII takes has hashes in it, so that is to write entries out.
        if form == FeedbackForm::StopNcii {
            described.map_or(Ok(()), |one| one.allows(Use::Export, today))?;
        }
        let keys: BTreeSet<EntryKey> = decided.iter().map(|one| one.key.clone()).collect();
        let mut hashes: BTreeMap<EntryKey, Hashes> = BTreeMap::new();
        for entry in index.entries_with(set.as_str(), &keys)? {
            let known = hashes.entry(entry.key).or_default();
            entry.hashes.iter().for_each(|hash| known.set(hash));
        }
        let (mut records, mut wordless) = (Vec::new(), BTreeMap::<Wordless, u64>::new());
        for one in &decided {
            let told = match hashes.get(&one.key) {
                Some(hashes) => feedback(form, one, hashes),
                None if form == FeedbackForm::Jsonl => feedback(form, one, &Hashes::default()),
                None => Err(Wordless::Gone),
            };
            match told {
                Ok(told) => records.extend(told),
                Err(cause) => *wordless.entry(cause).or_default() += 1,
            }
        }
        for (cause, number) in &wordless {
            complain(format_args!("{set}: {} left out: {cause}", counted(*number, "decision", "decisions")));
        }
        let text = feedback_text(form, &records);
        match &self.out {
            Some(path) => {
                write_atomic(path, text.as_bytes(), 0o600)?;
                let left_out: u64 = wordless.values().sum();
                let about = json!({ "set": set, "form": form.as_str(), "records": records.len(), "left_out": left_out });
                out.json("summary", &about)?;
                out.text(format_args!(
                    "{}: {} as {form} in {}",
                    set,
                    counted(records.len() as u64, "record", "records"),
                    on_one_line(path.display())
                ))?;
            }
            None => out.raw(&text)?,
        }
        complain("innerward sends nothing; sending these records is up to you");
        Ok(())
    }
}

fn list(home: &Home, set: Option<&SetName>, out: &mut Output) -> anyhow::Result<()> {
    let decided = Local::open(home)?.decisions(set)?;
    for one in &decided {
        out.json(
            "decision",
            &json!({
                "set": one.set, "entry": one.key.as_str(), "decision": one.decision, "at": one.at.to_string(),
                "by": one.by, "reason": one.reason, "revision": one.revision,
            }),
        )?;
        let words = [one.by.as_ref().map(|by| ("by", by)), one.reason.as_ref().map(|code| ("reason", code))];
        let words = words.into_iter().flatten().map(|(what, word)| format!(", {what} {}", word.as_str()));
        out.text(format_args!(
            "{} entry {}: {}, {}, revision {}{}",
            one.set,
            on_one_line(&one.key),
            one.decision,
            one.at,
            one.revision,
            words.collect::<String>()
        ))?;
    }
    if decided.is_empty() {
        out.text("No decisions yet; `innerward decide SET KEY confirm` records one.")?;
    }
    out.json("summary", &json!({ "decisions": decided.len() }))?;
    Ok(())
}

/// Brings findings to the desk, many at a time, and says which are declined.
struct Intake<'a> {
    desk: Desk<'a>,
    waiting: Vec<Finding>,
    /// Where each of them stands.
    places: Vec<String>,
    refuses_bad_lines: bool,
    decided: u64,
    /// Those of them that the tally counts.
    reviewed: u64,
    bad_lines: u64,
}

impl<'a> Intake<'a> {
    fn at(desk: Desk<'a>) -> Self {
        let (waiting, places) = (Vec::new(), Vec::new());
        Self { desk, waiting, places, refuses_bad_lines: false, decided: 0, reviewed: 0, bad_lines: 0 }
    }

    fn take(&mut self, place: String, finding: Result<Finding, String>) -> anyhow::Result<()> {
        match finding {
            Ok(finding) => {
                self.waiting.push(finding);
                self.places.push(place);
            }
            Err(cause) => self.refuse(&place, &cause)?,
        }
        if self.waiting.len() == Desk::BATCH { self.keep() } else { Ok(()) }
    }

    fn refuse(&mut self, place: &str, cause: &str) -> anyhow::Result<()> {
        if self.refuses_bad_lines {
            bail!("{cause}");
        }
        self.bad_lines += 1;
        complain(format_args!("{place}{cause}"));
        Ok(())
    }

    /// Keeps what waits, in its order.
    fn keep(&mut self) -> anyhow::Result<()> {
        let (waiting, places) = (std::mem::take(&mut self.waiting), std::mem::take(&mut self.places));
        let taken = self.desk.take(&waiting)?;
        self.decided += taken.decided;
        self.reviewed += taken.reviewed;
        for (at, declined) in &taken.declined {
            self.refuse(&places[*at], &declined.to_string())?;
        }
        Ok(())
    }
}
