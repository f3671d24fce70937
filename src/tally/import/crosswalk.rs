//! What the codes of a case system's scheme mean: by the program's own crosswalk, or by a profile that a member filled.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::MapError;
use crate::vocabulary::{Code, CrosswalkRow, Dimension, crosswalk_rows, read_profile};

/// Most bytes of a filled profile.
const MAX_PROFILE: u64 = 64 << 20;
/// In a row of a crosswalk, in place of a code: whatever code of the profile.
pub(super) const ANY: &str = "*";

/// The rows of a filled profile, which lies beside the map.
pub(super) fn filled(folder: &Path, file: String) -> Result<Vec<CrosswalkRow>, MapError> {
    let read = || -> io::Result<String> {
        let mut text = String::new();
        File::open(folder.join(&file))?.take(MAX_PROFILE + 1).read_to_string(&mut text)?;
        Ok(text)
    };
    let cause = match read() {
        Ok(text) if text.len() as u64 > MAX_PROFILE => "longer than 64 MiB; name a part of it".to_owned(),
        Ok(text) => match read_profile(&text) {
            Ok(rows) => return Ok(rows),
            Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        },
        Err(error) => error.to_string(),
    };
    Err(MapError::Profile { file, cause })
}

/// The codes of `dimension` that a scheme's own codes mean: of `filled` rows and of the program's, which never are of one
/// scheme and profile. With `alone`, of the filled ones only.
pub(super) fn rows_of(
    scheme: &str,
    profile: &str,
    dimension: Dimension,
    filled: &[CrosswalkRow],
    alone: bool,
) -> Result<BTreeMap<String, Code>, MapError> {
    let own = if alone { Vec::new() } else { crosswalk_rows() };
    let mut codes = BTreeMap::<String, Code>::new();
    let mut known = BTreeSet::new();
    let leads = |row: &&CrosswalkRow| row.target.dimension() == dimension && row.relation.holds();
    for row in filled.iter().chain(&own).filter(leads) {
        known.insert(name_of(&row.scheme, &row.profile));
        if row.scheme == scheme && row.profile == profile {
            // Of several the first by the order of the codes counts.
            let code = codes.entry(row.code.clone()).or_insert(row.target);
            *code = row.target.min(*code);
        }
    }
    if codes.is_empty() {
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.into_iter().collect::<Vec<_>>().join(", ")
        };
        return Err(MapError::NoRows { dimension, scheme: name_of(scheme, profile), known });
    }
    Ok(codes)
}

/// `SCHEME` or `SCHEME/PROFILE`.
fn name_of(scheme: &str, profile: &str) -> String {
    if profile.is_empty() { scheme.to_owned() } else { format!("{scheme}/{profile}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Map;

    const HEAD: &str = "unit = \"report\"\nid = \"no\"\ndate = \"day\"\n";

    #[test]
    fn a_scheme_of_its_members_is_read_from_a_filled_profile() {
        let dir = tempfile::tempdir().unwrap();
        let header = crate::vocabulary::EMPTY_PROFILES[0].text;
        let rows = "UCS,3,x1,severity,SEV_A,exact,,doc,0.1.0,\nUCS,3,x2,severity,SEV_B,broader,some,doc,0.1.0,\n\
                    UCS,3,*,maturity,PREPUB,exact,,doc,0.1.0,\n";
        std::fs::write(dir.path().join("ucs.csv"), format!("{header}{rows}")).unwrap();
        let of = |text: &str| Map::in_folder(&format!("{HEAD}{text}"), dir.path(), &[]);
        let severity = "[dimensions.severity]\ncolumn = \"cat\"\ncrosswalk = \"UCS/3\"\n";
        let maturity = "[dimensions.maturity]\ncolumn = \"cat\"\ncrosswalk = \"UCS/3\"\n";
        let key = "profile = \"ucs.csv\"\n";
        for map in [format!("{key}{severity}{maturity}"), format!("{severity}{key}{maturity}{key}")] {
            let map = of(&map).unwrap();
            let code = |dimension, value| {
                let field = map.fields.iter().find(|field| field.dimension == dimension).unwrap();
                field.code(value).map(Code::as_str)
            };
            assert_eq!(code(Dimension::Severity, "x1"), Some("SEV_A"));
            assert_eq!(code(Dimension::Severity, "x2"), None, "it may be another as well");
            assert_eq!(code(Dimension::Maturity, "any"), Some("PREPUB"));
            assert_eq!(code(Dimension::Maturity, "no code"), None);
        }
        // One that the ward has loaded needs no naming.
        let loaded = read_profile(&format!("{header}{rows}")).unwrap();
        assert!(Map::in_folder(&format!("{HEAD}{severity}"), dir.path(), &loaded).is_ok());
        assert!(of(severity).is_err());
        // The program's own schemes stay, unless a dimension has a profile of its own.
        let iwf = severity.replace("UCS/3", "IWF");
        assert!(of(&format!("{key}{iwf}")).is_ok());
        assert!(
            of(&format!("{iwf}{key}")).unwrap_err().to_string().contains("those that have some are UCS/3;")
        );
        // What is wrong with the file is said with its line.
        std::fs::write(dir.path().join("ucs.csv"), format!("{header}UCS,3,x1\n")).unwrap();
        let error = of(&format!("{key}{severity}")).unwrap_err().to_string();
        assert!(error.contains("ucs.csv") && error.contains("line 2: 3 fields"), "{error}");
    }
}
