//! Profiles of schemes that are not public: files in the form of `data/crosswalk.csv` that a member of the scheme fills.

use std::cmp::Reverse;
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

/// Most rows of one file, many more than any scheme has categories.
const MOST_ROWS: usize = 100_000;

/// Reads a profile in the form of `data/crosswalk.csv`. It may say what any category of its one scheme and profile means; a
/// scheme of which the program has rows of its own is not read from a file.
///
/// # Errors
/// Every fault, by line, at most a hundred.
pub fn read_profile(text: &str) -> Result<Vec<CrosswalkRow>, Vec<ProfileFault>> {
    let mut faults = Vec::new();
    let mut rows: Vec<(u64, csv::StringRecord)> = Vec::new();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut is_header = true;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Err(error) => {
                let cure = "write the file as CSV in UTF-8".into();
                faults.push(ProfileFault { line, cause: error.to_string(), cure });
                break;
            }
            Ok(true) => {}
        }
        let line = record.position().map_or(line, csv::Position::line);
        if std::mem::take(&mut is_header) {
            if record != columns().collect::<Vec<_>>() {
                let cure = format!("begin the file with {}", columns().collect::<Vec<_>>().join(","));
                let cause = "the columns are not those of a crosswalk".into();
                faults.push(ProfileFault { line, cause, cure });
                break;
            }
        } else if rows.len() == MOST_ROWS {
            let cure = "write one row for each category and facet".into();
            faults.push(ProfileFault { line, cause: format!("more than {MOST_ROWS} rows"), cure });
            break;
        } else {
            rows.push((line, record.clone()));
        }
    }
    if is_header && faults.is_empty() {
        let cure = "copy one of the empty profiles".into();
        faults.push(ProfileFault { line: 1, cause: "the file is empty".into(), cure });
    }
    let mut reading = Reading {
        source: usual_source(&rows),
        seen: BTreeSet::new(),
        held: BTreeMap::new(),
        faults: Vec::new(),
    };
    let mut found = Vec::new();
    for (line, row) in &rows {
        if faults.len() >= MOST_FAULTS {
            break;
        }
        found.extend(reading.row(row));
        let of_row = reading.faults.drain(..);
        faults.extend(of_row.map(|(cause, cure)| ProfileFault { line: *line, cause, cure }));
    }
    // A fault of the file itself ends it, and stands where it ends.
    faults.sort_by_key(|fault| fault.line);
    faults.truncate(MOST_FAULTS);
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// The scheme and profile that most rows have, and of equally many the first: one stray row must not make strays of the
/// others.
fn usual_source(rows: &[(u64, csv::StringRecord)]) -> (String, String) {
    let mut counts: BTreeMap<(&str, &str), (usize, Reverse<usize>)> = BTreeMap::new();
    for (number, (_, row)) in rows.iter().enumerate() {
        if let (Some(scheme), Some(profile)) = (row.get(0), row.get(1)) {
            counts.entry((scheme, profile)).or_insert((0, Reverse(number))).0 += 1;
        }
    }
    let usual = counts.into_iter().max_by_key(|(_, count)| *count).map(|(source, _)| source);
    usual.map_or_else(Default::default, |(scheme, profile)| (scheme.to_owned(), profile.to_owned()))
}

/// The profiles that a ward has loaded, beside the program's own rows; no two of one scheme and profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profiles {
    rows: Vec<CrosswalkRow>,
}

impl Profiles {
    /// Adds the rows of one [profile](read_profile), in place of those that are there of its scheme and profile.
    pub fn add(&mut self, rows: Vec<CrosswalkRow>) {
        let is_same = |row: &CrosswalkRow| {
            rows.first().is_some_and(|first| (&first.scheme, &first.profile) == (&row.scheme, &row.profile))
        };
        self.rows.retain(|row| !is_same(row));
        self.rows.extend(rows);
    }

    /// Every row, profile by profile.
    #[must_use]
    pub fn rows(&self) -> &[CrosswalkRow] {
        &self.rows
    }

    /// The codes that an entry may be said to have because its source puts it in `category`, as
    /// [`facets`](super::facets) gives them of the program's own rows.
    pub fn facets(&self, category: &Category) -> impl Iterator<Item = Code> {
        self.rows
            .iter()
            .filter(move |row| {
                category.is_of(&row.scheme, &row.profile)
                    && (row.code == category.code() || row.code == WHOLE_PROFILE)
            })
            .filter(|row| row.relation.holds() && Dimension::FACETS.contains(&row.target.dimension()))
            .map(|row| row.target)
    }
}

fn columns() -> impl Iterator<Item = &'static str> {
    include_str!("data/profiles/ucs-v3.csv").trim_end().split(',')
}

/// What is wrong, and what to do.
type Fault = (String, String);

struct Reading {
    /// The scheme and profile of the file.
    source: (String, String),
    /// Lines by category and target.
    seen: BTreeSet<(String, Code)>,
    /// The code that a category holds of a dimension.
    held: BTreeMap<(String, Dimension), Code>,
    /// Of the row that is read.
    faults: Vec<Fault>,
}

impl Reading {
    /// The result, or `None` and the fault noted.
    fn noted<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.faults.push(fault)).ok()
    }

    /// The row if nothing is wrong with it; else every fault of it is noted.
    fn row(&mut self, row: &csv::StringRecord) -> Option<CrosswalkRow> {
        let expected = columns().count();
        if row.len() != expected {
            let cure = "quote what has a comma in it, and end a row that has no source_label with a comma";
            self.faults.push((format!("{} fields instead of {expected}", row.len()), cure.into()));
            return None;
        }
        let code = if &row[2] == WHOLE_PROFILE { "ANY" } else { &row[2] };
        let category = Category::new(&row[0], &row[1], code)
            .map_err(|error| (error.to_string(), "write it with those characters, or * for any code".into()));
        let source = category.and_then(|category| self.check_scheme(&category));
        self.noted(source);
        let target = self.noted(target(&row[3], &row[4]));
        let relation = self.noted(Relation::named(&row[5]).ok_or_else(|| {
            let words = Relation::ALL.map(Relation::as_str).join(", ");
            (format!("{:?} is no relation", &row[5]), format!("write one of {words}"))
        }));
        if !["doc", "code", "unverified"].contains(&&row[7]) {
            let cure = "write doc for an official text, code for another program, unverified for neither";
            self.faults.push((format!("{:?} is no evidence", &row[7]), cure.into()));
        }
        if let Some(relation) = relation.filter(|&relation| relation != Relation::Exact)
            && row[6].is_empty()
        {
            let cure = "say in the column loss what is lost";
            self.faults.push((format!("a row that is {} loses something", relation.as_str()), cure.into()));
        }
        let target = target?;
        self.check_against_others(row, target, relation);
        self.faults.is_empty().then(|| CrosswalkRow::of(row, target))
    }

    /// Whether the rows before say the same, or otherwise.
    fn check_against_others(&mut self, row: &csv::StringRecord, target: Code, relation: Option<Relation>) {
        let key = format!("{}/{}:{}", &row[0], &row[1], &row[2]);
        if !self.seen.insert((key.clone(), target)) {
            let cause = format!("{} leads to {target:?} twice", &row[2]);
            self.faults.push((cause, "delete one of the two rows".into()));
        } else if relation.is_some_and(Relation::holds)
            && let Some(other) = self.held.insert((key, target.dimension()), target)
        {
            let cause = format!("{} would be both {other:?} and {target:?}", &row[2]);
            self.faults.push((cause, "write broader for each if nobody knows which of them it is".into()));
        }
    }

    fn check_scheme(&self, category: &Category) -> Result<(), Fault> {
        let source = (category.scheme(), category.profile());
        if crosswalk_rows().iter().any(|row| (&*row.scheme, &*row.profile) == source) {
            let cure = "give the file a scheme or a profile of its own";
            return Err(("the program has rows of this scheme and profile itself".into(), cure.into()));
        }
        let (scheme, profile) = &self.source;
        if source != (&**scheme, &**profile) {
            let cause = format!("another scheme or profile than {scheme}/{profile} of the other rows");
            return Err((cause, "write one file for each".into()));
        }
        Ok(())
    }
}

fn target(facet: &str, code: &str) -> Result<Code, Fault> {
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
    fn loaded_profiles_say_what_their_categories_mean() {
        let uk = |rows: &str| read_profile(&format!("{HEADER}{rows}")).unwrap();
        let mut loaded = Profiles::default();
        loaded.add(uk("VICS,UK,1,severity,SEV_B,exact,,doc,0.1.0,\n"));
        loaded.add(uk("GIFCT,,x,severity,SEV_C,exact,,doc,0.1.0,\n"));
        loaded.add(uk(
            "VICS,UK,1,severity,SEV_A,exact,,doc,0.1.0,\nVICS,UK,1,harm,CSAM,related,some,doc,0.1.0,\n\
             VICS,UK,*,maturity,PREPUB,close,age,doc,0.1.0,\nVICS,UK,1,source,LEA,exact,,doc,0.1.0,\n",
        ));
        let facets =
            |text: &str| -> Vec<_> { loaded.facets(&text.parse().unwrap()).map(Code::as_str).collect() };
        assert_eq!(facets("VICS/UK:1"), ["SEV_A", "PREPUB"], "the later file holds; related says nothing");
        assert_eq!(facets("VICS/UK:9"), ["PREPUB"]);
        assert_eq!(facets("GIFCT:x"), ["SEV_C"]);
        assert!(facets("VICS/US:1").is_empty() && facets("VICS:1").is_empty());
        assert_eq!(loaded.rows().len(), 5);
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
    fn every_fault_of_a_row_is_told() {
        let found =
            faults("VICS,UK,a b,colour,RED,same,,hearsay,0.1.0,\nVICS,UK,1,severity,A,close,,doc,0.1.0,\n");
        let lines: Vec<&str> = found.iter().map(|fault| &fault[..7]).collect();
        assert_eq!(lines, ["line 2:", "line 2:", "line 2:", "line 2:", "line 3:", "line 3:"], "{found:?}");
        let causes =
            ["characters", "no facet", "no relation", "no evidence", "not a code", "loses something"];
        for (fault, cause) in found.iter().zip(causes) {
            assert!(fault.contains(cause), "{fault}");
        }
        let many = faults(&"VICS,UK,a b,colour,RED,same,,hearsay,0.1.0,\n".repeat(1000));
        assert_eq!(many.len(), MOST_FAULTS);
    }

    #[test]
    fn a_stray_first_row_makes_no_strays_of_the_others() {
        let stray = "UCS,3,x,severity,SEV_X,close,all,doc,0.1.0,\n";
        let good =
            "GIFCT,,x,severity,SEV_C,close,all,doc,0.1.0,\nGIFCT,,y,severity,SEV_C,close,all,doc,0.1.0,\n";
        for (text, line) in [(format!("{stray}{good}"), "line 2: "), (format!("{good}{stray}"), "line 4: ")] {
            let found = faults(&text);
            assert!(found.len() == 1 && found[0].starts_with(line), "{found:?}");
            assert!(found[0].contains("than GIFCT/"), "{found:?}");
        }
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
