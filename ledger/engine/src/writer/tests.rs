//! What was only judged, refused, or not made durable leaves nothing behind, in no index and no
//! record.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use crate::shared::kept::Kept;
use crate::{Allowed, Options, Outcome, RecordError, Recorder, Request};
use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::*;
use standing_domain::id::*;
use standing_domain::time::when::{Edge, When};
use standing_store::keys::KeyFile;
use standing_store::{Log, StorageBackend};
use std::io::{Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Memory that stops syncing when told to.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    broken: Arc<AtomicBool>,
}

impl Disk {
    fn check(&self) -> Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            Err(Error::other("the disk is gone"))
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let start = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.bytes.lock().unwrap()[start..start + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let mut bytes = self.bytes.lock().unwrap();
        bytes.resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        self.check()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.check()?;
        let start = usize::try_from(offset).unwrap();
        self.bytes.lock().unwrap()[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

fn draft(order: u16, effective: Option<When>, event: Event) -> Draft {
    Draft {
        order,
        ..Draft::bare(effective, Some(event.into()))
    }
}

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

/// Drafts that name what nothing named before: a class, a party with its attributes, names,
/// languages, a session.
fn strangers(of: &str) -> Vec<Draft> {
    let party = PartyId::new(&format!("party-{of}")).unwrap();
    let name = Name {
        language: word(&format!("language-{of}")),
        text: format!("Name {of}"),
    };
    let session = SessionId::new("assembly/7").unwrap();
    let at = Some(When::Anchor {
        session: session.clone(),
        edge: Edge::Opening,
    });
    let day = standing_domain::time::day::Day::parse("2001-02-03").unwrap();
    let on = Some(When::Window(standing_domain::time::when::Window::day(day)));
    vec![
        draft(
            0,
            None,
            Event::TermDeclared(Term::bare(TermKind::Class, word(&format!("class-{of}")))),
        ),
        draft(
            0,
            None,
            Event::PartyRegistered(PartyRegistered {
                party: party.clone(),
                kind: word(&format!("kind-{of}")),
                country: Some(word(&format!("country-{of}"))),
                region: None,
                names: vec![name.clone()],
                aliases: vec![word(&format!("alias-{of}"))],
                person: None,
            }),
        ),
        draft(
            0,
            on.clone(),
            Event::SessionConvened {
                session,
                closing: None,
                venue: String::new(),
                host: None,
                online: false,
            },
        ),
        draft(
            1,
            at.clone(),
            Event::NameTaken {
                subject: Named::Party(party.clone()),
                kind: NameKind::Legal,
                name,
            },
        ),
        draft(
            0,
            at,
            Event::MemberAdmitted {
                party,
                class: ClassId::new(&format!("class-{of}")).unwrap(),
                founder: false,
            },
        ),
    ]
}

fn request(id: &str, drafts: Vec<Draft>) -> Request {
    Request {
        id: DraftId::new(id).unwrap(),
        actor: ActorId::new("local/operator").unwrap(),
        canonical: format!("{drafts:?}").into_bytes(),
        drafts,
        expectations: Vec::new(),
        validate_only: false,
        refuse_irregular: false,
        allowed: Allowed::All,
    }
}

fn kept(recorder: &Recorder) -> Kept {
    recorder.ledger().shared.kept()
}

#[test]
fn what_is_not_recorded_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::default();
    let log = Log::with_backend(disk.clone(), standing_store::Options::default()).unwrap();
    let options = Options {
        clock: Arc::new(|| 1_700_000_000_000_000),
        ..Options::default()
    };
    let keys = KeyFile::create(folder.path().join("keys")).unwrap();
    let recorder = Recorder::start(log, keys, &options).unwrap();
    let body = Event::TermDeclared(Term::bare(TermKind::Body, word("assembly")));
    recorder
        .record(request("founding", vec![draft(0, None, body)]))
        .unwrap();
    recorder.record(request("one", strangers("a"))).unwrap();
    let before = kept(&recorder);

    let judged = Request {
        validate_only: true,
        ..request("two", strangers("b")[..2].to_vec())
    };
    assert_eq!(recorder.record(judged).unwrap(), Outcome::Judged);
    assert!(kept(&recorder) == before, "only judged");

    // The session stands already, and the class was never declared.
    let refused = recorder.record(request("three", strangers("c")[1..].to_vec()));
    assert!(matches!(refused, Err(RecordError::Refused(_))));
    assert!(kept(&recorder) == before, "refused");

    disk.broken.store(true, Ordering::SeqCst);
    let (send, receive) = std::sync::mpsc::channel();
    let batches = ["d", "e", "f"].map(|of| request(of, strangers(of)[..2].to_vec()));
    for batch in batches {
        let send = send.clone();
        recorder.submit(batch, move |outcome| send.send(outcome).unwrap());
    }
    for outcome in receive.iter().take(3) {
        assert!(outcome.is_err());
    }
    assert!(kept(&recorder) == before, "not made durable");
}

/// A group that fails whole is taken back batch by batch, the last first.
#[test]
fn a_group_is_taken_back_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::with_backend(Disk::default(), standing_store::Options::default()).unwrap();
    let keys = KeyFile::create(folder.path().join("keys")).unwrap();
    let recorder = Recorder::start(log, keys, &Options::default()).unwrap();
    let before = kept(&recorder);
    let mut writer = super::Writer::new(
        Arc::clone(&recorder.ledger().shared),
        crate::Role::Writer,
        &Options::default(),
    )
    .unwrap();
    let mut group = super::Group::after(recorder.ledger().head().position);
    for of in ["a", "b", "c"] {
        let request = request(of, strangers(of)[..2].to_vec());
        let digest = standing_store::digest::RequestDigest([0; 16]);
        writer.decide(request, digest, &mut group).unwrap();
    }
    assert!(kept(&recorder) != before);
    writer.take_back(&group);
    assert!(kept(&recorder) == before);
}

/// A group that lies above one that is on its way to the disk is taken back with it.
#[test]
fn two_groups_are_taken_back_as_they_came() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::default();
    let log = Log::with_backend(disk.clone(), standing_store::Options::default()).unwrap();
    let keys = KeyFile::create(folder.path().join("keys")).unwrap();
    let recorder = Recorder::start(log, keys, &Options::default()).unwrap();
    let before = kept(&recorder);
    let shared = Arc::clone(&recorder.ledger().shared);
    let mut writer = super::Writer::new(shared, crate::Role::Writer, &Options::default()).unwrap();
    let mut group = super::Group::after(recorder.ledger().head().position);
    let digest = standing_store::digest::RequestDigest([0; 16]);
    let decide = |writer: &mut super::Writer, group: &mut super::Group, of: &str| {
        let request = request(of, strangers(of)[..2].to_vec());
        writer.decide(request, digest, group).unwrap();
    };
    decide(&mut writer, &mut group, "a");
    decide(&mut writer, &mut group, "b");
    disk.broken.store(true, Ordering::SeqCst);
    assert!(writer.hand_over(&mut group));
    decide(&mut writer, &mut group, "c");
    decide(&mut writer, &mut group, "d");
    assert!(kept(&recorder) != before);
    writer.finish(&mut group);
    assert!(kept(&recorder) == before);
}
