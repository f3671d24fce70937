//! `innerward vocabulary …`

mod check;
mod crosswalk;
mod list;
mod show;

use anyhow::Context;
use clap::Subcommand;

use crate::cli::output::Output;
use crate::cli::status::Status;
use crate::vocabulary::{CrosswalkRow, Label, Language, ReviewStatus, read_profile};

/// Show the words that everything is counted and published in, and check texts for terms to avoid
#[derive(Subcommand)]
pub(in crate::cli) enum VocabularyVerb {
    List(list::List),
    Show(show::Show),
    Crosswalk(crosswalk::Crosswalk),
    Check(check::Check),
}

impl VocabularyVerb {
    pub(in crate::cli) fn run(&self, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::List(verb) => verb.run(out),
            Self::Show(verb) => verb.run(out),
            Self::Crosswalk(verb) => verb.run(out),
            Self::Check(verb) => verb.run(out),
        }
    }
}

/// A string with what vouches for it, unless somebody has checked it.
fn marked(text: &str, status: ReviewStatus) -> String {
    if status.is_checked() { text.to_owned() } else { format!("{text} [{}]", status.as_str()) }
}

/// A label as the lines of programs have it.
fn label_json(language: Language, label: &Label) -> serde_json::Value {
    let [pref, plain, definition] = label.status.map(ReviewStatus::as_str);
    serde_json::json!({
        "language": language.as_str(), "label": label.pref, "plain_label": label.plain,
        "definition": label.definition, "status": { "label": pref, "plain_label": plain, "definition": definition },
        "source": (!label.source.is_empty()).then_some(label.source),
    })
}

/// What is told under every listing with strings that nobody has checked.
fn note_unchecked(out: &mut Output, any: bool) -> std::io::Result<()> {
    if any {
        out.text("")?;
        out.text("[draft] written for this project, [machine] translated: no speaker has checked it.")?;
    }
    Ok(())
}

/// The text of a file that a person named.
fn text_of(path: &std::path::Path) -> anyhow::Result<String> {
    const LONGEST: u64 = 64 << 20;
    let name = || path.display().to_string();
    let length = std::fs::metadata(path).with_context(name)?.len();
    anyhow::ensure!(length <= LONGEST, "{}: longer than 64 MiB; name a part of it", name());
    let bytes = std::fs::read(path).with_context(name)?;
    String::from_utf8(bytes).ok().with_context(|| format!("{}: is not UTF-8; convert it", name()))
}

/// The rows of a filled profile; its faults are an error that names them all.
fn profile(path: &std::path::Path) -> anyhow::Result<Vec<CrosswalkRow>> {
    read_profile(&text_of(path)?).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(|fault| format!("{}: {fault}", path.display())).collect();
        anyhow::anyhow!("{}", faults.join("\n"))
    })
}
