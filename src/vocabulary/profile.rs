//! Profiles of schemes that are not public: files in the form of `data/crosswalk.csv` that a member of the scheme fills.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::Code;
use super::crosswalk::{Category, CrosswalkRow, Relation, TARGETS, WHOLE_PROFILE, crosswalk_rows};
use super::dimension::Dimension;

/// A scheme whose categories are not public: its file is there, and has no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmptyProfile {
    /// The file beside the code, without `.csv`.
    pub name: &'static str,
    /// What stands in the column `source_scheme`.
    pub scheme: &'static str,
    /// What stands in the column `source_profile`.
    pub profile: &'static str,
    /// What it is.
    pub title: &'static str,
    /// The file: the line of its columns.
    pub text: &'static str,
}

/// Every profile that waits to be filled.
pub const EMPTY_PROFILES: [EmptyProfile; 5] = [
    EmptyProfile {
        name: "ucs-v3",
        scheme: "UCS",
        profile: "3",
        title: "INHOPE Universal Classification Schema, version 3",
        text: include_str!("data/profiles/ucs-v3.csv"),
    },
    EmptyProfile {
        name: "icvac",
        scheme: "ICVAC",
        profile: "2023",
        title: "International Classification of Violence against Children",
        text: include_str!("data/profiles/icvac.csv"),
    },
    EmptyProfile {
        name: "vics-uk",
        scheme: "VICS",
        profile: "UK",
        title: "VICS with the categories of the United Kingdom (CAID)",
        text: include_str!("data/profiles/vics-uk.csv"),
    },
    EmptyProfile {
        name: "vics-ca",
        scheme: "VICS",
        profile: "CA",
        title: "VICS with the categories of Canada",
        text: include_str!("data/profiles/vics-ca.csv"),
    },
    EmptyProfile {
        name: "gifct",
        scheme: "GIFCT",
        profile: "",
        title: "Labels of the GIFCT hash-sharing database",
        text: include_str!("data/profiles/gifct.csv"),
    },
];

/// What is wrong with a profile, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {cause}; {cure}")]
pub struct ProfileFault {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub cure: String,
}

/// Most faults that are told of one file.
const MOST_FAULTS: usize = 100;

/// Reads a profile in the form of `data/crosswalk.csv`. It may say what any category of its one scheme and profile means; a
/// scheme of which the program has rows of its own is not read from a file.
///
/// # Errors
/// Every fault, by line, at most a hundred.
pub fn read_profile(text: &str) -> Result<Vec<CrosswalkRow>, Vec<ProfileFault>> {
    let mut reading =
        Reading { faults: Vec::new(), found: Vec::new(), seen: BTreeSet::new(), held: BTreeMap::new() };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut is_header = true;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Err(error) => {
                reading.fault(line, error.to_string(), "write the file as CSV in UTF-8".into());
                break;
            }
            Ok(true) => {}
        }
        let line = record.position().map_or(line, csv::Position::line);
        if std::mem::take(&mut is_header) {
            if record != columns().collect::<Vec<_>>() {
                let cure = format!("begin the file with {}", columns().collect::<Vec<_>>().join(","));
                reading.fault(line, "the columns are not those of a crosswalk".into(), cure);
                break;
            }
        } else if reading.faults.len() < MOST_FAULTS {
            reading.row(line, &record);
        }
    }
    if is_header {
        reading.fault(1, "the file is empty".into(), "copy one of the empty profiles".into());
    }
    if reading.faults.is_empty() { Ok(reading.found) } else { Err(reading.faults) }
}

fn columns() -> impl Iterator<Item = &'static str> {
    include_str!("data/profiles/ucs-v3.csv").trim_end().split(',')
}

struct Reading {
    faults: Vec<ProfileFault>,
    found: Vec<CrosswalkRow>,
    /// Lines by category and target.
    seen: BTreeSet<(String, Code)>,
    /// The code that a category holds of a dimension.
    held: BTreeMap<(String, Dimension), Code>,
}

impl Reading {
    fn fault(&mut self, line: u64, cause: String, cure: String) {
        self.faults.push(ProfileFault { line, cause, cure });
    }

    fn row(&mut self, line: u64, row: &csv::StringRecord) {
        match self.checked(row) {
            Ok(row) => self.found.push(row),
            Err((cause, cure)) => self.fault(line, cause, cure),
        }
    }

    fn checked(&mut self, row: &csv::StringRecord) -> Result<CrosswalkRow, (String, String)> {
        let expected = columns().count();
        if row.len() != expected {
            let cure = "quote what has a comma in it, and end a row that has no source_label with a comma";
            return Err((format!("{} fields instead of {expected}", row.len()), cure.into()));
        }
        let code = if &row[2] == WHOLE_PROFILE { "ANY" } else { &row[2] };
        let category = Category::new(&row[0], &row[1], code).map_err(|error| {
            (error.to_string(), "write it with those characters, or * for any code".into())
        })?;
        self.check_scheme(&category)?;
        let target = target(&row[3], &row[4])?;
        let relation = Relation::named(&row[5]).ok_or_else(|| {
            let words = Relation::ALL.map(Relation::as_str).join(", ");
            (format!("{:?} is no relation", &row[5]), format!("write one of {words}"))
        })?;
        if !["doc", "code", "unverified"].contains(&&row[7]) {
            let cure = "write doc for an official text, code for another program, unverified for neither";
            return Err((format!("{:?} is no evidence", &row[7]), cure.into()));
        }
        if relation != Relation::Exact && row[6].is_empty() {
            let cure = "say in the column loss what is lost";
            return Err((format!("a row that is {} loses something", relation.as_str()), cure.into()));
        }
        let key = format!("{}/{}:{}", &row[0], &row[1], &row[2]);
        if !self.seen.insert((key.clone(), target)) {
            return Err((
                format!("{} leads to {target:?} twice", &row[2]),
                "delete one of the two rows".into(),
            ));
        }
        if relation.holds()
            && let Some(other) = self.held.insert((key, target.dimension()), target)
        {
            return Err((
                format!("{} would be both {other:?} and {target:?}", &row[2]),
                "write broader for each if nobody knows which of them it is".into(),
            ));
        }
        Ok(CrosswalkRow::of(row, target))
    }

    fn check_scheme(&self, category: &Category) -> Result<(), (String, String)> {
        let known = crosswalk_rows();
        let is_own =
            known.iter().any(|row| (&*row.scheme, &*row.profile) == (category.scheme(), category.profile()));
        if is_own {
            let cure = "give the file a scheme or a profile of its own";
            return Err(("the program has rows of this scheme and profile itself".into(), cure.into()));
        }
        match self.found.first() {
            Some(first) if (&*first.scheme, &*first.profile) != (category.scheme(), category.profile()) => {
                let cause =
                    format!("another scheme or profile than {}/{} above", first.scheme, first.profile);
                Err((cause, "write one file for each".into()))
            }
            _ => Ok(()),
        }
    }
}

fn target(facet: &str, code: &str) -> Result<Code, (String, String)> {
    let dimension = TARGETS.into_iter().find(|dimension| dimension.as_str() == facet).ok_or_else(|| {
        let words = TARGETS.map(Dimension::as_str).join(", ");
        (format!("{facet:?} is no facet that a category can have"), format!("write one of {words}"))
    })?;
    let found = dimension.code(code).map_err(|_| {
        let words = dimension.codes().map(Code::as_str).collect::<Vec<_>>().join(", ");
        (format!("{code:?} is not a code of {facet}"), format!("write one of {words}"))
    })?;
    if ["_T", "_Z"].contains(&found.as_str()) {
        return Err((format!("{code} is no meaning of a category"), "leave the row out".into()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::codes::rows;
    use super::*;

    const HEADER: &str = include_str!("data/profiles/ucs-v3.csv");

    fn faults(rows: &str) -> Vec<String> {
        let found = read_profile(&format!("{HEADER}{rows}"));
        found.expect_err("it has faults").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_profiles_are_empty_and_nothing_of_the_programs_own() {
        for profile in EMPTY_PROFILES {
            assert_eq!(profile.text, HEADER, "{}", profile.name);
            assert_eq!(read_profile(profile.text), Ok(vec![]), "{}", profile.name);
            let is_own = |row: &CrosswalkRow| row.scheme == profile.scheme && row.profile == profile.profile;
            assert!(!crosswalk_rows().iter().any(is_own), "{}", profile.name);
        }
        let own = rows(include_str!("data/crosswalk.csv")).count();
        assert_eq!(crosswalk_rows().len(), own);
    }

    #[test]
    fn a_filled_profile_is_read() {
        let text = format!(
            "{HEADER}VICS,UK,1,severity,SEV_A,close,the act,unverified,0.1.0,\"synthetic, for this test\"\n\
             VICS,UK,1,maturity,PREPUB,related,age,unverified,0.1.0,\n\
             VICS,UK,*,harm,CSAM,exact,,doc,0.1.0,\n"
        );
        let found = read_profile(&text).unwrap();
        assert_eq!(found.len(), 3);
        assert_eq!(
            (&*found[0].code, found[0].target.as_str(), found[0].relation),
            ("1", "SEV_A", Relation::Close)
        );
        assert_eq!(found[0].source_label, "synthetic, for this test");
        assert_eq!(found[2].code, "*");
    }

    #[test]
    fn every_fault_has_its_line_and_its_cure() {
        for (row, cause, cure) in [
            ("VICS,UK,1,severity,SEV_A,close,x,doc\n", "8 fields instead of 10", "quote"),
            ("VICS,UK,a b,severity,SEV_A,exact,,doc,0.1.0,\n", "characters", "* for any code"),
            ("VICS,UK,1,colour,RED,exact,,doc,0.1.0,\n", "\"colour\" is no facet", "severity, maturity"),
            ("VICS,UK,1,severity,A,exact,,doc,0.1.0,\n", "not a code of severity", "SEV_A, SEV_B"),
            ("VICS,UK,1,severity,_Z,exact,,doc,0.1.0,\n", "no meaning", "leave the row out"),
            ("VICS,UK,1,severity,SEV_A,same,,doc,0.1.0,\n", "no relation", "exact, narrower"),
            ("VICS,UK,1,severity,SEV_A,exact,,hearsay,0.1.0,\n", "no evidence", "unverified"),
            ("VICS,UK,1,severity,SEV_A,close,,doc,0.1.0,\n", "loses something", "column loss"),
            ("VICS,US,1,severity,SEV_A,exact,,doc,0.1.0,\n", "the program has rows", "of its own"),
        ] {
            let found = faults(row);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with("line 2: ") && found[0].contains(cause), "{found:?}");
            assert!(found[0].contains(cure), "{found:?}");
        }
        let good = "GIFCT,,x,severity,SEV_C,close,all,doc,0.1.0,\n";
        let twice = faults(&format!("{good}{good}"));
        assert!(
            twice.len() == 1 && twice[0].starts_with("line 3: ") && twice[0].contains("twice"),
            "{twice:?}"
        );
        let two = faults(&format!("{good}GIFCT,,x,severity,SEV_X,close,all,doc,0.1.0,\n"));
        assert!(two[0].contains("would be both") && two[0].contains("broader"), "{two:?}");
        let mixed = faults(&format!("{good}UCS,3,x,severity,SEV_X,close,all,doc,0.1.0,\n"));
        assert!(mixed[0].contains("another scheme") && mixed[0].contains("one file for each"), "{mixed:?}");
    }

    #[test]
    fn a_file_with_other_columns_is_none() {
        for text in ["", "a,b,c\n1,2,3\n", "source_scheme,source_profile\n"] {
            let found = read_profile(text).unwrap_err();
            assert_eq!((found.len(), found[0].line), (1, 1), "{text:?}");
        }
        assert!(read_profile("\u{feff}a").is_err());
    }
}
