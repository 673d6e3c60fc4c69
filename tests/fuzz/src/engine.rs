//! The loop: an input is mutated, tried, and kept if it reached something new.

use crate::counters::Reached;
use crate::mutate::Mutator;
use sha2::{Digest as _, Sha256};
use std::any::Any;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

/// How long an input may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many bytes of inputs are committed of a target.
const COMMITTED: usize = 30 << 10;

/// The longest input that is committed.
const SMALL: usize = 1 << 10;

/// How long a failing input is made smaller for.
const SHRINKING: Duration = Duration::from_secs(30);

/// What takes bytes from outside.
pub trait Target: Sized {
    const NAME: &'static str;

    /// Makes what is fuzzed.
    fn start() -> Self;

    /// What is mutated besides the corpus.
    fn seeds(&self) -> Vec<Vec<u8>>;

    /// Changes an input.
    fn mutate(&self, input: &mut Vec<u8>, by: &mut Mutator);

    /// Tries an input.
    ///
    /// # Errors
    /// A fault, and what it is.
    fn run(&mut self, input: &[u8]) -> Result<(), String>;

    /// What has to be tried before an input so that it does the same again.
    fn before(&self) -> Vec<u8> {
        Vec::new()
    }
}

/// Tries the corpus of a target, and fuzzes it for as long as `STANDING_FUZZ_SECONDS` says.
pub fn fuzz<T: Target>() {
    watch_panics();
    if let Ok(path) = std::env::var("STANDING_FUZZ_INPUT") {
        let input = fs::read(root().join(path)).unwrap();
        return Fuzzer::<T>::new().check(&input);
    }
    let mut fuzzer = Fuzzer::<T>::new();
    let corpus = fuzzer.corpus();
    assert!(!corpus.is_empty(), "{} has no corpus", T::NAME);
    for input in corpus {
        fuzzer.try_one(input);
    }
    if let Ok(seconds) = std::env::var("STANDING_FUZZ_SECONDS") {
        fuzzer.go_on(Duration::from_secs(seconds.parse().unwrap()));
        if std::env::var_os("STANDING_BLESS").is_some() {
            fuzzer.bless();
        }
    }
}

struct Fuzzer<T> {
    target: T,
    reached: Reached,
    pool: Vec<Vec<u8>>,
    tried: u64,
    watched: &'static Watched,
}

impl<T: Target> Fuzzer<T> {
    fn new() -> Self {
        Self {
            target: T::start(),
            reached: Reached::nothing(),
            pool: Vec::new(),
            tried: 0,
            watched: watch::<T>(),
        }
    }

    fn corpus(&self) -> Vec<Vec<u8>> {
        let mut inputs = self.target.seeds();
        inputs.extend(files(&committed::<T>()));
        inputs.extend(files(&found::<T>().join("corpus")));
        inputs
    }

    /// Tries an input, and keeps it if it reached something new.
    fn try_one(&mut self, input: Vec<u8>) {
        self.reached.clear();
        self.check(&input);
        if self.reached.add() {
            self.pool.push(input);
        }
    }

    fn go_on(&mut self, time: Duration) {
        let seed = std::env::var("STANDING_SEED")
            .map_or_else(|_| fastrand::u64(..), |text| text.parse().unwrap());
        let (start, all) = self.reached.edges();
        assert!(all > 0, "nothing is counted: ./tests/fuzz/run builds it so");
        let (known, mut by) = (self.pool.len(), Mutator::new(seed));
        println!(
            "{}: STANDING_SEED={seed}, {known} inputs at the start",
            T::NAME
        );
        let (begin, before) = (Instant::now(), self.tried);
        while begin.elapsed() < time {
            let mut input = by.pick(&self.pool).to_vec();
            by.other = by.pick(&self.pool).to_vec();
            self.target.mutate(&mut input, &mut by);
            self.try_one(input);
        }
        let new = &self.pool[known..];
        write_all(&found::<T>().join("corpus"), new);
        let edges = self.reached.edges().0;
        #[allow(clippy::cast_precision_loss, reason = "a figure to read")]
        let rate = (self.tried - before) as f64 / begin.elapsed().as_secs_f64();
        println!(
            "{}: {} inputs, {rate:.0} a second; edges {start} to {edges} of {all}; {} inputs kept",
            T::NAME,
            self.tried - before,
            new.len()
        );
    }

    /// Writes inputs that reach what was reached, few and small, as far as there is room.
    fn bless(&mut self) {
        let mut pool = std::mem::take(&mut self.pool);
        // A longer one may stand for several.
        pool.retain(|input| input.len() <= SMALL);
        pool.sort_by_key(|input| std::cmp::Reverse(input.len()));
        let (seeds, mut room) = (self.target.seeds(), COMMITTED);
        self.target = T::start();
        self.reached = Reached::nothing();
        for input in seeds.iter().cloned() {
            self.try_one(input);
        }
        let mut kept = Vec::new();
        for input in pool {
            let before = self.reached.edges().0;
            self.try_one(input.clone());
            if self.reached.edges().0 > before && input.len() <= room && !seeds.contains(&input) {
                room -= input.len();
                kept.push(input);
            }
        }
        // What was there already may have gone.
        let _ = fs::remove_dir_all(committed::<T>());
        write_all(&committed::<T>(), &kept);
    }

    /// Tries an input; ends the test if it fails.
    fn check(&mut self, input: &[u8]) {
        self.tried += 1;
        let before = self.target.before();
        *self.watched.lock().unwrap() = Some((Instant::now(), [&before, input].concat()));
        let fault = self.fault(input);
        *self.watched.lock().unwrap() = None;
        let Some(fault) = fault else {
            return;
        };
        let whole = self.shrunk([&before, input].concat());
        report::<T>(&fault, &whole);
        resume_unwind(Box::new(fault));
    }

    fn fault(&mut self, input: &[u8]) -> Option<String> {
        let run = AssertUnwindSafe(|| self.target.run(input));
        let fault = match catch_unwind(run) {
            Ok(result) => result.err(),
            Err(panic) => Some(told(&*panic)),
        };
        PANICKED.lock().unwrap().take().or(fault)
    }

    /// Leaves away what the fault does not need.
    fn shrunk(&mut self, input: Vec<u8>) -> Vec<u8> {
        let (begin, mut input) = (Instant::now(), input);
        let mut step = input.len() / 2;
        while step > 0 {
            let mut at = 0;
            while at + step <= input.len() && begin.elapsed() < SHRINKING {
                let shorter = [&input[..at], &input[at + step..]].concat();
                self.target = T::start();
                if self.fault(&shorter).is_some() {
                    input = shorter;
                } else {
                    at += step;
                }
            }
            step /= 2;
        }
        input
    }
}

/// What is tried now, and since when.
type Watched = Mutex<Option<(Instant, Vec<u8>)>>;

/// Ends the process if an input takes too long.
fn watch<T: Target>() -> &'static Watched {
    let watched: &'static Watched = Box::leak(Box::default());
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let now = watched.lock().unwrap();
            if let Some((since, input)) = &*now
                && since.elapsed() > PATIENCE
            {
                report::<T>(&format!("it takes longer than {PATIENCE:?}"), input);
                std::process::exit(1);
            }
        }
    });
    watched
}

/// The first panic on whatever thread since it was last asked for.
static PANICKED: Mutex<Option<String>> = Mutex::new(None);

/// Takes note of panics on all threads: a server's task that panics is else not told.
fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let mut first = PANICKED
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            first.get_or_insert_with(|| panic.to_string());
        }));
    });
}

fn told(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panics")
        .to_owned()
}

/// Writes an input that fails, and says how to try it again.
fn report<T: Target>(fault: &str, input: &[u8]) {
    let path = found::<T>().join(format!("failed-{}", name(input)));
    fs::create_dir_all(found::<T>()).unwrap();
    fs::write(&path, input).unwrap();
    let path = path.strip_prefix(root()).unwrap().display();
    eprintln!(
        "\n{}: FAILED: {fault}\nThe input is {path}; to try it again:\n  \
         STANDING_FUZZ_INPUT={path} cargo test --workspace --test fuzz -- --exact {}",
        T::NAME,
        T::NAME
    );
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

fn found<T: Target>() -> PathBuf {
    root().join("target/fuzz").join(T::NAME)
}

fn committed<T: Target>() -> PathBuf {
    root().join("tests/fuzz/corpus").join(T::NAME)
}

/// Reads the files of a folder in the order of their names; none if there is no folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths: BTreeSet<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn write_all(folder: &Path, inputs: &[Vec<u8>]) {
    fs::create_dir_all(folder).unwrap();
    for input in inputs {
        fs::write(folder.join(name(input)), input).unwrap();
    }
}

/// Names an input by its content.
fn name(input: &[u8]) -> String {
    let digest = Sha256::digest(input);
    data_encoding::HEXLOWER.encode(&digest[..8])
}
