//! Who holds which rights.

use super::pinned;
use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::check_rights_result::Outcome;
use standing_proto::v1::{
    CheckRightRequest, CheckRightsRequest, CheckRightsResponse, GetStandingRequest,
    GetStandingResponse, ItemError, ListHoldersRequest, RightAnswer, RightQuestion,
};
use std::collections::BTreeSet;

/// Tells which rights a party holds: one, or all.
pub async fn rights(client: &Client, args: &args::Rights) -> Result<String, Failure> {
    let party = client
        .find_party(&args.party, &client.at(args.at.known.point()).await?)
        .await?;
    let Some(right) = &args.right else {
        return standing(client, args, party).await;
    };
    let request = CheckRightRequest {
        question: Some(RightQuestion {
            party,
            right: right.clone(),
            body: args.body.clone().unwrap_or_default(),
        }),
        at: Some(client.at(args.at.point()).await?),
        verdict_only: false,
    };
    let response = client.rights().check_right(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::answer(&response, args.why))
}

async fn standing(client: &Client, args: &args::Rights, party: String) -> Result<String, Failure> {
    let request = GetStandingRequest {
        party,
        at: Some(client.at(args.at.point()).await?),
    };
    let mut response = client.rights().get_standing(request).await?.into_inner();
    if let Some(body) = &args.body {
        let here = in_body(client, &response, body).await?;
        if args.form.json {
            return render::json(&here);
        }
        response.rights = answers(here)?;
    }
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::standing(&response, args.why))
}

/// Asks for the same rights in one body.
async fn in_body(
    client: &Client,
    standing: &GetStandingResponse,
    body: &str,
) -> Result<CheckRightsResponse, Failure> {
    let party = standing.party.as_ref().map_or("", |party| &party.party);
    let questions = standing
        .rights
        .iter()
        .filter_map(|answer| answer.question.as_ref());
    let rights: BTreeSet<&str> = questions.map(|question| question.right.as_str()).collect();
    let question = |right: &str| RightQuestion {
        party: party.to_owned(),
        right: right.to_owned(),
        body: body.to_owned(),
    };
    let request = CheckRightsRequest {
        questions: rights.into_iter().map(question).collect(),
        at: pinned(client, standing.basis.as_ref()),
        verdict_only: false,
    };
    Ok(client.rights().check_rights(request).await?.into_inner())
}

/// Returns the answers of a bulk question, or the first error.
fn answers(response: CheckRightsResponse) -> Result<Vec<RightAnswer>, Failure> {
    let outcomes = response
        .results
        .into_iter()
        .filter_map(|result| result.outcome);
    outcomes
        .map(|outcome| match outcome {
            Outcome::Answer(answer) => Ok(answer),
            Outcome::Error(error) => {
                let ItemError {
                    reason, message, ..
                } = error;
                Err(Failure::refused(format!("{reason}: {message}")))
            }
        })
        .collect()
}

/// Lists who holds a right.
pub async fn holders(client: &Client, args: &args::Holders) -> Result<String, Failure> {
    let at = client.at(args.at.point()).await?;
    let fetch = async |page_token| {
        let request = ListHoldersRequest {
            right: args.right.clone(),
            body: args.body.clone().unwrap_or_default(),
            at: Some(at.clone()),
            page_size: PAGE,
            page_token,
        };
        client.rights().list_holders(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::holders(
        &response,
        &args.right,
        args.body.as_deref(),
    ))
}
