//! A run's file of verdicts, read back.

use std::io::{self, BufRead};

use serde::Deserialize;

use super::{Outcome, Summary};

/// One line, as far as pages and tables need it.
#[derive(Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "lowercase")]
pub(super) enum Written {
    Run(serde_json::Value),
    Screen(Box<Row>),
    Cluster(Grouped),
    Summary(Box<Summary>),
}

/// An item.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) path: String,
    pub(super) file: Option<String>,
    pub(super) media: String,
    pub(super) bytes: Option<u64>,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    pub(super) matches: Vec<Matched>,
}

/// One of its matches.
#[derive(Deserialize)]
pub(super) struct Matched {
    pub(super) set: String,
    pub(super) entry: String,
    pub(super) signal: String,
    pub(super) distance: u16,
    #[serde(default)]
    pub(super) labels: Vec<String>,
}

/// An item of a group.
#[derive(Deserialize)]
pub(super) struct Grouped {
    pub(super) cluster: u32,
    pub(super) path: String,
}

/// The lines of `input`. What is wrong with one is not told in its own words, which may be names.
pub(super) fn written(input: impl BufRead) -> impl Iterator<Item = io::Result<Written>> {
    (1_u64..).zip(input.lines()).map(|(number, line)| {
        serde_json::from_str(&line?)
            .map_err(|_| io::Error::other(format!("line {number} is not what was written")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_line_is_told_by_its_number_alone() {
        let lines = "{\"type\":\"run\",\"data\":{}}\n{\"type\":\"screen\",\"data\":\"in/secret.jpg\"}\n";
        let told: Vec<_> = written(lines.as_bytes()).collect();
        assert!(matches!(told[0], Ok(Written::Run(_))));
        let error = told[1].as_ref().err().expect("the second is damaged").to_string();
        assert_eq!(error, "line 2 is not what was written");
    }
}
