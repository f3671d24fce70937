//! One language's file: Fluent messages, each with a review status, read within bounds and with every fault in its line.
//!
//! A status stands in a comment: `### status: machine` holds for the file, `## status: official` for the section that it
//! begins, `# status: reviewed` for the message below it. A key with nothing behind its `=` is not translated yet.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{self, Entry, Message};
use fluent_syntax::parser;

use super::check::Checker;
use crate::vocabulary::ReviewStatus;

/// A fault of a language's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and the cure.
    pub cause: String,
}

/// Why a language's file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LanguageError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error(
        "{file}:{}: {}{}", faults[0].line, faults[0].cause,
        if faults.len() > 1 { format!(" (and {} more: innerward report languages check {file})", faults.len() - 1) } else { String::new() }
    )]
    Faulty {
        /// The file.
        file: String,
        /// What is wrong with it, by line; at least one.
        faults: Vec<FileFault>,
    },
    /// Too many files lie in the folder of languages.
    #[error("{} has more than {MOST_FILES} languages; take some away", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
    },
}

/// Languages that a folder may hold.
pub(super) const MOST_FILES: usize = 200;
/// Bytes of a file.
const MOST_BYTES: u64 = 1 << 20;
/// Braces within one string: what stands within each other is read by a function that calls itself.
const MOST_BRACES: usize = 100;
/// Faults that are told of one file.
const MOST_FAULTS: usize = 1_000;

/// What a file gives.
pub(super) struct LanguageFile {
    /// Its text, without the keys that have nothing behind them.
    pub(super) text: String,
    /// The messages as they were read.
    pub(super) messages: BTreeMap<String, Written>,
    /// What is wrong, by line.
    pub(super) faults: Vec<FileFault>,
}

/// A message, where it stands, and its status.
pub(super) struct Written {
    pub(super) line: usize,
    pub(super) status: ReviewStatus,
    pub(super) message: Message<String>,
}

impl Written {
    /// The text of a message, or of its attribute, if it is nothing but text.
    pub(super) fn plain(&self, attribute: Option<&str>) -> Option<String> {
        let pattern = match attribute {
            None => self.message.value.as_ref()?,
            Some(name) => &self.message.attributes.iter().find(|given| given.id.name == name)?.value,
        };
        plain(pattern)
    }
}

/// The text of a pattern that has no arguments.
pub(super) fn plain(pattern: &ast::Pattern<String>) -> Option<String> {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            ast::PatternElement::TextElement { value } => text.push_str(value),
            ast::PatternElement::Placeable {
                expression: ast::Expression::Inline(ast::InlineExpression::StringLiteral { value }),
            } => text.push_str(&fluent_syntax::unicode::unescape_unicode_to_string(value)),
            ast::PatternElement::Placeable { .. } => return None,
        }
    }
    Some(text)
}

/// The bytes of a file of at most a mebibyte, as text.
pub(super) fn text_of(path: &Path) -> Result<String, LanguageError> {
    let io = |source| LanguageError::Io { path: path.into(), source };
    let faulty = |line, cause: String| LanguageError::Faulty {
        file: path.display().to_string(),
        faults: vec![FileFault { line, cause }],
    };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(faulty(1, format!("a language has at most {MOST_BYTES} bytes; is this its file?")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            1 + error.as_bytes()[..error.utf8_error().valid_up_to()].split(|&b| b == b'\n').count() - 1;
        faulty(line, "is not UTF-8 from here on; save the file as UTF-8".into())
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

impl LanguageFile {
    /// Reads a file that comes along, which a test has checked.
    pub(super) fn trusted(text: &str) -> Self {
        Self::parse(text)
    }

    /// Reads a text and looks for faults. `stem` is what the file is called, without `.ftl`.
    pub(super) fn checked(text: &str, stem: Option<&str>) -> Self {
        let mut file = Self::parse(text);
        if file.faults.iter().all(|fault| !fault.cause.contains("braces")) {
            Checker::new(&file, stem).check(&mut file);
        }
        file.faults.sort_by_key(|fault| fault.line);
        file.faults.dedup();
        file.faults.truncate(MOST_FAULTS);
        file
    }

    fn parse(text: &str) -> Self {
        let Outline { text, keys, mut faults } = Outline::of(text);
        if !faults.is_empty() {
            return Self { text, messages: BTreeMap::new(), faults };
        }
        let line_of =
            |at: usize| 1 + text.as_bytes()[..at.min(text.len())].iter().filter(|&&b| b == b'\n').count();
        let resource = parser::parse(text.clone()).unwrap_or_else(|(resource, errors)| {
            for error in errors {
                // A fault of a string that is not closed shows where the next one begins.
                let at = error.slice.as_ref().map_or(error.pos.start, |slice| slice.start.max(error.pos.start));
                faults.push(FileFault {
                    line: line_of(at),
                    cause: format!(
                        "{}; a string is written `key = text`, and each further line of it begins with a space",
                        in_lower_case(&error.kind.to_string())
                    ),
                });
            }
            resource
        });
        let mut messages = BTreeMap::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut statuses = Statuses { file: None, section: None };
        for entry in resource.body {
            let own = match &entry {
                Entry::ResourceComment(comment) => statuses.stated(comment, &text, &mut faults, Level::File),
                Entry::GroupComment(comment) => statuses.stated(comment, &text, &mut faults, Level::Section),
                Entry::Message(message) => message
                    .comment
                    .as_ref()
                    .and_then(|comment| statuses.stated(comment, &text, &mut faults, Level::Message)),
                _ => None,
            };
            if let Entry::Term(term) = &entry {
                let key = format!("-{}", term.id.name);
                let line = keys.get(&key).map_or(1, |lines| lines[0]);
                faults.push(FileFault {
                    line,
                    cause: format!("{key} is a term of Fluent; write its words where they stand"),
                });
            }
            let Entry::Message(message) = entry else { continue };
            let key = message.id.name.clone();
            let at = seen.entry(key.clone()).or_default();
            let lines = keys.get(&key).map_or(&[][..], Vec::as_slice);
            let line = lines.get(*at).copied().unwrap_or(1);
            *at += 1;
            if *at > 1 {
                faults.push(FileFault {
                    line,
                    cause: format!("{key} was given in line {} already; keep one of them", lines[0]),
                });
                continue;
            }
            let status = own.or(statuses.section).or(statuses.file).unwrap_or(ReviewStatus::Machine);
            messages.insert(key, Written { line, status, message });
        }
        Self { text, messages, faults }
    }
}

/// The status words in force.
struct Statuses {
    file: Option<ReviewStatus>,
    section: Option<ReviewStatus>,
}

#[derive(PartialEq)]
enum Level {
    File,
    Section,
    Message,
}

impl Statuses {
    fn stated(
        &mut self,
        comment: &ast::Comment<String>,
        text: &str,
        faults: &mut Vec<FileFault>,
        level: Level,
    ) -> Option<ReviewStatus> {
        let word = comment.content.iter().find_map(|line| line.trim().strip_prefix("status:")).map(str::trim);
        let status =
            word.and_then(|word| ReviewStatus::ALL.into_iter().find(|status| status.as_str() == word));
        if let (Some(word), None) = (word, status) {
            let is_it = |line: &str| {
                let said = line.trim_start_matches('#').trim().strip_prefix("status:");
                line.starts_with('#') && said.map(str::trim) == Some(word)
            };
            for (line, _) in (1..).zip(text.lines()).filter(|(_, line)| is_it(line)) {
                let cause = format!("{word:?} is not a status; it is official, reviewed, machine or draft");
                faults.push(FileFault { line, cause });
            }
        }
        match level {
            Level::File => self.file = status.or(self.file),
            Level::Section => self.section = status,
            Level::Message => {}
        }
        status
    }
}

/// What is seen of a text without reading it as Fluent: where each key stands, and whether it can be read safely.
struct Outline {
    text: String,
    keys: BTreeMap<String, Vec<usize>>,
    faults: Vec<FileFault>,
}

impl Outline {
    fn of(text: &str) -> Self {
        let mut outline =
            Self { text: String::with_capacity(text.len()), keys: BTreeMap::new(), faults: Vec::new() };
        let lines: Vec<&str> = text.lines().collect();
        let (mut begun, mut braces) = (1, 0);
        // From the last line to the first: what a key has depends on what is left of the lines below it.
        let mut is_empty = vec![false; lines.len()];
        let mut below = "";
        for (at, line) in lines.iter().enumerate().rev() {
            let is_indented = below.starts_with([' ', '\t']);
            is_empty[at] = match (key_of(line), attribute_of(line)) {
                (Some((_, rest)), _) => rest.trim().is_empty() && !is_indented,
                (_, Some(rest)) => rest.trim().is_empty() && !(is_indented && attribute_of(below).is_none()),
                _ => false,
            };
            if !is_empty[at] && !line.trim().is_empty() {
                below = line;
            }
        }
        for ((number, line), is_empty) in (1..).zip(lines).zip(is_empty) {
            let key = key_of(line);
            if key.is_some() {
                (begun, braces) = (number, 0);
            }
            if is_empty {
                outline.text.push('\n'); // not translated yet
                continue;
            }
            if let Some((key, _)) = key {
                outline.keys.entry(key.to_owned()).or_default().push(number);
            }
            braces += line.bytes().filter(|&byte| byte == b'{').count();
            if braces > MOST_BRACES {
                let cause = format!("more than {MOST_BRACES} braces in one string; make it several strings");
                outline.faults.push(FileFault { line: begun, cause });
                return outline;
            }
            outline.text.push_str(line);
            outline.text.push('\n');
        }
        outline
    }
}

/// The key that a line begins with, and what stands behind its `=`.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once('=')?;
    let key = key.trim_end();
    let name = key.strip_prefix('-').unwrap_or(key);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    is_name.then_some((key, rest))
}

/// What stands behind the `=` of an attribute, if the line begins with one.
fn attribute_of(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix([' ', '\t'])?.trim_start().strip_prefix('.')?.split_once('=')?;
    name.trim_end().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_').then_some(rest)
}

fn in_lower_case(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
