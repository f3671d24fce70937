//! E-mail: the parts of a message (MIME, RFC 2045 to 2049), and the messages of a mailbox (RFC 4155).
//!
//! A message is read once, line by line, and never held. Its headers are read by `mail-parser`; where parts begin and
//! end is found here, for a whole message in memory is what that needs. A message within a message is a part.

use mail_parser::{ContentType, Message, MessageParser, MimeHeaders};

use super::lines::{Lines, Piece};
use super::out::{Out, Stop};
use super::source::Source;
use super::transfer::{self, Transfer};
use super::{Gap, PartName};
use crate::media::gap::Bound;

/// A message that is signed in a way that hides what is in it.
pub(in crate::media) const SIGNED: &str = "a signed S/MIME message";

/// Most bytes of the headers of one part that are looked at.
const HEADER_BYTES: usize = 256 << 10;
/// Most multiparts within each other that are taken apart. Mail programs write three or four.
const MOST_DEEP: usize = 64;

/// Each message of a mailbox is a part, named by its number.
pub(super) fn open_mailbox(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let mut lines = Lines::new();
    let mut number = 0;
    let mut behind_blank = true;
    let mut over = None;
    while let Ok(Some(piece)) = lines.next(source) {
        let (text, _) = lines.split();
        let first = number == 0;
        if piece.starts && behind_blank && text.starts_with(b"From ") && (first || has_time(text)) {
            if !first {
                out.end(over.take())?;
            }
            number += 1;
            out.begin(&PartName::new(&format!("{number}.eml")))?;
        } else if over.is_none() && !first {
            over = out.pour(&mut &lines.piece[..], kind)?;
        }
        behind_blank = piece.starts && text.is_empty();
    }
    if number > 0 {
        out.end(over)?;
    }
    Ok((number == 0).then_some(Gap::Damaged(kind)))
}

/// The line that begins a message of a mailbox ends with a date; a line of a text that begins alike does not.
fn has_time(line: &[u8]) -> bool {
    line.windows(5).any(|five| five[2] == b':' && [0, 1, 3, 4].iter().all(|at| five[*at].is_ascii_digit()))
}

/// True if a file begins as a mailbox does: such a line, or one that a header follows.
pub(in crate::media) fn is_mailbox(head: &[u8]) -> bool {
    if !head.starts_with(b"From ") {
        return false;
    }
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    has_time(first)
        || lines.next().is_some_and(|line| header_name(line.strip_prefix(b">").unwrap_or(line)).is_some())
}

/// True if a file begins with a block of headers of which two are those of mail, or the first is one that only mail
/// has.
pub(in crate::media) fn is_mail(head: &[u8]) -> bool {
    const SURE: [&str; 9] = [
        "received",
        "return-path",
        "delivered-to",
        "mime-version",
        "message-id",
        "dkim-signature",
        "arc-seal",
        "authentication-results",
        "x-mozilla-status",
    ];
    const LIKELY: [&str; 16] = [
        "from",
        "to",
        "subject",
        "date",
        "cc",
        "bcc",
        "reply-to",
        "sender",
        "in-reply-to",
        "references",
        "user-agent",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "envelope-to",
        "importance",
    ];
    let mut known = 0;
    let mut lines = head.split(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((n, line)) = lines.next() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if matches!(line[0], b' ' | b'\t') && n > 0 {
            continue;
        }
        let Some(name) = header_name(line) else {
            // The last line may be cut short.
            if lines.peek().is_none() && n > 0 {
                break;
            }
            return false;
        };
        let is = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()));
        if n == 0 && is(&SURE) {
            return true;
        }
        known += usize::from(is(&SURE) || is(&LIKELY));
    }
    known >= 2
}

/// What stands before the colon, of letters that a header's name may have.
fn header_name(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = &line[..colon];
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(name)
}

/// Each part of a message that is no multipart itself.
pub(super) fn open_message(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let mut lines = Lines::new();
    let mut mail = Mail { kind, out, around: Vec::new(), leaves: 0, state: State::Headers(Vec::new()) };
    while let Ok(Some(piece)) = lines.next(source) {
        mail.line(&lines, piece)?;
    }
    let cut = !mail.around.is_empty();
    mail.finish(cut.then_some(Gap::Truncated(kind)))?;
    Ok(cut.then_some(Gap::Truncated(kind)))
}

struct Mail<'a, 'b> {
    kind: &'static str,
    out: &'a mut Out<'b>,
    /// The multiparts that are open, the innermost last.
    around: Vec<Multipart>,
    leaves: u64,
    state: State,
}

struct Multipart {
    /// The line before each part; two more strokes end the last.
    delimiter: Vec<u8>,
    encrypted: bool,
    digest: bool,
}

enum State {
    Headers(Vec<u8>),
    /// Before the first part of a multipart, or behind the last.
    Between,
    Leaf(Leaf),
}

/// A part as it comes.
struct Leaf {
    name: PartName,
    transfer: Transfer,
    /// A text may hold files, and is no part if it is empty.
    is_text: bool,
    /// A file within a text.
    within: bool,
    begun: bool,
    /// The end of the line before: the last one belongs to the delimiter.
    line_end: Vec<u8>,
    ready: Vec<u8>,
    gap: Option<Gap>,
    over: bool,
}

impl Mail<'_, '_> {
    fn line(&mut self, lines: &Lines, piece: Piece) -> Result<(), Stop> {
        let (text, line_end) = lines.split();
        if piece.starts && text.starts_with(b"--") && self.delimits(text)? {
            return Ok(());
        }
        match &mut self.state {
            State::Headers(headers) if piece.starts && text.is_empty() => {
                let headers = std::mem::take(headers);
                self.enter(&headers)
            }
            State::Headers(headers) => {
                let room = HEADER_BYTES.saturating_sub(headers.len());
                headers.extend_from_slice(&lines.piece[..room.min(lines.piece.len())]);
                Ok(())
            }
            State::Between => Ok(()),
            State::Leaf(leaf) => {
                if piece.starts {
                    if leaf.within && transfer::ends(&leaf.transfer, text) {
                        let next = self.plain_text();
                        self.finish(None)?;
                        self.state = next;
                        return Ok(());
                    }
                    let plain = leaf.is_text && matches!(leaf.transfer, Transfer::Plain);
                    if plain && let Some((name, transfer)) = transfer::begins(text) {
                        let name = PartName::of_bytes(name);
                        self.finish(None)?;
                        self.state = State::Leaf(Leaf { within: true, ..Leaf::new(name, transfer) });
                        return Ok(());
                    }
                }
                leaf.take(text, line_end, self.kind, self.out)
            }
        }
    }

    /// Ends what a delimiter of any multipart around ends; false if the line is none.
    fn delimits(&mut self, text: &[u8]) -> Result<bool, Stop> {
        let text = text.trim_ascii_end();
        let found = self.around.iter().enumerate().rev().find_map(|(n, multipart)| {
            let rest = text.strip_prefix(&multipart.delimiter[..])?;
            matches!(rest, b"" | b"--").then_some((n, rest.len() == 2))
        });
        let Some((n, closes)) = found else { return Ok(false) };
        if let State::Headers(headers) = &mut self.state {
            let headers = std::mem::take(headers);
            self.enter(&headers)?;
        }
        self.finish(None)?;
        self.around.truncate(if closes { n } else { n + 1 });
        self.state = if closes { State::Between } else { State::Headers(Vec::new()) };
        Ok(true)
    }

    /// Behind the headers: a multipart, or a part.
    fn enter(&mut self, headers: &[u8]) -> Result<(), Stop> {
        let digest = self.around.last().is_some_and(|multipart| multipart.digest);
        let encrypted = self.around.last().is_some_and(|multipart| multipart.encrypted);
        // The parser wants the empty line, and no more than one.
        let headers = [headers, b"\r\n"].concat();
        let parser = MessageParser::new().with_mime_headers();
        let message = parser.parse_headers(&headers[..]);
        let content = message.as_ref().and_then(Message::content_type);
        let file_name = message.as_ref().and_then(Message::attachment_name);
        let (main, sub) = types(content, digest);
        let boundary = content.and_then(|content| content.attribute("boundary"));
        let mut gap = None;
        if main == "multipart" {
            match boundary {
                Some(boundary) if self.around.len() < MOST_DEEP => {
                    let delimiter = [b"--", boundary.trim_end().as_bytes()].concat();
                    let (encrypted, digest) = (encrypted || sub == "encrypted", sub == "digest");
                    self.around.push(Multipart { delimiter, encrypted, digest });
                    self.state = State::Between;
                    return Ok(());
                }
                Some(_) => gap = Some(Gap::Bound(Bound::Depth, MOST_DEEP as u64)),
                None => gap = Some(Gap::Damaged(self.kind)),
            }
        }
        if matches!(&*sub, "pkcs7-mime" | "x-pkcs7-mime") {
            let what = content.and_then(|content| content.attribute("smime-type"));
            let signed = what.is_some_and(|what| what.eq_ignore_ascii_case("signed-data"));
            gap = Some(if signed { Gap::Container(SIGNED) } else { Gap::Encrypted });
        } else if encrypted && sub != "pgp-encrypted" {
            gap = Some(Gap::Encrypted);
        }
        self.leaves += 1;
        let suffix = match (&*main, &*sub) {
            ("text", "html") => ".html",
            ("text", _) => ".txt",
            ("message", _) => ".eml",
            _ => "",
        };
        let name = match file_name {
            Some(name) => PartName::new(name),
            None => PartName::new(&format!("{}{suffix}", self.leaves)),
        };
        let transfer = message.as_ref().and_then(Message::content_transfer_encoding);
        let transfer = transfer.map_or(Transfer::Plain, Transfer::named);
        let is_text = main == "text" && file_name.is_none();
        let mut leaf = Leaf { gap, is_text, ..Leaf::new(name, transfer) };
        if !is_text {
            leaf.begin(self.out)?;
        }
        self.state = State::Leaf(leaf);
        Ok(())
    }

    /// The text behind a file within it.
    fn plain_text(&mut self) -> State {
        self.leaves += 1;
        let name = PartName::new(&format!("{}.txt", self.leaves));
        State::Leaf(Leaf { is_text: true, ..Leaf::new(name, Transfer::Plain) })
    }

    /// Ends the part that is open, if one is.
    fn finish(&mut self, gap: Option<Gap>) -> Result<(), Stop> {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Leaf(leaf) => leaf.finish(gap, self.kind, self.out),
            _ => Ok(()),
        }
    }
}

/// Type and subtype in small letters, or what they are if nothing is said.
fn types(content: Option<&ContentType<'_>>, digest: bool) -> (String, String) {
    match content {
        Some(content) => {
            let sub = content.subtype().unwrap_or_default();
            (content.ctype().to_ascii_lowercase(), sub.to_ascii_lowercase())
        }
        None if digest => ("message".into(), "rfc822".into()),
        None => ("text".into(), "plain".into()),
    }
}

impl Leaf {
    /// Bytes that are gathered before they go out: lines are short.
    const READY_BYTES: usize = 32 << 10;

    fn new(name: PartName, transfer: Transfer) -> Self {
        let (line_end, ready) = (Vec::new(), Vec::new());
        Self {
            name,
            transfer,
            is_text: false,
            within: false,
            begun: false,
            line_end,
            ready,
            gap: None,
            over: false,
        }
    }

    fn begin(&mut self, out: &mut Out<'_>) -> Result<(), Stop> {
        self.begun = true;
        out.begin(&self.name)
    }

    fn take(
        &mut self,
        text: &[u8],
        line_end: &[u8],
        kind: &'static str,
        out: &mut Out<'_>,
    ) -> Result<(), Stop> {
        self.ready.append(&mut self.line_end);
        if self.transfer.decode(text, line_end, &mut self.ready) {
            self.line_end.extend_from_slice(line_end);
        }
        if self.ready.len() >= Self::READY_BYTES { self.flush(kind, out) } else { Ok(()) }
    }

    fn flush(&mut self, kind: &'static str, out: &mut Out<'_>) -> Result<(), Stop> {
        let empty = self.ready.iter().all(u8::is_ascii_whitespace);
        let wanted = !(self.is_text && empty);
        if wanted && !self.begun {
            self.begin(out)?;
        }
        if self.begun && !self.over {
            let met = out.pour(&mut &self.ready[..], kind)?;
            self.over = met.is_some();
            self.gap = self.gap.take().or(met);
        }
        self.ready.clear();
        Ok(())
    }

    fn finish(mut self, gap: Option<Gap>, kind: &'static str, out: &mut Out<'_>) -> Result<(), Stop> {
        self.transfer.end(&mut self.ready);
        self.flush(kind, out)?;
        if self.begun { out.end(self.gap.or(gap)) } else { Ok(()) }
    }
}
