//! Who holds which rights.

use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::{
    CheckRightRequest, GetStandingRequest, ListHoldersRequest, RightAnswer, RightQuestion,
};

/// Tells which rights a party holds: one, or all.
pub async fn rights(client: &Client, args: &args::Rights) -> Result<String, Failure> {
    let party = client.find_party(&args.party, &args.at.known.point()).await?;
    let Some(right) = &args.right else {
        return standing(client, args, party).await;
    };
    let request = CheckRightRequest {
        question: Some(RightQuestion {
            party,
            right: right.clone(),
            body: args.body.clone().unwrap_or_default(),
        }),
        at: Some(args.at.point()),
        verdict_only: false,
    };
    let response = client.rights().check_right(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::answer(&response))
}

async fn standing(client: &Client, args: &args::Rights, party: String) -> Result<String, Failure> {
    let request = GetStandingRequest {
        party,
        at: Some(args.at.point()),
    };
    let mut response = client.rights().get_standing(request).await?.into_inner();
    if let Some(body) = &args.body {
        let here = |answer: &RightAnswer| {
            let question = answer.question.as_ref();
            question.is_some_and(|question| question.body.is_empty() || question.body == *body)
        };
        response.rights.retain(here);
    }
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::standing(&response, args.why))
}

/// Lists who holds a right.
pub async fn holders(client: &Client, args: &args::Holders) -> Result<String, Failure> {
    let fetch = async |page_token| {
        let request = ListHoldersRequest {
            right: args.right.clone(),
            body: args.body.clone().unwrap_or_default(),
            at: Some(args.at.point()),
            page_size: PAGE,
            page_token,
        };
        client.rights().list_holders(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::rights::holders(&response, &args.right, args.body.as_deref()))
}
