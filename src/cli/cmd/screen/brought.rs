//! Where screened items come from and what for: the region, and the case, which is written nowhere.

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::str::FromStr;

use anyhow::{Context, anyhow, bail};

use crate::home::Config;
use crate::tally::{Brought, CaseId};
use crate::vocabulary::Code;

/// What stands for a case in what is kept of a command line.
const KEPT: &str = "*";

/// The case of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Case {
    /// Its word was given.
    Given(CaseId),
    /// There is one, and its word was not kept.
    Kept,
    /// What was given is no word. It is refused later, for whoever refuses arguments repeats them.
    NoWord,
}

impl FromStr for Case {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        if text == KEPT {
            return Ok(Self::Kept);
        }
        Ok(CaseId::of(text).map_or(Self::NoWord, Self::Given))
    }
}

impl Case {
    pub(super) fn given(self) -> anyhow::Result<CaseId> {
        match self {
            Self::Given(case) => Ok(case),
            Self::Kept => bail!("{KEPT:?} is no case; give --case the word that you have for it"),
            Self::NoWord => bail!("--case: a case is 1 to {} bytes without control characters", CaseId::LEN),
        }
    }
}

/// The case of a run that goes on: of what it was begun with only that there is one is known.
pub(super) fn of_resumed(begun: Option<Case>, now: Option<Case>) -> anyhow::Result<Option<Case>> {
    match (begun, now) {
        (None, Some(_)) => bail!("the run was begun without --case, and goes on as it was begun"),
        (Some(Case::Kept), None) => {
            bail!("the run was begun with --case, which is kept nowhere: give it again, after --resume")
        }
        (Some(Case::Kept), now) => Ok(now),
        (begun, _) => Ok(begun),
    }
}

/// The words of a command line without the case that they name.
pub(super) fn without_case(words: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let (mut is_case, mut are_paths) = (false, false);
    words.map(move |word| {
        let was_case = std::mem::replace(&mut is_case, false);
        if are_paths {
            return word;
        }
        if was_case {
            return KEPT.into();
        }
        are_paths = word == "--";
        is_case = word == "--case";
        if word.as_bytes().starts_with(b"--case=") { format!("--case={KEPT}").into() } else { word }
    })
}

/// The region that the configuration names.
pub(super) fn region_of(config: &Config) -> anyhow::Result<Option<(Code, Code)>> {
    let Some(region) = &config.region else {
        return match config.region_role {
            Some(_) => Err(anyhow!("innerward.toml: region_role goes with region")),
            None => Ok(None),
        };
    };
    let text = match &config.region_role {
        Some(role) => format!("{region}:{role}"),
        None => region.clone(),
    };
    let region = Brought::region(&text).map_err(anyhow::Error::msg);
    Ok(Some(region.context("innerward.toml: region or region_role")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_case_is_left_in_what_is_kept_of_a_command_line() {
        let kept = |words: &[&str]| {
            let words = without_case(words.iter().map(OsString::from));
            words.map(|word| word.into_string().unwrap()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(kept(&["screen", "--case", "C-17", "in"]), "screen --case * in");
        assert_eq!(kept(&["screen", "--case=C-17", "--quiet", "in"]), "screen --case=* --quiet in");
        assert_eq!(kept(&["screen", "--", "--case", "in"]), "screen -- --case in", "a file of that name");
        assert_eq!(kept(&["screen", "in", "--case"]), "screen in --case");
    }

    #[test]
    fn a_run_that_goes_on_needs_the_case_that_it_was_begun_with() {
        let case = |text: &str| Some(text.parse::<Case>().unwrap());
        assert!(of_resumed(None, None).unwrap().is_none());
        assert!(of_resumed(None, case("C")).is_err());
        assert!(of_resumed(case("*"), None).is_err());
        assert!(of_resumed(case("*"), case("C")).unwrap() == case("C"));
        assert!(case("*").unwrap().given().is_err());
        let refused = case("SECRET\nWORD").unwrap().given().err().unwrap().to_string();
        assert!(refused.contains("a case is") && !refused.contains("SECRET"), "{refused}");
    }

    #[test]
    fn the_region_of_the_configuration_is_checked() {
        let config = |region: Option<&str>, role: Option<&str>| Config {
            region: region.map(Into::into),
            region_role: role.map(Into::into),
            ..Config::default()
        };
        assert!(region_of(&config(None, None)).unwrap().is_none());
        let (area, role) = region_of(&config(Some("NL"), Some("HOSTING"))).unwrap().unwrap();
        assert_eq!((area.as_str(), role.as_str()), ("NL", "HOSTING"));
        for (region, role) in [(None, Some("HOSTING")), (Some("Holland"), None), (Some("NL"), Some("HOST"))] {
            assert!(region_of(&config(region, role)).unwrap_err().to_string().contains("innerward.toml"));
        }
    }
}
