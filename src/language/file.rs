//! One language's file: Fluent messages, each with a review status in the comment above it.

use std::collections::BTreeMap;

use fluent_syntax::ast;
use fluent_syntax::parser;

use crate::vocabulary::ReviewStatus;

/// A fault of a language's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and the cure.
    pub cause: String,
}

/// Why a language's file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{}: {}", faults[0].line, faults[0].cause)]
pub struct LanguageError {
    /// The file.
    pub file: String,
    /// What is wrong with it; at least one.
    pub faults: Vec<FileFault>,
}

/// The status of every message, by key.
pub(super) type Statuses = BTreeMap<String, ReviewStatus>;

/// Reads the statuses: `### status: machine` holds for the file, `# status: reviewed` for the message below it.
pub(super) fn statuses(file: &str, text: &str) -> Result<Statuses, LanguageError> {
    let fail = |at: usize, cause: String| LanguageError {
        file: file.to_owned(),
        faults: vec![FileFault { line: text[..at.min(text.len())].lines().count().max(1), cause }],
    };
    let resource =
        parser::parse(text).map_err(|(_, errors)| fail(errors[0].pos.start, errors[0].to_string()))?;
    let mut whole = ReviewStatus::Machine;
    let mut found = Statuses::new();
    let stated = |comment: &ast::Comment<&str>| {
        comment.content.iter().find_map(|line| line.trim().strip_prefix("status:")).map(|word| {
            let word = word.trim();
            ReviewStatus::ALL.into_iter().find(|status| status.as_str() == word).ok_or_else(|| {
                fail(0, format!("{word:?} is not a status; it is official, reviewed, machine or draft"))
            })
        })
    };
    for entry in &resource.body {
        match entry {
            ast::Entry::ResourceComment(comment) => {
                if let Some(status) = stated(comment) {
                    whole = status?;
                }
            }
            ast::Entry::Message(message) => {
                let status = message.comment.as_ref().and_then(stated).transpose()?.unwrap_or(whole);
                found.insert(message.id.name.to_owned(), status);
            }
            _ => {}
        }
    }
    Ok(found)
}
