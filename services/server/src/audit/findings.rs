//! Findings, as the contract writes them.

use crate::call::aside::aside;
use crate::call::calls::{dear, fitting, point_of, readings};
use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, Page, open};
use crate::call::point::Settled;
use crate::call::served::Served;
use crate::dear::{Ask, Caller, Pace};
use crate::words::cited::Cited;
use crate::words::nearest::suggest;
use prost::Message as _;
use standing_domain::answers::view::Parties as _;
use standing_domain::audit::Finding;
use standing_domain::id::position::Position;
use standing_domain::id::{ArticleRef, PartyId};
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_engine::Ledger;
use standing_proto::ask::audit::ListFindings;
use standing_proto::ask::read_request;
use standing_proto::v1;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Returns whether a finding is among those asked for.
fn wants(asked: &ListFindings, finding: &Finding) -> bool {
    let any = |all: bool, found: bool| all || found;
    let (codes, severities) = (&asked.codes, &asked.severities);
    let party = asked.party.as_ref();
    any(codes.is_empty(), codes.contains(&finding.code))
        && any(
            severities.is_empty(),
            severities.contains(&finding.severity),
        )
        && party.is_none_or(|party| finding.parties.contains(party))
        && (asked.session.is_none() || asked.session == finding.session)
        && asked.first.is_none_or(|first| first <= finding.date.latest)
        && asked.last.is_none_or(|last| finding.date.earliest <= last)
}

/// Refuses a filter that names what is not known: what does not exist has no findings, and no list
/// of them.
fn require_known(ledger: &Ledger, asked: &ListFindings, known_at: Position) -> Result<(), Problem> {
    let reader = ledger.at(known_at);
    let view = reader.view();
    if let Some(party) = &asked.party {
        let known = view.parties.with(party, |record| {
            record.is_some_and(|record| record.is_registered(known_at))
        });
        if !known {
            return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
        }
    }
    match &asked.session {
        Some(session) if view.session_facts(session).is_none() => {
            Err(Problem::unknown("UNKNOWN_SESSION", "session", session))
        }
        _ => Ok(()),
    }
}

/// The same, with what may have been meant; nobody's reader is held meanwhile.
fn known(ledger: &Ledger, asked: &ListFindings, known_at: Position) -> Result<(), Problem> {
    let known = require_known(ledger, asked, known_at);
    known.map_err(|unknown| suggest(ledger, known_at, unknown))
}

/// Lists findings: worked out once for all who ask at one point in time, and kept for the next
/// page. What is found where something is assumed is nobody else's.
pub(crate) async fn list_findings(
    served: &Arc<Served>,
    request: Request<v1::ListFindingsRequest>,
) -> Result<Response<v1::ListFindingsResponse>, Status> {
    let assumes = |at: &v1::PointInTime| !at.assume.is_empty();
    if request.get_ref().at.as_ref().is_some_and(assumes) {
        return dear(served, request, |ask, asked| {
            let page = open(ask, &asked.at, &asked.page)?;
            known(ask, asked, page.at.position)?;
            let findings = ask.findings(page.at.on, page.at.position, ask.stop)?;
            answer(ask, &findings, asked, &page)
        })
        .await;
    }
    let caller = Caller::of(&request)?;
    let (call, _, question) = request.into_parts();
    let answer = caller.in_time(async {
        let settled = match &question.at {
            Some(at) => served.ready_for(&point_of(at), &call).await?,
            None => None,
        };
        found(served, &caller, question, settled).await
    });
    Ok(Response::new(answer.await?))
}

async fn found(
    served: &Arc<Served>,
    caller: &Caller,
    question: v1::ListFindingsRequest,
    settled: Option<Settled>,
) -> Result<v1::ListFindingsResponse, Problem> {
    let ledger = served.seen(&caller.sight);
    let opened = aside(move || {
        let mut asked: ListFindings = read_request(question)?;
        if let Some(settled) = settled {
            settled.apply(&mut asked.at);
        }
        let page = open(&Ask::cheap(&ledger, Stop::NEVER), &asked.at, &asked.page)?;
        known(&ledger, &asked, page.at.position)?;
        let readings = readings(&ledger, &asked.at.readings, page.at.position)?;
        Ok((asked, page, readings))
    });
    let (asked, page, readings) = opened.await?;
    let (on, position) = (page.at.on, page.at.position);
    let (ledger, under) = (served.ledger.clone(), readings.clone());
    let work = move |pace: &Pace| {
        let test = || pace.check();
        let findings = ledger
            .reading(under)
            .findings(on, position, Stop::when(&test))?;
        let bytes = findings.iter().map(size).sum();
        Ok((findings, bytes))
    };
    let key = (on, position, readings);
    let findings = served.findings.get(&served.dear, caller, key, work).await?;
    let ledger = served.seen(&caller.sight);
    let page = move |pace: &Pace| {
        let test = || pace.check();
        let ask = Ask::new(&ledger, Stop::when(&test), pace);
        fitting::<v1::ListFindingsRequest, _>(answer(&ask, &findings, &asked, &page)?)
    };
    served.dear.ask(caller, page).await
}

/// Returns how many bytes of memory a finding takes, about.
fn size(finding: &Finding) -> usize {
    size_of::<Finding>()
        + finding.message.capacity()
        + finding.parties.capacity() * size_of::<PartyId>()
        + finding.articles.capacity() * size_of::<ArticleRef>()
        + finding.entries.capacity() * size_of::<Position>()
}

/// Writes the page of those findings that are wanted; as many as fit, one at least.
fn answer(
    ledger: &Ask<'_>,
    findings: &[Finding],
    asked: &ListFindings,
    page: &Page,
) -> Result<v1::ListFindingsResponse, Problem> {
    ledger.stop.check()?;
    let findings: Vec<&Finding> = findings.iter().filter(|of| wants(asked, of)).collect();
    let (findings, mut next_page_token) = page.of_list(findings)?;
    let (mut written, mut bytes) = (Vec::with_capacity(findings.len()), 0);
    for finding in findings {
        ledger.stop.check()?;
        let cited = Cited::read(ledger, finding.entries.iter().copied())?;
        let finding = write(finding, &cited);
        bytes += finding.encoded_len();
        if bytes > MOST_BYTES && !written.is_empty() {
            let reached = page.reached()?.saturating_add(written.len() as u64);
            next_page_token = page.token(&reached.to_string());
            break;
        }
        written.push(finding);
    }
    Ok(v1::ListFindingsResponse {
        findings: written,
        next_page_token,
        basis: Some(page.at.basis(ledger)?),
    })
}

/// Writes a finding.
pub(crate) fn write(finding: &Finding, cited: &Cited) -> v1::Finding {
    let session = finding.session.as_ref();
    // What was at no time has no date.
    let date = match finding.date.latest {
        Day::MIN => String::new(),
        _ => finding.date.to_string(),
    };
    v1::Finding {
        code: finding.code.word().to_owned(),
        severity: v1::Severity::from(finding.severity).into(),
        date,
        session: session.map(ToString::to_string).unwrap_or_default(),
        parties: finding.parties.iter().map(ToString::to_string).collect(),
        articles: finding.articles.iter().map(ToString::to_string).collect(),
        entries: finding
            .entries
            .iter()
            .map(|entry| cited.ground(*entry))
            .collect(),
        message: finding.message.clone(),
        cured_by: finding.cured_by.unwrap_or_default().number(),
    }
}
