//! Applying entries: from what an entry says to facts about slots. Total and infallible; whether
//! the result makes sense is [`crate::judge`]'s question.

use crate::entry::about::facts;
use crate::entry::event::ask::OnAccount;
use crate::entry::event::kind::Bearing;
use crate::entry::event::{EndGround, Event, Name, NameKind, PartyRegistered};
use crate::entry::facts::{Facts, OfParty};
use crate::entry::gathered::{annulled_act, each_ref, each_restated, keys};
use crate::entry::key::{Key, Touched};
use crate::entry::norm::Passing;
use crate::entry::slot::{Ref, Slot};
use crate::entry::{AuthorityKind, Content};
use crate::id::position::Position;
use crate::id::{ClassId, InstrumentId, PartyId};
use crate::record::acts::Annulling;
use crate::record::annulments::Annulment;
use crate::record::annulments::lawmaking::Lawmaking;
use crate::record::book::{Attributes, Book};
use crate::record::class::ClassValue;
use crate::record::fact::{At, Fact};
use crate::record::party::{ApplicationValue, PartyChange, PartyName};
use crate::time::day::Day;
use crate::time::when::{When, Window};
use std::collections::BTreeSet;
use std::sync::Arc;

/// An entry on its way into the book, with all that applying it needs.
struct Applying<'a> {
    book: &'a mut Book,
    position: Position,
    content: &'a Content,
    /// When its event takes effect.
    at: At,
    /// Reads what an earlier entry said.
    lookup: &'a dyn Fn(Position) -> Option<Content>,
    /// Takes changes to the records of parties.
    party: &'a mut dyn FnMut(&PartyId, PartyChange),
    /// What it touches, where that is asked for.
    touched: Option<&'a mut Touched>,
}

impl Book {
    /// Applies an entry. Changes to the records of parties are handed to `party`; `lookup` reads
    /// what an earlier entry said, for corrections and annulments.
    pub fn apply(
        &mut self,
        position: Position,
        content: &Content,
        lookup: &dyn Fn(Position) -> Option<Content>,
        party: &mut dyn FnMut(&PartyId, PartyChange),
        touched: Option<&mut Touched>,
    ) {
        // What only withdraws another entry states no fact, and names no session by its date.
        let effective = content.effective.as_ref();
        let at = self.at(effective.filter(|_| content.event.is_some()), position);
        let applying = Applying {
            book: self,
            position,
            content,
            at,
            lookup,
            party,
            touched,
        };
        applying.apply();
    }
}

impl Applying<'_> {
    fn apply(mut self) {
        if let Some(target) = self.content.corrects {
            self.correct(target);
        }
        each_ref(self.content, &mut |what| self.refer(what));
        // What says something of an entry concerns whom that entry concerns.
        each_restated(self.content, self.lookup, &mut |what| self.refer(what));
        let Some(event) = &self.content.event else {
            return;
        };
        if let Some(touched) = &mut self.touched {
            touched.keys.extend(keys(event));
        }
        self.say_event(event);
        // An annulment of the corrected entry is one of the entry that stands in its place.
        if let Some(target) = self.content.corrects
            && self.book.annulments.inherit(target, self.position)
        {
            self.mark(event, self.position);
        }
    }

    /// Notes that the entry refers to something.
    fn refer(&mut self, what: Ref) {
        if let Some(touched) = &mut self.touched {
            touched.refs.insert(what.clone());
        }
        if let Ref::Party(id) = &what {
            self.touch(id);
            (self.party)(id, PartyChange::Mentioned(self.position));
        } else {
            self.book.mention(what, self.position);
        }
    }

    fn touch(&mut self, party: &PartyId) {
        if let Some(touched) = &mut self.touched {
            touched.parties.insert(party.clone());
        }
    }

    fn say_event(&mut self, event: &Event) {
        let position = self.position;
        self.note_act(event);
        let effective = self.content.effective.as_ref();
        self.book.note_law_change(position, event, effective);
        self.note_lawmaking(event);
        self.book.history.note(position, event);
        if let Some(taken) = event.decision() {
            let decided = &mut self.book.decided;
            decided.add(position, &taken.session, &taken.decision);
        }
        match facts(event) {
            Facts::Slots => self.say_all(event),
            Facts::Session(session) => {
                self.book.intern_session(session, position);
                self.say_all(event);
            }
            Facts::Class(term) => {
                // The law is laid out for every class that has a number.
                if let Ok(class) = ClassId::new(term.as_str()) {
                    self.book.intern_class(&class, position);
                }
                self.say_all(event);
            }
            Facts::Annulment(entry) => self.annul(event, entry),
            Facts::Registration(registered) => self.register(registered),
            Facts::Succession { from, to, passes } => {
                if passes.contains(&Passing::Membership) {
                    let ended = ClassValue::Ended(EndGround::Succession);
                    self.change(from, PartyChange::Class(self.fact(ended)));
                    let passed = ClassValue::PassedFrom(self.book.intern_party(from, position));
                    self.change(to, PartyChange::Class(self.fact(passed)));
                    if let Some(class) = event.succession().and_then(|succession| succession.class)
                    {
                        let class = self.book.intern_class(class, position);
                        self.book.resulting.insert(position, class);
                    }
                }
                if passes.contains(&Passing::Membership) || passes.contains(&Passing::Accounts) {
                    for id in [from, to] {
                        let fact = self.fact(Arc::new(event.clone()));
                        self.change(id, PartyChange::Succeeded(id.clone(), fact));
                    }
                }
                self.say_all(event);
            }
            Facts::Party(id, change) => {
                let change = self.party_change(&change);
                self.change(id, change);
            }
            Facts::Dues(id) => {
                if let Some(OnAccount::Assessed(dues)) = event.on_account() {
                    self.book.assessed.add(&dues.fund, dues.year, position);
                }
                self.change(id, PartyChange::Dues(self.fact(Arc::new(event.clone()))));
            }
        }
    }

    /// Notes what the entry says of when its act was done (rule 23).
    fn note_act(&mut self, event: &Event) {
        let (content, position) = (self.content, self.position);
        let decision = match &content.authority.kind {
            AuthorityKind::Decision(decision) => Some(decision),
            AuthorityKind::Unknown
            | AuthorityKind::None
            | AuthorityKind::Notification
            | AuthorityKind::Appointment
            | AuthorityKind::OperationOfLaw
            | AuthorityKind::Founding => None,
        };
        if let Some(decision) = decision {
            self.book.acts.rest(position, decision, event);
        }
        let acted = content.acted.as_ref();
        if let Some(acted) = acted.map(|acted| self.book.at(Some(acted), position)) {
            // Of what was certainly done before it takes effect nobody asks when.
            let before = match (acted, self.at) {
                (At::Window(acted), At::Window(effective)) => acted.latest <= effective.earliest,
                _ => false,
            };
            if !before || decision.is_some() || content.effective.is_none() {
                self.book.acts.say(position, acted);
            }
        }
        if let Some(annulled) = event.annulled() {
            let effective = (self.lookup)(annulled).and_then(|content| content.effective);
            let told = acted.is_some() || decision.is_some() || content.effective.is_some();
            let annulling = Annulling {
                position,
                annulled,
                at: self.book.at(effective.as_ref(), position),
                undated: !told,
            };
            self.book.acts.annul(annulling);
        }
    }

    fn register(&mut self, registered: &PartyRegistered) {
        let attributes = Attributes {
            kind: registered.kind.clone(),
            country: registered.country.clone(),
            region: registered.region.clone(),
        };
        let value = self.book.intern_attributes(&attributes, self.position);
        let id = &registered.party;
        self.change(id, PartyChange::Registered(self.fact(value)));
        if let Some(person) = &registered.person {
            self.book.linked.insert(self.position, person.clone());
        }
        let mut languages = BTreeSet::new();
        for name in &registered.names {
            let further = !languages.insert(&name.language);
            let value = self.party_name(NameKind::Public, name, further);
            self.change(id, PartyChange::Name(self.fact(value)));
        }
    }

    /// Returns what changes in the record of the one party an event speaks of.
    fn party_change(&mut self, change: &OfParty) -> PartyChange {
        match change {
            OfParty::Name(kind, name) => {
                let value = self.party_name(*kind, name, false);
                PartyChange::Name(self.fact(value))
            }
            OfParty::Class(taken, founder) => {
                let taken = ClassValue::Taken {
                    class: self.book.intern_class(taken, self.position),
                    founder: *founder,
                };
                PartyChange::Class(self.fact(taken))
            }
            OfParty::Ended(ground) => PartyChange::Class(self.fact(ClassValue::Ended(*ground))),
            OfParty::Applied(class) => {
                let class = self.book.intern_class(class, self.position);
                PartyChange::Application(self.fact(ApplicationValue::Filed(class)))
            }
            OfParty::Withdrew => PartyChange::Application(self.fact(ApplicationValue::Withdrawn)),
            OfParty::Rejected => PartyChange::Application(self.fact(ApplicationValue::Rejected)),
        }
    }

    /// Says an event in every slot it is about.
    fn say_all(&mut self, event: &Event) {
        let said = Arc::new(event.clone());
        for key in keys(event) {
            if let Key::Book(slot) = key {
                let fact = self.fact(Arc::clone(&said));
                self.book.say(slot, fact);
            }
        }
    }

    /// Ends the knowledge of what the entry at `target` said.
    fn correct(&mut self, target: Position) {
        let Some(corrected) = (self.lookup)(target) else {
            return;
        };
        let by = self.position;
        self.book.superseded.entry(target).or_insert(by);
        self.book.link(by, target);
        self.book.mention(Ref::Entry(target), by);
        if let Some(touched) = &mut self.touched {
            touched.refs.insert(Ref::Entry(target));
        }
        let Some(event) = &corrected.event else {
            return;
        };
        let effective = corrected.effective.as_ref();
        self.book.note_law_change(by, event, effective);
        for key in keys(event) {
            match &key {
                Key::Book(slot) => self.book.supersede(slot, target, by),
                Key::Registration(id)
                | Key::Class(id)
                | Key::Application(id)
                | Key::Name(id, ..)
                | Key::Dues(id, _) => {
                    self.touch(id);
                    self.change(id, PartyChange::Superseded { target, by });
                }
                Key::Annulment(entry) => {
                    self.book.annulments.end(target, by);
                    self.touch_annulled(*entry);
                    if let Some((act, annulled)) = annulled_act(event, self.lookup) {
                        self.note_undone_law(act, &annulled, None);
                    }
                }
            }
            if let Some(touched) = &mut self.touched {
                touched.keys.insert(key);
            }
        }
    }

    fn annul(&mut self, event: &Event, entry: Position) {
        let (content, position) = (self.content, self.position);
        let annulment = Annulment {
            from: content.effective.as_ref().map(|_| self.at),
            order: content.order,
            position,
            until: Position::MAX,
        };
        self.book.annulments.add(entry, annulment);
        self.book.link(position, entry);
        self.touch_annulled(entry);
        if let Some((act, annulled)) = annulled_act(event, self.lookup) {
            self.note_undone_law(act, &annulled, content.effective.as_ref());
        }
        if let Some(event) = self.event_at(entry) {
            self.mark(&event, entry);
        }
    }

    /// Notes that the law may have changed as an act was annulled, or no longer is. An amendment
    /// takes articles with it.
    fn note_undone_law(&mut self, entry: Position, annulled: &Content, effective: Option<&When>) {
        let Some(event) = &annulled.event else { return };
        let position = self.position;
        let articles = self.articles_with(entry, event, annulled);
        self.book.note_law_change(position, event, effective);
        let enacted = articles.first();
        if let Some(article) = enacted.and_then(|article| self.event_at(*article)) {
            self.book.note_law_change(position, &article, effective);
        }
    }

    /// Returns the entries about articles that came with an act that makes law; none of another
    /// act.
    fn articles_with(
        &mut self,
        entry: Position,
        event: &Event,
        content: &Content,
    ) -> Vec<Position> {
        let Some(instrument) = event.changed_instrument() else {
            return Vec::new();
        };
        let alike = self.alike(instrument, content);
        self.book.law_acts.articles_of(entry, &alike)
    }

    /// Returns what an act that changes an instrument has in common with the articles that come
    /// with it.
    fn alike(&mut self, instrument: &InstrumentId, content: &Content) -> Lawmaking {
        Lawmaking::Alike {
            instrument: instrument.clone(),
            at: self.book.at(content.effective.as_ref(), self.position),
            authority: content.authority.kind.clone(),
        }
    }

    /// Notes what came with which act that makes law.
    fn note_lawmaking(&mut self, event: &Event) {
        let (position, content) = (self.position, self.content);
        if let Some(instrument) = event.changed_instrument() {
            let alike = self.alike(instrument, content);
            let acts = &mut self.book.law_acts;
            acts.add_act(position, content.corrects, alike);
        } else if let Some(article) = event.about_article() {
            let by = match event.part_of() {
                Some(act) => self.book.law_acts.named(act),
                None => self.alike(&article.instrument, content),
            };
            self.book.law_acts.add_article(position, by);
        }
    }

    /// Marks the facts of an entry as annulled.
    fn mark(&mut self, event: &Event, entry: Position) {
        for key in keys(event) {
            match &key {
                Key::Book(slot) => self.book.mark_annulled(slot, entry),
                Key::Registration(id)
                | Key::Class(id)
                | Key::Application(id)
                | Key::Name(id, ..)
                | Key::Dues(id, _) => self.change(id, PartyChange::Annulled(entry)),
                Key::Annulment(_) => {}
            }
        }
    }

    /// Notes that the entry touches what an annulled one says; so too what that one annuls.
    fn touch_annulled(&mut self, entry: Position) {
        let Some(touched) = &mut self.touched else {
            return;
        };
        // Chains of annulments may be long: they are walked, not followed by recursion.
        let mut next = Some(entry);
        while let Some(entry) = next {
            let Some(content) = (self.lookup)(entry) else {
                return;
            };
            let Some(event) = &content.event else {
                return;
            };
            next = event.annulled().filter(|annulled| *annulled < entry);
            let articles = match event.changed_instrument() {
                Some(instrument) => {
                    let alike = Lawmaking::Alike {
                        instrument: instrument.clone(),
                        at: self.book.at(content.effective.as_ref(), self.position),
                        authority: content.authority.kind.clone(),
                    };
                    self.book.law_acts.articles_of(entry, &alike)
                }
                None => Vec::new(),
            };
            let with_it = articles.into_iter();
            let with_it = with_it.filter_map(|article| (self.lookup)(article)?.event);
            let with_it: Vec<Key> = with_it.flat_map(|event| keys(&event)).collect();
            for key in keys(event).into_iter().chain(with_it) {
                if let Some(id) = key.party() {
                    touched.parties.insert(id.clone());
                }
                touched.keys.insert(key);
            }
        }
    }

    fn change(&mut self, party: &PartyId, change: PartyChange) {
        (self.party)(party, change);
    }

    /// Returns the event of an earlier entry.
    fn event_at(&self, entry: Position) -> Option<Event> {
        (self.lookup)(entry)?.event
    }

    /// Returns a fact that the entry states.
    fn fact<V>(&self, value: V) -> Fact<V> {
        Fact {
            at: self.at,
            order: self.content.order,
            annulled: false,
            value,
            position: self.position,
            until: Position::MAX,
        }
    }

    fn party_name(&mut self, kind: NameKind, name: &Name, further: bool) -> PartyName {
        PartyName {
            kind,
            language: self.book.intern_word(&name.language, self.position),
            text: name.text.as_str().into(),
            further,
        }
    }
}

impl Book {
    fn at(&mut self, effective: Option<&When>, position: Position) -> At {
        match effective {
            None => At::Window(Window::day(Day::MIN)),
            Some(When::Window(window)) => At::Window(*window),
            Some(When::Anchor { session, edge }) => {
                At::Anchor(self.intern_session(session, position), *edge)
            }
        }
    }

    fn note_law_change(&mut self, position: Position, event: &Event, effective: Option<&When>) {
        let changes = match event.kind().law {
            Bearing::Never => false,
            Bearing::Frames => true,
            Bearing::Enacts => {
                if let Some(When::Anchor { session, .. }) = effective {
                    self.law_anchors.number(session, position);
                }
                true
            }
            Bearing::Session => keys(event).iter().any(|key| {
                matches!(key, Key::Book(Slot::Session(session)) if self.law_anchors.contains(session))
            }),
        };
        if changes && self.law_changes.last() != Some(&position) {
            self.law_changes.push(position);
        }
    }

    fn mention(&mut self, what: Ref, position: Position) {
        let positions = self.mentions.entry(what).or_default();
        if positions.last() != Some(&position) {
            positions.push(position);
        }
    }
}
