//! Findings, as the contract writes them.

use crate::call::calls::{aside, dear, fitting, readings};
use crate::call::errors::Problem;
use crate::call::fields::Fields;
use crate::call::paging::{MOST_BYTES, Page, Paged};
use crate::call::served::Served;
use crate::dear::{Ask, Caller, Pace};
use crate::words::cited::Cited;
use prost::Message as _;
use standing_domain::audit::{Code, Finding, Severity};
use standing_domain::entry::event::Position;
use standing_domain::id::{ArticleRef, PartyId, SessionId};
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_engine::Ledger;
use standing_proto::v1;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// What findings are asked for.
struct Wanted {
    codes: Vec<Code>,
    severities: Vec<Severity>,
    party: Option<PartyId>,
    session: Option<SessionId>,
    first: Option<Day>,
    last: Option<Day>,
}

impl Wanted {
    fn wants(&self, finding: &Finding) -> bool {
        let any = |all: bool, found: bool| all || found;
        any(self.codes.is_empty(), self.codes.contains(&finding.code))
            && any(
                self.severities.is_empty(),
                self.severities.contains(&finding.severity),
            )
            && self
                .party
                .as_ref()
                .is_none_or(|party| finding.parties.contains(party))
            && (self.session.is_none() || self.session == finding.session)
            && self.first.is_none_or(|first| first <= finding.date.latest)
            && self.last.is_none_or(|last| finding.date.earliest <= last)
    }
}

/// Lists findings: worked out once for all who ask at one point in time, and kept for the next page. What is found where something
/// is assumed is nobody else's.
pub(crate) async fn list_findings(
    served: &Arc<Served>,
    request: Request<v1::ListFindingsRequest>,
) -> Result<Response<v1::ListFindingsResponse>, Status> {
    let assumes = |at: &v1::PointInTime| !at.assume.is_empty();
    if request.get_ref().at.as_ref().is_some_and(assumes) {
        return dear(served, request, |ask, request| {
            let (wanted, page) = open(ask, request)?;
            let findings = ask.findings(page.at.on, page.at.position, ask.stop)?;
            answer(ask, &findings, &wanted, &page)
        })
        .await;
    }
    let caller = Caller::of(&request)?;
    let (call, _, question) = request.into_parts();
    let answer = caller.in_time(async {
        let at = question.at.as_ref();
        let least = at.map_or(0, |at| at.min_position);
        served.wait_for(least, &call).await;
        found(served, &caller, question).await
    });
    Ok(Response::new(answer.await?))
}

async fn found(
    served: &Arc<Served>,
    caller: &Caller,
    question: v1::ListFindingsRequest,
) -> Result<v1::ListFindingsResponse, Problem> {
    let asked = Arc::clone(served);
    let opened = aside(move || {
        let (wanted, page) = open(&asked.ledger, &question)?;
        let names = question.at.as_ref().map_or(&[][..], |at| &at.readings);
        let readings = readings(&asked.ledger, names, page.at.position)?;
        Ok((wanted, page, readings))
    });
    let (wanted, page, readings) = opened.await?;
    let (on, position) = (page.at.on, page.at.position);
    let (asked, under) = (Arc::clone(served), readings.clone());
    let work = move |pace: &Pace| {
        let test = || pace.check();
        let findings = asked
            .ledger
            .reading(under)
            .findings(on, position, Stop::when(&test))?;
        let bytes = findings.iter().map(size).sum();
        Ok((findings, bytes))
    };
    let key = (on, position, readings);
    let findings = served.findings.get(&served.dear, caller, key, work).await?;
    let asked = Arc::clone(served);
    let page = move |pace: &Pace| {
        let test = || pace.check();
        let ask = Ask::new(&asked.ledger, Stop::when(&test), pace);
        fitting::<v1::ListFindingsRequest, _>(answer(&ask, &findings, &wanted, &page)?)
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

/// Reads what is asked, and where its page begins.
fn open(engine: &Ledger, request: &v1::ListFindingsRequest) -> Result<(Wanted, Page), Problem> {
    let mut fields = Fields::default();
    let wanted = read(request, &mut fields);
    let asked = fields.at(request.at.as_ref());
    let (Some(wanted), Some(asked)) = (wanted, asked) else {
        return Err(fields.problem());
    };
    fields.checked()?;
    let question = v1::ListFindingsRequest {
        at: None,
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let page = Paged {
        question: ("ListFindings", question.encode_to_vec()),
        asked,
        size: request.page_size,
        token: &request.page_token,
    };
    Ok((wanted, page.open(engine)?))
}

/// Writes the page of those findings that are wanted; as many as fit, one at least.
fn answer(
    engine: &Ask<'_>,
    findings: &[Finding],
    wanted: &Wanted,
    page: &Page,
) -> Result<v1::ListFindingsResponse, Problem> {
    engine.stop.check()?;
    let findings: Vec<&Finding> = findings.iter().filter(|of| wanted.wants(of)).collect();
    let (findings, mut next_page_token) = page.of_list(findings)?;
    let (mut written, mut bytes) = (Vec::with_capacity(findings.len()), 0);
    for finding in findings {
        engine.stop.check()?;
        let cited = Cited::read(engine, finding.entries.iter().copied())?;
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
        basis: Some(page.at.basis(engine)?),
    })
}

fn read(request: &v1::ListFindingsRequest, fields: &mut Fields) -> Option<Wanted> {
    let codes: Vec<Option<Code>> = request
        .codes
        .iter()
        .enumerate()
        .map(|(index, word)| {
            let code = Code::all().into_iter().find(|code| code.word() == word);
            code.or_else(|| {
                let all = Code::all().map(Code::word).join(", ");
                let description = format!("{word:?} is none of {all}");
                fields.refuse(format!("codes[{index}]"), "UNKNOWN_VALUE", description)
            })
        })
        .collect();
    let severities: Vec<Option<Severity>> = request
        .severities
        .iter()
        .enumerate()
        .map(|(index, number)| {
            severity(*number).or_else(|| {
                let description = format!("{number} is no value this version knows");
                fields.refuse(format!("severities[{index}]"), "UNKNOWN_VALUE", description)
            })
        })
        .collect();
    let party = fields.optional_id("party", &request.party, PartyId::new);
    let session = fields.optional_id("session", &request.session, SessionId::new);
    let first = fields.optional_day("first_date", &request.first_date);
    let last = fields.optional_day("last_date", &request.last_date);
    Some(Wanted {
        codes: codes.into_iter().collect::<Option<_>>()?,
        severities: severities.into_iter().collect::<Option<_>>()?,
        party: party?,
        session: session?,
        first: first?,
        last: last?,
    })
}

fn severity(number: i32) -> Option<Severity> {
    match v1::Severity::try_from(number).ok()? {
        v1::Severity::Unspecified => None,
        v1::Severity::Irregular => Some(Severity::Irregular),
        v1::Severity::Unproven => Some(Severity::Unproven),
        v1::Severity::Mismatch => Some(Severity::Mismatch),
        v1::Severity::Gap => Some(Severity::Gap),
        v1::Severity::Note => Some(Severity::Note),
    }
}

fn write(finding: &Finding, cited: &Cited) -> v1::Finding {
    let severity = match finding.severity {
        Severity::Irregular => v1::Severity::Irregular,
        Severity::Unproven => v1::Severity::Unproven,
        Severity::Mismatch => v1::Severity::Mismatch,
        Severity::Gap => v1::Severity::Gap,
        Severity::Note => v1::Severity::Note,
    };
    let session = finding.session.as_ref();
    // What was at no time has no date.
    let date = match finding.date.latest {
        Day::MIN => String::new(),
        _ => finding.date.to_string(),
    };
    v1::Finding {
        code: finding.code.word().to_owned(),
        severity: severity.into(),
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
        cured_by: finding.cured_by.unwrap_or(0),
    }
}
