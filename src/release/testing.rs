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
}

/// October 2026, published on 2 November.
pub(super) const PUBLISHED_ON: Date = date(2026, 11, 2);

pub(super) fn october() -> Period {
    "2026-10".parse().unwrap()
}

/// Counts in the ward's full detail: some far above the threshold, some below, some zero.
pub(super) fn cube(media: Code, channel: Code) -> Cube {
    let mut cube = Cube::default();
    let mut add = |verdict, severity, items| {
        let cell = [verdict, severity, list_class::UNKNOWN, media, channel]
            .into_iter()
            .fold(Cell::blank(), Cell::with);
        cube.add(Indicator::ItemsScanned, cell, items);
    };
    let sev = |text| Dimension::Severity.code(text).unwrap();
    add(verdict::KNOWN, sev("SEV_A"), 140);
    add(verdict::KNOWN, sev("SEV_B"), 24);
    add(verdict::KNOWN, severity::UNKNOWN, 3);
    add(verdict::NEAR, sev("SEV_C"), 61);
    add(verdict::IGNORED, severity::NOT_APPLICABLE, 512);
    add(verdict::UNKNOWN, severity::NOT_APPLICABLE, 20_411);
    cube
}

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
        Self { _dir: dir, home }
    }

    pub(super) fn clock(&self, day: Date) -> Clock {
        Clock::of(&self.home, Some(day)).unwrap()
    }

    pub(super) fn register(&self, day: Date, text: &str) -> RegisteredPlan {
        register(&self.home, &self.home.lock().unwrap(), self.clock(day), text).unwrap()
    }

    pub(super) fn publish(&self, seed: u64) -> Result<Published, ReleaseError> {
        self.publish_counts(seed, || Ok(Sensitive::new(cube(media::IMAGE, channel::BULK))))
    }

    pub(super) fn publish_counts(
        &self,
        seed: u64,
        counts: impl FnOnce() -> Result<Sensitive<Cube>, Infallible>,
    ) -> Result<Published, ReleaseError> {
        self.publish_on(PUBLISHED_ON, october(), seed, counts)
    }

    pub(super) fn publish_on(
        &self,
        day: Date,
        period: Period,
        seed: u64,
        counts: impl FnOnce() -> Result<Sensitive<Cube>, Infallible>,
    ) -> Result<Published, ReleaseError> {
        let config = Config::default();
        let request = Request { clock: self.clock(day), period, lists: &[], config: &config };
        publish(&self.home, &self.home.lock().unwrap(), &request, counts, &mut StdRng::seed_from_u64(seed))
    }

    pub(super) fn key(&self) -> PublicKey {
        PublicKey::read(&self.home.public_dir().join(PUBLIC_KEY_FILE)).unwrap()
    }
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
