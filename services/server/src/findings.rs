//! Findings, as the contract writes them.

use crate::cited::Cited;
use crate::errors::Problem;
use crate::fields::Fields;
use crate::paging::Paged;
use prost::Message as _;
use standing_domain::audit::{Code, Finding, Severity};
use standing_domain::day::Day;
use standing_domain::id::{PartyId, SessionId};
use standing_engine::Engine;
use standing_proto::v1;

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

pub(crate) fn list_findings(
    engine: &Engine,
    request: &v1::ListFindingsRequest,
) -> Result<v1::ListFindingsResponse, Problem> {
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
    }
    .open(engine)?;
    let mut findings = engine.findings(page.at.on, page.at.position)?;
    findings.retain(|finding| wanted.wants(finding));
    let (findings, next_page_token) = page.of_list(findings)?;
    let entries = findings.iter().flat_map(|finding| &finding.entries);
    let cited = Cited::read(engine, entries.copied())?;
    Ok(v1::ListFindingsResponse {
        findings: findings
            .iter()
            .map(|finding| write(finding, &cited))
            .collect(),
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
