//! A ledger that is recorded, published to three nodes and followed, with everything that can
//! befall it at hand.

use super::cluster::Cluster;
use super::oracle::{Oracle, Sides};
use super::proxy::Proxies;
use super::recorder::{Recorder, Records};
use super::trap::Trap;
use crate::ledger;
use crate::ledger::Place;
use crate::world::names;
use async_nats::jetstream::Context;
use fastrand::Rng;
use standing_stream::{Connect, Follower, Following, Publisher, Publishing, Status};
use std::sync::Arc;
use tokio::task::block_in_place;

pub struct Scene {
    pub random: Rng,
    pub cluster: Cluster,
    pub client: Context,
    pub proxies: Proxies,
    pub trap: Arc<Trap>,
    pub oracle: Oracle,
    pub place: Place,
    pub publisher: Option<Publisher>,
    engine: Option<Arc<standing_engine::Recorder>>,
    /// While it records, and while it does not.
    recorder: Option<Recorder>,
    records: Option<Records>,
    replica: Option<Replica>,
}

struct Replica {
    place: Place,
    engine: Arc<standing_engine::Recorder>,
    following: Follower,
}

impl Scene {
    /// Starts everything, with so much room for streams on each node.
    pub async fn start(seed: u64, room: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let cluster = Cluster::start(room);
        let place = Place::new();
        let engine = place.open();
        ledger::found(&engine, "test");
        let records = Records::new(random.u64(..), Arc::clone(&place.clock));
        let mut scene = Self {
            random,
            client: cluster.client().await,
            proxies: Proxies::start(&cluster.ports()).await,
            cluster,
            trap: Arc::default(),
            oracle: Oracle::new(),
            place,
            publisher: None,
            engine: Some(engine),
            recorder: None,
            records: Some(records),
            replica: None,
        };
        scene.publish_again();
        // A replica that has never had a stream ends without one.
        scene.status().ready().await.unwrap();
        scene.follow_into(Place::new());
        scene.record();
        scene
    }

    pub fn engine(&self) -> &Arc<standing_engine::Recorder> {
        self.engine.as_ref().unwrap()
    }

    pub fn status(&self) -> Arc<Status> {
        self.publisher.as_ref().unwrap().status()
    }

    /// Returns what publishes a ledger through the proxies.
    pub fn publish(&self, engine: &Arc<standing_engine::Recorder>) -> Publisher {
        let options = Publishing {
            connect: Connect {
                servers: self.proxies.urls(),
                ..Connect::default()
            },
            replicas: self.cluster.len(),
            advertise: "http://writer.example:7420".to_owned(),
            hook: Some(self.trap.hook()),
        };
        standing_stream::publish(Arc::clone(engine), options).unwrap()
    }

    /// Ends the publisher, if there is one, and starts another.
    pub fn publish_again(&mut self) {
        self.publisher = None;
        self.publisher = Some(self.publish(self.engine()));
    }

    /// Ends the publisher and the ledger, and opens it from its file; returns a copy made
    /// meanwhile.
    pub fn reopen(&mut self) -> Place {
        self.rest();
        self.publisher = None;
        block_in_place(|| {
            drop(self.engine.take());
            // Closed for sure: another task may still have held it.
            drop(self.place.open());
            let copy = self.place.copy();
            self.engine = Some(self.place.open());
            copy
        })
    }

    /// Goes on recording.
    pub fn record(&mut self) {
        if let Some(records) = self.records.take() {
            self.recorder = Some(Recorder::start(Arc::clone(self.engine()), records));
        }
    }

    /// Stops recording for a while.
    pub fn rest(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            self.records = Some(block_in_place(|| recorder.stop()));
        }
    }

    /// Records some batches at once.
    pub fn record_many(&mut self, count: u64) {
        self.rest();
        let engine = Arc::clone(self.engine());
        let records = self.records.as_mut().unwrap();
        block_in_place(|| (0..count).for_each(|_| records.record(&engine)));
        self.record();
    }

    /// Returns how many batches were recorded; only while nothing is.
    pub fn batches(&self) -> u64 {
        self.records.as_ref().unwrap().batches
    }

    /// Ends the replica and goes on with its file, or with an empty one.
    pub fn follow_again(&mut self, anew: bool) {
        let replica = self.replica.take().unwrap();
        let place = if anew { Place::new() } else { replica.place };
        drop((replica.following, replica.engine));
        self.follow_into(place);
    }

    fn follow_into(&mut self, place: Place) {
        let engine = block_in_place(|| place.open_follower());
        let options = Following {
            connect: Connect {
                servers: self.cluster.urls(),
                ..Connect::default()
            },
            association: Some(names().association().clone()),
        };
        let following = standing_stream::follow(Arc::clone(&engine), options);
        self.replica = Some(Replica {
            place,
            engine,
            following,
        });
    }

    /// Waits until all agree, at rest, and goes on recording.
    pub async fn agree(&mut self) {
        self.agree_at_rest().await;
        self.record();
    }

    /// Waits until all agree, and compares everything there is, on every node.
    pub async fn agree_on_everything(&mut self) {
        self.agree_at_rest().await;
        self.with_sides(async |sides| self.oracle.everything(sides, &self.cluster).await)
            .await;
    }

    async fn agree_at_rest(&mut self) {
        self.rest();
        let mut oracle = self.oracle;
        self.with_sides(async |sides| oracle.agree(sides).await)
            .await;
        self.oracle = oracle;
    }

    /// Hands over everything that has to agree.
    pub async fn with_sides<T>(&self, work: impl AsyncFnOnce(&Sides<'_>) -> T) -> T {
        let replica = self.replica.as_ref().unwrap();
        let (publisher, follower) = (self.status(), replica.following.status());
        let sides = Sides {
            client: &self.client,
            clock: &self.place.clock,
            writer: self.engine(),
            publisher: &publisher,
            replica: &replica.engine,
            follower: &follower,
        };
        work(&sides).await
    }

    /// Waits until every node has everything.
    pub async fn whole(&self) {
        let streams = [names().entries_stream(), names().rights_stream()];
        self.cluster.whole(&self.client, &streams).await;
    }
}
