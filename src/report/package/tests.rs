use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::release::sample::{Shape, sample};
use crate::release::{Release, Status};

fn written(releases: &[&Release]) -> (tempfile::TempDir, Vec<Packed>) {
    let folder = tempfile::tempdir().unwrap();
    let locales: Vec<&Locale> = Locale::built_in().iter().collect();
    let packed = write(folder.path(), &DataSet::of(releases), &locales).unwrap();
    (folder, packed)
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let head = reader.headers().unwrap().clone();
    let row =
        |row: csv::StringRecord| head.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect();
    reader.into_records().map(|record| row(record.unwrap())).collect()
}

/// Text that would break out of any form that does not write it as that form asks.
const HOSTILE: &str = "=Hotline \"A\", <b>&amp; {{x}} | \\ ]]> \u{202e} 'ü'\nnext: - # @";

#[test]
fn a_withheld_value_is_empty_and_never_zero() {
    let (release, _) = sample(Shape::Many, false, "A Hotline");
    let (folder, _) = written(&[&release]);
    let cells = release.tables()[0].cells();
    let observations = rows(&folder.path().join("observations.csv"));
    let flow = rows(&folder.path().join("sdmx/severity_verdict.csv"));
    let plain: Vec<_> = rows(&folder.path().join("csv/matches.csv")).into_iter().skip(1).collect();
    assert!(cells.iter().any(|cell| cell.status == Status::Withheld));
    for (lines, value, status) in [
        (&observations, "obs_value", "obs_status"),
        (&flow, "OBS_VALUE", "OBS_STATUS"),
        (&plain, "obs_value", "obs_status"),
    ] {
        assert_eq!(lines.len(), cells.len());
        for (line, cell) in lines.iter().zip(cells) {
            let expected = cell.value.map(|value| value.get().to_string()).unwrap_or_default();
            assert_eq!(
                (line[value].as_str(), line[status].as_str()),
                (expected.as_str(), cell.status.letter())
            );
        }
    }
}

#[test]
fn a_publishers_text_is_text_in_every_form() {
    let (release, _) = sample(Shape::Many, true, HOSTILE);
    let (folder, packed) = written(&[&release]);
    let at = |name: &str| folder.path().join(name);
    // It begins as a formula does: spreadsheets are shown an apostrophe.
    for path in ["observations.csv", "releases.csv", "privacy_ledger.csv"] {
        assert!(rows(&at(path)).iter().all(|row| row["publisher"] == format!("'{HOSTILE}")), "{path}");
    }
    for path in ["README.md", "CITATION.cff", "LICENCE.md"] {
        assert!(!fs::read_to_string(at(path)).unwrap().contains('\u{202e}'), "{path}");
    }
    let flow = rows(&at("sdmx/severity_verdict.csv"));
    assert!(flow.iter().all(|row| row["PUBLISHER"] == "hotline-a-b-amp-x-next"), "{:?}", flow[0]);
    for file in &packed {
        if file.path.extension().is_some_and(|end| end == "json") {
            let text = fs::read(at(file.path.to_str().unwrap())).unwrap();
            serde_json::from_slice::<serde_json::Value>(&text).unwrap();
        }
    }
    let agreement: serde_json::Value =
        serde_json::from_slice(&fs::read(at("agreement.json")).unwrap()).unwrap();
    assert_eq!(agreement["agreements"][0]["publisher"], HOSTILE);
    assert_eq!(agreement["agreements"].as_array().unwrap().len(), 7);
    assert!(agreement["agreements"].as_array().unwrap().iter().all(|row| row["certified"] == false));
    let mut reader = quick_xml::Reader::from_file(at("sdmx/structure.xml")).unwrap();
    let mut buffer = Vec::new();
    while !matches!(reader.read_event_into(&mut buffer).unwrap(), quick_xml::events::Event::Eof) {
        buffer.clear();
    }
    let citation = fs::read_to_string(at("CITATION.cff")).unwrap();
    assert_eq!(
        citation.lines().filter(|line| line.starts_with("  - name: \"=Hotline")).count(),
        1,
        "{citation}"
    );
}

#[test]
fn series_of_one_name_have_files_of_their_own() {
    let (one, _) = sample(Shape::Many, false, "A Hotline");
    let (mut other, _) = sample(Shape::Wide, false, "A  Hotline!");
    other.rename("2026-10-other");
    let (folder, packed) = written(&[&one, &other]);
    let plain: Vec<_> =
        packed.iter().filter(|file| file.form == Form::Csv).map(|file| file.path.to_str().unwrap()).collect();
    assert_eq!(plain, ["csv/matches-a-hotline.csv", "csv/matches-a-hotline-2.csv"]);
    let lines: usize = plain.iter().map(|path| rows(&folder.path().join(path)).len() - 1).sum();
    assert_eq!(lines, one.tables()[0].cells().len() + other.tables()[0].cells().len());
    // Each shape has its own columns, and no others.
    assert!(folder.path().join("sdmx/severity_verdict.csv").exists());
    let wide = &rows(&folder.path().join("sdmx/severity_media_verdict.csv"))[0];
    assert!(wide.contains_key("MEDIA") && !wide.contains_key("SEX"));
}

#[test]
fn what_is_returned_is_what_lies_there() {
    let (release, _) = sample(Shape::OneCell, false, "A Hotline");
    let (folder, packed) = written(&[&release]);
    let mut there: Vec<_> = walkdir::WalkDir::new(folder.path())
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file())
        .map(|path| path.strip_prefix(folder.path()).unwrap().to_owned())
        .collect();
    let mut said: Vec<_> = packed.iter().map(|file| file.path.clone()).collect();
    there.sort();
    said.sort();
    assert_eq!(there, said);
    for form in
        [Form::Frictionless, Form::Cdm, Form::Sdmx, Form::Croissant, Form::Csv, Form::Agreement, Form::Notes]
    {
        assert!(packed.iter().any(|file| file.form == form), "{form:?}");
    }
}

#[test]
fn what_people_read_has_no_term_to_avoid_and_every_caveat() {
    let (release, _) = sample(Shape::Many, false, "A Hotline");
    let (folder, _) = written(&[&release]);
    for name in
        ["README.md", "LICENCE.md", "CITATION.cff", "agreement.json", "datapackage.json", "columns.csv"]
    {
        let text = fs::read_to_string(folder.path().join(name)).unwrap();
        let found = crate::vocabulary::lint_any(&text, crate::vocabulary::Language::En);
        let avoided: Vec<_> =
            found.iter().filter(|found| found.usage == crate::vocabulary::Usage::Avoid).collect();
        assert!(avoided.is_empty(), "{name}: {avoided:?}");
    }
    let readme = fs::read_to_string(folder.path().join("README.md")).unwrap();
    assert!(release.manifest().caveats.iter().all(|caveat| readme.contains(caveat)));
}

#[test]
fn only_a_licence_that_spdx_lists_has_an_address() {
    assert_eq!(about::spdx("CC-BY-4.0").unwrap(), "https://spdx.org/licenses/CC-BY-4.0");
    for words in ["", "cc-by-4.0", "CC BY 4.0", "Free for research; ask us", "CC-BY-4.0 "] {
        assert_eq!(about::spdx(words), None, "{words:?}");
    }
}

#[test]
fn a_package_has_the_version_of_its_figures_and_the_name_of_its_publisher() {
    let (one, _) = sample(Shape::Many, false, "A Hotline");
    let (folder, _) = written(&[&one]);
    let read = |folder: &Path, name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
    };
    let day: Vec<u32> =
        one.manifest().published_on.to_string().split('-').map(|part| part.parse().unwrap()).collect();
    let version = format!("{}.{}.{}", day[0], day[1], day[2]);
    for name in ["datapackage.json", "croissant.json"] {
        let found = read(folder.path(), name);
        assert_eq!(found["name"], "innerward-a-hotline");
        assert_eq!(found["version"], version.as_str());
    }
    let cited = fs::read_to_string(folder.path().join("CITATION.cff")).unwrap();
    assert!(cited.contains(&format!("version: \"{version}\"")), "{cited}");
    // Publishers whose names come to the same letters keep names of their own, whoever is beside them.
    let (mut other, _) = sample(Shape::Wide, false, "A  Hotline!");
    other.rename("2026-10-other");
    let (both, _) = written(&[&one, &other]);
    let mut codes: Vec<String> = ["sdmx/severity_verdict.csv", "sdmx/severity_media_verdict.csv"]
        .map(|path| rows(&both.path().join(path))[0]["PUBLISHER"].clone())
        .to_vec();
    codes.dedup();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(codes.iter().all(|code| code.starts_with("a-hotline-")), "{codes:?}");
    let structure = fs::read_to_string(both.path().join("sdmx/structure.xml")).unwrap();
    assert!(codes.iter().all(|code| structure.contains(&format!("<str:Code id=\"{code}\">"))));
}

#[test]
fn the_files_of_several_publishers_all_have_their_names() {
    let (one, _) = sample(Shape::Many, false, "A Hotline");
    let (mut other, _) = sample(Shape::Many, false, "B Platform");
    other.rename("2026-10-other");
    for releases in [[&one, &other], [&other, &one]] {
        let (_folder, packed) = written(&releases);
        let plain: Vec<_> = packed.iter().filter(|file| file.form == Form::Csv).collect();
        let names: Vec<_> = plain.iter().map(|file| file.path.to_str().unwrap()).collect();
        assert_eq!(names, ["csv/matches-a-hotline.csv", "csv/matches-b-platform.csv"]);
    }
}
