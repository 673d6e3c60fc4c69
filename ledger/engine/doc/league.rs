// The league that the examples of this crate ask about. They include it unseen, so that each shows
// what it is about and nothing else.

use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{ArticleChange, ArticleEnacted, Event, PartyRegistered, TermKind};
use standing_domain::entry::norm::{Condition, Norm, RightRule, Rule, Support};
use standing_domain::id::{
    ActorId, ArticleId, ClassId, DraftId, InstrumentId, PartyId, RightId, Word,
};
use standing_domain::time::when::{When, Window};
use standing_engine::{Allowed, Options, Recorder, Request};
use std::error::Error;
use std::path::Path;

fn draft(effective: Option<&str>, event: Event) -> Result<Draft, Box<dyn Error>> {
    let effective = effective.map(Window::parse).transpose()?;
    Ok(Draft::bare(effective.map(When::Window), Some(event.into())))
}

fn declared(kind: TermKind, term: &str) -> Result<Draft, Box<dyn Error>> {
    let event = Event::TermDeclared(Term::bare(kind, Word::new(term)?));
    draft(None, event)
}

fn registered(party: &str) -> Result<Draft, Box<dyn Error>> {
    let registered = PartyRegistered {
        party: PartyId::new(party)?,
        kind: Word::new("government")?,
        country: None,
        region: None,
        names: vec![],
        aliases: vec![],
        person: None,
    };
    draft(None, Event::PartyRegistered(registered))
}

/// A draft that admits a party to the full members.
fn admitted(party: &str, effective: &str) -> Result<Draft, Box<dyn Error>> {
    let event = Event::MemberAdmitted {
        party: PartyId::new(party)?,
        class: ClassId::new("full")?,
        founder: false,
    };
    draft(Some(effective), event)
}

/// A draft of the article that gives full members the vote.
fn enacted(effective: &str) -> Result<Draft, Box<dyn Error>> {
    let vote = RightRule {
        right: RightId::new("vote")?,
        body: None,
        classes: vec![ClassId::new("full")?],
    };
    let norm = Norm {
        support: Support::Text,
        condition: Condition::always(),
        note: String::new(),
        rule: Rule::Confer(vote),
    };
    let article = ArticleEnacted {
        instrument: InstrumentId::new("charter")?,
        article: ArticleId::new("9")?,
        citation: "9".to_owned(),
        change: ArticleChange::Original,
        headings: vec![],
        texts: vec![],
        amendment: None,
        norms: vec![norm],
    };
    draft(Some(effective), Event::ArticleEnacted(article))
}

/// A request to record drafts.
fn request(id: &str, drafts: Vec<Draft>) -> Result<Request, Box<dyn Error>> {
    Ok(Request {
        id: DraftId::new(id)?,
        actor: ActorId::new("local/operator")?,
        canonical: format!("{drafts:?}").into_bytes(),
        drafts,
        expectations: vec![],
        validate_only: false,
        refuse_irregular: false,
        allowed: Allowed::All,
    })
}

/// A ledger of a league in which full members vote: east is one since 2001-05-01, west is none.
fn league(folder: &Path) -> Result<Recorder, Box<dyn Error>> {
    let recorder = Recorder::open(&folder.join("league.redb"), &Options::default())?;
    let charter = Event::InstrumentAdopted {
        instrument: InstrumentId::new("charter")?,
        titles: vec![],
        published: None,
    };
    let drafts = vec![
        declared(TermKind::Class, "full")?,
        declared(TermKind::Right, "vote")?,
        registered("east")?,
        registered("west")?,
        draft(Some("2000-01-01"), charter)?,
        enacted("2000-01-01")?,
        admitted("east", "2001-05-01")?,
    ];
    recorder.record(request("league", drafts)?)?;
    Ok(recorder)
}
