//! The lists of a home as they are at one moment, with what this ward says of them.

use std::sync::Arc;

use jiff::civil::Date;

use super::MatchError;
use super::flood::Guard;
use super::standing::Standings;
use super::stated::Keys;
use crate::hashset::{Local, SetError, SetInfo};
use crate::home::{Config, Home};
use crate::index::{Index, Memory, open_described};

/// A snapshot of all lists, which matchers of several questions share.
pub(super) struct Lists {
    pub(super) index: Arc<Index>,
    pub(super) sets: Vec<SetInfo>,
    pub(super) standings: Standings,
    pub(super) guard: Option<Arc<Guard>>,
    /// The day of which it is asked what agreements allow.
    pub(super) today: Date,
    /// What the configuration says of entries of a low quality.
    pub(super) low_quality: bool,
}

impl Lists {
    pub(super) fn open(home: &Home, today: Date) -> Result<Self, MatchError> {
        let config = home.config()?;
        let (index, sets) = open_described(home, memory(&config))?;
        let local = Local::open(home)?;
        let standings = Standings::read(&local, &sets, &config, today)?;
        let guard = config.flood.map(|flood| Arc::new(Guard::new(home, &flood)));
        if let Some(guard) = &guard {
            guard.exempt(exempt(&local)?);
        }
        Ok(Self { index: Arc::new(index), sets, standings, guard, today, low_quality: config.low_quality })
    }
}

/// The entries that a person put back, after the flood guard had taken them out.
pub(super) fn exempt(local: &Local) -> Result<Keys, SetError> {
    let mut exempt = Keys::new();
    for held in local.quarantine(None)?.into_iter().filter(|held| held.released) {
        exempt.entry(held.set.to_string()).or_default().insert(held.key.as_str().to_owned());
    }
    Ok(exempt)
}

/// How the configuration wants the index to be held.
pub(super) const fn memory(config: &Config) -> Memory {
    if config.huge_pages { Memory::HugePages } else { Memory::Mapped }
}
