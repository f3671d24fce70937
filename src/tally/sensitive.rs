//! A value that must not leave the ward.

/// An exact count, or anything made of exact counts.
///
/// Has no `Debug`, `Display`, `Serialize` or `Clone`, so that it cannot slip into a log, an error or a file. Two
/// roads lead out: [`Sensitive::show_locally`] for the ward's own people, and the gate (`release`).
///
/// ```compile_fail,E0277
/// fn print(counts: innerward::tally::Sensitive<u64>) { println!("{counts:?}"); }
/// ```
/// ```compile_fail,E0277
/// fn send(counts: innerward::tally::Sensitive<u64>) { let _ = serde_json::to_string(&counts); }
/// ```
/// ```compile_fail,E0599
/// fn copy(counts: innerward::tally::Sensitive<u64>) { let _ = counts.clone(); }
/// ```
/// The same shapes compile for a value that is not sensitive:
/// ```
/// fn print(counts: u64) { println!("{counts:?}"); }
/// fn send(counts: u64) { let _ = serde_json::to_string(&counts); }
/// fn copy(counts: u64) { let _ = counts.clone(); }
/// ```
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Marks `value` as not to leave the ward.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, to be shown to the ward's own people on their own terminal or, by a scope of its own, through the inner
    /// service; marked "local, not for sharing". A test holds who calls this.
    #[must_use]
    pub fn show_locally(&self) -> &T {
        &self.0
    }

    /// The value, for the gate alone: a test holds that only `release` calls this.
    pub(crate) fn open_at_the_gate(self) -> T {
        self.0
    }
}
