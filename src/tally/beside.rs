//! What counts are to be read beside: the lists in use by class, and how they are matched.

use std::collections::BTreeMap;

use super::{ListInUse, Tally, TallyError, Way, way};
use crate::hashset::{Role, SetInfo};
use crate::home::{Home, TallyLock};
use crate::screen::Matcher;
use crate::vocabulary::{Code, Period};

/// What is noted with the items that are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    lists: Vec<ListInUse>,
    ways: Vec<(Code, Way)>,
    program: Vec<String>,
}

impl Beside {
    /// Of the lists that `matcher` asks, and whose matches may be counted.
    ///
    /// # Errors
    /// [`TallyError::Home`] if the configuration cannot be read.
    pub fn of(home: &Home, matcher: &Matcher) -> Result<Self, TallyError> {
        let mut lists: BTreeMap<Code, ListInUse> = BTreeMap::new();
        let mut parts: BTreeMap<Code, Vec<String>> = BTreeMap::new();
        // What is published is as if watched sets were not there.
        let counted = |set: &&SetInfo| set.role != Role::Watch && matcher.is_counted(set);
        for set in matcher.sets().iter().filter(counted) {
            let revised = Period::containing(set.revised_on);
            let list_class = set.list_class;
            let list =
                lists.entry(list_class).or_insert(ListInUse { list_class, revised, active_entries: 0 });
            list.revised = list.revised.max(revised);
            list.active_entries += matcher.searched_entries(set);
            let (kinds, bounds, role) = (matcher.kinds(set), set.bounds(), set.role);
            let part = format!("{} {role:?} {kinds:?} {:?} {:?}", set.name, bounds.pdq, bounds.classic);
            parts.entry(list_class).or_default().push(part);
        }
        let config = home.config()?;
        let mut program = config.extra_forms.clone();
        program.push(format!("low_quality {}", config.low_quality));
        let lists = lists.into_values().collect();
        Ok(Self {
            lists,
            ways: parts.into_iter().map(|(class, parts)| (class, way(parts))).collect(),
            program,
        })
    }

    /// Notes it for `period` and the longer ones that hold it.
    ///
    /// # Errors
    /// As [`Tally::record`].
    pub fn note(&self, tally: &mut Tally<'_>, lock: &TallyLock, period: Period) -> Result<(), TallyError> {
        tally.note_lists(lock, period, &self.lists)?;
        tally.note_ways(lock, period, &self.ways, &self.program)
    }
}
