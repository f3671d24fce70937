//! `innerward doctor --serve`: whether the service could start here, and for how long its certificates hold.

use indicatif::HumanBytes;
use jiff::{SignedDuration, Timestamp};

use super::doctor::Check;
use crate::cli::output::counted;
use crate::hashset::{Role, Sets};
use crate::home::{Config, Home, tree_bytes};
use crate::index::{Memory, open_described};
use crate::jail::most_files;
use crate::serve::{
    Scope, Settings, TlsSettings, Token, TokenName, Tokens, Validity, answers, probe, validity,
};

/// From here on it is said that a certificate or a token ends.
const SOON: SignedDuration = SignedDuration::from_hours(21 * 24);
/// Lists that nobody has brought up to date for longer are named.
const FRESH_DAYS: i32 = 31;
/// With less room than this, nothing can be counted, imported or put on record before long.
const LEAST_ROOM: u64 = 64 << 20;
/// Room that a service should have beside what an import takes: logs, counts, uploads that are held in files.
const ENOUGH_ROOM: u64 = 1 << 30;
/// The same for the number of files.
const ENOUGH_FILES: u64 = 10_000;
/// Names that are told; the rest is counted.
const NAMES: usize = 5;

/// What the service needs, one after another.
pub(super) fn serve(home: &Home, config: &Config, now: Timestamp, checks: &mut Vec<Check>) {
    const NAME: &str = "serve";
    let settings = match Settings::of(&config.serve, home.root()) {
        Ok(settings) => settings,
        Err(error) => {
            let cure = "correct that line under [serve]; docs/serve.md has every key";
            return checks.push(Check::fault(NAME, error.to_string(), cure));
        }
    };
    for (place, listens) in probe(&settings) {
        checks.push(match listens {
            Ok(()) => Check::ok("listen", format!("{place} can be listened at")),
            Err(_) if answers(&place, &settings) => {
                Check::ok("listen", format!("innerward answers at {place}"))
            }
            Err(error) => {
                let cure = "if the service runs already, that is it; else do what the message says";
                Check::notice("listen", format!("{error}"), cure)
            }
        });
    }
    if let Some(tls) = &settings.tls {
        certificates(tls, now, checks);
    }
    if !settings.open.is_empty() {
        let scopes: Vec<&str> = settings.open.iter().map(|scope| scope.as_str()).collect();
        let found = format!("{} need no token", scopes.join(", "));
        checks.push(Check::notice(
            "serve",
            found,
            "make tokens (innerward token create), and take `open` out",
        ));
    }
    tokens(home, now, checks);
    fresh(home, now, checks);
    checks.extend(room(home));
    checks.push(files(&settings));
}

/// Tokens that can ask without end, and those that end.
fn tokens(home: &Home, now: Timestamp, checks: &mut Vec<Check>) {
    const NAME: &str = "tokens";
    let all = match Tokens::read(home) {
        Ok(all) => all,
        Err(error) => {
            let cure = "restore tokens.json from a backup; until then nobody is let in who was not before";
            return checks.push(Check::fault_of(NAME, &error, cure));
        }
    };
    let before = checks.len();
    let mut say = |is_so: &dyn Fn(&Token) -> bool, what: &str, cure| {
        let names: Vec<&TokenName> = all
            .iter()
            .filter(|(_, token)| token.revoked.is_none() && is_so(token))
            .map(|(name, _)| name)
            .collect();
        if !names.is_empty() {
            checks.push(Check::notice(NAME, format!("{} {what}", listed(&names)), cure));
        }
    };
    say(
        &|token| {
            !token.is_over(now) && token.grant.scopes.contains(&Scope::Match) && token.grant.quota.is_none()
        },
        "may look up without end: a list that can be asked so tells whoever asks what is on it",
        "innerward token change NAME --quota N; where no other than your own programs have it, leave it",
    );
    say(
        &|token| !token.is_over(now) && token.expires.is_some_and(|at| at.duration_since(now) < SOON),
        "will not work any more within 21 days",
        "innerward token rotate NAME, and give its holder the new one",
    );
    say(
        &|token| token.is_over(now),
        "does not work any more: its term is over",
        "innerward token rotate NAME if it is still needed, else innerward token revoke NAME",
    );
    if checks.len() == before {
        let valid = all.iter().filter(|(_, token)| !token.is_over(now)).count();
        checks.push(Check::ok(
            NAME,
            format!("{}, none of them without end", counted(valid as u64, "token", "tokens")),
        ));
    }
}

/// A few names, and how many more.
fn listed(names: &[&TokenName]) -> String {
    let told: Vec<&str> = names.iter().take(NAMES).map(|name| name.as_str()).collect();
    match names.len().saturating_sub(NAMES) {
        0 => told.join(", "),
        more => format!("{} and {more} more", told.join(", ")),
    }
}

/// For how long nobody has brought a list up to date.
fn fresh(home: &Home, now: Timestamp, checks: &mut Vec<Check>) {
    const NAME: &str = "lists";
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    // What cannot be read is told where the index is.
    let (Ok((_, sets)), Ok(known)) = (open_described(home, Memory::Mapped), Sets::open(home)) else { return };
    if sets.is_empty() {
        let cure = "innerward set import NAME FILE; the service sees it";
        return checks.push(Check::notice(
            NAME,
            "there is none: every look-up is refused until one is imported",
            cure,
        ));
    }
    let mut oldest = None;
    for set in sets.iter().filter(|set| set.role != Role::Ignore) {
        let Ok(Some(import)) = known.content(&set.name, set.revision) else { continue };
        let days = today.since(import.imported_on).map_or(0, |span| span.get_days());
        oldest = oldest.max(Some(days));
        if days > FRESH_DAYS {
            let found = format!("{} is as its source had it {days} days ago", set.name);
            checks.push(Check::notice(
                NAME,
                found,
                "import the newest list of its source, if there is a newer one",
            ));
        }
    }
    if let Some(days @ ..=FRESH_DAYS) = oldest {
        checks.push(Check::ok(
            NAME,
            match days {
                ..=0 => "all were brought up to date today".to_owned(),
                1 => "the oldest was brought up to date yesterday".to_owned(),
                days => format!("the oldest was brought up to date {days} days ago"),
            },
        ));
    }
}

/// Whether what the service writes has room.
fn room(home: &Home) -> Option<Check> {
    const NAME: &str = "room";
    const CURE: &str = "make room on that disk, or move the home to a larger one";
    let disk = rustix::fs::statvfs(home.root()).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    // An import writes what it changes beside what is there, and a backup copies the database.
    let database = home.root().join("innerward.sqlite").metadata().map_or(0, |about| about.len());
    let wanted =
        tree_bytes(&home.index_dir()).unwrap_or(0).saturating_add(database).saturating_add(ENOUGH_ROOM);
    let (shown, wanted_shown) = (HumanBytes(free), HumanBytes(wanted));
    Some(if free < LEAST_ROOM {
        let found = format!("{shown} are free: what cannot be counted or put on record is refused");
        Check::fault(NAME, found, CURE)
    } else if free < wanted {
        let found =
            format!("{shown} are free, and {wanted_shown} are wanted: all lists anew, a backup, and 1 GiB");
        Check::notice(NAME, found, CURE)
    } else if disk.f_files > 0 && disk.f_favail < ENOUGH_FILES {
        let found = format!("{} more can be made on that disk", counted(disk.f_favail, "file", "files"));
        Check::notice(NAME, found, CURE)
    } else {
        Check::ok(NAME, format!("{shown} are free, of which imports and backups take {wanted_shown} at most"))
    })
}

fn certificates(tls: &TlsSettings, now: Timestamp, checks: &mut Vec<Check>) {
    const NAME: &str = "certificate";
    const RENEW: &str = "renew it; the service takes the new file within seconds";
    let all = match validity(tls) {
        Ok(all) => all,
        Err(error) => {
            let cure = "put that file right; the service does not start without it";
            return checks.push(Check::fault(NAME, error.to_string(), cure));
        }
    };
    for Validity { path, from, until } in all {
        let path = path.display();
        checks.push(if now > until {
            Check::fault(NAME, format!("{path} has ended at {until}"), RENEW)
        } else if now < from {
            let cure = "wait, or put the clock right";
            Check::fault(NAME, format!("{path} holds from {from} on only"), cure)
        } else if until.duration_since(now) < SOON {
            Check::notice(NAME, format!("{path} ends at {until}"), RENEW)
        } else {
            Check::ok(NAME, format!("{path} holds until {until}"))
        });
    }
}

fn files(settings: &Settings) -> Check {
    const NAME: &str = "open files";
    let (most, connections) = (most_files(), settings.max_connections);
    let found = format!("{most} at a time, which is enough for {connections} connections");
    if connections < 1024 {
        let cure =
            "raise the limit: LimitNOFILE=65536 in the unit, ulimit -n, or --ulimit nofile of the container";
        return Check::notice(NAME, found, cure);
    }
    Check::ok(NAME, found)
}
