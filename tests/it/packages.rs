//! The packages of data and the export of the model: every form says what the signed tables say, others' validators
//! find them valid, and what was never released is not in them.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use innerward::language::Locale;
use innerward::release::{PublicKey, Release, verify};
use innerward::report::{DataSet, package};
use serde_json::Value;

use crate::ward::{Ward, snapshot};

/// Three tables of three shapes.
const PLAN: &str = r#"schema = 2
name = "hotline"
period = "month"
audience = "public"
expires = "2027-12"
epsilon = "2"
cap = "4"
k = 10
beta = "1e-6"
rounding = 1

[[table]]
name = "reviewed"
indicator = "REVIEWED"
dimensions = ["severity", "media"]
[[table.rows]]
severity = ["SEV_A", "SEV_B", "SEV_C", "SEV_X", "SEV_U"]
media = ["IMAGE", "VIDEO", "OTHER"]

[[table]]
name = "addresses"
indicator = "URLS"
area_role = "HOSTING"
dimensions = ["ref_area"]
[[table.rows]]
ref_area = ["NL", "015", "202", "021", "419", "143", "030", "035", "034", "145", "151", "154", "039", "155", "009", "_U"]

[[table]]
name = "sites"
indicator = "URLS"
dimensions = ["site"]
[[table.rows]]
site = ["IMAGE_HOST", "FORUM", "OTHER", "_U"]
"#;

const ITEMS: &str = "unit = \"item\"\nid = \"id\"\ndate = \"date\"\n\
    [dimensions.outcome]\ncolumn = \"outcome\"\nas_is = true\n\
    [dimensions.severity]\ncolumn = \"severity\"\nas_is = true\n\
    [dimensions.media]\ncolumn = \"media\"\nas_is = true\n";

const ADDRESSES: &str = "unit = \"url\"\nid = \"id\"\ndate = \"date\"\n\
    [dimensions.site]\ncolumn = \"site\"\nas_is = true\n\
    [dimensions.ref_area]\ncolumn = \"area\"\nas_is = true\n\
    [dimensions.area_role]\nconstant = \"HOSTING\"\n";

/// Begins every number of the made-up case system: what must be nowhere.
const RAW: &str = "PLANTED-RAW-";

/// Two months, the first of them corrected.
struct Published {
    ward: Ward,
}

impl Published {
    fn new() -> Self {
        let ward = Ward::for_demo();
        let plan = ward.write("plan.toml", PLAN);
        let (items, addresses) = (ward.write("items.toml", ITEMS), ward.write("urls.toml", ADDRESSES));
        ward.must(&["release", "plan", "register", text(&plan), "--today", "2026-08-10"]);
        for (month, next) in [("2026-09", "2026-10"), ("2026-10", "2026-11")] {
            let rows = |count: usize, columns: &str, kinds: &[&str]| {
                let row = |at: usize| format!("{RAW}{month}-{at},{month}-07,{}\n", kinds[at % kinds.len()]);
                format!("{columns}\n{}", (0..count).map(row).collect::<String>())
            };
            let kinds = ["CONFIRMED,SEV_A,IMAGE", "CONFIRMED,SEV_B,IMAGE", "FALSE_POSITIVE,SEV_B,VIDEO"];
            let of_items = ward.write("items.csv", rows(900, "id,date,outcome,severity,media", &kinds));
            let of_sites =
                ward.write("urls.csv", rows(700, "id,date,site,area", &["IMAGE_HOST,NL", "FORUM,DE"]));
            let today = format!("{next}-01");
            for (file, map) in [(&of_items, &items), (&of_sites, &addresses)] {
                ward.must(&["tally", "import", text(file), "--map", text(map), "--today", &today]);
            }
            let today = format!("{next}-02");
            ward.must(&["release", "publish", "--period", month, "--plan", "hotline", "--today", &today]);
        }
        ward.must(&[
            "release",
            "publish",
            "--period",
            "2026-09",
            "--plan",
            "hotline",
            "--revise",
            "--today",
            "2026-11-03",
        ]);
        Self { ward }
    }

    fn public(&self) -> PathBuf {
        self.ward.home().join("public")
    }

    /// The folders of the releases, in order.
    fn folders(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.public()).unwrap().map(|entry| entry.unwrap().path());
        let mut folders: Vec<_> = folders.filter(|path| path.join("manifest.json").exists()).collect();
        folders.sort();
        folders
    }

    fn releases(&self) -> Vec<Release> {
        let key = PublicKey::read(&self.public().join("innerward.pub")).unwrap();
        self.folders().iter().map(|folder| verify(folder, &key).unwrap()).collect()
    }

    fn write(&self, name: &str) -> PathBuf {
        let folder = self.ward.path(name);
        let releases = self.releases();
        let releases: Vec<&Release> = releases.iter().collect();
        let locales: Vec<&Locale> = Locale::built_in().iter().collect();
        package::write(&folder, &DataSet::of(&releases), &locales).unwrap();
        folder
    }
}

/// Made once: publishing is most of the work.
fn published() -> &'static Published {
    static PUBLISHED: OnceLock<Published> = OnceLock::new();
    PUBLISHED.get_or_init(Published::new)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The lines of a table by column.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let head = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        head.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect::<BTreeMap<_, _>>()
    };
    reader.into_records().map(|record| row(record.unwrap())).collect()
}

/// Every file below `folder`, by its path there.
fn below(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let below = |path: PathBuf| path.strip_prefix(folder).unwrap().to_owned();
    snapshot(folder).into_iter().map(|(path, (_, bytes))| (below(path), bytes)).collect()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Every line of every signed table, with the file that it is from.
fn signed() -> Vec<(String, BTreeMap<String, String>)> {
    let mut found = Vec::new();
    for folder in published().folders() {
        let manifest = json(&folder.join("manifest.json"));
        for table in manifest["tables"].as_array().unwrap() {
            let name = table["name"].as_str().unwrap();
            let lines = rows(&folder.join(table["file"].as_str().unwrap()));
            found.extend(lines.into_iter().map(|line| (name.to_owned(), line)));
        }
    }
    found
}

#[test]
fn the_tidy_file_has_every_signed_line_once_and_says_what_was_corrected() {
    let folder = published().write("tidy");
    let written = rows(&folder.join("observations.csv"));
    let signed = signed();
    assert!(signed.iter().any(|(_, line)| line["obs_value"].is_empty()), "something is withheld");
    assert!(signed.iter().any(|(_, line)| !line["obs_value"].is_empty()), "something is shown");
    assert_eq!(written.len(), signed.len());
    for (name, line) in &signed {
        let same = |row: &&BTreeMap<String, String>| {
            row["table_name"] == *name && line.iter().all(|(column, value)| row[column] == *value)
        };
        let found: Vec<_> = written.iter().filter(same).collect();
        assert_eq!(found.len(), 1, "{name}: {line:?}");
        let corrected = line["release_id"] == "DEMO-2026-09-hotline-v1";
        let by = if corrected { "DEMO-2026-09-hotline-v2" } else { "" };
        assert_eq!(found[0]["superseded_by"], by);
        assert_eq!(found[0]["obs_status"] == "Q", found[0]["obs_value"].is_empty());
    }
}

#[test]
fn every_release_names_the_folder_of_its_signed_files() {
    let written = rows(&published().write("folders").join("releases.csv"));
    assert_eq!(written.len(), 3);
    assert!(written.iter().all(|row| row["folder"] == row["release_id"]), "one publisher: {written:?}");
}

#[test]
fn the_statistics_exchange_has_the_cells_that_stand() {
    let folder = published().write("exchange").join("sdmx");
    let mut written = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "csv") {
            written.extend(rows(&path));
        }
    }
    let mut signed = signed();
    signed.retain(|(_, line)| line["release_id"] != "DEMO-2026-09-hotline-v1");
    assert_eq!(written.len(), signed.len());
    // A series goes on over the periods: what tells observations of one key apart is the period alone.
    let mut periods: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for row in &written {
        let dimensions = [
            "PUBLISHER",
            "PLAN",
            "TABLE_NAME",
            "INDICATOR",
            "FREQ",
            "SEVERITY",
            "MEDIA",
            "REF_AREA",
            "AREA_ROLE",
            "SITE",
        ];
        let key = dimensions.iter().map(|name| row.get(*name).map_or("", String::as_str)).collect();
        periods.entry(key).or_default().push(&row["TIME_PERIOD"]);
    }
    for (key, mut found) in periods {
        found.sort_unstable();
        assert_eq!(found, ["2026-09", "2026-10"], "{key:?}");
    }
    let pairs = [
        ("OBS_VALUE", "obs_value"),
        ("OBS_STATUS", "obs_status"),
        ("CI95_LO", "ci95_lo"),
        ("CI95_HI", "ci95_hi"),
        ("EPSILON", "epsilon"),
        ("NOISE_SD", "noise_sd"),
        ("TIME_PERIOD", "time_period"),
        ("RELEASE_ID", "release_id"),
        ("UNIT_MEASURE", "unit"),
        ("INDICATOR", "indicator"),
        ("CONF_STATUS", "conf_status"),
        ("DELTA", "delta"),
    ];
    let own = [
        ("SEVERITY", "severity"),
        ("MEDIA", "media"),
        ("REF_AREA", "ref_area"),
        ("AREA_ROLE", "area_role"),
        ("SITE", "site"),
    ];
    for (name, line) in &signed {
        let same = |row: &&BTreeMap<String, String>| {
            row["TABLE_NAME"] == *name
                && pairs.iter().all(|(there, here)| row[*there] == line[*here])
                && own.iter().all(|(there, here)| row.get(*there).map_or("_T", String::as_str) == line[*here])
        };
        assert_eq!(written.iter().filter(same).count(), 1, "{name}: {line:?}");
    }
}

#[test]
fn the_plain_tables_have_what_stands_and_a_row_of_tags() {
    let folder = published().write("plain").join("csv");
    for name in ["reviewed", "addresses", "sites"] {
        let path = folder.join(format!("{name}.csv"));
        let content = fs::read_to_string(&path).unwrap();
        let tags = content.lines().nth(1).unwrap();
        assert!(tags.starts_with("#date+period,"), "{tags}");
        let written: Vec<_> = rows(&path).into_iter().skip(1).collect();
        let standing: Vec<_> = signed()
            .into_iter()
            .filter(|(table, line)| table == name && line["release_id"] != "DEMO-2026-09-hotline-v1")
            .collect();
        assert_eq!(written.len(), standing.len());
        for row in &written {
            let same = |(_, line): &&(String, BTreeMap<String, String>)| {
                row.iter()
                    .filter(|(column, _)| !["rest", "publisher"].contains(&column.as_str()))
                    .all(|(column, value)| line[column] == *value)
            };
            assert_eq!(standing.iter().filter(same).count(), 1, "{name}: {row:?}");
            // Western Europe has the row NL below it.
            let rest = row.get("ref_area").is_some_and(|area| area == "155");
            assert_eq!(row["rest"], if rest { "ref_area" } else { "" }, "{row:?}");
        }
    }
}

#[test]
fn every_description_is_over_the_one_tidy_file() {
    let folder = published().write("one");
    let frictionless = json(&folder.join("datapackage.json"));
    let resources = frictionless["resources"].as_array().unwrap();
    let observations = resources.iter().find(|resource| resource["name"] == "observations").unwrap();
    let croissant = json(&folder.join("croissant.json"));
    let file = &croissant["distribution"][0];
    let cdm = json(&folder.join("default.manifest.cdm.json"));
    assert_eq!(observations["path"], "observations.csv");
    assert_eq!(file["contentUrl"], "observations.csv");
    assert_eq!(cdm["entities"][0]["dataPartitions"][0]["location"], "observations.csv");
    assert_eq!(observations["hash"], format!("sha256:{}", file["sha256"].as_str().unwrap()));
    // What protects each table stands in the metadata as the manifest has it.
    for folder in published().folders() {
        let bytes = fs::read(folder.join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&bytes).unwrap();
        let releases = frictionless["innerward"]["releases"].as_array().unwrap();
        let release = releases.iter().find(|release| release["releaseId"] == manifest["release_id"]).unwrap();
        assert_eq!(release["manifestBlake3"], blake3::hash(&bytes).to_hex().as_str());
        for (said, table) in
            release["tables"].as_array().unwrap().iter().zip(manifest["tables"].as_array().unwrap())
        {
            for (there, here) in [
                ("table", "name"),
                ("threshold", "threshold"),
                ("k", "k"),
                ("beta", "beta"),
                ("halfWidth", "half_width"),
                ("mechanism", "mechanism"),
                ("blake3", "blake3"),
            ] {
                assert_eq!(said[there], table[here]);
            }
        }
        let caveats = frictionless["innerward"]["caveats"].as_array().unwrap();
        let numbered = release["caveats"]
            .as_array()
            .unwrap()
            .iter()
            .map(|at| &caveats[at.as_u64().unwrap() as usize - 1]);
        assert!(numbered.eq(manifest["caveats"].as_array().unwrap()));
    }
}

#[test]
fn the_same_releases_give_the_same_bytes_and_nothing_that_was_not_released() {
    let (once, again) = (published().write("once"), published().write("again"));
    assert!(below(&once) == below(&again), "two runs differ");
    let home = text(&published().ward.home()).to_owned();
    let files: Vec<_> = below(&once).into_iter().filter_map(|(path, bytes)| Some((path, bytes?))).collect();
    for (path, bytes) in &files {
        let content = std::str::from_utf8(bytes).unwrap();
        assert!(!content.contains(RAW) && !content.contains(&home), "{}", path.display());
    }
    assert!(files.len() > 40, "{} files", files.len());
}

#[test]
fn the_model_is_exported_whole_again_and_over_nothing_foreign() {
    let ward = Ward::new();
    let out = ward.path("model");
    ward.must(&["model", "export", text(&out)]);
    let first = snapshot(&out);
    ward.must(&["model", "export", text(&out)]);
    assert!(snapshot(&out) == first, "the same program gives the same bytes");
    ward.write("model/notes.txt", "mine");
    let done = ward.run(&["model", "export", text(&out)]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("notes.txt exists and is not an export of the data model"), "{}", done.err);
    assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "mine");
    // Over a link, what it leads to is replaced, and the link stays.
    fs::remove_file(out.join("notes.txt")).unwrap();
    let link = ward.path("link");
    std::os::unix::fs::symlink(&out, &link).unwrap();
    ward.must(&["model", "export", text(&link)]);
    assert!(link.is_symlink() && snapshot(&out) == first);
    let foreign = ward.write("foreign/thesis.txt", "mine");
    assert_eq!(ward.run(&["model", "export", text(foreign.parent().unwrap())]).code, 2);
    assert!(foreign.exists());
}

/// The Python that has the validators: the one of `.ci/run`, or the system's. `None` where there is none.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packages-venv/bin/python");
    [own, "python3".into()].into_iter().find(|python| {
        let probe = "import sys, importlib.util as i; sys.exit(any(i.find_spec(m) is None for m in \
            'frictionless cdm commondatamodel_objectmodel_cdmstandards pysdmx pandas mlcroissant check_jsonschema rdflib pyshacl'.split()))";
        match Command::new(python).args(["-c", probe]).output() {
            Ok(output) => output.status.success(),
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => panic!("{error}"),
        }
    })
}

/// Prints and passes where the validators are not installed.
#[test]
fn validators_that_others_wrote_find_every_package_valid_and_every_planted_error() {
    let Some(python) = python() else {
        eprintln!(
            "skipped: there is no Python with frictionless, the CDM object model, pysdmx, mlcroissant and others"
        );
        return;
    };
    let packages = published().write("validated");
    let model = published().ward.path("validated-model");
    published().ward.must(&["model", "export", text(&model)]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/validate_packages.py");
    for more in [&[][..], &["--plant"]] {
        for folder in [&packages, &model] {
            let output =
                Command::new(&python).arg(&script).args(more).arg(folder).arg(&model).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
            assert!(said.lines().count() >= 4, "{said}");
        }
    }
}
