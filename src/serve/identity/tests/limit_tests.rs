//! Rates, places, quotas and guesses.

use super::*;

#[test]
fn a_rate_and_requests_at_the_same_time_are_those_of_the_token() {
    let ward = ward();
    let rate = Some(Rate { per_second: 1, burst: 3 });
    let secret = ward.create("ci", Grant { rate, concurrency: Some(2), ..grant(&[Scope::Match]) });
    let other = ward.create("other", grant(&[Scope::Match]));
    let identity = ward.identity();
    let ask = || identity.of_token(&secret.to_text()).unwrap().enter();
    let (first, second) = (ask().unwrap(), ask().unwrap());
    assert_eq!(ask().unwrap_err(), Busy::Concurrency);
    drop(first);
    let third = ask().unwrap();
    drop((second, third));
    assert_eq!(ask().unwrap_err(), Busy::Rate(1), "the burst is used up");
    assert!(identity.of_token(&other.to_text()).unwrap().enter().is_ok(), "another token has its own");
    // A change of the file gives no new burst.
    ward.create("third", grant(&[Scope::Match]));
    assert!(who(&identity, &other).is_some());
    assert_eq!(ask().unwrap_err(), Busy::Rate(1));
}

#[test]
fn a_quota_is_of_a_day_and_survives_a_restart() {
    let ward = ward();
    let secret = ward.create("ci", Grant { quota: Some(10), ..grant(&[Scope::Match]) });
    let start = |day: &str| Identity::open(&ward.home, &[], today(day));
    let charge = |identity: &Identity, lookups| identity.of_token(&secret.to_text()).unwrap().charge(lookups);
    let identity = start("2026-11-23");
    assert_eq!(charge(&identity, 7), Ok(()));
    assert_eq!(charge(&identity, 4), Err(Busy::Quota(86_400)), "all or none");
    drop(identity);
    let identity = start("2026-11-23");
    assert_eq!(charge(&identity, 4), Err(Busy::Quota(86_400)));
    assert_eq!(charge(&identity, 3), Ok(()));
    assert_eq!(charge(&identity, 1), Err(Busy::Quota(86_400)));
    assert_eq!(charge(&identity, 0), Ok(()));
    drop(identity);
    let path = ward.home.root().join("serve/quota.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let used = Used::read(&ward.home, "2026-11-23".parse().unwrap()).unwrap();
    assert_eq!(used.lookups[&name("ci")], 10);
    assert_eq!(charge(&start("2026-11-24"), 10), Ok(()), "a new day");
}

#[test]
fn a_clock_that_jumps_between_two_starts_changes_no_quota_and_no_term() {
    let ward = ward();
    let quota = Grant { quota: Some(10), ..grant(&[Scope::Match]) };
    let (secret, made) = (ward.create("ci", quota), at("2026-11-23T00:00:00Z"));
    let (eight_days, called) = (Some(span("8d")), name("short"));
    let short = ward.change(|tokens| tokens.create(&called, grant(&[Scope::Match]), made, eight_days, true));
    let short = short.unwrap().unwrap();
    for (day, lookups, left, lasts) in [
        ("2026-11-23", 7, 3, true),
        ("2026-12-23", 10, 0, false),
        ("2026-11-22", 1, 9, true),
        ("2026-11-23", 1, 2, true),
        ("2026-12-23", 0, 0, false),
        ("2026-11-24", 4, 6, true),
    ] {
        let identity = Identity::open(&ward.home, &[], today(day));
        let charge = |lookups| identity.of_token(&secret.to_text()).unwrap().charge(lookups);
        assert_eq!(charge(lookups), Ok(()), "{day}");
        assert!(charge(left + 1).is_err(), "{day}: something came back");
        assert_eq!(who(&identity, &short).is_some(), lasts, "{day}");
        assert!(identity.faults().is_empty());
    }
}

#[test]
fn several_processes_share_a_quota_within_two_seconds() {
    let ward = ward();
    let secret = ward.create("ci", Grant { quota: Some(10), ..grant(&[Scope::Match]) });
    let (one, two) = (ward.identity(), ward.identity());
    let charge = |identity: &Identity, lookups| identity.of_token(&secret.to_text()).unwrap().charge(lookups);
    assert_eq!((charge(&one, 4), charge(&two, 4)), (Ok(()), Ok(())));
    one.keep_quotas();
    two.keep_quotas();
    one.keep_quotas();
    for identity in [&one, &two] {
        assert!(matches!(charge(identity, 3), Err(Busy::Quota(_))));
    }
    assert_eq!(charge(&two, 2), Ok(()));
    two.keep_quotas();
    one.keep_quotas();
    assert!(matches!(charge(&one, 1), Err(Busy::Quota(_))));
}

#[test]
fn what_many_charge_at_once_is_no_more_than_the_quota() {
    let ward = ward();
    let secret = ward.create("ci", Grant { quota: Some(1000), ..grant(&[Scope::Match]) });
    let identity = Identity::open(&ward.home, &[], today("2026-11-23"));
    let holder = identity.of_token(&secret.to_text()).unwrap();
    let charged: u64 = std::thread::scope(|scope| {
        let charge =
            || (0..400).map(|n| 1 + n % 3).filter(|lookups| holder.charge(*lookups).is_ok()).sum::<u64>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(charge)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(charged, 1000);
    identity.keep_quotas();
    let used = Used::read(&ward.home, "2026-11-23".parse().unwrap()).unwrap();
    assert_eq!(used.lookups[&name("ci")], 1000);
}

#[test]
fn a_damaged_quota_is_told_and_begun_anew() {
    let ward = ward();
    let secret = ward.create("ci", Grant { quota: Some(10), ..grant(&[Scope::Match]) });
    let identity = Identity::open(&ward.home, &[], today("2026-11-23"));
    let charge = |lookups| identity.of_token(&secret.to_text()).unwrap().charge(lookups);
    assert_eq!(charge(4), Ok(()));
    identity.keep_quotas();
    fs::write(ward.home.root().join("serve/quota.json"), "{").unwrap();
    assert_eq!(charge(1), Ok(()));
    identity.keep_quotas();
    assert!(identity.faults().concat().contains("quota.json is damaged"), "{:?}", identity.faults());
    assert!(matches!(charge(6), Err(Busy::Quota(_))), "this process knows what it has charged");
    assert_eq!(charge(5), Ok(()));
    identity.keep_quotas();
    assert!(identity.faults().is_empty());
}

#[test]
fn guesses_are_slowed_down_and_a_valid_token_is_not() {
    let ward = ward();
    let secret = ward.create("ci", grant(&[Scope::Match]));
    let identity = ward.identity();
    let wrong = Secret::random().to_text();
    let guesses: Vec<_> = (0..200).map(|_| identity.of_token(&wrong).unwrap_err()).collect();
    assert_eq!(guesses[..100], [Refusal::Unknown; 100]);
    assert!(matches!(guesses[199], Refusal::TooManyGuesses(1)), "{:?}", guesses[199]);
    assert_eq!(
        who(&identity, &secret).as_deref(),
        Some("ci"),
        "nobody is locked out by the guesses of others"
    );
}

/// The figure is that of an optimised build, with `--nocapture`; the bound is that of a build without optimisation.
#[test]
fn recognising_a_token_takes_microseconds() {
    let ward = ward();
    for n in 0..50 {
        ward.create(&format!("token-{n}"), grant(&[Scope::Match]));
    }
    let limits = Grant {
        rate: Some(Rate::per_second(1_000_000)),
        concurrency: Some(10),
        quota: Some(Grant::MOST_LOOKUPS),
        ..grant(&[Scope::Match])
    };
    let text = ward.create("ci", limits).to_text();
    let identity = ward.identity();
    let ask = || {
        let holder = identity.of_token(&text).unwrap();
        let running = holder.enter();
        holder.charge(1).unwrap();
        running.is_ok()
    };
    let mut passes: Vec<Duration> = (0..20)
        .map(|_| {
            let start = Instant::now();
            (0..1000).for_each(|_| assert!(ask()));
            start.elapsed() / 1000
        })
        .collect();
    passes.sort();
    eprintln!("a token, its rate, its place and its quota: {:?}", passes[10]);
    assert!(passes[10] < Duration::from_micros(50), "{:?}", passes[10]);
}

#[test]
fn a_quota_that_is_slow_to_write_keeps_no_revocation_from_being_seen() {
    let ward = ward();
    let secret = ward.create("ci", Grant { quota: Some(10), ..grant(&[Scope::Match]) });
    let identity = ward.identity();
    identity.of_token(&secret.to_text()).unwrap().charge(1).unwrap();
    // Another process holds what has to be held to write, for longer than a service takes to begin with it.
    let held = ward.home.lock_small("quota").unwrap();
    std::thread::sleep(Duration::from_millis(2300));
    ward.change(|tokens| tokens.revoke(&name("ci"), Timestamp::now())).unwrap();
    within_a_second(|| who(&identity, &secret).is_none());
    drop(held);
    drop(identity);
    let used = Used::read(&ward.home, Clock::system().today()).unwrap();
    assert_eq!(used.lookups[&name("ci")], 1, "and it is written afterwards");
}
