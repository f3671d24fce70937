//! What may be wrong with a language's file although it is Fluent: each string is held against its English.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use unic_langid::LanguageIdentifier;

use super::file::{FileFault, LanguageFile, Written};
use super::labels::Labelled;
use super::locale::ENGLISH;
use crate::vocabulary::{Language, Usage, lint, lint_any};

/// Characters of one string.
const MOST_CHARACTERS: usize = 4_000;
/// The forms that a plural may have.
const PLURALS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
/// Keys that a file must have.
const REQUIRED: [&str; 3] = ["language-tag", "language-name", "language-direction"];

/// What a string of English takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Takes {
    /// Arguments that stand in the text.
    placed: BTreeSet<String>,
    /// Arguments that choose a form.
    chosen_by: BTreeSet<String>,
    /// Those of them that are numbers.
    numbers: BTreeSet<String>,
    /// Other strings that stand in it.
    strings: BTreeSet<String>,
}

impl Takes {
    fn has(&self, argument: &str) -> bool {
        self.placed.contains(argument) || self.chosen_by.contains(argument)
    }
}

static TAKES: LazyLock<BTreeMap<String, Takes>> = LazyLock::new(|| {
    let file = LanguageFile::trusted(ENGLISH);
    file.messages.iter().map(|(key, written)| (key.clone(), takes(written))).collect()
});

static LABELS: LazyLock<BTreeSet<String>> = LazyLock::new(|| Labelled::all().map(Labelled::key).collect());

/// True for the key of a label of the vocabulary.
pub(super) fn is_label(key: &str) -> bool {
    LABELS.contains(key)
}

/// The keys of English, in the order of the alphabet.
pub(super) fn english_keys() -> impl Iterator<Item = &'static str> {
    TAKES.keys().map(String::as_str)
}

/// True for a key that says something about the language itself and is no translation.
pub(super) fn is_header(key: &str) -> bool {
    key.starts_with("language-")
}

fn takes(written: &Written) -> Takes {
    let mut takes = Takes::default();
    if let Some(pattern) = &written.message.value {
        collect(pattern, &mut takes);
    }
    takes
}

fn collect(pattern: &Pattern<String>, takes: &mut Takes) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            collect_expression(expression, takes);
        }
    }
}

fn collect_expression(expression: &Expression<String>, takes: &mut Takes) {
    match expression {
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            takes.placed.insert(id.name.clone());
        }
        Expression::Inline(InlineExpression::FunctionReference { arguments, .. }) => {
            for argument in &arguments.positional {
                if let InlineExpression::VariableReference { id } = argument {
                    takes.placed.insert(id.name.clone());
                    takes.numbers.insert(id.name.clone());
                }
            }
        }
        Expression::Inline(InlineExpression::MessageReference { id, .. }) => {
            takes.strings.insert(id.name.clone());
        }
        Expression::Inline(InlineExpression::Placeable { expression }) => {
            collect_expression(expression, takes)
        }
        Expression::Inline(_) => {}
        Expression::Select { selector, variants } => {
            if let InlineExpression::VariableReference { id } = selector {
                takes.chosen_by.insert(id.name.clone());
                if variants.iter().all(|variant| is_plural(&variant.key)) {
                    takes.numbers.insert(id.name.clone());
                }
            }
            variants.iter().for_each(|variant| collect(&variant.value, takes));
        }
    }
}

fn is_plural(key: &VariantKey<String>) -> bool {
    match key {
        VariantKey::Identifier { name } => PLURALS.contains(&name.as_str()),
        VariantKey::NumberLiteral { .. } => true,
    }
}

fn key_text(key: &VariantKey<String>) -> &str {
    let (VariantKey::Identifier { name: text } | VariantKey::NumberLiteral { value: text }) = key;
    text
}

/// The plural form that a language has for each of the numbers 0 to 200, beyond which the forms repeat.
fn plural_forms(tag: &LanguageIdentifier) -> Vec<String> {
    let mut bundle = FluentBundle::new_concurrent(vec![tag.clone()]);
    let variants: String = PLURALS
        .iter()
        .map(|form| format!("  {}[{form}] {form}\n", if *form == "other" { "*" } else { "" }))
        .collect();
    let resource = FluentResource::try_new(format!("form = {{ $n ->\n{variants}}}\n"));
    if let Ok(resource) = resource {
        bundle.add_resource_overriding(resource);
    }
    let form = |number: u32| {
        let mut args = FluentArgs::new();
        args.set("n", number);
        let pattern = bundle.get_message("form").and_then(|message| message.value());
        pattern.map_or_else(String::new, |pattern| {
            bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
        })
    };
    (0..=200).map(form).collect()
}

/// Looks for faults.
pub(super) struct Checker {
    tag: LanguageIdentifier,
    plurals: Vec<String>,
    found: Vec<FileFault>,
}

impl Checker {
    /// For a file that is called `stem`, if that is known.
    pub(super) fn new(file: &LanguageFile, stem: Option<&str>) -> Self {
        let mut found = Vec::new();
        for key in REQUIRED.iter().filter(|key| !file.messages.contains_key(**key)) {
            let cause = format!("{key} is missing; a file begins with {}", REQUIRED.join(", "));
            found.push(FileFault { line: 1, cause });
        }
        let mut tag = LanguageIdentifier::default();
        if let Some(written) = file.messages.get("language-tag") {
            let text = written.plain(None).unwrap_or_default();
            let cause = match text.parse::<LanguageIdentifier>() {
                Ok(parsed) if parsed.to_string() == text && !parsed.language.is_empty() => {
                    tag = parsed;
                    stem.filter(|stem| *stem != text).map(|stem| {
                        format!("the file is {stem}.ftl, and its language-tag is {text:?}; make them agree")
                    })
                }
                Ok(parsed) => Some(format!("{text:?} is not written as language tags are; write {parsed}")),
                Err(_) => Some(format!(
                    "{text:?} is no language tag; write one as BCP 47 has it, such as sw or pt-PT"
                )),
            };
            found.extend(cause.map(|cause| FileFault { line: written.line, cause }));
        }
        Self { plurals: plural_forms(&tag), tag, found }
    }

    /// Adds what is wrong to the faults of `file`.
    pub(super) fn check(mut self, file: &mut LanguageFile) {
        self.characters(&file.text);
        for (key, written) in &file.messages {
            let before = self.found.len();
            self.message(key, written);
            self.words(key, written);
            self.found[before..].iter_mut().for_each(|fault| fault.line = written.line.max(fault.line));
        }
        file.faults.append(&mut self.found);
    }

    fn fault(&mut self, cause: String) {
        self.found.push(FileFault { line: 0, cause });
    }

    /// Characters that no string needs: they turn the line, or are not seen.
    fn characters(&mut self, text: &str) {
        let wild = |c: &char| {
            c.is_control() && *c != '\t'
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        for (line, text) in (1..).zip(text.lines()) {
            if let Some(c) = text.chars().find(wild) {
                let cause = format!(
                    "{} is a character that is not seen, or turns the line; delete it",
                    c.escape_unicode()
                );
                self.found.push(FileFault { line, cause });
            }
        }
    }

    fn message(&mut self, key: &str, written: &Written) {
        let label = LABELS.contains(key);
        let Some(english) = TAKES.get(key).cloned().or_else(|| label.then(Takes::default)) else {
            return self.fault(format!(
                "there is no string {key}; `innerward report languages template {}` shows all there are",
                self.tag
            ));
        };
        for attribute in &written.message.attributes {
            let name = &attribute.id.name;
            if !label || !["plain", "definition"].contains(&name.as_str()) {
                self.fault(format!("{key} has no .{name}; only labels have more, .plain and .definition"));
            }
            self.pattern(key, &attribute.value, &Takes::default());
        }
        let Some(pattern) = &written.message.value else {
            if !label {
                self.fault(format!("{key} has no text"));
            }
            return;
        };
        self.pattern(key, pattern, &english);
        let given = takes(written);
        for argument in english.placed.iter().filter(|argument| !given.has(argument)) {
            self.fault(format!("{key} does not say ${argument}, which its English says"));
        }
        self.form(key, written);
    }

    /// The forms of numbers, and the head.
    fn form(&mut self, key: &str, written: &Written) {
        let Some(text) = written.plain(None) else { return };
        let cure = match key {
            "language-direction" if !["ltr", "rtl"].contains(&text.as_str()) => "is ltr or rtl",
            "language-name" if text.trim().is_empty() || text.chars().count() > 60 => {
                "is what its speakers call the language, in at most 60 characters"
            }
            "number-digits" if text.chars().count() != 10 => "is ten digits, from zero to nine",
            "number-grouped-from" if !["4", "5", "6", "7"].contains(&text.as_str()) => {
                "is the fewest digits that are grouped: 4, or 5"
            }
            "number-group" | "number-decimal" | "number-minus" if text.chars().count() > 3 => {
                "is a sign of at most three characters"
            }
            _ => return,
        };
        self.fault(format!("{key} {cure}, not {text:?}"));
    }

    fn pattern(&mut self, key: &str, pattern: &Pattern<String>, english: &Takes) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { .. } => {}
                PatternElement::Placeable { expression } => self.expression(key, expression, english),
            }
        }
    }

    fn expression(&mut self, key: &str, expression: &Expression<String>, english: &Takes) {
        match expression {
            Expression::Inline(inline) => self.inline(key, inline, english),
            Expression::Select { selector, variants } => {
                match selector {
                    InlineExpression::VariableReference { id } => {
                        self.known(key, &id.name, english);
                        if english.numbers.contains(&id.name) {
                            let keys: Vec<(&str, bool)> = variants
                                .iter()
                                .map(|variant| (key_text(&variant.key), variant.default))
                                .collect();
                            self.plural(key, &id.name, &keys);
                        }
                    }
                    _ => self.fault(format!("{key}: what chooses a form is an argument: {{ $count -> … }}")),
                }
                variants.iter().for_each(|variant| self.pattern(key, &variant.value, english));
            }
        }
    }

    fn inline(&mut self, key: &str, inline: &InlineExpression<String>, english: &Takes) {
        match inline {
            InlineExpression::StringLiteral { .. } => {}
            InlineExpression::VariableReference { id } => {
                self.known(key, &id.name, english);
                if english.numbers.contains(&id.name) {
                    let name = &id.name;
                    self.fault(format!("{key}: ${name} is a number; write {{ NUMBER(${name}) }}"));
                }
            }
            InlineExpression::FunctionReference { id, arguments } => match &arguments.positional[..] {
                [InlineExpression::VariableReference { id: argument }]
                    if id.name == "NUMBER" && arguments.named.is_empty() =>
                {
                    self.known(key, &argument.name, english);
                    if english.has(&argument.name) && !english.numbers.contains(&argument.name) {
                        self.fault(format!("{key}: ${0} is no number; write {{ ${0} }}", argument.name));
                    }
                }
                _ => self.fault(format!(
                    "{key}: the one function is NUMBER, of one argument: {{ NUMBER($count) }}"
                )),
            },
            InlineExpression::TermReference { id, .. } => {
                self.fault(format!("{key}: write the words of -{} out", id.name));
            }
            // No more than English has, so that no string holds itself.
            InlineExpression::MessageReference { id, attribute: None }
                if english.strings.contains(&id.name) => {}
            InlineExpression::MessageReference { id, .. } => {
                self.fault(format!(
                    "{key}: its English has no {{ {0} }}; an argument is written {{ ${0} }}",
                    id.name
                ));
            }
            InlineExpression::NumberLiteral { value } => {
                self.fault(format!("{key}: write {value} without braces"));
            }
            InlineExpression::Placeable { expression } => self.expression(key, expression, english),
        }
    }

    fn known(&mut self, key: &str, argument: &str, english: &Takes) {
        if !english.has(argument) {
            let all: Vec<String> =
                english.placed.union(&english.chosen_by).map(|name| format!("${name}")).collect();
            let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
            self.fault(format!("{key} has no argument ${argument}; its English has {all}"));
        }
    }

    /// A form for each number, and no form that is none.
    fn plural(&mut self, key: &str, argument: &str, keys: &[(&str, bool)]) {
        for (form, _) in keys {
            if form.parse::<f64>().is_err() && !PLURALS.contains(form) {
                self.fault(format!("{key}: [{form}] is no plural form; they are {}", PLURALS.join(", ")));
            }
        }
        let mut lacking: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (number, form) in self.plurals.iter().enumerate() {
            let number = number.to_string();
            if !keys.iter().any(|(key, _)| *key == form || *key == number) {
                lacking.entry(form).or_default().push(number);
            }
        }
        let lacking: Vec<String> = lacking
            .iter()
            .map(|(form, numbers)| {
                format!(
                    "{key}: add the form [{form}] of ${argument}, for {}",
                    numbers[..numbers.len().min(4)].join(", ")
                )
            })
            .collect();
        lacking.into_iter().for_each(|cause| self.fault(cause));
    }

    /// The words of a string: no markup, no term to avoid, not too many.
    fn words(&mut self, key: &str, written: &Written) {
        let attributes = written.message.attributes.iter().map(|attribute| &attribute.value);
        for pattern in written.message.value.iter().chain(attributes) {
            let mut text = String::new();
            words_of(pattern, &mut text);
            if text.contains('<') {
                self.fault(format!("{key}: a string has no markup; take the \"<\" away, or say it in words"));
            }
            if text.chars().count() > MOST_CHARACTERS {
                self.fault(format!("{key} has more than {MOST_CHARACTERS} characters; make it shorter"));
                continue;
            }
            let language: Option<Language> = self.tag.language.as_str().parse().ok();
            let found = match language {
                Some(language) => lint(&text, language),
                None => lint_any(&text, Language::En),
            };
            for found in found.into_iter().filter(|found| found.usage == Usage::Avoid) {
                let said = &text[found.range.clone()];
                self.fault(format!("{key}: {said:?} is a term to avoid; write {:?}", found.preferred));
            }
        }
    }
}

/// The words of a pattern, of all its forms one after the other.
fn words_of(pattern: &Pattern<String>, text: &mut String) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable { expression } => words_of_expression(expression, text),
        }
    }
}

fn words_of_expression(expression: &Expression<String>, text: &mut String) {
    match expression {
        Expression::Inline(InlineExpression::StringLiteral { value }) => {
            text.push_str(&fluent_syntax::unicode::unescape_unicode_to_string(value));
        }
        Expression::Inline(InlineExpression::Placeable { expression }) => {
            words_of_expression(expression, text)
        }
        Expression::Inline(_) => text.push('…'),
        Expression::Select { variants, .. } => {
            for variant in variants {
                words_of(&variant.value, text);
                text.push_str(".\n");
            }
        }
    }
}
