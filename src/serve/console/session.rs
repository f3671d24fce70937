//! Sessions of people: who is logged in, until when, and what their forms must carry. In memory alone: a restart ends all.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::TryRng;
use rand::rngs::SysRng;
use subtle::ConstantTimeEq;

/// A token as somebody pasted it. Not printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token(String);

impl Token {
    /// The text without blanks around it; `None` if nothing is left, or more than any token has.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        (1..=Self::MAX_LEN).contains(&text.len()).then(|| Self(text.to_owned()))
    }

    const MAX_LEN: usize = 200;

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// By what a session was begun.
#[derive(Clone)]
pub(super) enum Proof {
    Token(Token),
    /// The certificate that the browser shows on each connection.
    Certificate,
    /// Nothing, where the service is open to everybody.
    Nothing,
}

/// What is known of a session. By what it was begun is asked about again at each request: the session can do no more than
/// the token can then.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) proof: Proof,
    /// Whose it is: the name of the token.
    name: String,
    /// What each of its forms carries; a page from elsewhere cannot know it.
    pub(super) form_key: FormKey,
    began: Instant,
    seen: Instant,
}

/// 256 random bits in hexadecimal.
#[derive(Clone)]
pub(super) struct FormKey(String);

impl FormKey {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// True if a form carries it. Takes as long for any text of its length.
    pub(super) fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

/// All sessions, by the BLAKE3 of their names: how long it takes to find one tells nothing of a name.
#[derive(Default)]
pub(super) struct Sessions(Mutex<BTreeMap<[u8; 32], Session>>);

impl Sessions {
    /// How long a session lasts that nobody uses.
    pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);
    /// How long one lasts at most.
    pub(super) const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
    /// Most sessions at a time; a further one takes the place of that which was longest unused.
    pub(super) const MOST: usize = 256;
    /// Most of one token: it makes no room for itself at the expense of others.
    pub(super) const MOST_OF_ONE: usize = 16;

    /// Begins a session of the token called `of`, and gives its name, which is a secret of whoever logged in.
    pub(super) fn begin(&self, proof: Proof, of: &str, now: Instant) -> String {
        let secret = random();
        let session =
            Session { proof, name: of.to_owned(), form_key: FormKey(random()), began: now, seen: now };
        let mut open = self.open();
        open.retain(|_, session| session.lasts(now));
        let own = open.values().filter(|session| session.name == of).count();
        if own >= Self::MOST_OF_ONE || open.len() >= Self::MOST {
            let goes = |session: &&Session| own < Self::MOST_OF_ONE || session.name == of;
            let unused = open.iter().filter(|(_, session)| goes(session));
            let unused = unused.min_by_key(|(_, session)| session.seen).map(|(place, _)| *place);
            unused.and_then(|place| open.remove(&place));
        }
        open.insert(place(&secret), session);
        secret
    }

    /// The session called `name`, if it lasts; it has been used just now.
    pub(super) fn find(&self, name: &str, now: Instant) -> Option<Session> {
        let (mut open, place) = (self.open(), place(name));
        let session = open.get_mut(&place)?;
        if !session.lasts(now) {
            open.remove(&place);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Ends the session called `name`.
    pub(super) fn end(&self, name: &str) {
        self.open().remove(&place(name));
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn lasts(&self, now: Instant) -> bool {
        now.duration_since(self.seen) < Sessions::IDLE && now.duration_since(self.began) < Sessions::LONGEST
    }
}

fn place(name: &str) -> [u8; 32] {
    *blake3::hash(name.as_bytes()).as_bytes()
}

fn random() -> String {
    let mut bytes = [0; 32];
    // Without randomness nothing here is safe to do.
    SysRng.try_fill_bytes(&mut bytes).expect("the operating system gives random bytes");
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_in_the_end_in_any_case() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let name = sessions.begin(Proof::Nothing, "ana", start);
        assert_eq!(name.len(), 64);
        assert!(sessions.find(&name, start + Sessions::IDLE - SECOND).is_some());
        assert!(sessions.find(&name, start + Sessions::IDLE * 2 - SECOND * 2).is_some(), "it was used");
        assert!(sessions.find(&name, start + Sessions::IDLE * 3).is_none());
        assert!(sessions.find(&name, start).is_none(), "what has ended does not come back");
        let name = sessions.begin(Proof::Nothing, "ana", start);
        let mut now = start;
        while now + SECOND * 60 < start + Sessions::LONGEST {
            now += SECOND * 60;
            assert!(sessions.find(&name, now).is_some());
        }
        assert!(sessions.find(&name, start + Sessions::LONGEST).is_none());
    }

    #[test]
    fn sessions_are_bounded_and_the_longest_unused_one_gives_way() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let names: Vec<String> = (0..Sessions::MOST)
            .map(|n| sessions.begin(Proof::Nothing, &format!("token-{}", n / Sessions::MOST_OF_ONE), start))
            .collect();
        let later = start + SECOND;
        names[1..].iter().for_each(|name| assert!(sessions.find(name, later).is_some()));
        let another = sessions.begin(Proof::Nothing, "another", later);
        assert!(sessions.find(&another, later).is_some() && sessions.find(&names[0], later).is_none());
        assert_eq!(sessions.open().len(), Sessions::MOST);
        sessions.end(&another);
        assert!(sessions.find(&another, later).is_none());
    }

    #[test]
    fn a_token_that_logs_in_again_and_again_ends_nobody_elses_session() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let ana = sessions.begin(Proof::Nothing, "ana", start);
        let first = sessions.begin(Proof::Nothing, "ben", start);
        let others = (0..1000).map(|_| sessions.begin(Proof::Nothing, "ben", start + SECOND));
        let last = others.last().unwrap();
        assert!(
            sessions.find(&ana, start + SECOND).is_some() && sessions.find(&last, start + SECOND).is_some()
        );
        assert!(sessions.find(&first, start + SECOND).is_none());
        assert_eq!(sessions.open().len(), 1 + Sessions::MOST_OF_ONE);
    }

    #[test]
    fn form_keys_are_of_one_session() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (one, two) = (
            sessions.begin(Proof::Nothing, "ana", now),
            sessions.begin(Proof::Token(Token::read(" t\n").unwrap()), "ben", now),
        );
        let (one, two) = (sessions.find(&one, now).unwrap(), sessions.find(&two, now).unwrap());
        assert!(one.form_key.is(one.form_key.as_str()) && !one.form_key.is(two.form_key.as_str()));
        assert!(!one.form_key.is("") && !one.form_key.is(&one.form_key.as_str()[..63]));
        assert!(matches!(two.proof, Proof::Token(token) if token.as_str() == "t"));
        assert!(Token::read("  ").is_none() && Token::read(&"x".repeat(201)).is_none());
    }
}
