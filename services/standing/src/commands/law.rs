//! What the law was.

use crate::args;
use crate::client::{Client, PAGE, pages};
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::{
    CompareArticleRequest, CompareInstrumentRequest, GetArticleRequest, GetInstrumentRequest,
    ListArticleVersionsRequest, ListArticleVersionsResponse,
};
use tonic::{Code, Status};

/// Reads an instrument, an article, its versions, or what changed.
pub async fn law(client: &Client, args: &args::Law) -> Result<String, Failure> {
    match (&args.article, &args.compare) {
        (Some(article), Some(earlier)) => difference(client, args, article, earlier).await,
        (None, Some(earlier)) => compare(client, args, earlier).await,
        (Some(article), None) if args.versions => {
            let response = versions(client, args, article).await?;
            if args.form.json {
                return render::json(&response);
            }
            Ok(render::law::versions(&response))
        }
        (Some(article), None) => self::article(client, args, article).await,
        (None, None) => instrument(client, args).await,
    }
}

async fn instrument(client: &Client, args: &args::Law) -> Result<String, Failure> {
    let request = GetInstrumentRequest {
        instrument: args.instrument.clone(),
        at: Some(client.at(args.at.point()).await?),
    };
    let response = client.law().get_instrument(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::law::instrument(&response))
}

async fn article(client: &Client, args: &args::Law, article: &str) -> Result<String, Failure> {
    let request = GetArticleRequest {
        instrument: args.instrument.clone(),
        article: article.to_owned(),
        at: Some(client.at(args.at.point()).await?),
    };
    let response = match client.law().get_article(request).await {
        Ok(response) => response.into_inner(),
        Err(status) if status.code() == Code::NotFound => {
            return Err(not_in_force(client, args, article, status).await);
        }
        Err(status) => return Err(status.into()),
    };
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::law::article(&response, &args.instrument))
}

/// Tells, of an article that is not in force, when it was or will be.
async fn not_in_force(client: &Client, args: &args::Law, article: &str, status: Status) -> Failure {
    let failure = Failure::from(status);
    match versions(client, args, article).await {
        Ok(response) if !response.versions.is_empty() => {
            let table = render::law::version_table(&response.versions);
            table.lines().fold(failure, Failure::detail)
        }
        _ => failure,
    }
}

async fn versions(
    client: &Client,
    args: &args::Law,
    article: &str,
) -> Result<ListArticleVersionsResponse, Failure> {
    let at = client.at(args.at.known.point()).await?;
    let fetch = async |page_token| {
        let request = ListArticleVersionsRequest {
            instrument: args.instrument.clone(),
            article: article.to_owned(),
            at: Some(at.clone()),
            page_size: PAGE,
            page_token,
        };
        client.law().list_article_versions(request).await
    };
    pages(fetch).await
}

async fn compare(client: &Client, args: &args::Law, earlier: &str) -> Result<String, Failure> {
    let request = CompareInstrumentRequest {
        instrument: args.instrument.clone(),
        at: Some(client.at(args.at.point()).await?),
        earlier_date: earlier.to_owned(),
    };
    let response = client.law().compare_instrument(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::law::comparison(&response, earlier))
}

async fn difference(
    client: &Client,
    args: &args::Law,
    article: &str,
    earlier: &str,
) -> Result<String, Failure> {
    let request = CompareArticleRequest {
        instrument: args.instrument.clone(),
        article: article.to_owned(),
        at: Some(client.at(args.at.point()).await?),
        earlier_date: earlier.to_owned(),
    };
    let response = client.law().compare_article(request).await?.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    let article = format!("{} {article}", args.instrument);
    Ok(render::law::difference::difference(
        &response, &article, earlier,
    ))
}
