//! A demo's home with a plan and counts to publish, for the tests of this room.

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::home::{Clock, Config, Home};
use crate::tally::{Cell, Cube, Sensitive};
use crate::vocabulary::{Code, Dimension, Indicator, Period, channel, list_class, media, severity, verdict};

/// A home, kept until dropped.
pub(super) struct Ward {
    _dir: tempfile::TempDir,
    pub(super) home: Home,
    pub(super) facts: PeriodFacts,
}

/// October 2026, published on 2 November.
pub(super) const PUBLISHED_ON: Date = date(2026, 11, 2);

pub(super) fn october() -> Period {
    "2026-10".parse().unwrap()
}

/// A plan of several tables, for a quarter, with a cap by case.
pub(super) const WIDE: &str = r#"
schema = 2
name = "wide"
period = "quarter"
audience = "partners"
expires = "2030-Q4"
epsilon = "1"
cap = "2"
k = 10
beta = "1e-6"
rounding = 5
items_per_case = 5
[[table]]
name = "severity"
indicator = "MATCH_ITEMS"
share = 2
dimensions = ["verdict", "severity"]
[[table.rows]]
verdict = ["KNOWN", "NEAR"]
severity = ["SEV_A", "SEV_B", "SEV_U"]
[[table]]
name = "media"
indicator = "MATCH_ITEMS"
dimensions = ["media", "list_class"]
[[table.rows]]
media = ["IMAGE", "VIDEO", "OTHER"]
list_class = ["NATIONAL", "INDUSTRY", "_U", "_Z"]
[[table]]
name = "screened"
indicator = "ITEMS_SCANNED"
dimensions = ["verdict"]
[[table.rows]]
verdict = ["KNOWN", "NEAR", "IGNORED", "UNCHECKED", "UNKNOWN"]
"#;

/// A cell of these codes; what is not named is as of an item that nothing is known of.
pub(super) fn cell(codes: &[Code]) -> Cell {
    codes.iter().copied().fold(Cell::blank(), Cell::with)
}

/// Counts so many screened items in a cell, and as matches if they are.
pub(super) fn add(cube: &mut Cube, cell: Cell, items: u64) {
    cube.add(Indicator::ItemsScanned, cell, items);
    if [Some(verdict::KNOWN), Some(verdict::NEAR)].contains(&cell.code(Dimension::Verdict)) {
        cube.add(Indicator::MatchItems, cell, items);
    }
}

/// Counts in the ward's full detail: some far above the threshold, some below, some zero.
pub(super) fn cube(media: Code, channel: Code) -> Cube {
    let mut cube = Cube::default();
    let mut put = |verdict, severity, items| {
        add(&mut cube, cell(&[verdict, severity, media, channel, list_class::UNKNOWN]), items);
    };
    let sev = |text| Dimension::Severity.code(text).unwrap();
    put(verdict::KNOWN, sev("SEV_A"), 140);
    put(verdict::KNOWN, sev("SEV_B"), 24);
    put(verdict::KNOWN, severity::UNKNOWN, 3);
    put(verdict::NEAR, sev("SEV_C"), 61);
    put(verdict::IGNORED, severity::NOT_APPLICABLE, 512);
    put(verdict::UNKNOWN, severity::NOT_APPLICABLE, 20_411);
    cube
}

/// What publishing asks for: the counts, and what is public about the period.
pub(super) type Counted = Result<(Sensitive<Cube>, PeriodFacts), Infallible>;

impl Ward {
    /// With the shipped plan, registered in September, and a fixed signing key.
    pub(super) fn new() -> Self {
        let ward = Self::without_plan();
        ward.register(date(2026, 9, 15), COARSE);
        ward
    }

    pub(super) fn without_plan() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), true).unwrap();
        std::fs::write(home.root().join("keys/signing.key"), [7; 32]).unwrap();
        Self { _dir: dir, home, facts: PeriodFacts::default() }
    }

    pub(super) fn clock(&self, day: Date) -> Clock {
        Clock::of(&self.home, Some(day)).unwrap()
    }

    pub(super) fn register(&self, day: Date, text: &str) -> RegisteredPlan {
        register(&self.home, &self.home.lock().unwrap(), self.clock(day), text, None).unwrap()
    }

    pub(super) fn counted(&self, cube: Cube) -> Counted {
        Ok((Sensitive::new(cube), self.facts.clone()))
    }

    pub(super) fn publish(&self, seed: u64) -> Result<Published, ReleaseError> {
        self.publish_counts(seed, |_| self.counted(cube(media::IMAGE, channel::BULK)))
    }

    pub(super) fn publish_counts(
        &self,
        seed: u64,
        counts: impl FnOnce(Option<u32>) -> Counted,
    ) -> Result<Published, ReleaseError> {
        self.publish_on(PUBLISHED_ON, "coarse", october(), false, seed, counts)
    }

    pub(super) fn publish_on(
        &self,
        day: Date,
        plan: &str,
        period: Period,
        revise: bool,
        seed: u64,
        counts: impl FnOnce(Option<u32>) -> Counted,
    ) -> Result<Published, ReleaseError> {
        let config = Config::default();
        let request = Request { plan, revise, ..request(self.clock(day), period, &config) };
        publish(&self.home, &self.home.lock().unwrap(), &request, counts, &mut StdRng::seed_from_u64(seed))
    }

    pub(super) fn key(&self) -> PublicKey {
        PublicKey::read(&self.home.public_dir().join(PUBLIC_KEY_FILE)).unwrap()
    }
}

/// What to publish: the first release of the shipped plan, without a witness.
pub(super) fn request(clock: Clock, period: Period, config: &Config) -> Request<'_> {
    Request { clock, period, plan: "coarse", revise: false, witness: None, cosigner: None, config }
}

/// The bytes of a folder's files, by name.
pub(super) fn bytes(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().into(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}
