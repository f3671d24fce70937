//! `innerward report languages list | check | template`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::global::Global;
use crate::cli::output::{Output, complain, counted, grouped, on_one_line};
use crate::cli::status::Status;
use crate::language::{FileFault, LanguageError, Locale, Locales, Review, built_in_faults, template};
use crate::vocabulary::Language;

/// Show, check and begin languages of pages and messages
#[derive(Subcommand)]
pub(in crate::cli) enum LanguagesVerb {
    List(List),
    Check(Check),
    Template(Template),
}

/// Show every language, and how far speakers have checked it
///
/// Those that come along, and those of the files HOME/languages/*.ftl.
#[derive(Args)]
pub(in crate::cli) struct List {}

/// Find strings that are missing, faulty, or checked by nobody
///
/// Without FILE, looks through the languages that come along and those of HOME/languages. Exit code 1 if something is
/// missing or faulty; what nobody has checked is told and is no failure. docs/languages.md says how to mend it.
#[derive(Args)]
pub(in crate::cli) struct Check {
    /// Files of languages, called TAG.ftl
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Name every string that nobody has checked, in place of their number
    #[arg(long)]
    unchecked: bool,
}

/// Print the file that a new language begins with
///
/// Each key with its English above it, and room for the translation. Write it to TAG.ftl and fill it in.
#[derive(Args)]
pub(in crate::cli) struct Template {
    /// The language's tag: sw, pt-PT
    #[arg(value_name = "TAG")]
    tag: String,
}

impl LanguagesVerb {
    pub(in crate::cli) fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        match self {
            Self::List(_) => list(global, out),
            Self::Check(verb) => verb.run(global, out),
            Self::Template(verb) => {
                if !is_tag(&verb.tag) {
                    bail!(
                        "{:?} is no language tag; write one as BCP 47 has it, such as sw or pt-PT",
                        verb.tag
                    );
                }
                out.raw(&template(&verb.tag))?;
                Ok(Status::default())
            }
        }
    }
}

/// Letters, digits and hyphens, which is all that a language's file may be called by.
fn is_tag(text: &str) -> bool {
    text.len() <= 35
        && text.split('-').all(|part| (1..=8).contains(&part.len()))
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn list(global: &Global, out: &mut Output) -> anyhow::Result<Status> {
    let all = Locales::load(global.languages().as_deref(), &[])?;
    out.text(format_args!("{:<8}{:>33}{:>33}", "", "strings", "labels of the vocabulary"))?;
    let head = ["checked", "unchecked", "missing"].map(|word| format!("{word:>11}")).concat();
    out.text(format_args!("{:<8}{head}{head}", ""))?;
    let mut languages = 0;
    for locale in all.iter() {
        languages += 1;
        let (strings, labels) = (locale.review(), locale.review_of_labels());
        out.json("language", &line(locale))?;
        let row = [strings, labels].map(numbers).concat();
        out.text(format_args!("{:<8}{row}   {}", locale.tag(), on_one_line(locale.endonym())))?;
    }
    out.json("summary", &json!({ "languages": languages }))?;
    Ok(Status::default())
}

fn numbers(review: Review) -> String {
    [review.checked, review.unchecked, review.missing]
        .map(|number| format!("{:>11}", grouped(number)))
        .concat()
}

fn line(locale: &Locale) -> serde_json::Value {
    json!({
        "tag": locale.tag(),
        "name": locale.endonym(),
        "direction": if locale.is_right_to_left() { "rtl" } else { "ltr" },
        "strings": locale.review(),
        "labels": locale.review_of_labels(),
    })
}

/// What a check has found.
#[derive(Default)]
struct Found {
    languages: u64,
    faults: u64,
    missing: u64,
    unchecked: u64,
}

impl Check {
    fn run(&self, global: &Global, out: &mut Output) -> anyhow::Result<Status> {
        let mut found = Found::default();
        let mut files = self.files.clone();
        if files.is_empty() {
            for language in Language::ALL {
                let file = format!("{language}.ftl, which comes along");
                found.faulty(&file, &built_in_faults(language), out)?;
            }
            for locale in Locale::built_in() {
                self.tell(locale, &format!("{}.ftl", locale.tag()), &mut found, out)?;
            }
            files = global.languages().map(|folder| Locales::files(&folder)).transpose()?.unwrap_or_default();
        }
        let mut seen = BTreeSet::new();
        for file in files {
            if seen.insert(file.clone()) {
                self.file(&file, &mut found, out)?;
            }
        }
        let Found { languages, faults, missing, unchecked } = found;
        let numbers =
            json!({ "languages": languages, "faults": faults, "missing": missing, "unchecked": unchecked });
        out.json("summary", &numbers)?;
        out.text(format_args!(
            "{} read: {}, {} missing, {} checked by nobody",
            counted(languages, "language", "languages"),
            counted(faults, "fault", "faults"),
            grouped(missing),
            grouped(unchecked)
        ))?;
        if faults > 0 {
            out.prose("A file with faults is searched for what it lacks once they are mended.")?;
        }
        Ok(Status::found(faults + missing > 0))
    }

    fn file(&self, path: &Path, found: &mut Found, out: &mut Output) -> anyhow::Result<()> {
        let name = on_one_line(path.display());
        match Locale::read(path) {
            Ok(locale) => self.tell(&locale, &name, found, out),
            Err(LanguageError::Faulty { faults, .. }) => {
                found.languages += 1;
                found.faulty(&name, &faults, out)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Tells what a language that can be read lacks.
    fn tell(&self, locale: &Locale, file: &str, found: &mut Found, out: &mut Output) -> anyhow::Result<()> {
        found.languages += 1;
        out.json("language", &line(locale))?;
        let mut unchecked = 0;
        for (key, status) in locale.unchecked() {
            match status {
                None => found.lacks(locale, file, key, out)?,
                Some(status) => {
                    unchecked += 1;
                    let status = status.as_str();
                    out.json(
                        "unchecked",
                        &json!({ "language": locale.tag(), "key": key, "status": status }),
                    )?;
                    if self.unchecked {
                        out.text(format_args!("{file}: {key} is {status}: no speaker has checked it"))?;
                    }
                }
            }
        }
        for key in locale.missing_labels() {
            found.lacks(locale, file, &key, out)?;
        }
        found.unchecked += unchecked;
        if unchecked > 0 && !self.unchecked {
            let number = grouped(unchecked);
            out.text(format_args!(
                "{file}: {number} strings are checked by nobody (--unchecked names them)"
            ))?;
        }
        Ok(())
    }
}

impl Found {
    fn lacks(&mut self, locale: &Locale, file: &str, key: &str, out: &mut Output) -> anyhow::Result<()> {
        self.missing += 1;
        out.json("missing", &json!({ "language": locale.tag(), "key": key }))?;
        Ok(out.text(format_args!("{file}: {key} is missing; English stands in"))?)
    }

    fn faulty(&mut self, file: &str, faults: &[FileFault], out: &mut Output) -> anyhow::Result<()> {
        self.faults += faults.len() as u64;
        for FileFault { line, cause } in faults {
            out.json("fault", &json!({ "file": file, "line": line, "cause": cause }))?;
            if !out.is_json() {
                complain(format_args!("{file}:{line}: {cause}"));
            }
        }
        Ok(())
    }
}
