//! The file that a new language begins with: every key, its English as a comment, and nothing behind its `=`.

use fluent_syntax::ast::Entry;
use fluent_syntax::parser;
use fluent_syntax::serializer::serialize;

use super::labels::Labelled;
use super::locale::ENGLISH;
use crate::vocabulary::Language;

/// The text of a new language's file. A tag that is none is for whoever fills it in to mend: reading the file tells.
///
/// A key that is left as it is counts as not translated, and English stands in.
#[must_use]
pub fn template(tag: &str) -> String {
    let mut text = format!(
        "### A language of innerward. Write the translation behind each =; English stands above it, as a comment.\n\
         ### What is left empty is shown in English. Below a line `# status: reviewed` stands what a speaker who knows the\n\
         ### field has checked. Check the file: innerward report languages check {tag}.ftl\n\
         ### status: machine\n"
    );
    let (Ok(english) | Err((english, _))) = parser::parse(ENGLISH);
    for entry in english.body {
        match entry {
            Entry::GroupComment(comment) => {
                text.push('\n');
                let title = comment.content.iter().filter(|line| !line.trim().starts_with("status:"));
                title.for_each(|line| text.push_str(&format!("## {line}\n")));
                text.push('\n');
            }
            Entry::Message(mut message) => {
                message.comment = None;
                let key = message.id.name;
                if key == "language-tag" {
                    text.push_str(&format!("\nlanguage-tag = {tag}\n"));
                    continue;
                }
                let body = vec![Entry::Message(message)];
                let written = serialize(&fluent_syntax::ast::Resource { body });
                let value = written.split_once('=').map_or("", |(_, value)| value);
                entry_of(&mut text, key, value.trim_matches('\n'));
            }
            _ => {}
        }
    }
    text.push_str(
        "\n## What the vocabulary is called: the short label, and in plain words, and what is meant\n",
    );
    for what in Labelled::all() {
        let (label, key) = (what.built_in(Language::En), what.key());
        text.push('\n');
        if what.is_area() {
            entry_of(&mut text, &key, label.pref);
            continue;
        }
        for (name, words) in [("label", label.pref), ("plain", label.plain), ("definition", label.definition)]
        {
            text.push_str(&format!("# {name}: {words}\n"));
        }
        text.push_str(&format!("{key} =\n    .plain =\n    .definition =\n"));
    }
    text
}

fn entry_of(text: &mut String, key: &str, english: &str) {
    for line in english.lines() {
        text.push_str(&format!("# {}\n", line.strip_prefix(' ').unwrap_or(line)));
    }
    text.push_str(&format!("{key} =\n"));
}
