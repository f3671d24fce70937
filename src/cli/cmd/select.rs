//! The flags that restrict a search to a part of the lists.

use clap::Args;

use crate::cli::output::complain;
use crate::hashset::{Role, SetName};
use crate::language::{Arg, Locale};
use crate::screen::{Matcher, Searched, Selection, VideoBounds};
use crate::vocabulary::Code;

/// Which part of the lists is searched.
#[derive(Args)]
pub(in crate::cli) struct Select {
    /// Search this set and no others; may be given several times, or with commas
    ///
    /// What is left out, by this and the next options, is not checked: the summary says how much that is.
    #[arg(long = "set", value_name = "NAME", value_delimiter = ',')]
    sets: Vec<SetName>,

    /// Leave this set out
    #[arg(long = "not-set", value_name = "NAME", value_delimiter = ',')]
    not_sets: Vec<SetName>,

    /// Search sets of this role alone: match, ignore or watch
    #[arg(long = "role", value_name = "ROLE", value_delimiter = ',')]
    roles: Vec<Role>,

    /// Search entries with this label alone, for example severity:SEV_A
    ///
    /// Of several labels of one dimension an entry needs one, and one of each dimension that is named. A code stands for
    /// itself: SEV_AB is not SEV_A.
    #[arg(long = "label", value_name = "DIMENSION:CODE", value_delimiter = ',')]
    labels: Vec<Code>,

    /// Leave entries with this label out
    #[arg(long = "not-label", value_name = "DIMENSION:CODE", value_delimiter = ',')]
    not_labels: Vec<Code>,
}

impl Select {
    pub(in crate::cli) fn selection(&self) -> Selection {
        Selection {
            sets: self.sets.clone(),
            not_sets: self.not_sets.clone(),
            roles: self.roles.clone(),
            labels: self.labels.clone(),
            not_labels: self.not_labels.clone(),
        }
    }
}

/// Says once, on stderr, which sets are not searched since their agreements do not allow it.
pub(in crate::cli) fn say_what_is_forbidden(matcher: &Matcher) {
    for forbidden in matcher.forbidden() {
        complain(format_args!("not searched: {forbidden}"));
    }
}

/// What answers, beside distance: whether hashes of low quality do, and videos that are how much alike.
#[derive(Args)]
pub(in crate::cli) struct LowQuality {
    /// Match what is near a PDQ hash whose list states a quality below 50
    ///
    /// Such a picture is nearly plain, and others are near it by chance: without this, only an equal hash matches it.
    /// `low_quality = true` in innerward.toml does the same for every run.
    #[arg(long = "low-quality")]
    asked: bool,

    /// Percent of a video's frames that must be near frames of a listed video, and of that one's near its own
    ///
    /// QUERY or QUERY,INDEX, bounds included, of the distinct frames of usable quality [default: 80,0]. A run with a bound
    /// of its own is not counted in the tally.
    #[arg(long = "video-match", value_name = "PERCENT")]
    video: Option<VideoBounds>,
}

impl LowQuality {
    pub(in crate::cli) fn is_asked(&self) -> bool {
        self.asked || self.video.is_some()
    }

    pub(in crate::cli) fn apply(&self, matcher: Matcher) -> Matcher {
        let matcher = if self.asked { matcher.with_low_quality() } else { matcher };
        match self.video {
            Some(bounds) => matcher.with_video_bounds(bounds),
            None => matcher,
        }
    }
}

/// What was not searched, for people.
pub(in crate::cli) fn not_searched(filter: &Searched, language: &Locale) -> String {
    let selection = filter.selection.to_string();
    let args = [
        ("selection", Arg::Text(&selection)),
        ("entries", Arg::Number(filter.searched)),
        ("rest", Arg::Number(filter.not_searched)),
    ];
    language.say("operator-part", &args)
}
