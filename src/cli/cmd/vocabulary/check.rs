//! `innerward vocabulary check`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;

use super::text_of;
use crate::cli::output::{Output, complain, counted, on_one_line};
use crate::cli::status::Status;
use crate::vocabulary::{Allowed, Finding, Language, TextKind, Usage, check_text, checked_labels};

/// Find terms to avoid in texts, and say what is preferred
///
/// Without FILE, looks through the program's own labels in every language. In a folder it looks through files that end in
/// txt, md, html, csv, json, jsonl or toml, folders within it included; links are not followed. Finds a term whatever its case,
/// accents, hyphens and plural, over line breaks and through tags. Exit code 1 if there is a term to AVOID; terms that need
/// CAUTION are told and are no failure. docs/vocabulary.md says how a quotation is excepted.
#[derive(Args)]
pub(in crate::cli) struct Check {
    /// Files and folders to look through
    #[arg(value_name = "FILE")]
    paths: Vec<PathBuf>,

    /// The language of the texts [default: what any language avoids, and cautions of English]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>, // as the option of every command, which it stands for here

    /// A table of excepted lines: file,text,reason
    #[arg(long, value_name = "FILE")]
    allowed: Option<PathBuf>,
}

#[derive(Default)]
struct Told {
    files: u64,
    avoided: u64,
    cautions: u64,
    allowed: u64,
    unreasoned: u64,
    skipped: u64,
}

impl Check {
    pub(super) fn run(&self, out: &mut Output) -> anyhow::Result<Status> {
        let allowed = match &self.allowed {
            Some(path) => Allowed::read(&text_of(path)?).with_context(|| path.display().to_string())?,
            None => Allowed::default(),
        };
        self.stated()?; // before anything is read
        let mut told = Told::default();
        if self.paths.is_empty() {
            for (name, finding) in checked_labels() {
                told.tell(&format!("labels {name}"), &finding, None, out)?;
            }
        }
        for path in &self.paths {
            self.look_through(path, &allowed, &mut told, out)?;
        }
        let Told { files, avoided, cautions, allowed, unreasoned, skipped } = told;
        out.json(
            "summary",
            &json!({
                "files": files, "avoid": avoided, "caution": cautions, "allowed": allowed,
                "without_reason": unreasoned, "skipped": skipped,
            }),
        )?;
        let what = if self.paths.is_empty() { "labels".to_owned() } else { counted(files, "file", "files") };
        let of_them =
            if skipped > 0 { format!(" ({skipped} of other kinds not read)") } else { String::new() };
        out.text(format_args!(
            "{what}{of_them}: {avoided} to avoid, {cautions} to watch, {allowed} excepted"
        ))?;
        Ok(Status::found(avoided + unreasoned > 0))
    }

    /// The language that the texts are said to be in.
    fn stated(&self) -> anyhow::Result<Option<Language>> {
        Ok(self.language.as_deref().map(str::parse).transpose()?)
    }

    fn look_through(
        &self,
        path: &Path,
        allowed: &Allowed,
        told: &mut Told,
        out: &mut Output,
    ) -> anyhow::Result<()> {
        let is_folder = std::fs::metadata(path).with_context(|| path.display().to_string())?.is_dir();
        if !is_folder {
            let Some(kind) = TextKind::of_name(&path.to_string_lossy()) else {
                bail!(
                    "{}: is not a text that is checked; name a file that ends in txt, md, html, csv, json, jsonl or toml",
                    path.display()
                );
            };
            return self.look_at(path, kind, allowed, told, out);
        }
        let walk = walkdir::WalkDir::new(path).sort_by_file_name().into_iter();
        let is_hidden = |entry: &walkdir::DirEntry| {
            entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
        };
        for entry in walk.filter_entry(|entry| !is_hidden(entry)) {
            let entry = entry.with_context(|| path.display().to_string())?;
            if !entry.file_type().is_file() {
                continue;
            }
            match TextKind::of_name(&entry.path().to_string_lossy()) {
                Some(kind) => self.look_at(entry.path(), kind, allowed, told, out)?,
                None => told.skipped += 1,
            }
        }
        Ok(())
    }

    fn look_at(
        &self,
        path: &Path,
        kind: TextKind,
        allowed: &Allowed,
        told: &mut Told,
        out: &mut Output,
    ) -> anyhow::Result<()> {
        let text = text_of(path)?;
        let name = path.to_string_lossy();
        let checked = check_text(&name, &text, kind, self.stated()?, allowed);
        told.files += 1;
        for finding in &checked.findings {
            told.tell(&name, finding, None, out)?;
        }
        for (finding, reason) in &checked.allowed {
            told.tell(&name, finding, Some(reason), out)?;
        }
        for line in checked.unreasoned {
            told.unreasoned += 1;
            out.json("exception", &json!({ "file": name, "line": line, "reason": null }))?;
            complain(format_args!(
                "{}:{line}: an exception needs a reason: <!-- terms-allowed: REASON -->",
                on_one_line(&name)
            ));
        }
        Ok(())
    }
}

impl Told {
    fn tell(
        &mut self,
        name: &str,
        finding: &Finding,
        reason: Option<&str>,
        out: &mut Output,
    ) -> std::io::Result<()> {
        let Finding { line, found, r#use } = finding;
        match (reason, r#use.usage) {
            (Some(_), _) => self.allowed += 1,
            (None, Usage::Avoid) => self.avoided += 1,
            (None, _) => self.cautions += 1,
        }
        out.json(
            "term_use",
            &json!({
                "file": name, "line": line, "found": found, "term": r#use.term.key(),
                "usage": r#use.usage.as_str(), "language": r#use.language.as_str(),
                "preferred": r#use.preferred, "allowed": reason,
            }),
        )?;
        if reason.is_none() {
            out.text(format_args!(
                "{}:{line}: {} {}: “{}”; write “{}”",
                on_one_line(name),
                r#use.usage.as_str(),
                r#use.term,
                on_one_line(found),
                r#use.preferred
            ))?;
        }
        Ok(())
    }
}
