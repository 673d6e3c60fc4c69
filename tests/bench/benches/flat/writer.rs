//! One who records at a steady pace while others ask.

use crate::callers::{Calling, connect};
use standing_bench::Outcome;
use standing_bench::crowd;
use standing_bench::crowd::Size;
use standing_domain::entry::Content;
use standing_domain::id::DraftId;
use standing_proto::v1;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tonic::transport::Channel;

/// When a call began, and how long it took.
pub type Wait = (Instant, Duration);

/// A writer on a thread and a connection of its own, so that it stands behind no caller.
pub struct Writer {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Outcome<Vec<Wait>>>,
}

impl Writer {
    /// Starts to record.
    pub fn start(address: SocketAddr, size: Size, pace: Duration) -> Outcome<Self> {
        let calling = connect(address)?;
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let thread = std::thread::spawn(move || write(&calling, &size, pace, &until));
        Ok(Self { over, thread })
    }

    /// Ends recording; returns what each call waited.
    pub fn end(self) -> Outcome<Vec<Wait>> {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| "the writer panicked")?
    }
}

fn write(calling: &Calling, size: &Size, pace: Duration, over: &AtomicBool) -> Outcome<Vec<Wait>> {
    calling.runtime.block_on(async {
        // What is late is made up for, so that the pace holds.
        let mut interval = tokio::time::interval(pace);
        let mut waits = Vec::new();
        for serial in 0.. {
            if over.load(Ordering::Relaxed) {
                break;
            }
            let content = crowd::recorded(serial, size)?;
            interval.tick().await;
            let begun = Instant::now();
            record(&calling.channel, &content).await?;
            waits.push((begun, begun.elapsed()));
        }
        Ok(waits)
    })
}

/// Records one content.
pub async fn record(channel: &Channel, content: &Content) -> Outcome {
    let id = content.id.as_ref().map_or("none", DraftId::as_str);
    let request = v1::RecordRequest {
        request_id: id.to_owned(),
        drafts: vec![v1::Draft::from(content)],
        irregular: v1::IrregularPolicy::Record.into(),
        ..v1::RecordRequest::default()
    };
    LedgerServiceClient::new(channel.clone())
        .record(request)
        .await?;
    Ok(())
}
