//! Loading the history: rows are copied in, then indexed, and the tables are vacuumed.

use super::facts::{Facts, Row};
use crate::history::entries;
use crate::scale::Scale;
use futures_util::SinkExt as _;
use prost::bytes::{Bytes, BytesMut};
use standing_bench::Outcome;
use std::fmt::Write as _;
use std::pin::Pin;
use tokio_postgres::{Client, CopyInSink};

const TABLES: &str = include_str!("tables.sql");
const INDEXES: &str = include_str!("indexes.sql");

/// How many bytes of rows are sent at a time.
const CHUNK: usize = 1 << 20;

/// Rows on their way to a table.
struct Copying {
    sink: Pin<Box<CopyInSink<Bytes>>>,
    rows: BytesMut,
}

impl Copying {
    async fn to(client: &Client, table: &str) -> Outcome<Self> {
        let sink = client.copy_in(&format!("copy {table} from stdin")).await?;
        Ok(Self {
            sink: Box::pin(sink),
            rows: BytesMut::with_capacity(CHUNK),
        })
    }

    /// Adds a row, whose fields hold neither tabs nor line feeds.
    async fn row(&mut self, fields: std::fmt::Arguments<'_>) -> Outcome {
        self.rows.write_fmt(fields)?;
        self.rows.write_char('\n')?;
        if self.rows.len() >= CHUNK {
            self.sink.send(self.rows.split().freeze()).await?;
        }
        Ok(())
    }

    async fn end(mut self) -> Outcome {
        self.sink.send(self.rows.freeze()).await?;
        self.sink.as_mut().finish().await?;
        Ok(())
    }
}

/// Makes the tables, fills them with the history and what follows from it, and indexes them.
pub async fn load(client: &Client, scale: &Scale) -> Outcome {
    client.batch_execute(TABLES).await?;
    let (mut facts, mut concerns) = (Facts::default(), Vec::new());
    let mut events = Copying::to(client, "event").await?;
    for told in entries(scale)? {
        let (entry, content) = told?;
        facts.learn(entry.position, &content)?;
        let mut hex = String::with_capacity(entry.stored.len() * 2);
        for byte in &entry.stored {
            write!(hex, "{byte:02x}")?;
        }
        let position = entry.position;
        events
            .row(format_args!(
                "{position}\t2023-11-14 22:13:20+00\t\\\\x{hex}"
            ))
            .await?;
        concerns.extend(entry.parties.into_iter().map(|party| (party, position)));
    }
    events.end().await?;
    let mut copying = Copying::to(client, "concerns").await?;
    for (party, position) in concerns {
        copying.row(format_args!("{party}\t{position}")).await?;
    }
    copying.end().await?;
    let mut copying = Copying::to(client, "party").await?;
    for (party, name) in &facts.parties {
        copying.row(format_args!("{party}\t{name}")).await?;
    }
    copying.end().await?;
    let mut copying = Copying::to(client, "member").await?;
    for row in &facts.members {
        let (party, class, ranges) = (&row.party, row.class, ranges(row));
        copying
            .row(format_args!("{party}\t{class}\t{ranges}"))
            .await?;
    }
    copying.end().await?;
    let mut copying = Copying::to(client, "held").await?;
    for row in &facts.held {
        let (party, class, ranges) = (&row.party, row.class, ranges(row));
        let right = row.right.ok_or("a right without a name")?;
        copying
            .row(format_args!("{party}\t{right}\t{class}\t{ranges}"))
            .await?;
    }
    copying.end().await?;
    client.batch_execute(INDEXES).await?;
    client.batch_execute("vacuum (analyze)").await?;
    client.batch_execute("checkpoint").await?;
    Ok(())
}

/// Writes the days and the positions of a row; an end that is left out is for ever.
fn ranges(row: &Row) -> String {
    let until = row.until.map(|day| day.to_string()).unwrap_or_default();
    let known_until = row.known_until.map(|known| known.to_string());
    let known_until = known_until.unwrap_or_default();
    format!("[{},{until})\t[{},{known_until})", row.from, row.known)
}
