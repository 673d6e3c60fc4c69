//! The same over gRPC: a record against bare redb behind tonic, a check against an empty call.

use crate::append::Sides;
use crate::check::{Asked, questions};
use crate::grpc::{CALLERS, Callers};
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::bare_server;
use standing_bench::rounds::interleaved;
use standing_bench::served::Served;
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::ASSEMBLY;
use standing_domain::entry::Content;
use standing_domain::id::DraftId;
use standing_domain::id::position::Position;
use standing_proto::v1;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use std::sync::Arc;
use tonic::transport::Channel;

pub fn records(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let template = world::stored(Position::FIRST, &sides.fresh()?)?;
    let standing = Served::standing(Arc::clone(&sides.engine))?;
    let bare = Served::bare(Arc::clone(&sides.bare))?;
    let (to_standing, to_bare) = (Callers::of(standing.address)?, Callers::of(bare.address)?);
    let rounds = interleaved(
        scale.rounds,
        || to_standing.calls(scale.calls, || Ok(admission(&sides.fresh()?)), record),
        || to_bare.calls(scale.calls, || Ok(template.clone()), append),
    )?;
    let what = format!("Record over gRPC, {CALLERS} callers; bare redb behind tonic");
    table.ratio(&what, "/s", &rounds, Some(Bound::AtLeast(0.9)));
    Ok(())
}

async fn append(channel: Channel, bytes: Vec<u8>) -> Outcome {
    bare_server::append(channel, bytes).await.map(drop)
}

/// Returns the call that records one content.
fn admission(content: &Content) -> v1::RecordRequest {
    let id = content.id.as_ref().map_or("none", DraftId::as_str);
    v1::RecordRequest {
        request_id: id.to_owned(),
        drafts: vec![v1::Draft::from(content)],
        ..v1::RecordRequest::default()
    }
}

async fn record(channel: Channel, request: v1::RecordRequest) -> Outcome {
    LedgerServiceClient::new(channel).record(request).await?;
    Ok(())
}

pub fn checks(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let standing = Served::standing(Arc::clone(&sides.engine))?;
    let bare = Served::bare(Arc::clone(&sides.bare))?;
    let (to_standing, to_bare) = (Callers::of(standing.address)?, Callers::of(bare.address)?);
    let mut next = asked(sides.parties)?;
    let rounds = interleaved(
        scale.rounds,
        || to_standing.calls(scale.calls, &mut next, check_right),
        || to_bare.calls(scale.calls, || Ok(()), bare_server::empty),
    )?;
    let what = format!("CheckRight over gRPC, {CALLERS} callers; an empty call");
    table.ratio(&what, "/s", &rounds, Some(Bound::AtLeast(0.9)));
    Ok(())
}

/// Returns questions as they are sent, one after the other and from the first again.
pub fn asked(parties: u32) -> Outcome<impl FnMut() -> Outcome<v1::CheckRightRequest>> {
    let asked: Vec<_> = questions(10_000, parties)?.iter().map(wire).collect();
    let mut asked = asked.into_iter().cycle();
    Ok(move || asked.next().ok_or_else(|| "no question".into()))
}

/// Returns the call that asks a question, for the verdict alone.
fn wire(Asked { question, day }: &Asked) -> v1::CheckRightRequest {
    v1::CheckRightRequest {
        question: Some(v1::RightQuestion {
            party: question.party.to_string(),
            right: question.right.to_string(),
            body: ASSEMBLY.to_owned(),
        }),
        at: Some(v1::PointInTime {
            on: day.to_string(),
            ..v1::PointInTime::default()
        }),
        verdict_only: true,
    }
}

/// Asks a question.
pub async fn check_right(channel: Channel, request: v1::CheckRightRequest) -> Outcome {
    let mut client = RightsServiceClient::new(channel);
    client.check_right(request).await?;
    Ok(())
}
