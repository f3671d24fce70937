//! Tells whoever started this process, as systemd with `Type=notify`, that it answers and that it ends: by a datagram to the Unix
//! socket that `NOTIFY_SOCKET` names.

use std::ffi::OsString;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// How long a supervisor that does not read is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who started this process, if they want to be told.
pub(super) struct Supervisor(Option<OsString>);

impl Supervisor {
    /// As the environment names it.
    pub(super) fn of_environment() -> Self {
        Self(std::env::var_os("NOTIFY_SOCKET").filter(|place| !place.is_empty()))
    }

    /// Tells it `state`, such as `READY=1`; nothing where nobody wants to know.
    ///
    /// # Errors
    /// If there is no such socket, or nobody reads it.
    pub(super) fn tell(&self, state: &str) -> io::Result<()> {
        let Some(place) = &self.0 else { return Ok(()) };
        // `@` stands for the zero byte with which the name of a socket begins that is no file.
        let address = match place.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(place)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.send_to_addr(state.as_bytes(), &address).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_with_and_without_a_file_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let name = format!("innerward-notify-{}", std::process::id());
        let nameless = SocketAddr::from_abstract_name(&name).unwrap();
        for (place, socket) in [
            (path.clone().into_os_string(), UnixDatagram::bind(&path).unwrap()),
            (format!("@{name}").into(), UnixDatagram::bind_addr(&nameless).unwrap()),
        ] {
            let supervisor = Supervisor(Some(place));
            supervisor.tell("READY=1").unwrap();
            let mut heard = [0; 64];
            let read = socket.recv(&mut heard).unwrap();
            assert_eq!(&heard[..read], b"READY=1");
            drop(socket);
            assert!(supervisor.tell("STOPPING=1").is_err(), "nobody is there any more");
        }
        Supervisor(None).tell("READY=1").unwrap();
    }
}
