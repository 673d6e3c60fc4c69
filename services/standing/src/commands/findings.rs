//! What of the record the law disapproves of.

use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::{ListFindingsRequest, Severity};

/// Lists findings.
pub async fn findings(client: &Client, args: &args::Findings) -> Result<String, Failure> {
    let party = match &args.party {
        Some(party) => {
            let known = client.at(args.at.known.point()).await?;
            client.find_party(party, &known).await?
        }
        None => String::new(),
    };
    let severities = args
        .severity
        .iter()
        .map(|severity| Severity::from(*severity).into());
    let request = ListFindingsRequest {
        at: Some(client.at(args.at.point()).await?),
        codes: args.code.clone(),
        severities: severities.collect(),
        party,
        session: args.session.clone().unwrap_or_default(),
        first_date: args.from.clone().unwrap_or_default(),
        last_date: args.to.clone().unwrap_or_default(),
        page_size: PAGE,
        page_token: String::new(),
    };
    let fetch = async |page_token| {
        let request = ListFindingsRequest {
            page_token,
            ..request.clone()
        };
        client.audit().list_findings(request).await
    };
    let response = pages(fetch).await?;
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::findings::findings(&response))
}
