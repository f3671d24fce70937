//! Makes a home of a backup: all of it or nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use blake3::{Hash, Hasher};
use jiff::Timestamp;

use super::tar::{self, Header};
use super::{ABOUT, About, BELOW, BackupError, DATABASE, FORMAT, FileDigest, Identity, MANIFEST, Manifest};
use crate::home::{DEMO_TEXT, Home, HomeError, MARKER, MARKER_TEXT, remove_tree, sync_dir};

/// Most bytes of what a backup says of itself, and of its list of files.
const MOST_TEXT: u64 = 512 << 20;
/// Most bytes of a file with identities.
const MOST_IDENTITIES: u64 = 1 << 20;

/// A home that was made of a backup.
#[derive(Debug)]
pub struct Restored {
    /// The home.
    pub home: Home,
    /// When it was as it is now.
    pub at: Timestamp,
    /// Its files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// BLAKE3 of the backup as it was read, encrypted.
    pub digest: Hash,
}

/// The identities in a file as `age-keygen` writes it: a line each, and comments.
///
/// # Errors
/// [`BackupError::NoIdentity`] if there is none in it.
pub fn identities(path: &Path) -> Result<Vec<Identity>, BackupError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST_IDENTITIES).read_to_string(&mut text));
    read.map_err(HomeError::io(path))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let all: Result<Vec<Identity>, _> = lines.map(str::parse).collect();
    all.ok().filter(|all| !all.is_empty()).ok_or_else(|| BackupError::NoIdentity(path.into()))
}

/// Makes a home at `place`, where nothing is yet, of the backup `input`; with `expected`, only of the one with that digest,
/// and no database or index of another one is opened. `check` looks at what other rooms know to check, before the home is
/// there under its name, and says what is wrong.
///
/// # Errors
/// [`BackupError`]; then nothing is at `place`.
pub fn restore(
    input: impl Read,
    identities: &[Identity],
    expected: Option<Hash>,
    place: &Path,
    check: impl FnOnce(&Restored) -> Result<(), String>,
) -> Result<Restored, BackupError> {
    let is_free = match place.symlink_metadata() {
        Ok(about) => about.is_dir() && fs::read_dir(place).is_ok_and(|mut files| files.next().is_none()),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    let (Some(name), true) = (place.file_name(), is_free) else {
        return Err(BackupError::Occupied(place.into()));
    };
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let begin = format!(".{}.restoring.", name.to_string_lossy());
    forget_left(parent, &begin);
    let staging = parent.join(format!("{begin}{}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&staging).map_err(HomeError::io(&staging))?;
    let done = build(input, identities, expected, &staging, check).and_then(|restored| {
        fs::rename(&staging, place).map_err(HomeError::io(place))?;
        sync_dir(parent)?;
        let home = Home { root: place.into(), ..restored.home };
        Ok(Restored { home, ..restored })
    });
    if done.is_err() {
        let _ = remove_tree(&staging, false); // the first error is the one to tell
    }
    done
}

/// Removes what killed processes left that were restoring to the same place.
fn forget_left(parent: &Path, begin: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(begin)?.parse::<i32>().ok());
        let process = process.and_then(rustix::process::Pid::from_raw);
        if process.is_some_and(|process| {
            rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH)
        }) {
            let _ = remove_tree(&entry.path(), false); // it is in nobody's way
        }
    }
}

/// Builds the home in `staging`, to its marker.
fn build(
    input: impl Read,
    identities: &[Identity],
    expected: Option<Hash>,
    staging: &Path,
    check: impl FnOnce(&Restored) -> Result<(), String>,
) -> Result<Restored, BackupError> {
    let (mut ended, mut hasher) = (false, Hasher::new());
    let input = Watched { input, ended: &mut ended, hasher: &mut hasher };
    let decryptor =
        age::Decryptor::new_buffered(io::BufReader::with_capacity(1 << 16, input)).map_err(refusal)?;
    let opened =
        decryptor.decrypt(identities.iter().map(|one| one as &dyn age::Identity)).map_err(refusal)?;
    let unpacked = unpack(opened, staging);
    let (about, listed, found, marker) = match unpacked {
        Err(Unpack::Read(error)) => {
            return Err(match error.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof if ended => BackupError::Cut,
                io::ErrorKind::InvalidData => BackupError::Changed(error.to_string()),
                io::ErrorKind::UnexpectedEof => BackupError::Cut,
                _ => BackupError::Input(error),
            });
        }
        Err(Unpack::Other(error)) => return Err(error),
        Ok(unpacked) => unpacked,
    };
    // To its last byte: the archive ends only where the input does.
    let digest = hasher.finalize();
    if expected.is_some_and(|expected| expected != digest) {
        return Err(BackupError::Another { found: digest });
    }
    if let Some(path) = differing(&listed, &found) {
        return Err(BackupError::Changed(format!("{path} is not as the backup's own list has it")));
    }
    let Some(marker) = marker else {
        return Err(BackupError::Foreign("it holds no home".into()));
    };
    check_database(staging)?;
    for folder in ["index", "runs", "keys", "public"] {
        let path = staging.join(folder);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(HomeError::io(&path))?;
    }
    let demo = marker == DEMO_TEXT.as_bytes();
    if !demo && marker != MARKER_TEXT.as_bytes() {
        return Err(BackupError::Foreign("its home has a layout that this build does not know".into()));
    }
    let home = Home { root: staging.into(), demo };
    let (files, bytes) = (listed.files.len() as u64, listed.files.values().map(|file| file.bytes).sum());
    let restored = Restored { home, at: about.at, files, bytes, digest };
    check(&restored).map_err(BackupError::Unsound)?;
    // A folder without the marker is not a home: it comes when all the rest is there.
    let path = staging.join(MARKER);
    write_private(&path, &marker).map_err(HomeError::io(&path))?;
    let synced = File::open(staging).and_then(|folder| Ok(rustix::fs::syncfs(&folder)?));
    synced.map_err(HomeError::io(staging))?;
    Ok(restored)
}

enum Unpack {
    /// Reading the archive.
    Read(io::Error),
    Other(BackupError),
}

impl From<io::Error> for Unpack {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl From<HomeError> for Unpack {
    fn from(error: HomeError) -> Self {
        Self::Other(error.into())
    }
}

type Unpacked = (About, Manifest, Manifest, Option<Vec<u8>>);

/// Writes what is in the archive below `staging`: what it says of itself, the files that it lists, those that it has, and the
/// marker of the home, which is not written yet.
fn unpack(mut archive: impl Read, staging: &Path) -> Result<Unpacked, Unpack> {
    let foreign = |cause: &str| Unpack::Other(BackupError::Foreign(cause.to_owned()));
    let first = tar::next(&mut archive).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData
            if error.get_ref().is_some_and(|cause| !cause.to_string().contains("decrypt")) =>
        {
            foreign("what is encrypted there is no archive of innerward")
        }
        _ => Unpack::Read(error),
    })?;
    let Some(first) = first.filter(|first| first.name == ABOUT) else {
        return Err(foreign("it is an archive of something else"));
    };
    let about = text(&first, &mut archive)?;
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let format: Format = serde_json::from_slice(&about).map_err(|_| foreign("it does not say what it is"))?;
    if format.format > FORMAT {
        let (found, newest) = (format.format, FORMAT);
        return Err(Unpack::Other(BackupError::TooNew { found, newest }));
    }
    let about = serde_json::from_slice(&about).map_err(|_| foreign("it does not say what it is"))?;
    let (mut found, mut marker, mut listed) = (Manifest::default(), None, None);
    while let Some(header) = tar::next(&mut archive)? {
        if header.name == MANIFEST {
            let manifest = serde_json::from_slice(&text(&header, &mut archive)?);
            listed = Some(manifest.map_err(|_| foreign("its list of files cannot be read"))?);
            break;
        }
        let name =
            header.name.strip_prefix(BELOW).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        let is_sound = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\0');
        if !name.split('/').all(is_sound) || found.files.contains_key(name) {
            return Err(foreign("it holds a file that no backup has"));
        }
        let path = staging.join(name);
        if header.is_folder {
            let made = fs::DirBuilder::new().mode(0o700).create(&path);
            made.and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(header.mode | 0o700)))
                .map_err(HomeError::io(&path))?;
            continue;
        }
        let digest = if name == MARKER {
            let bytes = text(&header, &mut archive)?;
            let blake3 = blake3::hash(&bytes).to_hex().to_string();
            marker = Some(bytes);
            FileDigest { bytes: header.len, blake3 }
        } else {
            file(&header, &path, &mut archive)?
        };
        found.files.insert(name.to_owned(), digest);
    }
    // To the very end: only there is it certain that nothing was cut off.
    if io::copy(&mut archive.take(MOST_TEXT), &mut io::sink())? % 512 != 0 {
        return Err(foreign("something follows after its end"));
    }
    match listed {
        Some(listed) => Ok((about, listed, found, marker)),
        None => Err(foreign("it ends without a list of its files")),
    }
}

/// A short member.
fn text(header: &Header, archive: &mut impl Read) -> Result<Vec<u8>, Unpack> {
    if header.len > MOST_TEXT {
        return Err(Unpack::Other(BackupError::Foreign("what it says of itself is too long".into())));
    }
    let mut bytes = Vec::new();
    if archive.by_ref().take(header.len).read_to_end(&mut bytes)? as u64 != header.len {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    tar::skip_padding(header.len, archive)?;
    Ok(bytes)
}

/// Writes a member to `path`.
fn file(header: &Header, path: &Path, archive: &mut impl Read) -> Result<FileDigest, Unpack> {
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(HomeError::io(path))?;
    let (mut hasher, mut left) = (blake3::Hasher::new(), header.len);
    let mut piece = vec![0; 256 << 10];
    while left > 0 {
        let most = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let len = match archive.read(&mut piece[..most]) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        hasher.update(&piece[..len]);
        out.write_all(&piece[..len]).map_err(HomeError::io(path))?;
        left -= len as u64;
    }
    tar::skip_padding(header.len, archive)?;
    let modified = UNIX_EPOCH + Duration::from_secs(header.modified);
    out.set_permissions(fs::Permissions::from_mode(header.mode))
        .and_then(|()| out.set_modified(modified))
        .map_err(HomeError::io(path))?;
    Ok(FileDigest { bytes: header.len, blake3: hasher.finalize().to_hex().to_string() })
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The first path of which the two do not say the same.
fn differing<'a>(listed: &'a Manifest, found: &'a Manifest) -> Option<&'a str> {
    let mut paths = listed.files.keys().chain(found.files.keys());
    paths.find(|path| listed.files.get(*path) != found.files.get(*path)).map(String::as_str)
}

fn check_database(staging: &Path) -> Result<(), BackupError> {
    let path = staging.join(DATABASE);
    if !path.exists() {
        return Ok(());
    }
    let connection = rusqlite::Connection::open(&path).map_err(HomeError::from)?;
    let told: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(HomeError::from)?;
    connection.close().map_err(|(_, error)| HomeError::from(error))?;
    match &*told {
        "ok" => Ok(()),
        _ => Err(BackupError::Unsound(format!("{DATABASE} is damaged, and was so in the home"))),
    }
}

fn refusal(error: age::DecryptError) -> BackupError {
    use age::DecryptError as E;
    match error {
        E::NoMatchingKeys | E::KeyDecryptionFailed | E::ExcessiveWork { .. } => BackupError::WrongKey,
        E::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => BackupError::Cut,
        E::Io(error) => BackupError::Input(error),
        E::InvalidMac | E::DecryptionFailed => {
            BackupError::Changed("its header is not what was written".into())
        }
        _ => BackupError::Foreign("it is not encrypted by age".into()),
    }
}

/// Hashes the input, and notes whether it was read to its end.
struct Watched<'a, R> {
    input: R,
    ended: &'a mut bool,
    hasher: &'a mut Hasher,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.input.read(buffer)?;
        *self.ended |= len == 0 && !buffer.is_empty();
        self.hasher.update(&buffer[..len]);
        Ok(len)
    }
}
