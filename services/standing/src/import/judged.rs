//! Reading files of drafts so that all that is wrong with them is told in one round: what cannot be
//! read, by line and field, and what the ledger has against the rest.

use crate::client::Client;
use crate::failure;
use crate::failure::{Failure, Refused};
use crate::import::files::Source;
use standing_proto::json::{JsonError, draft_lines, read_drafts};
use standing_proto::v1;
use std::collections::BTreeSet;
use tonic::{Code, Status};

/// The id under which lines are judged. A request that writes nothing binds nothing.
const JUDGED: &str = "judged-with-faults";

/// The most drafts that are judged at once: as many as a request takes.
const MOST: usize = 10_000;

/// The most lines that are named as not judged.
const TOLD: usize = 20;

/// How often lines that rest on what was left out are left out in their turn.
const ROUNDS: usize = 16;

/// A draft and where it stands.
struct Placed {
    place: String,
    draft: v1::Draft,
    /// Its line, as it is written.
    text: String,
}

/// Reads the drafts of files, each with its line.
///
/// # Errors
/// Something in them is no draft: all that is wrong is told, and what the ledger would refuse of
/// the lines that can be read and do not rest on the others.
pub async fn read_all(
    client: &Client,
    sources: &[Source],
) -> Result<Vec<Vec<(usize, v1::Draft)>>, Failure> {
    let read = sources
        .iter()
        .map(|source| read_drafts(&source.name, &source.text));
    let (drafts, faults): (Vec<_>, Vec<_>) = read.unzip();
    let faults: Vec<JsonError> = faults.into_iter().flatten().collect();
    if faults.is_empty() {
        return Ok(drafts);
    }
    let mut failure = told(sources, &faults);
    for line in judged(client, sources, drafts, &faults).await {
        failure = failure.detail(line);
    }
    Err(failure)
}

fn told(sources: &[Source], faults: &[JsonError]) -> Failure {
    let files: BTreeSet<_> = faults.iter().map(|fault| &fault.file).collect();
    let name = match (files.len(), faults) {
        (_, [only]) => return Failure::refused(only.to_string()),
        (1, [first, ..]) => first.file.clone().unwrap_or_default(),
        _ => format!("{} of {} files", files.len(), sources.len()),
    };
    let count = faults.len();
    let verb = if files.len() == 1 { "has" } else { "have" };
    let failure = Failure::refused(format!("{name} {verb} {count} faults"));
    let lines = faults.iter().map(ToString::to_string);
    lines.fold(failure, Failure::detail)
}

/// Returns what the ledger has against the lines that can be read, a line each, and how many it was
/// not asked about.
async fn judged(
    client: &Client,
    sources: &[Source],
    drafts: Vec<Vec<(usize, v1::Draft)>>,
    faults: &[JsonError],
) -> Vec<String> {
    let at = faults.iter().filter_map(|fault| {
        let (line, _) = fault.place?;
        Some((fault.file.as_deref()?, line))
    });
    let wrong: BTreeSet<(&str, usize)> = at.collect();
    let mut out: Vec<String> = Vec::new();
    let mut sound: Vec<Placed> = Vec::new();
    for (source, drafts) in sources.iter().zip(drafts) {
        let name = &source.name;
        let mut drafts = drafts.into_iter().peekable();
        for (number, text) in draft_lines(&source.text) {
            let draft = drafts.next_if(|(line, _)| *line == number);
            match draft.filter(|_| !wrong.contains(&(name, number))) {
                Some((_, draft)) => sound.push(Placed {
                    place: format!("{name}:{number}"),
                    draft,
                    text: text.to_owned(),
                }),
                None => out.push(text.to_owned()),
            }
        }
    }
    if sound.is_empty() {
        return Vec::new();
    }
    if sound.len() > MOST {
        return vec![format!("the other {} lines were not judged", sound.len())];
    }
    let Rounds {
        refused,
        judged,
        left_out,
    } = match rounds(client, sound, out).await {
        Ok(rounds) => rounds,
        Err(status) => {
            let failure = Failure::from(status);
            return vec![format!("the other lines were not judged: {failure}")];
        }
    };
    let mut lines = refused;
    if lines.is_empty() && judged > 0 {
        let lines_of = if judged == 1 { "line" } else { "lines" };
        lines.push(format!("nothing is refused of {judged} other {lines_of}"));
    }
    if !left_out.is_empty() {
        let mut told: Vec<&str> = left_out.iter().map(String::as_str).collect();
        let more = told.len().saturating_sub(TOLD);
        told.truncate(TOLD);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!(
            "not judged, as they speak of what stands in faulty lines: {}{more}",
            told.join(", ")
        ));
    }
    lines
}

/// What the ledger said of lines.
struct Rounds {
    /// What it refuses, by line.
    refused: Vec<String>,
    /// How many lines it was asked about.
    judged: usize,
    /// Where the lines stand that it was not asked about.
    left_out: Vec<String>,
}

/// Judges lines, without those that speak of what stands in lines that were left out, as long as
/// there are such.
async fn rounds(
    client: &Client,
    mut sound: Vec<Placed>,
    mut out: Vec<String>,
) -> Result<Rounds, Status> {
    let mut left_out = Vec::new();
    for _ in 0..ROUNDS {
        let judged = sound.len();
        let status = match judge(client, &sound).await {
            Ok(()) => {
                let refused = Vec::new();
                return Ok(Rounds {
                    refused,
                    judged,
                    left_out,
                });
            }
            Err(status) => status,
        };
        let refused = failure::refused(&status);
        if status.code() != Code::FailedPrecondition || refused.is_empty() {
            return Err(status);
        }
        let hangs = |refused: &&Refused| speaks_of(&out, &refused.subject);
        let hanging: BTreeSet<usize> = refused.iter().filter(hangs).map(|one| one.draft).collect();
        if hanging.is_empty() {
            let places: Vec<String> = sound.iter().map(|line| line.place.clone()).collect();
            let said = refused.iter();
            let said = said.map(|one| failure::placed(&one.description, &places));
            return Ok(Rounds {
                refused: said.chain(failure::more(&status)).collect(),
                judged,
                left_out,
            });
        }
        for (place, line) in std::mem::take(&mut sound).into_iter().enumerate() {
            if hanging.contains(&place) {
                out.push(line.text);
                left_out.push(line.place);
            } else {
                sound.push(line);
            }
        }
        if sound.is_empty() {
            break;
        }
    }
    left_out.extend(sound.into_iter().map(|line| line.place));
    Ok(Rounds {
        refused: Vec::new(),
        judged: 0,
        left_out,
    })
}

/// Returns whether what a refusal is about stands in one of the lines that were left out.
fn speaks_of(out: &[String], subject: &str) -> bool {
    let last = subject.rsplit(' ').next().unwrap_or(subject);
    let quoted = format!("\"{last}\"");
    out.iter().any(|line| line.contains(&quoted))
}

async fn judge(client: &Client, sound: &[Placed]) -> Result<(), Status> {
    let request = v1::RecordRequest {
        request_id: JUDGED.to_owned(),
        drafts: sound.iter().map(|line| line.draft.clone()).collect(),
        validate_only: true,
        irregular: v1::IrregularPolicy::Record.into(),
        ..v1::RecordRequest::default()
    };
    client.ledger().record(request).await.map(drop)
}
