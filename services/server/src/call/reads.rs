//! The account of what is read: who asked what, and on which basis it was answered, a line each in
//! a file of its own, to which lines are only added.
//!
//! A line is written before its answer is given away; where it cannot be written, nothing is
//! answered.

use crate::access::refuse_exposed;
use crate::call::errors::Problem;
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use standing_domain::id::ActorId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::Noted;
use standing_proto::json::request_json;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tonic::Code;

/// The most bytes of a request that are told; of a longer one its length and its digest are.
const LONGEST: usize = 16 << 10;

/// What of the reading is kept account of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// Questions whose answer shows the name of a natural person.
    Names,
    /// Every question.
    All,
}

/// The account.
pub struct Reads {
    path: PathBuf,
    of: Audited,
    /// From how many bytes on the file is put aside and a new one begun.
    most: u64,
    file: Mutex<Growing>,
}

/// The file that lines are added to.
struct Growing {
    file: File,
    bytes: u64,
}

impl fmt::Debug for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reads")
            .field("path", &self.path)
            .field("of", &self.of)
            .finish_non_exhaustive()
    }
}

/// A question that was let in.
pub(crate) struct Asked {
    pub actor: ActorId,
    pub path: String,
    /// What is asked.
    pub message: Vec<u8>,
    /// What is read for it.
    pub noted: Arc<Noted>,
}

impl Reads {
    /// Opens the account, or begins it. Nobody else may read the file.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn open(path: &Path, of: Audited, most: u64) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            of,
            most,
            file: Mutex::new(grow(path)?),
        })
    }

    /// Writes down what was asked on a thread that may take its time; see [`Reads::note`].
    pub(crate) async fn keep(self: Arc<Self>, asked: Asked, code: Code) -> Result<(), Problem> {
        let noted = tokio::task::spawn_blocking(move || self.note(&asked, code)).await;
        noted.unwrap_or_else(|error| Err(unkept(&error)))
    }

    /// Writes down what was asked, with the code of its answer, if that is kept account of.
    pub(crate) fn note(&self, asked: &Asked, code: Code) -> Result<(), Problem> {
        if self.of == Audited::Names && !asked.noted.has_names() {
            return Ok(());
        }
        let line = format!("{}\n", told(asked, code));
        let written = self.write(line.as_bytes());
        written.map_err(|error| unkept(&error))
    }

    fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut growing = self.file.lock();
        if growing.bytes > 0 && growing.bytes + line.len() as u64 > self.most {
            growing.file.sync_all()?;
            match std::fs::rename(&self.path, self.aside()) {
                // It was put aside before, and no new one could be begun then.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => renamed?,
            }
            *growing = grow(&self.path)?;
        }
        if let Err(error) = growing.file.write_all(line) {
            // No line is half a line, if that can be helped.
            let _ = growing.file.set_len(growing.bytes);
            return Err(error);
        }
        growing.bytes += line.len() as u64;
        Ok(())
    }

    /// Returns where the file is put that is full: beside it, under the moment. Nothing removes it.
    fn aside(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{}", since_1970().as_micros()));
        name.into()
    }
}

fn unkept(error: &(dyn std::error::Error + 'static)) -> Problem {
    let said = "what is read here is kept account of, and that cannot be written: ask later";
    Problem::failed(Code::Unavailable, "READS_NOT_RECORDED", said, error)
}

fn since_1970() -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap_or_default()
}

fn grow(path: &Path) -> io::Result<Growing> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    refuse_exposed(path, &metadata).map_err(io::Error::other)?;
    let bytes = metadata.len();
    Ok(Growing { file, bytes })
}

/// Writes a line. Of drafts that are assumed only their number stands there, and nothing of a name
/// that is searched for: it may be that of a natural person, which no erasure would reach here.
fn told(asked: &Asked, code: Code) -> Value {
    let question = if asked.message.len() > LONGEST {
        None
    } else {
        request_json(&asked.path, &asked.message)
    };
    let question = question.map_or_else(
        || {
            let digest = Sha256::digest(&asked.message);
            json!({
                "bytes": asked.message.len(),
                "sha256": data_encoding::HEXLOWER.encode(&digest),
            })
        },
        without_names,
    );
    let basis = asked.noted.basis().map(|(on, position): (Day, Position)| {
        json!({"on": on.to_string(), "position": position.number()})
    });
    let at = u64::try_from(since_1970().as_micros()).unwrap_or(u64::MAX);
    json!({
        "micros": at,
        "actor": asked.actor.as_str(),
        "method": asked.path.trim_start_matches("/standing.v1."),
        "asked": question,
        "basis": basis,
        "names": asked.noted.has_names(),
        "code": i32::from(code),
    })
}

fn without_names(mut question: Value) -> Value {
    if let Some(name) = question.get_mut("name") {
        *name = Value::String("(a name)".to_owned());
    }
    if let Some(Value::Array(drafts)) = question.pointer("/at/assume") {
        let drafts = drafts.len();
        if let Some(assume) = question.pointer_mut("/at/assume") {
            *assume = json!({"drafts": drafts});
        }
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;
    use standing_proto::v1;

    fn asked(path: &str, message: &impl prost::Message) -> Asked {
        Asked {
            actor: ActorId::new("clerk/7").unwrap(),
            path: path.to_owned(),
            message: message.encode_to_vec(),
            noted: Arc::default(),
        }
    }

    #[test]
    fn a_line_says_who_asked_what_and_names_nobody() {
        let question = v1::ListPartiesRequest {
            name: "A Natural Person".to_owned(),
            at: Some(v1::PointInTime {
                on: "2024-01-01".to_owned(),
                assume: vec![v1::Draft::default(); 2],
                ..v1::PointInTime::default()
            }),
            ..v1::ListPartiesRequest::default()
        };
        let line = told(
            &asked("/standing.v1.RollService/ListParties", &question),
            Code::Ok,
        );
        assert_eq!(line["actor"], "clerk/7");
        assert_eq!(line["method"], "RollService/ListParties");
        assert_eq!(line["asked"]["at"]["on"], "2024-01-01");
        assert_eq!(line["asked"]["at"]["assume"]["drafts"], 2);
        assert!(!line.to_string().contains("Natural"), "{line}");
        let long = v1::ListPartiesRequest {
            country: "x".repeat(LONGEST),
            ..v1::ListPartiesRequest::default()
        };
        let line = told(
            &asked("/standing.v1.RollService/ListParties", &long),
            Code::Ok,
        );
        assert!(line["asked"]["sha256"].is_string());
    }

    #[test]
    fn a_full_file_is_put_aside_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reads");
        let reads = Reads::open(&path, Audited::All, 1_000).unwrap();
        let question = asked("/standing.v1.LedgerService/GetHead", &v1::GetHeadRequest {});
        for _ in 0..20 {
            reads.note(&question, Code::Ok).unwrap();
        }
        drop(reads);
        let reads = Reads::open(&path, Audited::Names, 1_000).unwrap();
        reads.note(&question, Code::Ok).unwrap();
        let mut lines = 0;
        for file in fs(folder.path()) {
            assert!(file.len() <= 1_000, "{}", file.len());
            for line in file.lines() {
                let line: Value = serde_json::from_str(line).unwrap();
                assert_eq!(line["code"], 0);
                lines += 1;
            }
        }
        assert_eq!(lines, 20);
    }

    fn fs(folder: &Path) -> Vec<String> {
        let files = std::fs::read_dir(folder).unwrap();
        let files = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        files.collect()
    }
}
