//! Importing: every line of a file is a draft, a request of its own, and its id is the request's
//! id.
//!
//! Lines go one after the other: a line may rest on the one before it, and only an answered request
//! has its place in the log. Where the server knows it they go in a stream, without a wait for each
//! answer; of that nothing is recorded behind a line that is refused. That an id is honoured for
//! ever makes an import resumable: what is there already is answered, not recorded again.

pub mod files;
pub mod judged;
mod stream;

use crate::client::Client;
use crate::failure;
use crate::failure::Failure;
use crate::output;
use files::{Source, read};
use indicatif::ProgressBar;
use judged::read_all;
use standing_proto::v1;
use std::collections::HashMap;
use std::fmt;
use std::iter::once;
use std::path::PathBuf;
use stream::Streamed;
use tonic::{Code, Status};

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    files: usize,
    recorded: u64,
    already_there: u64,
    /// The position of the last entry that was recorded or is there already.
    last_position: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            files,
            recorded,
            already_there,
            last_position,
        } = self;
        let plural = if *files == 1 { "file" } else { "files" };
        write!(
            f,
            "{recorded} recorded, {already_there} already there, from {files} {plural}; last entry: {last_position}"
        )
    }
}

/// Imports files, and the files of folders.
///
/// # Errors
/// A file cannot be read or has malformed lines, and nothing is recorded; or a line is refused, or
/// not what it was when it was imported before, and what stands before it is recorded.
pub async fn import(client: &Client, paths: &[PathBuf]) -> Result<Report, Failure> {
    let sources = read(paths)?;
    // All that is wrong with the files is told before anything of them is recorded.
    let drafts = read_all(client, &sources).await?;
    let lines = sources.iter().map(Source::lines).sum();
    let bar = output::progress("importing", lines);
    let mut run = Run {
        client,
        bar: &bar,
        seen: HashMap::new(),
        report: Report {
            files: sources.len(),
            ..Report::default()
        },
    };
    let mut lines = sources.iter().zip(drafts).flat_map(|(source, drafts)| {
        drafts.into_iter().map(move |(number, draft)| Line {
            source,
            number,
            draft,
        })
    });
    let outcome = run.import(&mut lines).await;
    bar.finish_and_clear();
    let report = run.report;
    outcome.map_err(|failure| {
        failure.detail(format!(
            "the lines before it stay: {} recorded, {} already there; import again to go on from here",
            report.recorded, report.already_there
        ))
    })?;
    Ok(report)
}

/// A draft, and where it stands.
#[derive(Debug, Clone)]
struct Line<'s> {
    source: &'s Source,
    number: usize,
    draft: v1::Draft,
}

impl Line<'_> {
    fn place(&self) -> String {
        format!("{}:{}", self.source.name, self.number)
    }
}

/// A line without its draft, which is on its way.
struct Sent<'s> {
    source: &'s Source,
    number: usize,
    place: String,
    id: String,
}

/// An import under way.
struct Run<'a> {
    client: &'a Client,
    bar: &'a ProgressBar,
    /// Where each id stands, so that an id given twice is not taken for an edited line.
    seen: HashMap<String, String>,
    report: Report,
}

impl Run<'_> {
    /// Records lines, in a stream where the server knows it, and else one after the other.
    async fn import<'s>(
        &mut self,
        lines: &mut impl Iterator<Item = Line<'s>>,
    ) -> Result<(), Failure> {
        let Some(first) = lines.next() else {
            return Ok(());
        };
        // The first goes in a stream of its own, which ends with it: an older server reads what it
        // does not know to its end before it says so.
        if self.stream(&mut once(first.clone())).await? == Streamed::Unknown {
            for line in once(first).chain(lines) {
                self.alone(line).await?;
            }
            return Ok(());
        }
        match self.stream(lines).await? {
            Streamed::All => Ok(()),
            // Another server, behind one address, or an older one started meanwhile.
            Streamed::Unknown => Err(Failure::failed(
                "the server knew streams of requests at first, and does not any more",
            )),
        }
    }

    /// Records a line in a call of its own.
    async fn alone(&mut self, line: Line<'_>) -> Result<(), Failure> {
        let (sent, request) = self.prepared(line)?;
        self.seen.insert(sent.id.clone(), sent.place.clone());
        let recorded = self.client.ledger().record(request).await;
        let recorded = recorded.map_err(|status| sent.refused(status))?;
        self.note(&sent, &recorded.into_inner());
        Ok(())
    }

    /// Returns the request that records a line; refused if its id stood earlier.
    fn prepared<'s>(&self, line: Line<'s>) -> Result<(Sent<'s>, v1::RecordRequest), Failure> {
        let (id, place) = (line.draft.id.clone(), line.place());
        if let Some(earlier) = self.seen.get(&id) {
            let problem = format!("the id {id:?} stands at {earlier} already");
            return Err(Failure::refused(problem).at(place));
        }
        let request = v1::RecordRequest {
            request_id: id.clone(),
            drafts: vec![line.draft],
            irregular: v1::IrregularPolicy::Record.into(),
            ..v1::RecordRequest::default()
        };
        let sent = Sent {
            source: line.source,
            number: line.number,
            place,
            id,
        };
        Ok((sent, request))
    }

    /// Takes note of a line that is recorded, and tells what should be looked at again in it.
    fn note(&mut self, sent: &Sent<'_>, recorded: &v1::RecordResponse) {
        for warning in &recorded.warnings {
            self.bar
                .suspend(|| output::note(&sent.source.warning(sent.number, warning)));
        }
        if recorded.replayed {
            self.report.already_there += 1;
        } else {
            self.report.recorded += 1;
        }
        self.report.last_position = self.report.last_position.max(recorded.last_position);
        self.bar.inc(1);
    }
}

impl Sent<'_> {
    /// Tells why the line is not recorded.
    fn refused(&self, status: Status) -> Failure {
        let place = std::slice::from_ref(&self.place);
        refused(&self.id, status).placed(place).at(&self.place)
    }
}

/// Tells why a line is not recorded; where it was edited since it was imported, what to do instead.
fn refused(id: &str, status: Status) -> Failure {
    let edited = status.code() == Code::AlreadyExists
        && failure::reason(&status).is_none_or(|reason| reason == "REQUEST_ID_REUSED");
    let failure = Failure::from(status);
    if !edited {
        return failure;
    }
    failure
        .detail("a line that was imported is never edited: put it back as it was")
        .detail(format!(
            "then add a line with an id of its own, \"corrects\": {{\"id\": \"{id}\"}}, and the event as it should have been"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use tonic_types::{ErrorDetails, StatusExt as _};

    #[test]
    fn an_edited_line_is_told_which_correction_to_make() {
        let details = ErrorDetails::with_error_info("REQUEST_ID_REUSED", "standing", []);
        let message = "request id near-a was used with other content, at position 7";
        let status = Status::with_error_details(Code::AlreadyExists, message, details);
        expect![[r#"
            a.jsonl:3: REQUEST_ID_REUSED: request id near-a was used with other content, at position 7
              a line that was imported is never edited: put it back as it was
              then add a line with an id of its own, "corrects": {"id": "near-a"}, and the event as it should have been"#]]
        .assert_eq(&refused("near-a", status).at("a.jsonl:3").to_string());
    }

    #[test]
    fn a_report_counts_what_was_there() {
        let report = Report {
            files: 1,
            recorded: 2,
            already_there: 3,
            last_position: 5,
        };
        expect!["2 recorded, 3 already there, from 1 file; last entry: 5"]
            .assert_eq(&report.to_string());
    }
}
