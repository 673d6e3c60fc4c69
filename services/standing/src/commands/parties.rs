//! Who belongs, who holds office, who met.

use super::pinned;
use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::{
    CountMembersRequest, GetPartyRequest, GetRotationRequest, GetSessionRequest,
    GetVocabularyRequest, ListCommitteesRequest, ListOfficeHoldersRequest, ListPartiesRequest,
    ListSessionsRequest,
};

/// Counts the members, and lists them.
pub async fn roll(client: &Client, args: &args::Roll) -> Result<String, Failure> {
    let request = CountMembersRequest {
        at: Some(client.at(args.at.point()).await?),
    };
    let counts = client.roll().count_members(request).await?.into_inner();
    if !args.list && args.class.is_none() && args.country.is_none() {
        if args.form.json {
            return render::json(&counts);
        }
        return Ok(render::roll::roll(&counts, None));
    }
    let members = client.parties(ListPartiesRequest {
        at: pinned(client, counts.basis.as_ref()),
        class: args.class.clone().unwrap_or_default(),
        country: args.country.clone().unwrap_or_default(),
        members_only: true,
        ..ListPartiesRequest::default()
    });
    let members = members.await?;
    if args.form.json {
        return render::json(&members);
    }
    Ok(render::roll::roll(&counts, Some(&members)))
}

/// Lists parties, or finds them by a part of a name.
pub async fn parties(client: &Client, args: &args::Parties) -> Result<String, Failure> {
    let parties = client.parties(ListPartiesRequest {
        at: Some(client.at(args.at.point()).await?),
        class: args.class.clone().unwrap_or_default(),
        country: args.country.clone().unwrap_or_default(),
        query: args.query.clone().unwrap_or_default(),
        ..ListPartiesRequest::default()
    });
    let response = parties.await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::roll::parties(&response))
}

/// Tells what is known of a party.
pub async fn party(client: &Client, args: &args::Party) -> Result<String, Failure> {
    let request = GetPartyRequest {
        party: client
            .find_party(&args.name, &client.at(args.at.known.point()).await?)
            .await?,
        at: Some(client.at(args.at.point()).await?),
    };
    let response = client.roll().get_party(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::party::party(&response))
}

/// Lists who held an office.
pub async fn chairs(client: &Client, args: &args::Chairs) -> Result<String, Failure> {
    let at = client.at(args.at.point()).await?;
    let fetch = async |page_token| {
        let request = ListOfficeHoldersRequest {
            office: args.office.clone(),
            at: Some(at.clone()),
            page_size: PAGE,
            page_token,
        };
        client.roll().list_office_holders(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::office::terms(
        &response,
        &args.office,
        args.at.on.is_some(),
    ))
}

/// Tells whose turn is next in an office.
pub async fn rotation(client: &Client, args: &args::Rotation) -> Result<String, Failure> {
    let request = GetRotationRequest {
        office: args.office.clone(),
        at: Some(client.at(args.at.point()).await?),
        turns: args.turns,
    };
    let response = client.roll().get_rotation(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::office::rotation::rotation(&response, &args.office))
}

/// Tells about a session.
pub async fn session(client: &Client, args: &args::Session) -> Result<String, Failure> {
    let at = client.at(args.known.point()).await?;
    let fetch = async |page_token| {
        let request = GetSessionRequest {
            session: args.id.clone(),
            at: Some(at.clone()),
            decision: args.decision.clone().unwrap_or_default(),
            page_size: PAGE,
            page_token,
        };
        client.roll().get_session(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    let whole = args.roll || args.decision.is_some();
    Ok(render::session::session(&response, whole))
}

/// Lists sessions.
pub async fn sessions(client: &Client, args: &args::Sessions) -> Result<String, Failure> {
    let at = client.at(args.known.point()).await?;
    let fetch = async |page_token| {
        let request = ListSessionsRequest {
            series: args.series.clone().unwrap_or_default(),
            at: Some(at.clone()),
            page_size: PAGE,
            page_token,
        };
        client.roll().list_sessions(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::session::sessions(&response))
}

/// Lists committees.
pub async fn committees(client: &Client, args: &args::Committees) -> Result<String, Failure> {
    let at = client.at(args.at.point()).await?;
    let fetch = async |page_token| {
        let request = ListCommitteesRequest {
            at: Some(at.clone()),
            page_size: PAGE,
            page_token,
        };
        client.roll().list_committees(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::committees::committees(&response))
}

/// Lists what may be named.
pub async fn vocabulary(client: &Client, args: &args::Vocabulary) -> Result<String, Failure> {
    let at = client.at(args.at.point()).await?;
    let fetch = async |page_token| {
        let request = GetVocabularyRequest {
            at: Some(at.clone()),
            page_size: PAGE,
            page_token,
        };
        client.roll().get_vocabulary(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::roll::vocabulary::vocabulary(&response))
}
