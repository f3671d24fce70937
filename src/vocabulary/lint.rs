//! The terms of the field in running text: which are avoided or need care, and what is preferred.
//!
//! A form is found whatever its case, accents, hyphens and plural, over line breaks, through tags of HTML and through the
//! emphasis of Markdown; never within another word, and never over the end of a sentence.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::fold::{fold, is_mark, is_whole_word};
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
    found(text, language, |form| form.language == language)
}

/// What no text of any language should have, and what needs care in `main`: for text whose language nobody has stated.
#[must_use]
pub fn lint_any(text: &str, main: Language) -> Vec<TermUse> {
    found(text, main, |form| form.usage == Usage::Avoid || form.language == main)
}

fn found(text: &str, main: Language, admits: impl Fn(&Form) -> bool) -> Vec<TermUse> {
    let words = words(text);
    let forms: Vec<&Form> = forms().iter().filter(|form| admits(form)).collect();
    let mut all = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for form in &forms {
            let Some(length) = form.matches(&words[at..]) else { continue };
            all.push(TermUse {
                term: form.term,
                usage: form.usage,
                language: form.language,
                preferred: form.preferred,
                range: word.range.start..words[at + length - 1].range.end,
            });
        }
    }
    // The longest first, of equally long ones what is avoided, and of those what the language of the text avoids: what lies
    // within it is the same use.
    all.sort_by_key(|found| (Reverse(found.range.len()), found.usage, found.language != main));
    let mut kept: BTreeMap<usize, TermUse> = BTreeMap::new();
    for found in all {
        // What is kept does not overlap, so the last that begins before the end of this one decides.
        let before = kept.range(..found.range.end).next_back();
        if before.is_none_or(|(_, other)| other.range.end <= found.range.start) {
            kept.insert(found.range.start, found);
        }
    }
    kept.into_values().collect()
}

/// A word of a text, folded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) range: Range<usize>,
    /// A phrase cannot go on from the word before to this one.
    pub(super) begins_phrase: bool,
}

/// The words of `text`.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut reading = Reading { words: Vec::new(), open: false, broken: true, newlines: 0 };
    let mut at = 0;
    let mut tags = Vec::new();
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match (c, tag(rest), entity(rest)) {
            ('<', Some((length, parts)), _) => {
                if parts {
                    reading.part(true);
                }
                tags.push(at + 1..at + length - 1);
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
    // People read some attributes too: the words of an `alt`, of a `title`.
    for tag in tags.into_iter().filter(|tag| text[tag.clone()].contains(['"', '\''])) {
        for (at, c) in text[tag.clone()].char_indices() {
            if matches!(c, '"' | '\'' | '=') && at > 0 {
                reading.part(c != '\'');
            }
            reading.take(c, tag.start + at..tag.start + at + c.len_utf8());
        }
        reading.part(true);
    }
    reading.words
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
            _ if is_mark(c) => {}
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
            self.words.push(Word { text: String::new(), range: range.clone(), begins_phrase });
            self.open = !is_whole_word(c);
        }
        let word = self.words.last_mut().expect("one was opened");
        fold(c, |c| word.text.push(c));
        word.range.end = range.end;
    }
}

/// The tag that `text` begins with: its length, and whether it parts what stands before it from what comes after.
fn tag(text: &str) -> Option<(usize, bool)> {
    const INLINE: [&str; 22] = [
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q",
        "s", "small", "span", "strong", "sub", "sup", "u",
    ];
    let inner = text.strip_prefix('<')?;
    let end = inner.find(['>', '<']).filter(|&end| inner.as_bytes()[end] == b'>')?;
    let name = inner[..end].trim_start_matches('/');
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None; // as in 1 < 2
    }
    Some((end + 2, !INLINE.contains(&name.to_ascii_lowercase().as_str())))
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
