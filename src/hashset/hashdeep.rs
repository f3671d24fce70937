//! hashdeep: `%%%% HASHDEEP-1.0`, a line that names the columns, and one file a line with all its digests.
//!
//! The name of the file is the last column, unquoted, and may hold commas; it is dropped unread.

use super::plain::kind_named;
use super::report::{Cause, ReadReport};
use super::{Entry, Hashes};
use crate::digest::SignalKind;

/// How the first line begins.
pub(super) const MAGIC: &str = "%%%% HASHDEEP-1.";

/// The hashes of a row, between its size and its name; empty until the list has named them.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<Column>);

#[derive(Debug)]
enum Column {
    Hash(SignalKind),
    Unsupported(String),
}

impl Columns {
    /// The entry of one line. Heading lines may come again, as in files that were joined.
    pub(super) fn read(&mut self, text: &str, report: &mut ReadReport) -> Result<Option<Entry>, Cause> {
        match text.strip_prefix("%%%%") {
            None => return self.row(text, report),
            Some(_) if text.starts_with(MAGIC) => *self = Self::default(),
            Some(heading) => {
                *self = Self::default(); // rows behind a damaged heading must not be read by an older one
                *self = Self::named_by(heading.trim_ascii()).ok_or(Cause::ColumnLine)?;
            }
        }
        report.skipped += 1;
        Ok(None)
    }

    fn named_by(heading: &str) -> Option<Self> {
        let hashes = heading.strip_prefix("size,")?.strip_suffix(",filename")?;
        let columns: Vec<_> = hashes
            .split(',')
            .map(|name| kind_named(name).map_or_else(|| Column::Unsupported(name.to_owned()), Column::Hash))
            .collect();
        let twice = SignalKind::ALL.into_iter().any(|kind| {
            columns.iter().filter(|column| matches!(column, Column::Hash(other) if *other == kind)).count()
                > 1
        });
        (!twice).then_some(Self(columns))
    }

    fn row(&self, text: &str, report: &mut ReadReport) -> Result<Option<Entry>, Cause> {
        if self.0.is_empty() {
            return Err(Cause::NoColumnLine);
        }
        let expected = self.0.len() + 2;
        let found = text.splitn(expected, ',').count();
        if found != expected {
            return Err(Cause::Columns { expected, found });
        }
        let mut values = text.split(',');
        let size = values.next().unwrap_or_default().trim_ascii();
        if size.is_empty() || !size.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Cause::Size);
        }
        let mut hashes = Hashes::default();
        let mut unsupported = Vec::new();
        for (column, value) in self.0.iter().zip(values.map(str::trim_ascii)) {
            match column {
                _ if value.is_empty() => {}
                Column::Hash(kind) => hashes.set(kind.parse(value)?),
                Column::Unsupported(name) => unsupported.push(name),
            }
        }
        for name in &unsupported {
            report.count_unsupported(name);
        }
        if !hashes.is_empty() {
            return Ok(Some(Entry::bare(hashes)));
        }
        if unsupported.is_empty() {
            return Err(Cause::NoHash);
        }
        report.unsupported_lines += 1;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashset::ListForm;

    #[test]
    fn columns_come_from_the_list() {
        let (md5, sha1, sha256) = ("c0".repeat(16), "de".repeat(20), "5c".repeat(32));
        let mut report = ReadReport::new(ListForm::Hashdeep, 0);
        let mut columns = Columns::default();
        let mut read = |text: &str| columns.read(text, &mut report);
        assert_eq!(read(&format!("4,{md5},{sha256},early")), Err(Cause::NoColumnLine));
        assert_eq!(read("%%%% HASHDEEP-1.0"), Ok(None));
        assert_eq!(read("%%%% size,md5,whirlpool,SHA-256,sha1,filename"), Ok(None));
        let row = format!("4,{md5},00ff,{},{sha1},/a, b,c.jpg", sha256.to_uppercase());
        let kinds: Vec<_> = read(&row).unwrap().unwrap().hashes.iter().map(|signal| signal.kind()).collect();
        assert_eq!(kinds, [SignalKind::Md5, SignalKind::Sha1, SignalKind::Sha256]);
        assert!(matches!(read(&format!("4,,,,{sha1},name")), Ok(Some(_))));
        assert_eq!(read(&format!("4,{md5},name")), Err(Cause::Columns { expected: 6, found: 3 }));
        assert_eq!(read(&format!("four,{md5},,,,name")), Err(Cause::Size));
        assert_eq!(read("4,,,,,name"), Err(Cause::NoHash));
        assert_eq!(read("4,,00ff,,,name"), Ok(None));
        assert!(matches!(read("0,D41D8CD98F00B204E9800998ECF8427E,,,,name"), Err(Cause::Hash(_))));
        assert_eq!(read("%%%% size,md5,md5,filename"), Err(Cause::ColumnLine));
        assert_eq!(read(&row), Err(Cause::NoColumnLine));
        assert_eq!(read("%%%% size,md5,gradient8,mean8,filename"), Ok(None));
        let row = format!("4,{md5},0f0f0f0f0f0f0f0f,f0f0f0f0f0f0f0f0,name");
        assert_eq!(read(&row).unwrap().unwrap().hashes.classics().len(), 2);
        assert_eq!(read("%%%% size,mean8,mean8,filename"), Err(Cause::ColumnLine));
        assert_eq!((report.skipped, report.unsupported_lines), (3, 1));
        assert_eq!(report.unsupported, [("whirlpool".to_owned(), 2)].into());
    }
}
