//! The one place that writes to stdout and stderr.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::sync::Arc;

use serde::Serialize;

use super::global::Format;
use crate::language::{Arg, Locale};
use crate::screen::Line;

/// Results, for people or for programs.
pub(super) struct Output {
    format: Format,
    out: BufWriter<Stdout>,
    /// The command's product is elsewhere: it goes on when nobody reads stdout any more.
    outlives_reader: bool,
    unread: bool,
    /// What people are spoken to in. What programs read never depends on it.
    language: Arc<Locale>,
}

impl Output {
    pub(super) fn new(format: Format, language: Arc<Locale>) -> Self {
        Self { format, out: BufWriter::new(io::stdout()), outlives_reader: false, unread: false, language }
    }

    /// The language that people are spoken to in.
    pub(super) fn language(&self) -> &Arc<Locale> {
        &self.language
    }

    /// A message in that language.
    pub(super) fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.language.say(key, args)
    }

    /// From now on a closed pipe silences the output and does not end the command.
    pub(super) fn outlive_reader(&mut self) {
        self.outlives_reader = true;
    }

    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// True if a person looks at it in a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        !self.is_json() && io::stdout().is_terminal()
    }

    /// One line for programs; nothing in text form.
    pub(super) fn json(&mut self, kind: &str, data: &impl Serialize) -> io::Result<()> {
        if self.is_json() {
            let line = serde_json::to_string(&Line { r#type: kind, data })?;
            self.put(|out| writeln!(out, "{line}"))?;
        }
        Ok(())
    }

    /// One line for people; nothing in JSON form.
    pub(super) fn text(&mut self, line: impl Display) -> io::Result<()> {
        if !self.is_json() {
            let line = tame(&line.to_string());
            self.put(|out| writeln!(out, "{line}"))?;
        }
        Ok(())
    }

    /// A paragraph for people, in lines of at most 80 characters.
    pub(super) fn prose(&mut self, paragraph: impl Display) -> io::Result<()> {
        wrapped(&paragraph.to_string(), 80).into_iter().try_for_each(|line| self.text(line))
    }

    /// Text that is a document of its own, in either form and to the last byte.
    pub(super) fn raw(&mut self, text: &str) -> io::Result<()> {
        self.put(|out| out.write_all(text.as_bytes()))
    }

    /// Where a command writes its product if that is asked for on stdout: nothing else goes there then.
    pub(super) fn product(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Shows what was written so far, before a long step.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.put(Write::flush)
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()
    }

    fn put(&mut self, write: impl FnOnce(&mut BufWriter<Stdout>) -> io::Result<()>) -> io::Result<()> {
        if self.unread {
            return Ok(());
        }
        match write(&mut self.out) {
            Err(error) if self.outlives_reader && error.kind() == io::ErrorKind::BrokenPipe => {
                self.unread = true;
                Ok(())
            }
            result => result,
        }
    }
}

/// Tells a person on stderr what went wrong; the run may go on.
pub(super) fn complain(what: impl Display) {
    eprintln!("innerward: {}", tame(&what.to_string()));
}

/// A line of a service's log on stderr. Whoever reads no more of it is no reason to end.
pub(super) fn log_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// The text with its control and direction characters made visible: names of files and lines of lists come from
/// strangers, and a terminal obeys such characters.
fn tame(text: &str) -> String {
    let wild = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(wild) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 16), |mut tamed, c| {
        if wild(c) {
            tamed.extend(c.escape_default());
        } else {
            tamed.push(c);
        }
        tamed
    })
}

/// A name on one line, whatever it is made of: one with a line break could forge a line of output.
pub(super) fn on_one_line(name: impl Display) -> String {
    tame(&name.to_string().replace('\n', "\\n"))
}

/// True if nobody reads stdout any more: `innerward … | head` is no failure.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}

/// An error with its causes; a cause whose words the error already has is not repeated.
pub(super) fn in_words(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |mut text, cause| {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
        text
    })
}

/// `1 item`, `2,000 items`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == head {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A line as several of at most `width` characters, cut at spaces where there are any.
pub(super) fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        let last = lines.last_mut().expect("there is one from the start");
        let len = last.chars().count();
        if len > 0 && len + 1 + word.len() > width {
            lines.push(String::new());
        } else if len > 0 {
            last.push(' ');
        }
        while word.len() > width {
            let rest = word.split_off(width);
            lines.last_mut().expect("there is one from the start").extend(word);
            lines.push(String::new());
            word = rest;
        }
        lines.last_mut().expect("there is one from the start").extend(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_commanded_by_names() {
        assert_eq!(tame("a\u{1b}[2Jb\u{202e}gpj.c\r"), r"a\u{1b}[2Jb\u{202e}gpj.c\r");
        assert_eq!(tame("grün\nzwei"), "grün\nzwei");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn long_lines_are_cut_at_spaces_or_else_anywhere() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrapped("", 3), [""]);
    }
}
