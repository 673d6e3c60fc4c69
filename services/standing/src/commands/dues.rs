//! Who owes what.

use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::{GetAccountRequest, ListArrearsRequest};

/// Tells what a party owes.
pub async fn account(client: &Client, args: &args::Account) -> Result<String, Failure> {
    let known = client.at(args.at.known.point()).await?;
    let request = GetAccountRequest {
        party: client.find_party(&args.party, &known).await?,
        at: Some(client.at(args.at.point()).await?),
    };
    let response = client.dues().get_account(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::dues::account(&response))
}

/// Lists who is in arrears.
pub async fn arrears(client: &Client, args: &args::Arrears) -> Result<String, Failure> {
    let at = client.at(args.at.point()).await?;
    let fetch = async |page_token| {
        let request = ListArrearsRequest {
            at: Some(at.clone()),
            page_size: PAGE,
            page_token,
        };
        client.dues().list_arrears(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::dues::arrears(&response))
}
