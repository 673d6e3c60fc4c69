//! The faults, and what each does.

use super::oracle::last;
use super::plan::Fault;
use super::proxy::Way;
use super::recorder::today;
use super::scene::Scene;
use super::trap::{Blow, Kind};
use crate::ledger;
use crate::patience::until;
use crate::world::names;
use standing_engine::RecordError;
use standing_proto::v1::{GetStreamStatusResponse, StreamState};
use standing_stream::{Status, Which};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How many entries are recorded at least from one fault to the next.
const MEANWHILE: u64 = 5;

/// How long a publisher may take to come to a moment.
const MOMENT: Duration = Duration::from_mins(1);

impl Scene {
    /// Lets a fault befall, and mends what it broke; what is recorded goes on meanwhile.
    pub async fn strike(&mut self, fault: Fault) {
        let before = self.engine().ledger().head().position;
        self.befall(fault).await;
        let engine = Arc::clone(self.engine());
        until("entry meanwhile", async || {
            (engine.ledger().head().position > before.plus(MEANWHILE)).then_some(())
        })
        .await;
    }

    async fn befall(&mut self, fault: Fault) {
        match fault {
            Fault::Ended(which, kind) => self.end_publisher(which, kind).await,
            Fault::AcksLost => self.lose_acks().await,
            Fault::AcksCut(which) => self.cut_acks(which).await,
            Fault::AcksLate => self.delay_acks().await,
            Fault::Twin => self.publish_twice().await,
            Fault::Stranger => self.publish_another().await,
            Fault::Reopened => {
                self.reopen();
                self.publish_again();
                self.record();
            }
            Fault::LeaderKilled => {
                self.whole().await;
                let stream = names().entries_stream();
                let leader = self.cluster.leader(&self.client, &stream).await;
                self.kill_node(leader).await;
            }
            Fault::NodeKilled => {
                self.whole().await;
                let node = self.random.usize(..self.cluster.len());
                self.kill_node(node).await;
            }
            Fault::NodePaused => {
                let node = self.random.usize(..self.cluster.len());
                self.whole().await;
                self.cluster.pause(node);
                // How long it lasts is the fault.
                sleep(Duration::from_millis(200 + self.random.u64(..3_000))).await;
                self.cluster.resume(node);
            }
            Fault::NodePausedLong => {
                let node = self.random.usize(..self.cluster.len());
                self.whole().await;
                self.cluster.pause(node);
                self.agree().await;
                self.cluster.resume(node);
            }
            Fault::ClockForward => {
                let jump = self.random.u64(..4 * ledger::DAY);
                self.place.clock.fetch_add(jump, Ordering::Relaxed);
            }
            Fault::ClockBack => {
                let jump = self.random.u64(..4 * ledger::DAY);
                self.place.clock.fetch_sub(jump, Ordering::Relaxed);
            }
            Fault::AllKilled => {
                self.whole().await;
                self.cluster.kill_all();
                self.begin_days().await;
                self.cluster.restart_all();
            }
            Fault::Unreached => {
                self.proxies.set(Way::Cut);
                self.begin_days().await;
                self.proxies.set(Way::Open);
            }
            Fault::FollowerEnded => self.follow_again(false),
            Fault::FollowerAnew => self.follow_again(true),
        }
    }

    async fn end_publisher(&mut self, which: Which, kind: Kind) {
        if kind.is_of_beginning() {
            self.publisher = None;
            self.trap.set(which, kind, 0, Blow::End);
            self.publish_again();
        } else if self.random.u8(..4) == 0 {
            // With many on their way.
            self.publisher = None;
            self.record_many(20);
            let before = self.random.u64(..18);
            self.trap.set(which, kind, before, Blow::End);
            self.publish_again();
        } else {
            let before = self.random.u64(..6);
            self.trap.set(which, kind, before, Blow::End);
        }
        let publisher = self.publisher.as_mut().unwrap();
        let ended = timeout(MOMENT, publisher.ended()).await;
        assert!(ended.is_ok(), "the publisher did not come to its moment");
        assert!(self.trap.has_sprung());
        self.publish_again();
    }

    /// The stream takes what the publisher never hears of.
    async fn lose_acks(&mut self) {
        self.proxies.set(Way::Deaf);
        let status = self.status();
        until(told("lost acknowledgement", &status), async || {
            let held = last(&self.client, &names().entries_stream()).await?;
            (held > status.report().entries_position).then_some(())
        })
        .await;
        self.proxies.set(Way::Open);
    }

    /// The connection is cut while a message is on its way.
    async fn cut_acks(&mut self, which: Which) {
        let cut = Blow::Cut(self.proxies.setter());
        let before = self.random.u64(..6);
        self.trap.set(which, Kind::Sent, before, cut);
        let status = self.status();
        until(told("cut", &status), async || {
            self.trap.has_sprung().then_some(())
        })
        .await;
        self.proxies.set(Way::Open);
    }

    /// The publisher gives up on acknowledgements that come after all.
    async fn delay_acks(&mut self) {
        self.proxies.set(Way::Held);
        let is_told = |report: &GetStreamStatusResponse| !report.problem.is_empty();
        self.reports("problem", is_told).await;
        self.proxies.set(Way::Open);
    }

    /// Two publish one ledger, until one of them ends.
    async fn publish_twice(&mut self) {
        let twin = self.publish(self.engine());
        let goal = self.engine().ledger().head().position.number() + 10;
        for status in [self.status(), twin.status()] {
            until(told("progress of both", &status), async || {
                let report = status.report();
                assert_ne!(report.state(), StreamState::Stopped, "{report:?}");
                (report.entries_position >= goal).then_some(())
            })
            .await;
        }
        if self.random.bool() {
            self.publisher = Some(twin);
        }
    }

    /// A copy of the ledger goes its own way, and publishes beside the right one.
    async fn publish_another(&mut self) {
        let place = self.reopen();
        let engine = tokio::task::block_in_place(|| place.open());
        let common = engine.ledger().head().position;
        let is_early = self.random.bool();
        let stranger = is_early.then(|| self.publish(&engine));
        if let Some(stranger) = &stranger {
            let status = stranger.status();
            until(told("agreement so far", &status), async || {
                (status.report().state() == StreamState::CaughtUp).then_some(())
            })
            .await;
        }
        self.publish_again();
        self.record();
        let is_past = |report: &GetStreamStatusResponse| report.entries_position > common.number();
        self.reports("progress", is_past).await;
        for number in 0..u64::from(is_early) + self.random.u64(..3) {
            ledger::admit(&engine, &format!("stranger-{number}"), "2001-01-01").unwrap();
        }
        let stranger = stranger.unwrap_or_else(|| self.publish(&engine));
        let status = stranger.status();
        let reason = until(told("end of the other", &status), async || engine.stopped()).await;
        let known = ["another writer", "is ahead"];
        assert!(known.iter().any(|part| reason.contains(part)), "{reason}");
        let refused = ledger::admit(&engine, "late", "2001-01-01").unwrap_err();
        assert!(matches!(refused, RecordError::Stopped(_)), "{refused}");
    }

    /// Kills a node, and starts it again when all agree without it.
    async fn kill_node(&mut self, node: usize) {
        self.cluster.kill(node);
        self.agree().await;
        self.cluster.restart(node);
    }

    /// Lets days begin, one by one, with entries in between.
    async fn begin_days(&mut self) {
        let disconnected =
            |report: &GetStreamStatusResponse| report.state() == StreamState::Disconnected;
        self.reports("disconnection", disconnected).await;
        for _ in 0..=self.random.u64(..3) {
            self.rest();
            let clock = &self.place.clock;
            clock.fetch_add(ledger::DAY, Ordering::Relaxed);
            let (day, engine) = (today(clock), Arc::clone(self.engine()));
            until(format_args!("start of {day}"), async || {
                (engine.ledger().frontier().day >= Some(day)).then_some(())
            })
            .await;
            let batches = 1 + self.random.u64(..3);
            self.record_many(batches);
        }
    }

    /// Waits until the publisher's status is as asked for.
    pub async fn reports(&self, what: &str, is: impl Fn(&GetStreamStatusResponse) -> bool) {
        let status = self.status();
        until(told(what, &status), async || {
            is(&status.report()).then_some(())
        })
        .await;
    }
}

/// Tells what was waited for, and how it stood at the end.
fn told<'a>(what: &'a str, status: &'a Status) -> impl fmt::Display + 'a {
    fmt::from_fn(move |f| write!(f, "{what}: {:?}", status.report()))
}
