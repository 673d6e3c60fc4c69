//! What a test does to a NATS server: through a client from Python, for Rust's own belongs to the
//! product.

use super::{python, text};
use data_encoding::HEXLOWER;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::process::Stdio;

/// A message of a stream, or for one.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub sequence: u64,
    pub subject: String,
    pub headers: Map<String, Value>,
    pub payload: Vec<u8>,
}

/// Returns the SHA-256 of bytes in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A connection's worth of arguments.
pub struct JetStream(Vec<String>);

impl JetStream {
    pub fn new(url: &str) -> Self {
        Self(["--url", url].map(String::from).into())
    }

    /// The same, with more arguments, such as `--user`.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.0
            .extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    /// Asks the API, such as `STREAM.CREATE.name`.
    pub fn api(&self, subject: &str, question: &Value) -> Value {
        let mut answers = self.run(&["api", subject], &question.to_string());
        answers.pop().expect("an answer")
    }

    /// Creates a stream as its settings say.
    pub fn create(&self, settings: &Value) {
        let subject = format!("STREAM.CREATE.{}", text(settings, "name"));
        let answer = self.api(&subject, settings);
        assert_eq!(answer.get("error"), None, "{settings}");
    }

    /// Publishes messages, one after the other; returns what the server says of each.
    pub fn publish<'m>(&self, messages: impl IntoIterator<Item = &'m Message>) -> Vec<Value> {
        let rows = messages.into_iter().map(|message| {
            let Message {
                subject,
                headers,
                payload,
                ..
            } = message;
            let payload = HEXLOWER.encode(payload);
            let row = json!({"subject": subject, "headers": headers, "payload": payload});
            row.to_string() + "\n"
        });
        self.run(&["publish"], &rows.collect::<String>())
    }

    /// Returns all messages of a stream.
    pub fn read(&self, stream: &str) -> Vec<Message> {
        let rows = self.run(&["read", stream], "");
        rows.iter().map(message).collect()
    }

    fn run(&self, arguments: &[&str], input: &str) -> Vec<Value> {
        lines(python("jetstream.py").args(&self.0).args(arguments), input)
    }
}

fn message(row: &Value) -> Message {
    let digits = text(row, "payload").as_bytes().chunks(2);
    let bytes = digits.map(|pair| {
        let pair = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(pair, 16).expect("digits")
    });
    Message {
        sequence: super::number(row, "sequence"),
        subject: text(row, "subject").to_owned(),
        headers: row["headers"].as_object().expect("an object").clone(),
        payload: bytes.collect(),
    }
}

/// Runs a program to its end, which must be a good one; returns the lines of JSON it prints.
pub fn lines(command: &mut std::process::Command, input: &str) -> Vec<Value> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("it has an input");
    let input = input.to_owned();
    // It may print before it has read everything.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
    writer
        .join()
        .expect("no panic")
        .expect("it reads its input");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let rows = printed.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>().expect("lines of JSON")
}
