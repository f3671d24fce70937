//! The words of the record: what can be done, and how far it has come. One vocabulary for whatever way it is done by.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Deed, Home, HomeError};

/// What can be done to a set, a decision, a release, a token or the home. `docs/audit.md` lists the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Did {
    /// A list became a set, or was added to one.
    SetImport,
    /// What is said of a set was changed.
    SetChange,
    /// Entries were withdrawn for ever.
    SetWithdraw,
    /// A set was removed.
    SetRemove,
    /// A set has another name.
    SetRename,
    /// The entries of a set were written out.
    SetExport,
    /// A note, metadata or a switch of an entry was changed.
    SetAnnotate,
    /// The share of look-ups in which a set takes part was changed.
    SetShare,
    /// An entry was put back into service.
    QuarantineRelease,
    /// The exemption of an entry from the guard was ended.
    QuarantineGuard,
    /// Analysts decided on entries.
    Decide,
    /// A release was published.
    ReleasePublish,
    /// A plan of releases was registered.
    PlanRegister,
    /// A period of the tally was sealed.
    TallySeal,
    /// What is old was deleted.
    Purge,
    /// A token was made.
    TokenCreate,
    /// A token got another secret.
    TokenRotate,
    /// Limits, term or certificate of a token were changed.
    TokenChange,
    /// A token was revoked.
    TokenRevoke,
    /// The home was copied.
    HomeBackup,
    /// The home was made from a copy.
    HomeRestore,
    /// The record began.
    AuditBegin,
    /// A line that a kill left without an end was kept aside.
    AuditTorn,
}

impl Did {
    /// All, in the order in which the documentation has them.
    pub const ALL: [Self; 23] = [
        Self::SetImport,
        Self::SetChange,
        Self::SetWithdraw,
        Self::SetRemove,
        Self::SetRename,
        Self::SetExport,
        Self::SetAnnotate,
        Self::SetShare,
        Self::QuarantineRelease,
        Self::QuarantineGuard,
        Self::Decide,
        Self::ReleasePublish,
        Self::PlanRegister,
        Self::TallySeal,
        Self::Purge,
        Self::TokenCreate,
        Self::TokenChange,
        Self::TokenRotate,
        Self::TokenRevoke,
        Self::HomeBackup,
        Self::HomeRestore,
        Self::AuditBegin,
        Self::AuditTorn,
    ];

    /// As it stands in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetImport => "set.import",
            Self::SetChange => "set.change",
            Self::SetWithdraw => "set.withdraw",
            Self::SetRemove => "set.remove",
            Self::SetRename => "set.rename",
            Self::SetExport => "set.export",
            Self::SetAnnotate => "set.annotate",
            Self::SetShare => "set.share",
            Self::QuarantineRelease => "set.quarantine.release",
            Self::QuarantineGuard => "set.quarantine.guard",
            Self::Decide => "decide",
            Self::ReleasePublish => "release.publish",
            Self::PlanRegister => "release.plan.register",
            Self::TallySeal => "tally.seal",
            Self::Purge => "purge",
            Self::TokenCreate => "token.create",
            Self::TokenChange => "token.change",
            Self::TokenRotate => "token.rotate",
            Self::TokenRevoke => "token.revoke",
            Self::HomeBackup => "home.backup",
            Self::HomeRestore => "home.restore",
            Self::AuditBegin => "audit.begin",
            Self::AuditTorn => "audit.torn",
        }
    }
}

/// How far a deed has come. Each that has begun has a later line with one of the others, unless the process was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is about to be done.
    Begun,
    /// It is done.
    Done,
    /// It cannot be as it was asked for, and was not done.
    Refused,
    /// Something went wrong; what is done in one go was not done, of other deeds a part may be.
    Failed,
}

impl Stage {
    /// All, as the documentation has them.
    pub const ALL: [Self; 4] = [Self::Begun, Self::Done, Self::Refused, Self::Failed];

    /// As it stands in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What is told of a deed beside what it is: counts and codes.
pub type About = BTreeMap<&'static str, String>;

impl Home {
    /// Does something that is on record as begun before it is done, and at the end with what came of it: done, with what
    /// `work` tells of it, or else what `ended` makes of the error. `now` is the time of the end.
    ///
    /// # Errors
    /// Those of [`Home::audit`], and then nothing was done; otherwise those of `work`. That an end cannot be put on record is
    /// no error: what was done is done, and that it had begun is known.
    pub fn on_record<T, E: From<HomeError>>(
        &self,
        deed: &Deed<'_>,
        now: impl FnOnce() -> Timestamp,
        work: impl FnOnce() -> Result<(T, About), E>,
        ended: impl FnOnce(&E) -> (Stage, About),
    ) -> Result<T, E> {
        self.audit(&Deed { stage: Stage::Begun, ..deed.clone() })?;
        let (done, (stage, about)) = match work() {
            Ok((done, told)) => (Ok(done), (Stage::Done, told)),
            Err(error) => {
                let told = ended(&error);
                (Err(error), told)
            }
        };
        let _ = self.audit(&Deed { at: now(), stage, about, ..deed.clone() });
        done
    }
}
