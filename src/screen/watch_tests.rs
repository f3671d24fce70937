use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::AtomicU32;

use super::*;

struct Place {
    dir: tempfile::TempDir,
    home: Home,
    away: Arc<Mutex<Vec<bool>>>,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::create(&dir.path().join("ward"), false).unwrap();
        fs::create_dir(dir.path().join("in")).unwrap();
        Self { dir, home, away: Arc::default() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join("in").join(name)
    }

    /// A file that was written to long ago.
    fn write(&self, name: &str, content: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), content).unwrap();
        self.set_age(name, 100);
    }

    fn set_age(&self, name: &str, seconds: u64) {
        let file = fs::File::options().write(true).open(self.at(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    }

    fn watch(&self) -> Result<Watch, WatchError> {
        let told = Arc::clone(&self.away);
        let away = Box::new(move |is_away| told.lock().unwrap().push(is_away));
        let how = Watching { every: Duration::ZERO, stop: Arc::default(), away };
        Watch::open(&self.home, &self.dir.path().join("in"), how)
    }

    /// The lines of what was taken in.
    fn taken(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for watch in fs::read_dir(self.home.root().join("watch")).unwrap() {
            let path = watch.unwrap().path().join("taken.jsonl");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            paths.extend(fs::read_to_string(path).unwrap().lines().map(str::to_owned));
        }
        paths
    }
}

impl Watch {
    /// One look, as if the last one was three seconds ago; what it gives.
    fn one_look(&self, filter: &Filter) -> (Vec<String>, Summary) {
        lock(&self.state).fresh.values_mut().for_each(|fresh| fresh.since -= Duration::from_secs(3));
        let mut summary = Summary::default();
        let before = lock(&self.state).look.number;
        let mut given = Vec::new();
        if self.begin_look() {
            for item in Walk::new(&self.dir, filter, None) {
                given.extend(self.see(item, filter));
            }
            self.end_look(&mut summary);
            assert_eq!(lock(&self.state).look.number, before + 1);
        }
        let name = |target: Target| target.path.strip_prefix(&self.dir).unwrap().to_str().unwrap().to_owned();
        (given.into_iter().map(name).collect(), summary)
    }

    fn names(&self) -> Vec<String> {
        self.one_look(&Filter::default()).0
    }

    fn keep_all(&self) {
        let given = lock(&self.state).given.len();
        self.kept(&vec![true; given]).unwrap();
    }
}

const NONE: [&str; 0] = [];

#[test]
fn a_file_is_given_once_two_looks_found_it_the_same_and_again_when_it_has_changed() {
    let place = Place::new();
    place.write("a.jpg", "a");
    place.write("d/b.jpg", "b");
    let watch = place.watch().unwrap();
    assert_eq!(watch.names(), NONE);
    place.write("d/b.jpg", "b and more");
    assert_eq!(watch.names(), ["a.jpg"], "the other is being written to");
    assert_eq!(watch.names(), ["d/b.jpg"]);
    assert_eq!(watch.names(), NONE, "what is in hand is not given twice");
    watch.keep_all();
    assert_eq!(watch.names(), NONE);
    place.set_age("a.jpg", 50);
    assert_eq!((watch.names(), watch.names()), (vec![], vec!["a.jpg".to_owned()]), "by its time alone");
    place.write("c.jpg", "c");
    place.set_age("c.jpg", 0);
    assert_eq!((watch.names(), watch.names()), (vec![], vec![]), "it was written to a moment ago");
    place.set_age("c.jpg", 3);
    assert_eq!((watch.names(), watch.names()), (vec![], vec!["c.jpg".to_owned()]));
    let ahead = fs::File::options().write(true).open(place.at("c.jpg")).unwrap();
    watch.keep_all();
    ahead.set_modified(SystemTime::now() + Duration::from_secs(5000)).unwrap();
    assert_eq!((watch.names(), watch.names()), (vec![], vec!["c.jpg".to_owned()]), "a clock that is ahead");
}

#[test]
fn what_was_kept_is_known_to_the_next_process_and_what_was_not_comes_again() {
    let place = Place::new();
    for name in ["a", "b", "c", "d"] {
        place.write(name, name);
    }
    let watch = place.watch().unwrap();
    assert!(matches!(place.watch(), Err(WatchError::Busy(_))));
    watch.set_run(Some("20260101T000000")).unwrap();
    assert_eq!((watch.names(), watch.names().len()), (vec![], 4));
    watch.kept(&[true, true]).unwrap();
    drop(watch);
    // A line that a killed process did not finish.
    let state = fs::read_dir(place.home.root().join("watch")).unwrap().next().unwrap().unwrap().path();
    let mut torn = fs::read(state.join("taken.jsonl")).unwrap();
    torn.extend_from_slice(br#"{"path":"c","byt"#);
    fs::write(state.join("taken.jsonl"), torn).unwrap();
    let watch = place.watch().unwrap();
    assert_eq!(watch.unfinished().as_deref(), Some("20260101T000000"));
    assert_eq!((watch.names(), watch.names()), (vec![], vec!["c".to_owned(), "d".to_owned()]));
    watch.keep_all();
    fs::remove_file(place.at("a")).unwrap();
    assert_eq!(watch.names(), NONE);
    assert_eq!(place.taken().len(), 3, "pruned of what is gone");
    place.write("b", "b, changed");
    assert_eq!((watch.names(), watch.names()), (vec![], vec!["b".to_owned()]));
    watch.keep_all();
    assert_eq!(place.taken().len(), 4);
    watch.set_run(None).unwrap();
    assert_eq!(place.taken().len(), 3);
    drop(watch);
    let watch = place.watch().unwrap();
    assert_eq!((watch.names(), watch.names(), watch.unfinished()), (vec![], vec![], None));
}

#[test]
fn what_is_left_out_is_counted_for_the_look_and_not_for_all_looks() {
    let place = Place::new();
    place.write("a.tmp", "a");
    place.write("b.jpg", "0123456789");
    let mut filter = Filter::default().exclude(["*.tmp"]).unwrap();
    filter.max_bytes = Some(5);
    let watch = place.watch().unwrap();
    for _ in 0..3 {
        let (given, summary) = watch.one_look(&filter);
        assert_eq!((given.len(), summary.excluded), (0, 2));
    }
}

#[test]
fn a_folder_that_is_away_is_waited_for_and_nothing_of_it_is_forgotten() {
    let place = Place::new();
    place.write("s/a", "a");
    let watch = place.watch().unwrap();
    assert_eq!((watch.names(), watch.names().len()), (vec![], 1));
    watch.keep_all();
    assert_eq!(watch.names(), NONE);
    let (here, elsewhere) = (place.dir.path().join("in"), place.dir.path().join("elsewhere"));
    fs::rename(&here, &elsewhere).unwrap();
    assert_eq!((watch.names(), watch.names()), (vec![], vec![]));
    assert_eq!(*place.away.lock().unwrap(), [true], "it is said once");
    assert_eq!(place.taken().len(), 1);
    fs::rename(&elsewhere, &here).unwrap();
    assert_eq!((watch.names(), watch.names()), (vec![], vec![]));
    assert_eq!(*place.away.lock().unwrap(), [true, false]);
    // Where a drive was mounted there is an empty folder of another file system.
    let own = watch.device().unwrap();
    lock(&watch.state).watched.set_device(own + 1).unwrap();
    fs::rename(place.at("s"), place.dir.path().join("s")).unwrap();
    assert_eq!(watch.names(), NONE);
    assert_eq!((place.away.lock().unwrap().len(), place.taken().len()), (3, 1));
    fs::rename(place.dir.path().join("s"), place.at("s")).unwrap();
    assert_eq!((watch.names(), watch.names()), (vec![], vec![]), "mounted again, under another number");
    assert_eq!(lock(&watch.state).watched.device(), Some(own));
    fs::remove_file(place.at("s/a")).unwrap();
    assert_eq!(watch.names(), NONE);
    assert_eq!(place.taken(), NONE, "on the file system that it was on, what is not there is gone");
}

#[test]
fn what_cannot_be_read_is_told_once_and_tried_again_by_the_next_process() {
    let place = Place::new();
    place.write("a", "a");
    let watch = place.watch().unwrap();
    assert_eq!((watch.names(), watch.names().len()), (vec![], 1));
    watch.kept(&[false]).unwrap();
    assert_eq!((watch.names(), watch.names()), (vec![], vec![]));
    let socket = std::os::unix::net::UnixListener::bind(place.at("b.sock")).unwrap();
    assert_eq!((watch.names(), watch.names()), (vec!["b.sock".to_owned()], vec![]));
    watch.keep_all();
    drop((watch, socket));
    assert_eq!(place.taken(), NONE);
    let watch = place.watch().unwrap();
    assert_eq!((watch.names(), watch.names()), (vec!["b.sock".to_owned()], vec!["a".to_owned()]));
    // Gone before it was read, it is new when it comes back.
    fs::rename(place.at("a"), place.dir.path().join("a")).unwrap();
    watch.kept(&[true, false]).unwrap();
    fs::rename(place.dir.path().join("a"), place.at("a")).unwrap();
    assert_eq!((watch.names(), watch.names()), (vec![], vec!["a".to_owned()]));
}

#[test]
fn what_is_no_folder_is_refused_in_words() {
    let place = Place::new();
    place.write("a", "a");
    let open = |name: &str| {
        let how = Watching { every: REST, stop: Arc::default(), away: Box::new(|_| {}) };
        Watch::open(&place.home, &place.at(name), how).unwrap_err().to_string()
    };
    assert!(open("missing").contains("no such folder"));
    assert!(open("a").contains("only a folder"));
}

#[test]
fn a_run_rests_or_ends_as_it_is_told_and_stops_when_it_is_asked() {
    let place = Place::new();
    let watch = place.watch().unwrap();
    let batch =
        |watch: &Watch| watch.batch(5, &mut None, &Filter::default(), None, &mut Summary::default()).len();
    for (pause, goes_on) in [(Pause::Rest, true), (Pause::End, false)] {
        watch.begin_part();
        // Not at once: it looks some times before.
        let asked = AtomicU32::new(0);
        watch.pause_by(move || (asked.fetch_add(1, Ordering::Relaxed) > 20).then_some(pause));
        assert_eq!((batch(&watch), watch.goes_on()), (0, goes_on));
    }
    watch.pause_by(|| None);
    watch.begin_part();
    watch.how.stop.store(true, Ordering::Relaxed);
    assert_eq!((batch(&watch), watch.goes_on()), (0, false));
}
