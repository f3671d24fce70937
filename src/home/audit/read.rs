//! Reading the audit back, and checking that nothing in it was changed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Take, Write};
use std::path::PathBuf;

use jiff::Timestamp;

use super::{AuditFault, AuditHead, AuditRecord, MAX_LINE, NOTHING_BEFORE, opened};
use crate::home::{Home, HomeError};

/// Faults that are remembered; the rest is counted.
const TOLD: usize = 100;

/// A line as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Its place in the file, from 1.
    pub line: u64,
    /// What it says, if it is a record.
    pub record: Option<AuditRecord>,
    /// What is wrong with it.
    pub fault: Option<AuditFault>,
}

/// The lines of an audit as it was when it was opened, oldest first.
#[derive(Debug)]
pub struct AuditLines {
    path: PathBuf,
    input: Option<Take<BufReader<File>>>,
    line: u64,
    /// Where the lines so far end, as far as they tell.
    last: Option<AuditHead>,
    buffer: Vec<u8>,
}

impl Iterator for AuditLines {
    type Item = Result<AuditLine, HomeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map_err(HomeError::io(&self.path)).transpose()
    }
}

impl AuditLines {
    fn read(&mut self) -> io::Result<Option<AuditLine>> {
        let Some(input) = &mut self.input else { return Ok(None) };
        self.buffer.clear();
        input.by_ref().take(MAX_LINE as u64 + 1).read_until(b'\n', &mut self.buffer)?;
        if self.buffer.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        let line = self.line;
        let parsed = match self.buffer.split_last() {
            Some((b'\n', text)) => AuditRecord::parse(text),
            _ if self.buffer.len() > MAX_LINE => {
                input.skip_until(b'\n')?;
                Err(AuditFault::NoRecord)
            }
            _ => Err(AuditFault::Torn),
        };
        Ok(Some(match parsed {
            Ok(record) => {
                let fault = self.follows(&record).err();
                self.last = Some(record.head());
                AuditLine { line, record: Some(record), fault }
            }
            Err(fault) => {
                // The next one is compared with what must have stood here: its number, and a hash that nobody can tell.
                let number = self.last.map_or(1, |last| last.number + 1);
                self.last = Some(AuditHead { number, hash: NOTHING_BEFORE });
                AuditLine { line, record: None, fault: Some(fault) }
            }
        }))
    }

    fn follows(&self, record: &AuditRecord) -> Result<(), AuditFault> {
        let (expected, before) = self.last.map_or((1, NOTHING_BEFORE), |last| (last.number + 1, last.hash));
        if record.number != expected {
            return Err(AuditFault::Number { expected, found: record.number });
        }
        // After a line that could not be read there is nothing to compare with; that one is told.
        let unknown = self.last.is_some() && before == NOTHING_BEFORE;
        if record.before != before && !unknown { Err(AuditFault::Before) } else { Ok(()) }
    }
}

/// What became of a head that was kept elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptHead {
    /// The audit continues it.
    Continued,
    /// Its line is not there: the audit is shorter than it was.
    Gone,
    /// Its line is another one.
    Other,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// Lines that are records.
    pub records: u64,
    /// When it was begun.
    pub begun: Option<Timestamp>,
    /// Where it stands; `None` if nothing is on record.
    pub head: Option<AuditHead>,
    /// The places of the first hundred faults, and what they are.
    pub faults: Vec<(u64, AuditFault)>,
    /// All faults.
    pub fault_total: u64,
    /// How often a killed process left a line unfinished, which was kept aside.
    pub torn: u64,
    /// What became of the head that was handed in.
    pub kept: Option<KeptHead>,
}

impl AuditCheck {
    /// True if nothing in it was changed, and it continues the head that was handed in. A last line that was not finished
    /// is no change: its deed was refused, and the next one keeps it aside.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let torn = self.faults.iter().filter(|(_, fault)| *fault == AuditFault::Torn).count() as u64;
        self.fault_total == torn && self.kept.is_none_or(|kept| kept == KeptHead::Continued)
    }
}

impl Home {
    /// The audit as it is now; empty if nothing is on record yet.
    ///
    /// # Errors
    /// [`HomeError::Io`] if it cannot be read, [`HomeError::Busy`] if somebody is writing to it all the time.
    pub fn audit_lines(&self) -> Result<AuditLines, HomeError> {
        let path = self.audit_path();
        Ok(AuditLines { input: self.audit_bytes()?, path, line: 0, last: None, buffer: Vec::new() })
    }

    /// Reads the whole audit and checks every line; with `kept`, also that it continues that head.
    ///
    /// # Errors
    /// As [`Home::audit_lines`].
    pub fn check_audit(&self, kept: Option<&AuditHead>) -> Result<AuditCheck, HomeError> {
        let (mut records, mut torn, mut fault_total) = (0, 0, 0);
        let (mut begun, mut head, mut faults) = (None, None, Vec::new());
        let mut found = kept.map(|_| KeptHead::Gone);
        for line in self.audit_lines()? {
            let AuditLine { line, record, fault } = line?;
            if let Some(fault) = fault {
                fault_total += 1;
                if faults.len() < TOLD {
                    faults.push((line, fault));
                }
            }
            let Some(record) = record else { continue };
            records += 1;
            torn += u64::from(record.did == "audit.torn");
            begun.get_or_insert(record.time);
            head = Some(record.head());
            if let Some(kept) = kept.filter(|kept| kept.number == line) {
                found = Some(if record.head() == *kept { KeptHead::Continued } else { KeptHead::Other });
            }
        }
        Ok(AuditCheck { records, begun, head, faults, fault_total, torn, kept: found })
    }

    /// Copies the audit to `out`, byte for byte as far as its lines are finished; how many bytes.
    ///
    /// # Errors
    /// As [`Home::audit_lines`], and what `out` says.
    pub fn copy_audit(&self, out: &mut dyn Write) -> Result<u64, HomeError> {
        let path = self.audit_path();
        let Some(mut input) = self.audit_bytes()? else { return Ok(0) };
        let mut buffer = Vec::new();
        let mut copied = 0;
        let mut copy = || -> io::Result<()> {
            loop {
                buffer.clear();
                let read = input.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut buffer)?;
                // A line without an end is nobody's word; a long one, which nobody wrote, goes on.
                if read == 0 || (read < MAX_LINE && buffer.last() != Some(&b'\n')) {
                    return Ok(());
                }
                out.write_all(&buffer)?;
                copied += read as u64;
            }
        };
        copy().map_err(HomeError::io(path))?;
        Ok(copied)
    }

    /// What is there now: whoever appends meanwhile is not waited for, and nothing half-written is seen.
    fn audit_bytes(&self) -> Result<Option<Take<BufReader<File>>>, HomeError> {
        let path = self.audit_path();
        let Some(file) = opened(&path).map_err(HomeError::io(&path))? else { return Ok(None) };
        // A home that may only be read has nobody who writes to it here.
        let _lock = match self.lock_audit() {
            Err(HomeError::Io { source, .. })
                if matches!(source.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied) =>
            {
                None
            }
            lock => Some(lock?),
        };
        let len = file.metadata().map_err(HomeError::io(&path))?.len();
        Ok(Some(BufReader::new(file).take(len)))
    }
}
