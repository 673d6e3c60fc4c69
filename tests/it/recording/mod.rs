//! Recording: once and for all, all or nothing, in whatever order, by many at once.

mod many;
mod order;
mod requests;
mod windows;

use crate::harness::{Client, Failure, Folder, Server, batch, data, pick};
use serde_json::{Value, json};
use standing_proto::v1;
use tonic::Code;

/// A server on a small ledger of its own, of 28 entries.
pub fn small(folder: &Folder) -> Server {
    small_with(folder, &[])
}

/// The same, started with more arguments.
pub fn small_with(folder: &Folder, args: &[&str]) -> Server {
    let server = folder.serve_with(args);
    let lines = std::fs::read_to_string(data("small.jsonl")).unwrap();
    let recorded = server.client().record(&batch("small", &lines)).unwrap();
    assert_eq!((recorded.first_position, recorded.last_position), (1, 28));
    server
}

/// An admission that nothing stands against.
const ADMISSION: &str = r#"{"id": "dogwood", "effective": {"date": "2009-05-01"}, "memberAdmitted": {"party": "bb-dogwood", "class": "full"}}"#;

fn refused(outcome: Result<v1::RecordResponse, Failure>, code: Code, reason: &str) -> Failure {
    let failure = outcome.expect_err(reason);
    assert_eq!(
        (failure.code, &*failure.reason),
        (code, reason),
        "{failure:?}"
    );
    failure
}

fn entry(client: &Client, position: u64) -> Value {
    let question = json!({"position": position}).to_string();
    pick(&client.answer("LedgerService/GetEntry", &question), "entry").clone()
}
