//! The forms of a list: how they are called, and how they are told apart.

use std::fmt;
use std::str::FromStr;

use super::{
    arachnid, dfxml, hashdeep, jsonl, ncmec, nsrl, plain, stopncii, table, tcap, threatexchange, tx, vics,
    vpdq,
};
use crate::digest::SignalKind;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListForm {
    /// The CSV of `tx dataset`, or the lines `signal_type value` of its local files.
    Tx,
    /// One hash a line, alone, as `kind:hex`, or as the `*sum` tools and their BSD form write it.
    Plain {
        /// What bare digits are; `None` goes by their number, which settles MD5 and SHA-1 only.
        kind: Option<SignalKind>,
    },
    /// hashdeep's columns: several hashes of one file in one line.
    Hashdeep,
    /// VICS JSON (Project VIC, CAID), 1.x and 2.0.
    Vics,
    /// Saved answers of NCMEC's hash sharing v2, XML.
    Ncmec,
    /// Saved answers of StopNCII, JSON.
    StopNcii,
    /// Saved `threat_updates` of ThreatExchange, JSON.
    ThreatExchange,
    /// Saved pages of TCAP's hash list, JSON.
    Tcap,
    /// Digital forensics XML.
    Dfxml,
    /// innerward's own list, JSON Lines.
    Innerward,
    /// A table that a [`TableMap`](super::TableMap) describes.
    Table,
    /// The export of INTERPOL's ICSE.
    Icse,
    /// State files of `tx` and HMA, `simple.TYPE.te`.
    State {
        /// What its indicators are; `None` goes by the name of the file.
        kind: Option<SignalKind>,
    },
    /// The frames of videos, as vPDQ writes them.
    Vpdq,
    /// Answers of Arachnid Shield, JSON.
    Arachnid,
    /// NSRL RDS version 2, `NSRLFile.txt`.
    Rdsv2,
    /// NSRL RDS version 3, a SQLite file.
    Rdsv3,
}

/// How the beginning of a list tells its form.
type Recognises = fn(&[u8]) -> bool;

/// The forms that are of records: by name, and how they are told.
const OF_RECORDS: [(&str, ListForm, Recognises); 13] = [
    ("innerward", ListForm::Innerward, jsonl::recognises),
    ("rdsv3", ListForm::Rdsv3, nsrl::recognises),
    ("vics", ListForm::Vics, vics::recognises),
    ("ncmec", ListForm::Ncmec, ncmec::recognises),
    ("stopncii", ListForm::StopNcii, stopncii::recognises),
    ("threatexchange", ListForm::ThreatExchange, threatexchange::recognises),
    ("tcap", ListForm::Tcap, tcap::recognises),
    ("dfxml", ListForm::Dfxml, dfxml::recognises),
    ("arachnid", ListForm::Arachnid, arachnid::recognises),
    ("vpdq", ListForm::Vpdq, vpdq::recognises),
    ("icse", ListForm::Icse, table::recognises_icse),
    ("rdsv2", ListForm::Rdsv2, table::recognises_rdsv2),
    ("state", ListForm::State { kind: None }, table::recognises_state),
];

/// Text that is not a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the forms of a list are {}", ListForm::CHOICES)]
pub struct FormError;

impl ListForm {
    /// The name of each; `plain` and `state` also take a kind of hash after a colon.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ["tx", "plain", "hashdeep"].into_iter().chain(OF_RECORDS.iter().map(|(name, ..)| *name))
    }

    /// What `--as` takes, for people.
    pub const CHOICES: &str = "innerward, tx, hashdeep, vics, ncmec, stopncii, threatexchange, tcap, arachnid, icse, \
        dfxml, vpdq, rdsv2, rdsv3, state, state:KIND, plain, or plain:KIND with md5, sha1, sha256, blake3, pdq or a \
        classic kind such as gradient8";

    /// True for forms that are not told line by line.
    pub(super) const fn is_of_records(&self) -> bool {
        !matches!(self, Self::Tx | Self::Plain { .. } | Self::Hashdeep)
    }

    /// True for lists of files that are known, whatever they are: nothing in them is to be found.
    pub(super) const fn is_of_known_files(&self) -> bool {
        matches!(self, Self::Rdsv2 | Self::Rdsv3)
    }

    /// True for lists of what is to be found: whatever their entries say of themselves, none is known to be harmless. A
    /// VICS list may be one of ordinary files, and says so.
    pub(super) const fn is_never_harmless(&self) -> bool {
        matches!(
            self,
            Self::Ncmec | Self::StopNcii | Self::ThreatExchange | Self::Tcap | Self::Arachnid | Self::Icse
        )
    }

    /// The form of records of which `head` is the beginning.
    pub(super) fn of_records(head: &[u8]) -> Option<Self> {
        OF_RECORDS.iter().find(|(.., recognises)| recognises(head)).map(|(_, form, _)| *form)
    }

    /// The kind of hash that the name of a list's file tells: `demo.pdq`, `SHA256SUMS`, `list-md5.txt`; `None` if it
    /// names none, or two. So do `simple.video_md5.te` and its like, the state files of `tx` and HMA. A classic kind must be declared: its name has parts (`vert-gradient8-dct`) that a file's name
    /// may hold by chance.
    #[must_use]
    pub fn kind_in_name(name: &str) -> Option<SignalKind> {
        let mut found = name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| {
            let word = word.to_ascii_lowercase();
            let kind = word.trim_end_matches('s').trim_end_matches("sum").parse::<SignalKind>().ok();
            kind.filter(|kind| !matches!(kind, SignalKind::Classic(_)))
        });
        let kind = found.next()?;
        found.all(|other| other == kind).then_some(kind)
    }
}

impl FromStr for ListForm {
    type Err = FormError;

    fn from_str(text: &str) -> Result<Self, FormError> {
        match text.split_once(':') {
            Some(("plain", kind)) => {
                kind.parse().map(|kind| Self::Plain { kind: Some(kind) }).map_err(|_| FormError)
            }
            Some(("state", kind)) => {
                kind.parse().map(|kind| Self::State { kind: Some(kind) }).map_err(|_| FormError)
            }
            None if text == "plain" => Ok(Self::Plain { kind: None }),
            None if text == "tx" => Ok(Self::Tx),
            None if text == "hashdeep" => Ok(Self::Hashdeep),
            None => {
                OF_RECORDS.iter().find(|(name, ..)| *name == text).map(|(_, form, _)| *form).ok_or(FormError)
            }
            _ => Err(FormError),
        }
    }
}

impl fmt::Display for ListForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tx => f.write_str("tx"),
            Self::Plain { kind: None } => f.write_str("plain"),
            Self::Plain { kind: Some(kind) } => write!(f, "plain:{kind}"),
            Self::Hashdeep => f.write_str("hashdeep"),
            Self::Table => f.write_str("table"),
            Self::State { kind: Some(kind) } => write!(f, "state:{kind}"),
            form => OF_RECORDS
                .iter()
                .filter(|(_, other, _)| other == form)
                .try_for_each(|(name, ..)| f.write_str(name)),
        }
    }
}

/// What the first line that says something tells of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recognised {
    Form(ListForm),
    /// A plain list whose first value has 64 digits and no kind.
    Bare32Bytes,
    Unknown,
}

impl Recognised {
    pub(super) fn from_line(text: &str) -> Self {
        if text.starts_with(hashdeep::MAGIC) {
            Self::Form(ListForm::Hashdeep)
        } else if text == tx::HEADER {
            Self::Form(ListForm::Tx)
        } else {
            match plain::shape(text) {
                plain::Shape::Bare(digits) if digits.len() == 64 => Self::Bare32Bytes,
                plain::Shape::Bare(digits) if !matches!(digits.len(), 32 | 40) => Self::Unknown,
                plain::Shape::Other if tx::is_pair(text) => Self::Form(ListForm::Tx),
                plain::Shape::Other => Self::Unknown,
                plain::Shape::Bare(_) | plain::Shape::Named { .. } => {
                    Self::Form(ListForm::Plain { kind: None })
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_written_as_they_are_read() {
        let more = ["tx", "hashdeep", "plain", "plain:pdq", "plain:md5", "plain:median16-dct", "state:pdq"];
        for text in more.into_iter().chain(OF_RECORDS.map(|(name, ..)| name)) {
            assert_eq!(text.parse::<ListForm>().unwrap().to_string(), text);
            assert!(ListForm::CHOICES.contains(text.split(':').next().unwrap()), "{text}");
        }
        for text in ["", "TX", "table", "state:", "rdsv3:md5", "plain:", "plain:crc32", "tx:pdq", "csv"] {
            assert_eq!(text.parse::<ListForm>(), Err(FormError), "{text}");
        }
    }

    #[test]
    fn first_lines_tell_the_form() {
        let plain = Recognised::Form(ListForm::Plain { kind: None });
        let (md5, sha1, long) = ("C0".repeat(16), "de".repeat(20), "5c".repeat(32));
        for (line, expected) in [
            ("%%%% HASHDEEP-1.0".to_owned(), Recognised::Form(ListForm::Hashdeep)),
            (tx::HEADER.to_owned(), Recognised::Form(ListForm::Tx)),
            (format!("pdq {long}"), Recognised::Form(ListForm::Tx)),
            (md5.clone(), plain),
            (format!("{sha1}  name of file.jpg"), plain),
            (format!("\\{md5}  odd\\nname"), plain),
            (format!("{md5} *name"), plain),
            (format!("MD5 (name (1).jpg) = {md5}"), plain),
            (format!("SHA256 (name) = {long}"), plain),
            (format!("sha256 (name) = {long}"), plain),
            (format!("pdq:{long}"), plain),
            ("gradient8:0102030405060708".to_owned(), plain),
            ("gradient8 0102030405060708".to_owned(), Recognised::Form(ListForm::Tx)),
            (long.clone(), Recognised::Bare32Bytes),
            (format!("{long}  name"), Recognised::Bare32Bytes),
            ("signal_type,signal_str".to_owned(), Recognised::Unknown),
            ("<?xml version=\"1.0\"?>".to_owned(), Recognised::Unknown),
            ("c0ffee00".to_owned(), Recognised::Unknown),
            (format!("{md5},name.jpg"), Recognised::Unknown),
        ] {
            assert_eq!(Recognised::from_line(&line), expected, "{line}");
        }
    }

    #[test]
    fn a_file_name_may_tell_the_kind() {
        for (name, kind) in [
            ("demo.pdq", Some(SignalKind::Pdq)),
            ("SHA256SUMS", Some(SignalKind::Sha256)),
            ("list-md5.txt", Some(SignalKind::Md5)),
            ("md5sum.MD5", Some(SignalKind::Md5)),
            ("simple.pdq.te", Some(SignalKind::Pdq)),
            ("simple.video_md5.te", Some(SignalKind::Md5)),
            ("simple.HASH_SHA256.te", Some(SignalKind::Sha256)),
            ("pdq-and-sha256.txt", None),
            ("vert-gradient16.txt", None),
            ("hashes.txt", None),
        ] {
            assert_eq!(ListForm::kind_in_name(name), kind, "{name}");
        }
    }
}
