//! The same over gRPC: a record against bare redb behind tonic, a check against an empty call.

use crate::Outcome;
use crate::append::Sides;
use crate::check::{Question, questions};
use crate::grpc::{self, Callers, Served};
use crate::rounds::interleaved;
use crate::scale::Scale;
use crate::table::{Bound, Table};
use crate::world::{self, ASSEMBLY};
use standing_domain::id::DraftId;
use standing_proto::v1;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tonic::transport::Channel;

/// How many questions there are before they repeat.
const QUESTIONS: usize = 200_000;

pub fn records(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let template = world::stored(1, &sides.fresh()?)?;
    let (serial, parties) = (Arc::clone(&sides.serial), sides.parties);
    let standing = Served::standing(Arc::clone(&sides.engine))?;
    let bare = Served::bare(Arc::clone(&sides.bare))?;
    let (to_standing, to_bare) = (Callers::of(standing.address)?, Callers::of(bare.address)?);
    let rounds = interleaved(
        scale.rounds,
        || {
            let serial = Arc::clone(&serial);
            to_standing.calls(scale.slice, move |channel| {
                let serial = serial.fetch_add(1, Ordering::Relaxed);
                admit(channel, serial, parties)
            })
        },
        || {
            let template = template.clone();
            to_bare.calls(scale.slice, move |channel| {
                grpc::append(channel, template.clone())
            })
        },
    )?;
    let what = format!(
        "Record over gRPC, {} callers; bare redb behind tonic",
        grpc::CALLERS
    );
    table.ratio(&what, "/s", &rounds, Bound::AtLeast(0.9));
    Ok(())
}

/// Records one admission by a call.
async fn admit(channel: Channel, serial: u32, parties: u32) -> Outcome {
    let content = world::fresh(serial, parties)?;
    let request = v1::RecordRequest {
        request_id: content
            .id
            .as_ref()
            .map_or("none", DraftId::as_str)
            .to_owned(),
        drafts: vec![v1::Draft::from(&content)],
        ..v1::RecordRequest::default()
    };
    LedgerServiceClient::new(channel).record(request).await?;
    Ok(())
}

pub fn checks(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let standing = Served::standing(Arc::clone(&sides.engine))?;
    let bare = Served::bare(Arc::clone(&sides.bare))?;
    let (to_standing, to_bare) = (Callers::of(standing.address)?, Callers::of(bare.address)?);
    let asked = Arc::new(questions(QUESTIONS, sides.parties));
    let next = Arc::new(AtomicUsize::new(0));
    let rounds = interleaved(
        scale.rounds,
        || {
            let (asked, next) = (Arc::clone(&asked), Arc::clone(&next));
            to_standing.calls(scale.slice, move |channel| {
                let question = &asked[next.fetch_add(1, Ordering::Relaxed) % QUESTIONS];
                check_right(channel, question.wire())
            })
        },
        || to_bare.calls(scale.slice, grpc::empty),
    )?;
    let what = format!(
        "CheckRight over gRPC, {} callers; an empty call",
        grpc::CALLERS
    );
    table.ratio(&what, "/s", &rounds, Bound::AtLeast(0.9));
    Ok(())
}

async fn check_right(channel: Channel, request: v1::CheckRightRequest) -> Outcome {
    RightsServiceClient::new(channel)
        .check_right(request)
        .await?;
    Ok(())
}

impl Question {
    /// Returns the call that asks the question, for the verdict alone.
    fn wire(&self) -> v1::CheckRightRequest {
        v1::CheckRightRequest {
            question: Some(v1::RightQuestion {
                party: self.party.clone(),
                right: self.right.to_owned(),
                body: ASSEMBLY.to_owned(),
            }),
            at: Some(v1::PointInTime {
                on: self.day.to_string(),
                ..v1::PointInTime::default()
            }),
            verdict_only: true,
        }
    }
}
