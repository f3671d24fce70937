//! A web server on this machine's loopback, for tests alone: it serves a folder, or whatever a test makes of a path.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// What was asked of a server, each the whole head of a request.
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

pub(crate) struct Server {
    /// With a slash at its end.
    pub(crate) url: String,
    pub(crate) asked: Asked,
}

impl Server {
    /// A server of which `answer` gives the whole answer to a path; `false` leaves the file of `folder` to be served.
    pub(crate) fn new(
        folder: &Path,
        answer: impl Fn(&str, &mut TcpStream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Asked::default();
        let (folder, answer, log) = (folder.to_owned(), Arc::new(answer), asked.clone());
        // It ends with the process; nothing waits for it.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (folder, answer, log) = (folder.clone(), answer.clone(), log.clone());
                std::thread::spawn(move || serve(stream, &folder, &*answer, &log));
            }
        });
        Self { url, asked }
    }

    pub(crate) fn of(folder: &Path) -> Self {
        Self::new(folder, |_, _| false)
    }

    /// The paths that were asked for.
    pub(crate) fn paths(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

fn serve(mut stream: TcpStream, folder: &Path, answer: &dyn Fn(&str, &mut TcpStream) -> bool, log: &Asked) {
    let mut head = String::new();
    for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
        if line.is_empty() {
            break;
        }
        head += &line;
        head.push('\n');
    }
    if head.is_empty() {
        return;
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(head);
    if !answer(&path, &mut stream) {
        let file: PathBuf = folder.join(path.trim_start_matches('/'));
        match fs::read(file) {
            Ok(bytes) => send(&mut stream, "200 OK", "", &bytes),
            Err(_) => send(&mut stream, "404 Not Found", "", b"none"),
        }
    }
}

/// An answer with a length that is right.
pub(crate) fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len());
    // The other side may have had enough.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}
