//! The terms of the field in running text: which are avoided or need care, and what is preferred.
//!
//! A form is found whatever its case, accents, hyphens and plural, over line breaks, through tags and comments of HTML and
//! through the emphasis and links of Markdown; never within another word, and never over the end of a sentence.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::fold::{compose, fold, is_mark, is_whole_word};
use super::labels::Language;
use super::terms::{Form, Term, Usage, forms};

/// One use of a term's form that is not the preferred one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermUse {
    /// The term.
    pub term: Term,
    /// Avoided, or with care.
    pub usage: Usage,
    /// The language whose form was found.
    pub language: Language,
    /// What to write instead.
    pub preferred: &'static str,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
}

/// The forms of `language` in `text` that are avoided or need care, in the order of the text; of several in one place the
/// longest.
///
/// # Examples
/// ```
/// # use innerward::vocabulary::{Language, Usage, lint};
/// let found = lint("Matériel <b>pédo</b>pornographique", Language::Fr);
/// assert_eq!((found[0].usage, found[0].preferred), (Usage::Avoid, "Matériel d’abus sexuel d’enfants"));
/// assert!(lint("A pseudonym of an item", Language::En).is_empty());
/// ```
#[must_use]
pub fn lint(text: &str, language: Language) -> Vec<TermUse> {
    found(text, language, true, |form| form.language == language)
}

/// What no text of any language should have, and what needs care in `main`: for text whose language nobody has stated.
#[must_use]
pub fn lint_any(text: &str, main: Language) -> Vec<TermUse> {
    found(text, main, false, |form| form.usage == Usage::Avoid || form.language == main)
}

/// As [`lint_any`], for text that is known to be in `language`: of several languages that have a form, this one advises.
pub(super) fn lint_stated(text: &str, language: Language) -> Vec<TermUse> {
    found(text, language, true, |form| form.usage == Usage::Avoid || form.language == language)
}

fn found(text: &str, main: Language, is_stated: bool, admits: impl Fn(&Form) -> bool) -> Vec<TermUse> {
    let words = words(text);
    let forms: Vec<&Form> = forms().iter().filter(|form| admits(form)).collect();
    let mut all = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for form in &forms {
            let Some(fit) = form.matches(&words[at..]) else { continue };
            let found = TermUse {
                term: form.term,
                usage: form.usage,
                language: form.language,
                preferred: form.preferred,
                range: word.range.start..words[at + fit.length - 1].range.end,
            };
            all.push((found, fit));
        }
    }
    let common = if all.is_empty() { [0; Language::ALL.len()] } else { common_words(&words) };
    // The longest first, of equally long ones what is avoided: what lies within it is the same use. Languages share
    // spellings: the one whose accents stand there advises, else the text's own, else the one that the words around speak for.
    all.sort_by_key(|(found, fit)| {
        let other = found.language != main;
        let by_length = (Reverse(found.range.len()), found.usage);
        let by_language = (!fit.is_exact, is_stated && other, Reverse(fit.literal));
        (by_length, by_language, Reverse(common[found.language as usize]), other)
    });
    let mut kept: BTreeMap<usize, TermUse> = BTreeMap::new();
    for (found, _) in all {
        // What is kept does not overlap, so the last that begins before the end of this one decides.
        let before = kept.range(..found.range.end).next_back();
        if before.is_none_or(|(_, other)| other.range.end <= found.range.start) {
            kept.insert(found.range.start, found);
        }
    }
    kept.into_values().collect()
}

/// How many common words of each language there are: words that the others do not have.
fn common_words(words: &[Word]) -> [usize; Language::ALL.len()] {
    let common = |language| -> &[&str] {
        match language {
            Language::En => &["the", "and", "of", "is", "with", "that", "this", "are"],
            Language::Fr => &["le", "les", "et", "est", "une", "du", "dans", "avec", "pour"],
            Language::Es => &["el", "los", "las", "y", "una", "con", "del", "es", "en"],
            Language::Pt => &["o", "os", "uma", "um", "com", "da", "do", "das", "dos", "não", "é", "em"],
            Language::De => &["der", "die", "das", "und", "ist", "mit", "den", "ein", "eine", "von"],
            // Each has a script of its own, so their forms are nobody else's.
            Language::Ar | Language::Ru | Language::Zh => &[],
        }
    };
    Language::ALL
        .map(|language| words.iter().filter(|word| common(language).contains(&&*word.written)).count())
}

/// A word of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Folded.
    pub(super) text: String,
    /// In lower case, with its accents.
    pub(super) written: String,
    pub(super) range: Range<usize>,
    /// A phrase cannot go on from the word before to this one.
    pub(super) begins_phrase: bool,
}

/// The words of `text`; last those that a page hides and people may read all the same: in attributes, comments and links.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut reading = Reading { words: Vec::new(), open: false, broken: true, newlines: 0 };
    let mut hidden = Hidden::default();
    read(text, 0..text.len(), &mut reading, &mut hidden, true);
    // Comments may have tags and no comments.
    for comment in std::mem::take(&mut hidden.comments) {
        read(text, comment, &mut reading, &mut hidden, false);
    }
    // People read some attributes too: the words of an `alt`, of a `title`.
    for tag in hidden.tags.into_iter().filter(|tag| text[tag.clone()].contains(['"', '\''])) {
        for (at, c) in text[tag.clone()].char_indices() {
            if matches!(c, '"' | '\'' | '=') && at > 0 {
                reading.part(c != '\'');
            }
            reading.take(c, tag.start + at..tag.start + at + c.len_utf8());
        }
        reading.part(true);
    }
    for link in hidden.links {
        for (at, c) in text[link.clone()].char_indices() {
            reading.take(c, link.start + at..link.start + at + c.len_utf8());
        }
        reading.part(true);
    }
    reading.words
}

/// What was passed over: the insides of tags and comments, the targets of links.
#[derive(Default)]
struct Hidden {
    tags: Vec<Range<usize>>,
    comments: Vec<Range<usize>>,
    links: Vec<Range<usize>>,
}

/// Reads the words of `text[range]`, through comments and links if it is the page itself.
fn read(text: &str, range: Range<usize>, reading: &mut Reading, hidden: &mut Hidden, is_page: bool) {
    let text = &text[..range.end];
    let mut at = range.start;
    // Where no comment ends any more, none is looked for: a text of nothing but openings would be read over and over.
    let mut may_have_comments = is_page;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if may_have_comments && let Some(comment) = rest.strip_prefix("<!--") {
            if let Some(length) = comment.find("-->") {
                hidden.comments.push(at + 4..at + 4 + length);
                reading.newlines = 0;
                at += length + 7;
                continue;
            }
            may_have_comments = false;
        }
        if is_page
            && c == ']'
            && let Some(length) = link_target(&rest[1..])
        {
            hidden.links.push(at + 2..at + length);
            reading.part(false);
            at += 1 + length;
            continue;
        }
        let length = match (c, tag(rest), entity(rest)) {
            ('<', Some((length, parting)), _) => {
                match parting {
                    Parting::None => {}
                    Parting::Word => reading.part(false),
                    Parting::Phrase => reading.part(true),
                }
                hidden.tags.push(at + 1..at + length - 1);
                length
            }
            ('&', _, Some((length, stands_for))) => {
                reading.take(stands_for, at..at + length);
                length
            }
            _ => {
                reading.take(c, at..at + c.len_utf8());
                c.len_utf8()
            }
        };
        at += length;
    }
    reading.part(true);
}

/// The length of the target of a Markdown link, with its parentheses, if `text` begins with one.
fn link_target(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('(')?;
    let mut depth = 1;
    for (at, c) in inner.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            // An end to the search as well: hostile text has many openings and no end.
            ']' | '\n' => return None,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 2);
        }
    }
    None
}

struct Reading {
    words: Vec<Word>,
    /// The next letter belongs to the last word.
    open: bool,
    broken: bool,
    newlines: usize,
}

impl Reading {
    fn part(&mut self, breaks: bool) {
        self.open = false;
        self.broken |= breaks;
    }

    fn take(&mut self, c: char, range: Range<usize>) {
        match c {
            // Emphasis and strikethrough within a word, and what has no width, part nothing.
            '*' | '~' => {}
            _ if is_mark(c) => {
                if self.open
                    && let Some(word) = self.words.last_mut()
                    && let Some(whole) = word.written.chars().next_back().and_then(|base| compose(base, c))
                {
                    word.written.pop();
                    word.written.push(whole);
                }
            }
            '\n' => {
                self.newlines += 1;
                self.part(self.newlines > 1);
            }
            _ if c.is_whitespace() => self.part(false),
            '.' | '!' | '?' | ';' | ':' | ',' | '(' | ')' | '|' | '…' | '—' | '。' | '！' | '？' | '；'
            | '：' | '，' | '、' | '（' | '）' | '؟' | '،' | '؛' => self.part(true),
            _ if c.is_alphanumeric() => {
                self.newlines = 0;
                self.letter(c, range);
            }
            _ => self.part(false),
        }
    }

    fn letter(&mut self, c: char, range: Range<usize>) {
        if is_whole_word(c) {
            self.open = false;
        }
        if !self.open {
            let begins_phrase = std::mem::take(&mut self.broken);
            let (text, written) = (String::new(), String::new());
            self.words.push(Word { text, written, range: range.clone(), begins_phrase });
            self.open = !is_whole_word(c);
        }
        let word = self.words.last_mut().expect("one was opened");
        fold(c, |c| word.text.push(c));
        word.written.extend(c.to_lowercase());
        word.range.end = range.end;
    }
}

/// What a tag parts: what stands before it from what comes after.
enum Parting {
    None,
    Word,
    Phrase,
}

/// The tag that `text` begins with: its length, and what it parts.
fn tag(text: &str) -> Option<(usize, Parting)> {
    const INLINE: [&str; 24] = [
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd",
        "mark", "q", "s", "small", "span", "strong", "sub", "sup", "u", "wbr",
    ];
    let inner = text.strip_prefix('<')?;
    let end = inner.find(['>', '<']).filter(|&end| inner.as_bytes()[end] == b'>')?;
    let name = inner[..end].trim_start_matches('/');
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None; // as in 1 < 2
    }
    let parting = match name.to_ascii_lowercase().as_str() {
        "br" => Parting::Word,
        name if INLINE.contains(&name) => Parting::None,
        _ => Parting::Phrase,
    };
    Some((end + 2, parting))
}

/// The character reference that `text` begins with: its length, and what it stands for.
fn entity(text: &str) -> Option<(usize, char)> {
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name {
        "nbsp" => ' ',
        "shy" => '\u{ad}',
        "zwj" | "zwnj" => '\u{200b}',
        "amp" | "lt" | "gt" | "quot" | "apos" | "ndash" => '-',
        _ => {
            let number = name.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']);
            let number = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16)).ok()?;
            char::from_u32(number)?
        }
    };
    Some((end + 1, c))
}

#[cfg(test)]
mod tests;
