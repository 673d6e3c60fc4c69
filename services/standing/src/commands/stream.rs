//! The streams.

use crate::args;
use crate::client::Client;
use crate::failure::Failure;
use crate::render;
use standing_proto::v1::GetStreamStatusRequest;

/// Tells how far the server and its streams are from each other.
pub async fn status(client: &Client, args: &args::StreamStatus) -> Result<String, Failure> {
    let request = GetStreamStatusRequest {};
    let response = client.changes().get_stream_status(request).await?;
    let response = response.into_inner();
    if args.form.json {
        return render::json(&response);
    }
    Ok(render::stream::status(&response))
}
