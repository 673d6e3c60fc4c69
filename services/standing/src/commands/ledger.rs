//! Recording, and reading the log.

use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::import;
use crate::import::files::Source;
use crate::import::judged::read_all;
use crate::output;
use crate::render;
use data_encoding::HEXLOWER;
use standing_proto::v1::point_in_time::KnownAt;
use standing_proto::v1::{
    Draft, Finding, GetEntryRequest, GetHeadRequest, IrregularPolicy, ListEntriesRequest,
    ListFindingsRequest, PointInTime, PreviewRequest, RecordRequest, RecordResponse, RecordWarning,
    Severity,
};
use std::path::Path;

/// Imports files.
pub async fn import(client: &Client, args: &args::Import) -> Result<String, Failure> {
    let report = import::import(client, &args.paths).await?;
    Ok(format!("{report}\n"))
}

/// Records one batch.
pub async fn record(client: &Client, args: &args::Record) -> Result<String, Failure> {
    let batch = judged_drafts(client, &args.file).await?;
    if args.dry_run {
        return preview(client, args, &batch).await;
    }
    let request_id = match &args.request_id {
        Some(id) => id.clone(),
        None => made_id()?,
    };
    if args.request_id.is_none() {
        output::note(&format!(
            "request id: {request_id} (to send the same again: --request-id {request_id})"
        ));
    }
    let request = RecordRequest {
        request_id,
        drafts: batch.drafts.clone(),
        epoch: args.epoch,
        irregular: IrregularPolicy::from(args.irregular).into(),
        ..RecordRequest::default()
    };
    let recorded_as = client.ledger().record(request).await;
    let response = recorded_as
        .map_err(|status| batch.place(status.into()))?
        .into_inner();
    if args.form.json {
        return render::json(&response);
    }
    for warning in &response.warnings {
        output::note(&batch.warning(warning));
    }
    Ok(recorded(&response) + &contradictions(client, &response).await)
}

/// Shows what a batch would do.
async fn preview(client: &Client, args: &args::Record, batch: &Batch) -> Result<String, Failure> {
    let request = PreviewRequest {
        drafts: batch.drafts.clone(),
        irregular: IrregularPolicy::from(args.irregular).into(),
        epoch: args.epoch,
        ..PreviewRequest::default()
    };
    let answered = client.ledger().preview(request).await;
    let response = answered
        .map_err(|status| batch.place(status.into()))?
        .into_inner();
    if args.form.json {
        output::say_as_is(&render::json(&response)?)?;
    } else {
        for warning in &response.warnings {
            output::note(&batch.warning(warning));
        }
    }
    if response.refusals_total > 0 {
        let failure = Failure::refused(render::entry::preview::heading(&response));
        let refused = render::entry::preview::refused(&response).into_iter();
        let failure = refused.fold(failure, |failure, one| failure.detail(one.description));
        let more = render::entry::preview::more(&response).into_iter();
        return Err(batch.place(more.fold(failure, Failure::detail)));
    }
    let told = if args.form.json {
        String::new()
    } else {
        render::entry::preview::preview(&response, &batch.places())
    };
    if response.recordable {
        return Ok(told);
    }
    output::say(&told)?;
    let why = "the law disapproves of what would be recorded: see above";
    Err(Failure::refused(why).detail("--irregular record records it all the same"))
}

/// Tells what contradicts itself in the record since a batch, and rests on its entries. What is
/// recorded stays so where that cannot be asked.
async fn contradictions(client: &Client, recorded: &RecordResponse) -> String {
    let at = PointInTime {
        known_at: Some(KnownAt::Position(recorded.last_position)),
        epoch: recorded.epoch,
        ..PointInTime::default()
    };
    let request = ListFindingsRequest {
        at: Some(client.assumed(at)),
        severities: vec![Severity::Mismatch.into()],
        page_size: PAGE,
        ..ListFindingsRequest::default()
    };
    let fetch = async |page_token| {
        let request = ListFindingsRequest {
            page_token,
            ..request.clone()
        };
        client.audit().list_findings(request).await
    };
    match pages(fetch).await {
        Ok(response) => {
            let own = recorded.first_position..=recorded.last_position;
            let rests = |finding: &&Finding| {
                let mut entries = finding.entries.iter();
                entries.any(|entry| own.contains(&entry.position))
            };
            let found: Vec<&Finding> = response.findings.iter().filter(rests).collect();
            render::findings::mismatches(&found)
        }
        Err(failure) => format!("whether it contradicts the record is not known: {failure}\n"),
    }
}

fn recorded(response: &RecordResponse) -> String {
    let (first, last) = (response.first_position, response.last_position);
    let already = if response.replayed { "already " } else { "" };
    let time = response.record_time.as_ref();
    let time = time.map_or_else(String::new, |time| format!(", {}", render::instant(time)));
    if first == last {
        format!("{already}recorded at position {first}{time}\n")
    } else {
        format!("{already}recorded at positions {first} to {last}{time}\n")
    }
}

/// The drafts of a file, and where each stands.
#[derive(Debug)]
pub struct Batch {
    /// The drafts.
    pub drafts: Vec<Draft>,
    source: Source,
    /// The line of each.
    lines: Vec<usize>,
}

impl Batch {
    fn of(source: Source, drafts: Vec<(usize, Draft)>) -> Self {
        let (lines, drafts): (Vec<usize>, Vec<Draft>) = drafts.into_iter().unzip();
        Self {
            drafts,
            source,
            lines,
        }
    }

    /// Names drafts in a failure by where they stand.
    pub fn place(&self, failure: Failure) -> Failure {
        failure.placed(&self.places())
    }

    /// Returns where each of them stands.
    fn places(&self) -> Vec<String> {
        let name = &self.source.name;
        let places = self.lines.iter().map(|line| format!("{name}:{line}"));
        places.collect()
    }

    /// Writes a warning about one of them by where it stands.
    fn warning(&self, warning: &RecordWarning) -> String {
        let number = warning.field.strip_prefix("drafts[");
        let number = number.and_then(|rest| rest.split_once(']')?.0.parse::<usize>().ok());
        match number.and_then(|number| self.lines.get(number)) {
            Some(line) => self.source.warning(*line, warning),
            None => format!("warning: {}: {}", warning.field, warning.message),
        }
    }
}

/// Reads the drafts of a batch that is to be recorded; what the ledger has against the lines that
/// can be read is told with what is wrong with the others.
async fn judged_drafts(client: &Client, file: &Path) -> Result<Batch, Failure> {
    let source = Source::of(file)?;
    let sources = std::slice::from_ref(&source);
    let drafts = read_all(client, sources).await?.into_iter().flatten();
    let drafts = drafts.collect();
    Ok(Batch::of(source, drafts))
}

/// Reads the drafts of a batch; all that is wrong with any of its lines is named.
///
/// # Errors
/// The file cannot be read, or a line of it is malformed.
pub fn drafts(file: &Path) -> Result<Batch, Failure> {
    let source = Source::of(file)?;
    let drafts = source.drafts()?;
    Ok(Batch::of(source, drafts))
}

/// Makes a request id that nobody has used.
fn made_id() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::failed("cannot make a request id").because(&error))?;
    Ok(HEXLOWER.encode(&bytes))
}

/// Shows an entry.
pub async fn entry(client: &Client, args: &args::Entry) -> Result<String, Failure> {
    let request = GetEntryRequest {
        position: args.position,
        epoch: None,
    };
    let response = client.ledger().get_entry(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    render::entry::entry(&response.entry.unwrap_or_default())
}

/// Lists entries.
pub async fn entries(client: &Client, args: &args::Entries) -> Result<String, Failure> {
    let party = match &args.party {
        Some(party) => client.find_party(party, &PointInTime::default()).await?,
        None => String::new(),
    };
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let request = ListEntriesRequest {
        page_size: PAGE,
        party,
        session: said(&args.session),
        actor: said(&args.actor),
        kinds: args.kind.clone(),
        first_recorded: said(&args.recorded_from),
        last_recorded: said(&args.recorded_to),
        ..ListEntriesRequest::default()
    };
    let fetch = async |page_token| {
        let request = ListEntriesRequest {
            page_token,
            ..request.clone()
        };
        client.ledger().list_entries(request).await
    };
    let entries = pages(fetch).await?;
    if args.form.json {
        return render::json(&entries);
    }
    Ok(render::entry::list::entries(&entries))
}

/// Tells where the log stands.
pub async fn head(client: &Client, args: &args::Head) -> Result<String, Failure> {
    let response = client
        .ledger()
        .get_head(GetHeadRequest {})
        .await?
        .into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::entry::head(&response))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn made_ids_are_request_ids() {
        let id = made_id().unwrap();
        assert_eq!(id.len(), 32);
        assert!(standing_domain::id::DraftId::new(&id).is_ok());
        assert_ne!(id, made_id().unwrap());
    }

    #[test]
    fn every_faulty_line_of_a_batch_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("batch.jsonl");
        fs::write(&file, "{}\n{\"id\":\"a\"}\n{\"id\":\"b\",\"x\":1}\n").unwrap();
        let failure = drafts(&file).unwrap_err().to_string();
        assert!(
            failure.contains("batch.jsonl:1: id: every line"),
            "{failure}"
        );
        assert!(
            failure.contains("batch.jsonl:3: x: unknown field"),
            "{failure}"
        );
        let rules = r#"{"id":"a","rulesAdopted":{"rulesVersion":1}}"#;
        fs::write(&file, rules).unwrap();
        assert_eq!(drafts(&file).unwrap().drafts.len(), 1);
    }

    #[test]
    fn a_warning_says_where_it_stands_as_the_file_spells_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("batch.jsonl");
        let lines = [
            r#"{"id":"a","effective":{"date":"2012"},"seatPlaced":{"place":"Doe"}}"#,
            "",
            r#"{"id":"b","effective":{"date":"2012"},"seat_placed":{"place":"Doe"}}"#,
        ];
        fs::write(&file, lines.join("\n")).unwrap();
        let batch = drafts(&file).unwrap();
        let warned = |field: &str| {
            let warning = RecordWarning {
                field: field.to_owned(),
                message: "contains it".to_owned(),
                ..RecordWarning::default()
            };
            batch.warning(&warning).replace(&batch.source.name, "FILE")
        };
        for (field, expected) in [
            ("drafts[0].seat_placed.place", "FILE:1: seatPlaced.place"),
            ("drafts[1].seat_placed.place", "FILE:3: seat_placed.place"),
            ("drafts[1].note", "FILE:3: note"),
            ("drafts[9].note", "drafts[9].note"),
            ("request_id", "request_id"),
        ] {
            assert_eq!(warned(field), format!("warning: {expected}: contains it"));
        }
    }

    #[test]
    fn a_replay_says_so() {
        let mut response = RecordResponse {
            first_position: 3,
            last_position: 5,
            ..RecordResponse::default()
        };
        assert_eq!(recorded(&response), "recorded at positions 3 to 5\n");
        response.last_position = 3;
        response.replayed = true;
        assert_eq!(recorded(&response), "already recorded at position 3\n");
    }
}
