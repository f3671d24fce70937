//! What `innerward doctor` says of the log of releases and of who witnesses it.

use jiff::civil::Date;

use super::doctor::Check;
use crate::cli::output::counted;
use crate::home::{Config, Home};
use crate::release::ReleaseError;
use crate::release::log::{CHECKPOINT_FILE, ENTRIES_FILE, LOG_DIR, LogError, OpenLog, WitnessNote, named};

const LOG: &str = "log";
const WITNESS: &str = "witness";

/// Days after which a head that is witnessed and no longer the newest is worth a word.
const OLD_DAYS: i32 = 45;

/// The log, and its witness; nothing for a home that has never registered a plan.
pub(super) fn log(home: &Home, config: &Config, today: Date, checks: &mut Vec<Check>) {
    let log = match OpenLog::existing(home) {
        Ok(Some(log)) if !log.entries().is_empty() => log,
        Ok(_) if config.release.witness.is_none() => return,
        Ok(_) => {
            let found = "nothing was released yet, so there is nothing to witness";
            checks.push(Check::ok(WITNESS, found));
            return;
        }
        Err(error) => {
            checks.push(Check::fault_of(LOG, &error, cure_of(&error)));
            return;
        }
    };
    let entries = counted(log.entries().len() as u64, "entry", "entries");
    let dir = home.public_dir().join(LOG_DIR);
    checks.push(if [CHECKPOINT_FILE, ENTRIES_FILE].iter().all(|file| dir.join(file).is_file()) {
        Check::ok(LOG, format!("{entries}, and the public has a beginning of them or all"))
    } else {
        // Without it, a home that was restored from an older copy looks whole.
        let found = format!("{entries}, and public/log is not there, or not whole");
        Check::lacking(
            LOG,
            found,
            "the next publication writes it; if the home was restored, bring public/ back first",
        )
    });
    checks.push(witness(home, config, &log, today));
}

fn cure_of(error: &ReleaseError) -> &'static str {
    match error {
        ReleaseError::Log(LogError::Restored { .. } | LogError::Forked { .. }) => {
            "publish nothing before the newest copy of the home is back"
        }
        ReleaseError::Log(LogError::KeyLost | LogError::OtherKey { .. }) => {
            "restore keys/signing.key from a backup; docs/backup.md has the command"
        }
        _ => "do what it says; publish nothing before that",
    }
}

fn witness(home: &Home, config: &Config, log: &OpenLog, today: Date) -> Check {
    const CURE: &str = "hand the output of `innerward release log head` to a partner, and name the file that it keeps as \
                        witness under [release] in innerward.toml";
    const RENEW: &str =
        "hand the partner a new `innerward release log head`, and let it check that one against the other";
    let (file, key) = match named(home, &config.release, None) {
        Ok(Some(named)) => named,
        Ok(None) => {
            let found = "none; if the home is restored from an older copy as a whole, nobody notices";
            return Check::lacking(WITNESS, found, CURE);
        }
        Err(error) => return Check::fault(WITNESS, error.to_string(), "correct that line, or leave it out"),
    };
    match log.check(&file, key.as_ref()) {
        Ok(note) => {
            let found = in_words(&note, log, today);
            let stale = age(&note, today).is_some_and(|days| days > OLD_DAYS);
            if stale && note.size < log.head().size {
                Check::notice(WITNESS, found, RENEW)
            } else {
                Check::ok(WITNESS, found)
            }
        }
        Err(error @ (LogError::Restored { .. } | LogError::Forked { .. })) => {
            let cure = "publish nothing before the newest copy of the home is back";
            Check::fault(WITNESS, error.to_string(), cure)
        }
        Err(error) => Check::fault(WITNESS, error.to_string(), CURE),
    }
}

/// Days since the head was cosigned, or else since the latest day that it covers.
fn age(note: &WitnessNote, today: Date) -> Option<i32> {
    let day = note.cosigned_on.or(note.day)?;
    Some(today.since(day).ok()?.get_days())
}

fn in_words(note: &WitnessNote, log: &OpenLog, today: Date) -> String {
    let since = log.head().size.saturating_sub(note.size);
    let who = note.cosigned_by.as_ref().map_or_else(String::new, |name| format!(", cosigned by {name}"));
    let days = age(note, today).map_or_else(String::new, |days| format!(", {days} days old"));
    format!("the log continues a head of {} entries{who}{days}; {since} entries since", note.size)
}
