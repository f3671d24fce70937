//! The lists of a home as they are at one moment, with what this ward says of them.

use std::sync::{Arc, Mutex};

use jiff::civil::Date;

use super::MatchError;
use super::flood::Guard;
use super::standing::Standings;
use crate::hashset::{Local, SetInfo};
use crate::home::{Config, Home};
use crate::index::{Index, Memory, open_described};

/// A snapshot of all lists, which matchers of several questions share.
pub(super) struct Lists {
    pub(super) index: Arc<Index>,
    pub(super) sets: Vec<SetInfo>,
    pub(super) standings: Standings,
    pub(super) guard: Option<Arc<Mutex<Guard>>>,
    /// The day of which it is asked what agreements allow.
    pub(super) today: Date,
    /// What the configuration says of entries of a low quality.
    pub(super) low_quality: bool,
}

impl Lists {
    pub(super) fn open(home: &Home, today: Date) -> Result<Self, MatchError> {
        let config = home.config()?;
        let (index, sets) = open_described(home, memory(&config))?;
        let standings = Standings::read(&Local::open(home)?, &sets, &config, today)?;
        let guard = config.flood.map(|flood| Arc::new(Mutex::new(Guard::new(home, &flood))));
        Ok(Self { index: Arc::new(index), sets, standings, guard, today, low_quality: config.low_quality })
    }
}

/// How the configuration wants the index to be held.
pub(super) const fn memory(config: &Config) -> Memory {
    if config.huge_pages { Memory::HugePages } else { Memory::Mapped }
}
