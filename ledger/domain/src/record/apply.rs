//! Applying entries: from what an entry says to facts about slots. Total and infallible; whether the result makes sense
//! is [`crate::judge`]'s question.

use crate::entry::about::facts;
use crate::entry::event::kind::Bearing;
use crate::entry::event::{Event, Name, NameKind};
use crate::entry::facts::{Facts, OfParty};
use crate::entry::gathered::keys;
use crate::entry::key::{Key, Touched};
use crate::entry::norm::Passing;
use crate::entry::slot::{Ref, Slot};
use crate::entry::{AuthorityKind, Content};
use crate::id::{ClassId, PartyId, Position};
use crate::record::annulments::Annulment;
use crate::record::book::{Attributes, Book};
use crate::record::class::ClassValue;
use crate::record::fact::{At, Fact};
use crate::record::party::{ApplicationValue, PartyChange, PartyName};
use crate::time::day::Day;
use crate::time::when::{Edge, When, Window};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Book {
    /// Applies an entry. Changes to the records of parties are handed to `party`; `lookup` reads what an earlier entry
    /// said, for corrections and annulments.
    pub fn apply(
        &mut self,
        position: Position,
        content: &Content,
        lookup: &dyn Fn(Position) -> Option<Content>,
        party: &mut dyn FnMut(&PartyId, PartyChange),
        mut touched: Option<&mut Touched>,
    ) {
        if let Some(target) = content.corrects {
            self.correct(target, position, lookup, party, &mut touched);
        }
        crate::entry::gathered::each_ref(content, &mut |what| {
            if let Some(touched) = &mut touched {
                touched.refs.insert(what.clone());
            }
            if let Ref::Party(id) = &what {
                if let Some(touched) = &mut touched {
                    touched.parties.insert(id.clone());
                }
                party(id, PartyChange::Mentioned(position));
            } else {
                self.mention(what, position);
            }
        });
        let Some(event) = &content.event else { return };
        if let Some(touched) = &mut touched {
            touched.keys.extend(keys(event));
        }
        self.say_event(position, content, event, lookup, party, &mut touched);
        if let Some(target) = content.corrects {
            self.inherit_annulments(target, position, event, party);
        }
    }

    /// An annulment of the corrected entry is one of the entry that stands in its place.
    fn inherit_annulments(
        &mut self,
        target: Position,
        by: Position,
        event: &Event,
        party: &mut dyn FnMut(&PartyId, PartyChange),
    ) {
        if self.annulments.inherit(target, by) {
            self.mark(event, by, party);
        }
    }

    fn say_event(
        &mut self,
        position: Position,
        content: &Content,
        event: &Event,
        lookup: &dyn Fn(Position) -> Option<Content>,
        party: &mut dyn FnMut(&PartyId, PartyChange),
        touched: &mut Option<&mut Touched>,
    ) {
        let at = self.at(content.effective.as_ref(), position);
        if let Some(acted) = self.late_act(content, position) {
            self.late_acts.insert(position, acted);
        }
        self.note_law_change(position, event, content.effective.as_ref());
        let order = content.order;
        match facts(event) {
            Facts::Slots => self.say_all(event, at, order, position),
            Facts::Session(session) => {
                self.intern_session(session, position);
                self.say_all(event, at, order, position);
            }
            Facts::Class(term) => {
                // The law is laid out for every class that has a number.
                if let Ok(class) = ClassId::new(term.as_str()) {
                    self.intern_class(&class, position);
                }
                self.say_all(event, at, order, position);
            }
            Facts::Annulment(entry) => {
                self.annul(entry, position, content, lookup, party, touched);
            }
            Facts::Registration(registered) => {
                let attributes = Attributes {
                    kind: registered.kind.clone(),
                    country: registered.country.clone(),
                    region: registered.region.clone(),
                };
                let value = self.intern_attributes(&attributes, position);
                let id = &registered.party;
                party(
                    id,
                    PartyChange::Registered(fact(at, order, value, position)),
                );
                let mut languages = BTreeSet::new();
                for name in &registered.names {
                    let further = !languages.insert(&name.language);
                    let value = self.party_name(NameKind::Public, name, further, position);
                    party(id, PartyChange::Name(fact(at, order, value, position)));
                }
            }
            Facts::Succession { from, to, passes } => {
                if passes.contains(&Passing::Membership) {
                    let ended = ClassValue::Ended(crate::entry::event::EndGround::Succession);
                    party(from, PartyChange::Class(fact(at, order, ended, position)));
                    let passed = ClassValue::PassedFrom(self.intern_party(from, position));
                    party(to, PartyChange::Class(fact(at, order, passed, position)));
                }
                if passes.contains(&Passing::Accounts) {
                    let said = Arc::new(event.clone());
                    party(to, PartyChange::Dues(fact(at, order, said, position)));
                }
                self.say_all(event, at, order, position);
            }
            Facts::Party(id, change) => {
                let change = self.party_change(&change, at, order, position);
                party(id, change);
            }
            Facts::Dues(id) => {
                let said = Arc::new(event.clone());
                party(id, PartyChange::Dues(fact(at, order, said, position)));
            }
        }
    }

    /// Returns what changes in the record of the one party an event speaks of.
    fn party_change(
        &mut self,
        change: &OfParty,
        at: At,
        order: u16,
        position: Position,
    ) -> PartyChange {
        let class = |value| PartyChange::Class(fact(at, order, value, position));
        let application = |value| PartyChange::Application(fact(at, order, value, position));
        match change {
            OfParty::Name(kind, name) => {
                let value = self.party_name(*kind, name, false, position);
                PartyChange::Name(fact(at, order, value, position))
            }
            OfParty::Class(taken, founder) => class(ClassValue::Taken {
                class: self.intern_class(taken, position),
                founder: *founder,
            }),
            OfParty::Ended(ground) => class(ClassValue::Ended(*ground)),
            OfParty::Applied(class) => {
                let class = self.intern_class(class, position);
                application(ApplicationValue::Filed(class))
            }
            OfParty::Withdrew => application(ApplicationValue::Withdrawn),
            OfParty::Rejected => application(ApplicationValue::Rejected),
        }
    }

    /// Says an event in every slot it is about.
    fn say_all(&mut self, event: &Event, at: At, order: u16, position: Position) {
        let said = Arc::new(event.clone());
        for key in keys(event) {
            if let Key::Book(slot) = key {
                self.say(slot, fact(at, order, Arc::clone(&said), position));
            }
        }
    }

    fn correct(
        &mut self,
        target: Position,
        by: Position,
        lookup: &dyn Fn(Position) -> Option<Content>,
        party: &mut dyn FnMut(&PartyId, PartyChange),
        touched: &mut Option<&mut Touched>,
    ) {
        let Some(corrected) = lookup(target) else {
            return;
        };
        self.superseded.entry(target).or_insert(by);
        self.link(by, target);
        self.mention(Ref::Entry(target), by);
        if let Some(touched) = touched {
            touched.refs.insert(Ref::Entry(target));
        }
        let Some(event) = &corrected.event else {
            return;
        };
        self.note_law_change(by, event, corrected.effective.as_ref());
        for key in keys(event) {
            if let Some(touched) = touched {
                touched.keys.insert(key.clone());
            }
            match &key {
                Key::Book(slot) => self.supersede(slot, target, by),
                Key::Registration(id)
                | Key::Class(id)
                | Key::Application(id)
                | Key::Name(id, ..)
                | Key::Dues(id, _) => {
                    if let Some(touched) = touched {
                        touched.parties.insert(id.clone());
                    }
                    party(id, PartyChange::Superseded { target, by });
                }
                Key::Annulment(entry) => {
                    self.annulments.end(target, by);
                    touch_annulled(*entry, lookup, touched);
                    if let Some(annulled) = lookup(*entry).and_then(|content| content.event) {
                        self.note_law_change(by, &annulled, None);
                    }
                }
            }
        }
    }

    fn annul(
        &mut self,
        entry: Position,
        position: Position,
        content: &Content,
        lookup: &dyn Fn(Position) -> Option<Content>,
        party: &mut dyn FnMut(&PartyId, PartyChange),
        touched: &mut Option<&mut Touched>,
    ) {
        let effective = content.effective.as_ref();
        let from = effective.map(|when| self.at(Some(when), position));
        let annulment = Annulment {
            from,
            order: content.order,
            position,
            until: Position::MAX,
        };
        self.annulments.add(entry, annulment);
        self.link(position, entry);
        touch_annulled(entry, lookup, touched);
        let Some(event) = lookup(entry).and_then(|content| content.event) else {
            return;
        };
        self.note_law_change(position, &event, content.effective.as_ref());
        self.mark(&event, entry, party);
    }

    /// Marks the facts of an entry as annulled.
    fn mark(
        &mut self,
        event: &Event,
        entry: Position,
        party: &mut dyn FnMut(&PartyId, PartyChange),
    ) {
        for key in keys(event) {
            match &key {
                Key::Book(slot) => self.mark_annulled(slot, entry),
                Key::Registration(id)
                | Key::Class(id)
                | Key::Application(id)
                | Key::Name(id, ..)
                | Key::Dues(id, _) => party(id, PartyChange::Annulled(entry)),
                Key::Annulment(_) => {}
            }
        }
    }

    fn at(&mut self, effective: Option<&When>, position: Position) -> At {
        match effective {
            None => At::Window(Window::day(Day::MIN)),
            Some(When::Window(window)) => At::Window(*window),
            Some(When::Anchor { session, edge }) => {
                At::Anchor(self.intern_session(session, position), *edge)
            }
        }
    }

    /// Returns when an act was done, if that is after the day it takes effect (rule 23).
    fn late_act(&mut self, content: &Content, position: Position) -> Option<At> {
        let effective = content.effective.as_ref()?;
        let acted = match (&content.acted, &content.authority.kind) {
            (Some(acted), _) => self.at(Some(acted), position),
            (None, AuthorityKind::Decision(decision)) => {
                let fact = self.facts(&Slot::Decision(decision.clone())).last()?;
                let Event::DecisionTaken(decision) = &*fact.value else {
                    return None;
                };
                let session = decision.session.clone();
                At::Anchor(self.intern_session(&session, position), Edge::Opening)
            }
            _ => return None,
        };
        let effective = self.at(Some(effective), position);
        let (effective, acted_on) = (
            self.window(effective, Position::MAX - 1)?,
            self.window(acted, Position::MAX - 1)?,
        );
        (effective.latest < acted_on.earliest).then_some(acted)
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

    fn party_name(
        &mut self,
        kind: NameKind,
        name: &Name,
        further: bool,
        position: Position,
    ) -> PartyName {
        PartyName {
            kind,
            language: self.intern_word(&name.language, position),
            text: name.text.as_str().into(),
            further,
        }
    }

    fn mention(&mut self, what: Ref, position: Position) {
        let positions = self.mentions.entry(what).or_default();
        if positions.last() != Some(&position) {
            positions.push(position);
        }
    }
}

fn touch_annulled(
    entry: Position,
    lookup: &dyn Fn(Position) -> Option<Content>,
    touched: &mut Option<&mut Touched>,
) {
    if touched.is_none() {
        return;
    }
    // Chains of annulments may be long: they are walked, not followed by recursion.
    let mut next = Some(entry);
    while let Some(entry) = next {
        let Some(event) = lookup(entry).and_then(|content| content.event) else {
            return;
        };
        next = None;
        if let Event::ActAnnulled { entry: annulled } = event
            && annulled < entry
        {
            next = Some(annulled);
        }
        let Some(touched) = touched else { return };
        for key in keys(&event) {
            if let Some(id) = key.party() {
                touched.parties.insert(id.clone());
            }
            touched.keys.insert(key);
        }
    }
}

fn fact<V>(at: At, order: u16, value: V, position: Position) -> Fact<V> {
    Fact {
        at,
        order,
        annulled: false,
        value,
        position,
        until: Position::MAX,
    }
}
