//! Whole files held against the terms: what of them is text that people read, and what is excepted, for a reason.

use super::labels::{Language, files, labels_of};
use super::lint::{TermUse, lint, lint_any, lint_stated};
use super::terms::Usage;

/// What a file is, by which it is told what of it is running text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Plain text, Markdown, HTML, TOML: as it stands.
    Plain,
    /// A table: field by field, without the columns called `source_label`, which quote others word for word.
    Csv,
    /// JSON, or lines of it: with its escapes resolved.
    Json,
}

impl TextKind {
    /// By the end of a file's name; `None` for a file that is not checked.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "txt" | "md" | "markdown" | "html" | "htm" | "toml" => Some(Self::Plain),
            "csv" => Some(Self::Csv),
            "json" | "jsonl" => Some(Self::Json),
            _ => None,
        }
    }
}

/// One use in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// What stands there, on one line.
    pub found: String,
    /// The term, and what is preferred. Its range is within the part of the file that was read as one text.
    pub r#use: TermUse,
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What stands there without an exception.
    pub findings: Vec<Finding>,
    /// What is excepted, with the reason.
    pub allowed: Vec<(Finding, String)>,
    /// Lines with an exception that gives no reason, which excepts nothing.
    pub unreasoned: Vec<usize>,
}

impl Checked {
    /// True if something is avoided and stands there all the same, or an exception has no reason.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !self.unreasoned.is_empty() || self.findings.iter().any(|found| found.r#use.usage == Usage::Avoid)
    }
}

/// A list of excepted lines: for files that have no comments.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<AllowedLine>);

#[derive(Debug, Clone)]
struct AllowedLine {
    file: String,
    text: String,
    reason: String,
}

/// A list of excepted lines that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {cause}; write the columns file,text,reason, and fill all three")]
pub struct AllowedError {
    line: u64,
    cause: String,
}

impl Allowed {
    /// Reads a table with the columns `file`, `text`, `reason`: a use in a file whose path ends with `file`, in a line that
    /// has `text`, is excepted.
    ///
    /// # Errors
    /// [`AllowedError`] for other columns, and for a row without a file, a text or a reason.
    pub fn read(text: &str) -> Result<Self, AllowedError> {
        let fault = |line, cause: String| AllowedError { line, cause };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns = reader.headers().map_err(|error| fault(1, error.to_string()))?;
        if columns != vec!["file", "text", "reason"] {
            return Err(fault(1, "the columns are others".into()));
        }
        let mut lines = Vec::new();
        for row in reader.into_records() {
            let row = row
                .map_err(|error| fault(error.position().map_or(1, csv::Position::line), error.to_string()))?;
            let line = row.position().map_or(1, csv::Position::line);
            if row.iter().any(|field| field.trim().is_empty()) {
                return Err(fault(line, "a field is empty".into()));
            }
            lines.push(AllowedLine { file: row[0].into(), text: row[1].into(), reason: row[2].into() });
        }
        Ok(Self(lines))
    }

    fn reason(&self, name: &str, line: &str) -> Option<&str> {
        let name = name.replace('\\', "/");
        let fits =
            |file: &str| name.strip_suffix(file).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        self.0.iter().find(|row| fits(&row.file) && line.contains(&row.text)).map(|row| &*row.reason)
    }
}

/// Holds the text of a file against the terms.
///
/// `language` is that of the text; without one, what any language avoids is found, and what needs care in the language that
/// the file's name or its HTML states, else in English. A line is excepted by a comment with `terms-allowed:` and a reason; where
/// the comment stands alone, the paragraph after it is.
#[must_use]
pub fn check_text(
    name: &str,
    text: &str,
    kind: TextKind,
    language: Option<Language>,
    allowed: &Allowed,
) -> Checked {
    let stated = stated_language(name, text);
    let look = |part: &str| match (language, stated) {
        (Some(language), _) => lint(part, language),
        (None, Some(stated)) => lint_stated(part, stated),
        (None, None) => lint_any(part, Language::En),
    };
    let mut findings = Vec::new();
    match kind {
        TextKind::Plain => add(&mut findings, text, 1, look(text)),
        TextKind::Json => {
            let text = unescaped(text);
            add(&mut findings, &text, 1, look(&text));
        }
        TextKind::Csv => {
            for (line, field) in fields(text) {
                add(&mut findings, &field, line, look(&field));
            }
        }
    }
    let exceptions = Exceptions::of(text);
    let mut checked = Checked { unreasoned: exceptions.unreasoned, ..Checked::default() };
    let lines: Vec<&str> = text.lines().collect();
    for found in findings {
        let line = lines.get(found.line - 1).copied().unwrap_or_default();
        let reason = exceptions.lines.iter().find(|(at, _)| *at == found.line).map(|(_, reason)| &**reason);
        match reason.or_else(|| allowed.reason(name, line)) {
            Some(reason) => {
                let reason = reason.to_owned();
                checked.allowed.push((found, reason));
            }
            None => checked.findings.push(found),
        }
    }
    checked
}

/// Holds every label of the program against the terms of its language. The name of each finding is `fr kind:CODE`.
#[must_use]
pub fn checked_labels() -> Vec<(String, Finding)> {
    let mut found = Vec::new();
    for language in Language::ALL {
        for (kind, code, label) in labels_of(language) {
            for text in [label.pref, label.plain, label.definition] {
                let mut here = Vec::new();
                add(&mut here, text, line_of(language, kind, code), lint(text, language));
                found.extend(here.into_iter().map(|finding| (format!("{language} {kind}:{code}"), finding)));
            }
        }
    }
    found
}

/// Where a label stands in its file; the first line if it is put together.
fn line_of(language: Language, kind: &str, code: &str) -> usize {
    let begin = format!("{kind},{code},");
    files(language).0.lines().position(|line| line.starts_with(&begin)).map_or(1, |at| at + 1)
}

fn add(findings: &mut Vec<Finding>, text: &str, first_line: usize, uses: Vec<TermUse>) {
    let (mut line, mut counted) = (first_line, 0);
    for found in uses {
        line += text[counted..found.range.start].matches('\n').count();
        counted = found.range.start;
        let words: Vec<&str> = text[found.range.clone()].split_whitespace().collect();
        findings.push(Finding { line, found: words.join(" "), r#use: found });
    }
}

/// The language that a file's name (`labels/fr.csv`, `page.fr.html`) or its HTML states.
fn stated_language(name: &str, text: &str) -> Option<Language> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let by_name = stem.rsplit('.').next().and_then(|tag| tag.parse().ok());
    by_name.or_else(|| {
        let tag = &text[text.find("<html")?..];
        let (_, value) = tag[..tag.find('>')?].split_once("lang=")?;
        value.trim_start_matches(['"', '\'']).split(['"', '\'', '-', ' ']).next()?.parse().ok()
    })
}

/// The fields of a table with the lines where their rows begin, but for those of columns that quote others.
fn fields(text: &str) -> Vec<(usize, String)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut quoted: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for (number, row) in reader.records().enumerate() {
        let Ok(row) = row else {
            return vec![(1, text.to_owned())]; // no table after all: read as it stands
        };
        if number == 0 {
            quoted = row
                .iter()
                .enumerate()
                .filter(|(_, field)| *field == "source_label")
                .map(|(at, _)| at)
                .collect();
        }
        let line = row.position().map_or(1, |position| position.line() as usize);
        let kept = row.iter().enumerate().filter(|(at, _)| !quoted.contains(at));
        found.extend(kept.map(|(_, field)| (line, field.to_owned())));
    }
    found
}

/// JSON with the escapes of its strings resolved, every line where it was.
fn unescaped(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        found.push_str(&rest[..at]);
        let escaped = &rest[at + 1..];
        let code = escaped.strip_prefix('u').and_then(|hex| hex.get(..4));
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        rest = if let Some(code) = code {
            found.push(char::from_u32(code).filter(|&c| c != '\n').unwrap_or(' '));
            &escaped[5..]
        } else {
            let mut chars = escaped.chars();
            match chars.next() {
                Some(c @ ('"' | '/' | '\\')) => found.push(c),
                Some(c) if c.is_ascii_alphabetic() => found.push(' '),
                Some(c) => found.push(c),
                None => {}
            }
            chars.as_str()
        };
    }
    found.push_str(rest);
    found
}

/// The lines that comments of a file except, with their reasons.
struct Exceptions {
    lines: Vec<(usize, String)>,
    unreasoned: Vec<usize>,
}

impl Exceptions {
    fn of(text: &str) -> Self {
        const MARK: &str = "terms-allowed:";
        let mut exceptions = Self { lines: Vec::new(), unreasoned: Vec::new() };
        let mut paragraph: Option<String> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let comment = ["<!--", "#", "//"].iter().find_map(|open| {
                let (before, comment) = line.split_once(open)?;
                let reason = comment.trim_start().strip_prefix(MARK)?;
                Some((before, reason.split("-->").next().unwrap_or(reason).trim().to_owned()))
            });
            match comment {
                Some((_, reason)) if reason.is_empty() => exceptions.unreasoned.push(number),
                Some((before, reason)) => {
                    exceptions.lines.push((number, reason.clone()));
                    if before.trim().is_empty() {
                        paragraph = Some(reason);
                    }
                }
                None if line.trim().is_empty() => paragraph = None,
                None => exceptions.lines.extend(paragraph.clone().map(|reason| (number, reason))),
            }
        }
        exceptions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, text: &str) -> Checked {
        let kind = TextKind::of_name(name).unwrap();
        check_text(name, text, kind, None, &Allowed::default())
    }

    fn lines(checked: &Checked) -> Vec<(usize, &str)> {
        checked.findings.iter().map(|found| (found.line, &*found.found)).collect()
    }

    #[test]
    fn no_label_of_any_language_has_a_term_to_avoid() {
        let avoided: Vec<_> =
            checked_labels().into_iter().filter(|(_, found)| found.r#use.usage == Usage::Avoid).collect();
        assert_eq!(avoided, []);
    }

    #[test]
    fn each_kind_of_file_is_read_as_what_it_is() {
        let found = checked("a.md", "# One\n\nof *child*\npornography and\nmore\n");
        assert_eq!(lines(&found), [(3, "child* pornography")]);
        let found = checked("a.json", "{\n\"a\": \"p\\u00e9dopornographie\", \"b\": \"child\\nporn\"}");
        assert_eq!(lines(&found), [(2, "pédopornographie"), (2, "child porn")]);
        let found = checked("a.csv", "code,source_label\n1,\"Child Pornography (all)\"\n\"child porn\",x\n");
        assert_eq!(lines(&found), [(3, "child porn")]);
        assert_eq!(TextKind::of_name("a.PNG"), None);
        assert_eq!(TextKind::of_name("README"), None);
    }

    #[test]
    fn an_exception_needs_a_reason_and_reaches_no_further_than_it_says() {
        let found = checked("a.md", "child porn <!-- terms-allowed: quoted from a law -->\nchild porn\n");
        assert_eq!(lines(&found), [(2, "child porn")]);
        assert_eq!(found.allowed[0].1, "quoted from a law");
        let found =
            checked("a.md", "<!-- terms-allowed: a list -->\nchild porn\nkiddie porn\n\nchild porn\n");
        assert_eq!(lines(&found), [(5, "child porn")]);
        let found = checked("a.md", "<!-- terms-allowed: -->\nchild porn\n");
        assert_eq!((lines(&found), &*found.unreasoned), (vec![(2, "child porn")], &[1][..]));
        assert!(found.is_refused());
        let found =
            checked("a.toml", "a = 1 # terms-allowed: x child porn\n# terms-allowed: y\nb = 'child porn'\n");
        assert_eq!((lines(&found), found.allowed.len()), (vec![], 2));
        assert!(!found.is_refused());
    }

    #[test]
    fn a_list_of_exceptions_names_file_line_and_reason() {
        let allowed = Allowed::read("file,text,reason\ndata/old.csv,Porn,a name of a scheme\n").unwrap();
        let look = |name| check_text(name, "a\nchild Porn\nkiddie porn\n", TextKind::Csv, None, &allowed);
        assert_eq!(lines(&look("x/data/old.csv")), [(3, "kiddie porn")]);
        assert_eq!(look("x/mydata/old.csv").findings.len(), 2);
        assert!(Allowed::read("file,text,reason\na,b,\n").unwrap_err().to_string().contains("line 2"));
        assert!(Allowed::read("file,text\na,b\n").is_err());
    }

    #[test]
    fn care_is_asked_for_in_the_language_of_the_file() {
        let cautions = |name, text| checked(name, text).findings.len();
        assert_eq!(cautions("a.md", "two minors"), 1);
        assert_eq!(cautions("a.fr.md", "two minors"), 0);
        assert_eq!(cautions("a.fr.md", "deux mineurs"), 1);
        assert_eq!(cautions("a.html", "<html lang=\"de\"><p>Minderjährige, minors"), 1);
        assert_eq!(
            cautions("a.md", "pornografía infantil; детская порнография; 儿童色情制品"),
            3,
            "avoided anywhere"
        );
    }
}
