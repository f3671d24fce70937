//! The verdicts of a run as a table: `verdicts.csv`, one row an item, with its strongest match.

use std::io::{self, BufRead, Write};

use super::written::{Written, written};

const COLUMNS: [&str; 12] = [
    "path", "file", "media", "bytes", "outcome", "reason", "set", "entry", "signal", "distance", "labels",
    "matches",
];

/// Writes the table of the run of which `lines` are the verdicts.
pub(super) fn write_table(lines: impl BufRead, out: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(COLUMNS)?;
    for line in written(lines) {
        let Written::Screen(row) = line? else { continue };
        let first = row.matches.first();
        let of_first = |text: fn(&super::written::Matched) -> String| first.map(text).unwrap_or_default();
        table.write_record([
            shown(&row.path),
            row.file.as_deref().map(shown).unwrap_or_default(),
            row.media.clone(),
            row.bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            row.outcome.as_str().into(),
            row.reason.as_deref().map(shown).unwrap_or_default(),
            of_first(|found| shown(&found.set)),
            of_first(|found| shown(&found.entry)),
            of_first(|found| found.signal.clone()),
            of_first(|found| found.distance.to_string()),
            of_first(|found| found.labels.join(" ")),
            row.matches.len().to_string(),
        ])?;
    }
    table.flush()
}

/// The text as a cell that no spreadsheet takes for a formula: names of files are chosen by strangers.
fn shown(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula() {
        let line = |path: &str| {
            format!(
                r#"{{"type":"screen","data":{{"path":"{path}","file":null,"media":"TEXT","bytes":null,"outcome":"known","reason":"a, \"b\"","matches":[{{"set":"A","entry":"7","signal":"md5","distance":0,"labels":["SEV_A","AGE"]}}]}}}}"#
            )
        };
        let lines = [line("=cmd|x!A1"), line("-1+1"), line("plain, name")].join("\n");
        let mut table = Vec::new();
        write_table(lines.as_bytes(), &mut table).unwrap();
        let mut reader = csv::Reader::from_reader(&*table);
        let rows: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let first: Vec<&str> = rows.iter().map(|row| &*row[0]).collect();
        assert_eq!(first, ["'=cmd|x!A1", "'-1+1", "plain, name"]);
        assert_eq!(rows[0][2..], ["TEXT", "", "known", "a, \"b\"", "A", "7", "md5", "0", "SEV_A AGE", "1"]);
    }
}
