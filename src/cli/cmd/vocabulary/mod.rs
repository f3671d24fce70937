//! `innerward vocabulary …`

mod check;
mod crosswalk;
mod list;
mod load;
mod show;

use anyhow::Context;
use clap::Subcommand;

use crate::cli::global::Global;
use crate::cli::output::{Output, wrapped};
use crate::cli::status::Status;
use crate::vocabulary::{CrosswalkRow, Label, Language, ReviewStatus, read_profile};

/// Show the words that everything is counted and published in, and check texts for terms to avoid
#[derive(Subcommand)]
pub(in crate::cli) enum VocabularyVerb {
    List(list::List),
    Show(show::Show),
    Crosswalk(crosswalk::Crosswalk),
    Check(check::Check),
    Load(load::Load),
}

impl VocabularyVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::List(verb) => verb.run(out),
            Self::Show(verb) => verb.run(out),
            Self::Crosswalk(verb) => verb.run(global, out),
            Self::Check(verb) => verb.run(out),
            Self::Load(verb) => verb.run(global, out),
        }
    }
}

/// A string with what vouches for it, unless somebody has checked it.
fn marked(text: &str, status: ReviewStatus) -> String {
    if status.is_checked() { text.to_owned() } else { format!("{text} [{}]", status.as_str()) }
}

/// The width of lines for people, in characters.
const WIDTH: usize = 80;

/// A column: at least `width` characters, and never run into the next.
fn column(text: &str, width: usize) -> String {
    let width = width.max(text.chars().count() + 2);
    format!("{text:<width$}")
}

/// What `text` says of `head`, which stands before it: in lines of at most [`WIDTH`], set in where `text` begins, or below
/// `head` where that leaves it no room.
fn hanging(head: &str, text: &str) -> Vec<String> {
    const LEAST: usize = 24;
    let used = head.chars().count();
    if used + text.chars().count() <= WIDTH {
        return vec![format!("{head}{text}")];
    }
    let is_narrow = used + LEAST > WIDTH;
    let inset = if is_narrow { 4 } else { used };
    let mut lines: Vec<String> =
        wrapped(text, WIDTH - inset).into_iter().map(|line| format!("{:inset$}{line}", "")).collect();
    if is_narrow {
        lines.splice(0..0, wrapped(head.trim_end(), WIDTH));
    } else if let Some(first) = lines.first_mut() {
        first.replace_range(..inset, head);
    }
    lines
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
        out.text("[draft] written for innerward, [machine] translated: no speaker has checked it.")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_never_run_together() {
        assert_eq!(column("ab", 4), "ab  ");
        assert_eq!(column("abc", 4), "abc  ");
        assert_eq!(column("abcdef", 4), "abcdef  ");
    }

    #[test]
    fn what_is_long_hangs_in_its_column_or_below() {
        assert_eq!(hanging("a  ", "b c"), ["a  b c"]);
        let words = "word ".repeat(40);
        let head = column("é", 10);
        let lines = hanging(&head, words.trim());
        assert!(lines.len() == 3 && lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[0].starts_with("é         word"), "{lines:?}");
        assert!(lines[1].starts_with("          word"), "{lines:?}");
        let head = column(&"x".repeat(70), 10);
        let lines = hanging(&head, words.trim());
        assert_eq!(lines[0], "x".repeat(70));
        assert!(
            lines[1].starts_with("    word") && lines.iter().all(|line| line.len() <= WIDTH),
            "{lines:?}"
        );
    }
}
