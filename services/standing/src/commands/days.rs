//! When something changes: days, what lies ahead, and what was known when.

use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::list_change_days_request::Subject;
use standing_proto::v1::{
    CompareKnowledgeRequest, GetPartyRequest, ListChangeDaysRequest, ListEntriesRequest,
    ListHistoryRequest, ListUpcomingRequest, PointInTime, RightQuestion, UpcomingKind,
};

/// Tells a party's history.
pub async fn history(client: &Client, args: &args::History) -> Result<String, Failure> {
    let at = client.at(args.known.point()).await?;
    if args.as_known {
        return as_known(client, args, at).await;
    }
    let request = GetPartyRequest {
        party: client.find_party(&args.party, &at).await?,
        at: Some(at),
    };
    let party = client.roll().get_party(request.clone()).await?.into_inner();
    // An instant is a position by now: the entries are those the party's state was computed from.
    let known = party.basis.as_ref().map_or(0, |basis| basis.position);
    let fetch = async |page_token| {
        let request = ListEntriesRequest {
            page_size: PAGE,
            page_token,
            party: request.party.clone(),
            last_position: known,
            ..ListEntriesRequest::default()
        };
        client.ledger().list_entries(request).await
    };
    let entries = pages(fetch).await?;
    if args.form.json {
        return render::json(&entries);
    }
    Ok(render::entry::history(&party, &entries))
}

/// Tells how a party's class, or a right of it, was known to change.
async fn as_known(
    client: &Client,
    args: &args::History,
    at: PointInTime,
) -> Result<String, Failure> {
    let request = ListHistoryRequest {
        question: Some(RightQuestion {
            party: client.find_party(&args.party, &at).await?,
            right: args.right.clone().unwrap_or_default(),
            body: args.body.clone().unwrap_or_default(),
        }),
        at: Some(at),
        page_size: PAGE,
        ..ListHistoryRequest::default()
    };
    let fetch = async |page_token| {
        let request = ListHistoryRequest {
            page_token,
            ..request.clone()
        };
        client.rights().list_history(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::history::history(&response))
}

/// Lists the days on which something changes.
pub async fn days(client: &Client, args: &args::Days) -> Result<String, Failure> {
    let at = client.at(args.known.point()).await?;
    let of = &args.of;
    let subject = if let Some(party) = &of.party {
        Subject::Party(client.find_party(party, &at).await?)
    } else if let Some(session) = &of.session {
        Subject::Session(session.clone())
    } else if let Some(article) = &of.article {
        Subject::Article(article.clone())
    } else if let Some(office) = &of.office {
        Subject::Office(office.clone())
    } else {
        Subject::Roll(of.roll)
    };
    let request = ListChangeDaysRequest {
        at: Some(at),
        subject: Some(subject),
        first_date: args.from.clone().unwrap_or_default(),
        last_date: args.to.clone().unwrap_or_default(),
        page_size: PAGE,
        page_token: String::new(),
    };
    let fetch = async |page_token| {
        let request = ListChangeDaysRequest {
            page_token,
            ..request.clone()
        };
        client.roll().list_change_days(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::roll::calendar::days(&response))
}

/// Lists what lies ahead.
pub async fn upcoming(client: &Client, args: &args::Upcoming) -> Result<String, Failure> {
    let known = client.at(args.at.known.point()).await?;
    let party = match &args.party {
        Some(party) => client.find_party(party, &known).await?,
        None => String::new(),
    };
    let kinds = args.kind.iter();
    let request = ListUpcomingRequest {
        at: Some(client.at(args.at.point()).await?),
        last_date: args.to.clone().unwrap_or_default(),
        party,
        kinds: kinds.map(|kind| UpcomingKind::from(*kind).into()).collect(),
        page_size: PAGE,
        page_token: String::new(),
    };
    let fetch = async |page_token| {
        let request = ListUpcomingRequest {
            page_token,
            ..request.clone()
        };
        client.roll().list_upcoming(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::roll::calendar::upcoming(&response))
}

/// Compares two states of knowledge.
pub async fn compare(client: &Client, args: &args::Compare) -> Result<String, Failure> {
    let known = client.at(args.at.known.point()).await?;
    let party = match &args.party {
        Some(party) => client.find_party(party, &known).await?,
        None => String::new(),
    };
    let before = PointInTime {
        known_at: Some(args.before.known_at.clone()),
        epoch: args.before.epoch,
        ..PointInTime::default()
    };
    // Drafts are assumed by the later knowledge alone.
    let before = client.dated(before).await?;
    let request = CompareKnowledgeRequest {
        at: Some(client.at(args.at.point()).await?),
        before: Some(before),
        party,
        page_size: PAGE,
        page_token: String::new(),
    };
    let fetch = async |page_token| {
        let request = CompareKnowledgeRequest {
            page_token,
            ..request.clone()
        };
        client.audit().compare_knowledge(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::history::differences(&response))
}
