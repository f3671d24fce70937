//! Where the service listens, and what is not allowed to be listened at without a second word.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, AtFlags, CWD, accessat};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use super::ServeError;
use crate::serve::Settings;

/// What is listened at.
pub(in crate::serve) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, Owned),
}

/// What was accepted.
pub(super) enum Accepted {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A socket's file, gone when dropped.
pub(in crate::serve) struct Owned(PathBuf);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0); // if it is gone already, that is what was wanted
    }
}

impl Listener {
    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // Answers are written whole; waiting for more would only make them late.
                let _ = stream.set_nodelay(true);
                Ok(Accepted::Tcp(stream))
            }
            Self::Unix(listener, _) => Ok(Accepted::Unix(listener.accept().await?.0)),
        }
    }

    /// As people write it: `127.0.0.1:8420`, `unix:/run/innerward.sock`.
    pub(in crate::serve) fn name(&self) -> String {
        match self {
            Self::Tcp(listener) => listener.local_addr().map_or_else(|_| "tcp".into(), |at| at.to_string()),
            Self::Unix(_, Owned(path)) => format!("unix:{}", path.display()),
        }
    }
}

/// Refuses what other machines could reach without authentication or TLS, unless the operator has said it twice.
pub(super) fn check_exposure(settings: &Settings) -> Result<(), ServeError> {
    if settings.listen.is_empty() && settings.socket.is_none() {
        return Err(ServeError::Nowhere);
    }
    for address in settings.listen.iter().filter(|address| !address.ip().is_loopback()) {
        if settings.tls.is_none() && !settings.insecure_beyond_loopback {
            return Err(ServeError::Insecure(*address));
        }
        if !settings.open.is_empty() && !settings.open_beyond_loopback {
            return Err(ServeError::Open(*address));
        }
    }
    Ok(())
}

/// Listens at all that the settings name.
pub(in crate::serve) async fn listen(settings: &Settings) -> Result<Vec<Listener>, ServeError> {
    check_exposure(settings)?;
    let mut listeners = Vec::new();
    for address in &settings.listen {
        listeners.push(Listener::Tcp(tcp(*address).await?));
    }
    if let Some(path) = &settings.socket {
        listeners.push(unix(path, settings.socket_mode)?);
    }
    Ok(listeners)
}

async fn tcp(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// Whether each place can be listened at just now, by its name; nothing stays open.
pub(super) fn try_all(settings: &Settings) -> Vec<(String, Result<(), ServeError>)> {
    if let Err(error) = check_exposure(settings) {
        return vec![("these addresses".into(), Err(error))];
    }
    let try_tcp = |address: &SocketAddr| {
        let tried = std::net::TcpListener::bind(address).map(drop);
        (address.to_string(), tried.map_err(|source| ServeError::Listen { address: *address, source }))
    };
    let try_unix = |path: &PathBuf| {
        let tried = free(path).and_then(|()| {
            let folder = path.parent().unwrap_or(Path::new("/"));
            let failed = |source| ServeError::Socket { path: folder.to_owned(), source };
            accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::empty())
                .map_err(|error| failed(error.into()))
        });
        (format!("unix:{}", path.display()), tried)
    };
    settings.listen.iter().map(try_tcp).chain(settings.socket.iter().map(try_unix)).collect()
}

/// True if a service of innerward answers at the address `place`, as `probe` names it. Asked without TLS, on this machine alone.
#[must_use]
pub fn answers(place: &str, settings: &Settings) -> bool {
    const PATIENCE: Duration = Duration::from_secs(2);
    // Of the head of an answer so much is read, and no more.
    const MOST: u64 = 4096;
    let Ok(mut address) = place.parse::<SocketAddr>() else { return false };
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    if settings.tls.is_some() || !address.ip().is_loopback() {
        return false;
    }
    let ask = || -> io::Result<String> {
        let mut stream = std::net::TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.take(MOST).read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\nok\n"))
}

/// Refuses a place where something else is.
fn free(path: &Path) -> Result<(), ServeError> {
    let occupied = |what| Err(ServeError::Occupied { path: path.to_owned(), what });
    match fs::symlink_metadata(path) {
        Ok(about) if !about.file_type().is_socket() => {
            occupied("this is no socket, and is left alone; name another file with --socket")
        }
        Ok(_) if Blocking::connect(path).is_ok() => {
            occupied("a service listens there already; end it, or name another file with --socket")
        }
        _ => Ok(()),
    }
}

/// A socket that has its permissions from the first moment on which anybody can find it.
fn unix(path: &Path, mode: u32) -> Result<Listener, ServeError> {
    let failed = |source| ServeError::Socket { path: path.to_owned(), source };
    free(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let _ = fs::remove_file(&temporary); // of a killed process of the same number
    let made = || {
        let listener = UnixListener::bind(&temporary)?;
        fs::set_permissions(&temporary, fs::Permissions::from_mode(mode))?;
        fs::rename(&temporary, path)?;
        Ok(listener)
    };
    match made() {
        Ok(listener) => Ok(Listener::Unix(listener, Owned(path.to_owned()))),
        Err(source) => {
            let _ = fs::remove_file(&temporary);
            Err(failed(source))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::Scope;
    use crate::serve::settings::TlsSettings;

    fn at(address: &str) -> Settings {
        Settings { listen: vec![address.parse().unwrap()], ..Settings::default() }
    }

    #[test]
    fn nothing_is_exposed_unless_told_twice() {
        assert!(matches!(check_exposure(&Settings::default()), Err(ServeError::Nowhere)));
        for local in ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1"] {
            check_exposure(&Settings { open: Scope::ALL.to_vec(), ..at(local) }).unwrap();
        }
        let tls =
            TlsSettings { certificate: "c".into(), key: "k".into(), client_ca: None, client_optional: false };
        for open in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[::ffff:127.0.0.1]:1"] {
            let bare = at(open);
            assert!(matches!(check_exposure(&bare), Err(ServeError::Insecure(_))), "{open}");
            let behind_a_proxy = Settings { insecure_beyond_loopback: true, ..bare.clone() };
            check_exposure(&behind_a_proxy).unwrap();
            let with_tls = Settings { tls: Some(tls.clone()), ..bare };
            check_exposure(&with_tls).unwrap();
            for safe in [behind_a_proxy, with_tls] {
                let open_too = Settings { open: vec![Scope::Match], ..safe };
                assert!(matches!(check_exposure(&open_too), Err(ServeError::Open(_))), "{open}");
                check_exposure(&Settings { open_beyond_loopback: true, ..open_too }).unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_socket_is_its_owners_and_takes_no_others_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let first = unix(&path, 0o600).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(unix(&path, 0o600), Err(ServeError::Occupied { .. })), "a service is there");
        drop(first);
        assert!(!path.exists(), "the file goes with its service");
        let left = std::os::unix::net::UnixListener::bind(&path).unwrap();
        drop(left);
        drop(unix(&path, 0o660).unwrap());
        fs::write(&path, "precious").unwrap();
        assert!(matches!(unix(&path, 0o600), Err(ServeError::Occupied { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }
}
