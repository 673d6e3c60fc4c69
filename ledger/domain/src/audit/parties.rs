//! Findings on what is recorded of parties: who was admitted to what and since when, who followed
//! whom, who bears which name.

mod dues;
mod names;
mod passing;
mod persons;

use super::gathered::{Gathered, Shared, Used};
use super::{Audit, Code, Finding, Severity, Wanted};
use crate::answers::view::Parties;
use crate::entry::event::Event;
use crate::entry::event::one::Succession;
use crate::entry::norm::{ClassRule, Norm, Passing, Rule, Support};
use crate::entry::slot::Slot;
use crate::entry::{AuthorityKind, Content};
use crate::id::position::Position;
use crate::id::{ClassId, PartyId};
use crate::record::class::ClassValue;
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeSet;

/// An admission.
struct Admission<'a> {
    party: &'a PartyId,
    record: &'a PartyRecord,
    class: &'a ClassId,
    position: Position,
    window: Window,
}

impl<P: Parties> Audit<'_, P> {
    /// Gathers what is found of parties; of some entries only, where those are given.
    pub(super) fn party_findings(
        &self,
        only: &Wanted,
        gathered: &mut Gathered,
    ) -> Result<(), Stopped> {
        self.walks
            .concerned(&mut |party, record| self.of_party(party, record, Some(only), gathered))
    }

    /// Gathers all that is found of one party and of nobody else, whatever the day of the question.
    /// It stands for as long as nothing moves the party's lines on rolls (see
    /// [`crate::entry::reach::rolls`]).
    ///
    /// # Errors
    /// The work was given up.
    pub fn gathered_of(&self, party: &PartyId, record: &PartyRecord) -> Result<Gathered, Stopped> {
        let mut gathered = Gathered::default();
        self.of_party(party, record, None, &mut gathered)?;
        self.resting_findings(&own_acts(record), &mut gathered.shared)?;
        self.early(party, record, &mut gathered);
        Ok(gathered)
    }

    fn of_party(
        &self,
        party: &PartyId,
        record: &PartyRecord,
        only: Option<&Wanted>,
        gathered: &mut Gathered,
    ) -> Result<(), Stopped> {
        for fact in record.class_facts() {
            self.stop.check()?;
            let known_at = self.view.known_at;
            let void = |position| self.view.book.is_void(position, fact.annulled, known_at);
            let asked = only.is_none_or(|wanted| wanted(fact.position));
            if !asked || !fact.is_known(known_at) || void(fact.position) {
                continue;
            }
            let Some(content) = self.content(fact.position) else {
                continue;
            };
            let what = match fact.value {
                ClassValue::Taken { .. } => "admitted them",
                ClassValue::Ended(_) => "ended their membership",
                // What passes is judged as a succession.
                ClassValue::PassedFrom(_) => continue,
            };
            if content.event.as_ref().and_then(Event::succession).is_some() {
                continue;
            }
            let position = fact.position;
            self.act(Some(party), position, &content, &mut gathered.shared);
            self.unsaid(what, Some(party.clone()), position, &content, gathered);
            let admission = self.admission(party, record, fact.value, &content, position);
            let Some(admission) = admission else { continue };
            self.observer_by_admission(&admission, &content, &mut gathered.shared);
            if !self.class_before_article(&admission, &mut gathered.shared) {
                gathered.without.push(Used {
                    class: admission.class.clone(),
                    party: party.clone(),
                    position,
                    window: admission.window,
                });
            }
        }
        self.taken_twice(party, record, &mut gathered.own);
        self.taken_before_birth(party, record, only, &mut gathered.own);
        self.write_off_findings(party, record, &mut gathered.own)?;
        self.dues_findings(party, record, &mut gathered.own)
    }

    /// Returns an admission to be judged; what was done at the founding is none (rule 13).
    fn admission<'a>(
        &'a self,
        party: &'a PartyId,
        record: &'a PartyRecord,
        value: ClassValue,
        content: &Content,
        position: Position,
    ) -> Option<Admission<'a>> {
        let ClassValue::Taken { class, .. } = value else {
            return None;
        };
        let constitutive = content.authority.kind == AuthorityKind::Founding;
        let founding = self.founding().filter(|_| constitutive);
        let judged = |window: &Window| match founding {
            Some(founding) => founding.latest < window.earliest,
            None => !constitutive,
        };
        let window = self.effective(content).filter(judged)?;
        Some(Admission {
            party,
            record,
            class: self.view.book.class(class)?,
            position,
            window,
        })
    }

    /// Judges an admission by the articles that establish its class. Returns false if none ever
    /// does.
    fn class_before_article(&self, admission: &Admission<'_>, shared: &mut Shared) -> bool {
        let Admission { class, window, .. } = admission;
        let mut add = |code, severity, message| {
            let cause = shared
                .entry((code, severity, *window, message))
                .or_default();
            cause.parties.push(admission.party.clone());
            cause.entries.push(admission.position);
        };
        let is_it = |rule: &ClassRule| rule.class == **class;
        let establishes = |rule: &Rule| rule.class().is_some_and(is_it);
        let articles = self.view.law.articles().iter();
        let mut establishing = articles.filter(|a| a.norms().any(|norm| establishes(&norm.rule)));
        let Some(first) = establishing.next() else {
            return false;
        };
        let carries = |norm: &Norm| establishes(&norm.rule);
        let in_force = self.view.law.in_force_where(window.latest, &carries);
        if !in_force.iter().any(|norm| establishes(&norm.norm.rule)) {
            let message = format!(
                "the class {class} is used on {window}, when no article in force establishes it; {} does at another time",
                first.article
            );
            add(Code::ClassBeforeArticle, Severity::Irregular, message);
            return true;
        }
        // Raised only if it is so on the first and on the last day that the admission may have been
        // (rule 32).
        let (early, late) = (
            self.eligible(admission, window.earliest),
            self.eligible(admission, window.latest),
        );
        for (article, late) in late {
            let early = early.iter().find(|(other, _)| *other == article);
            let eligible = early.map_or(late, |(_, early)| late.or(*early));
            let (severity, what) = match eligible {
                Truth::Yes => continue,
                Truth::No => (Severity::Irregular, "is not eligible"),
                Truth::Unknown => (Severity::Unproven, "is not shown to be eligible"),
            };
            let message = format!("who was admitted as {class} {what} under {article}");
            add(Code::Eligibility, severity, message);
        }
        true
    }

    /// An observer accepted into a class to which an article has a body admit: it takes a decision,
    /// as every admission does (rule 31).
    fn observer_by_admission(
        &self,
        admission: &Admission<'_>,
        content: &Content,
        shared: &mut Shared,
    ) {
        let accepts = content.event.as_ref().and_then(Event::observer).is_some();
        let undecided = match content.authority.kind {
            AuthorityKind::None
            | AuthorityKind::Notification
            | AuthorityKind::Appointment
            | AuthorityKind::OperationOfLaw => true,
            // What no source says is told for all admissions at once.
            AuthorityKind::Unknown | AuthorityKind::Decision(_) | AuthorityKind::Founding => false,
        };
        if !accepts || !undecided {
            return;
        }
        let Admission { class, window, .. } = admission;
        let admits = |norm: &Norm| {
            let rule = norm.rule.class();
            rule.is_some_and(|rule| rule.class == **class && !rule.admitted_by.is_empty())
        };
        for norm in self.view.law.in_force_where(window.latest, &admits) {
            if !admits(norm.norm) || norm.certain != Truth::Yes {
                continue;
            }
            let message = format!(
                "who was accepted as an observer into the class {class} was admitted by no body; {} has one admit to it{}",
                norm.article,
                super::known_as(norm.norm.support)
            );
            let key = (Code::Competence, Severity::Irregular, *window, message);
            let cause = shared.entry(key).or_default();
            cause.parties.push(admission.party.clone());
            cause.entries.push(admission.position);
            cause.articles.push(norm.article.clone());
        }
    }

    /// A class taken before a party came to be, as certainly as both days are known.
    fn taken_before_birth(
        &self,
        party: &PartyId,
        record: &PartyRecord,
        only: Option<&Wanted>,
        found: &mut Vec<Finding>,
    ) {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let birth = self.view.birth(record);
        for fact in record.class_facts() {
            let asked = only.is_none_or(|wanted| wanted(fact.position));
            let void = book.is_void(fact.position, fact.annulled, known_at);
            let taken = fact.value.taken().and_then(|class| book.class(class));
            let (Some(class), true) = (taken, asked && !void && fact.is_known(known_at)) else {
                continue;
            };
            let on = book.window(fact.at, known_at);
            let Some(on) = on.filter(|on| on.latest < birth.earliest) else {
                continue;
            };
            let message = format!(
                "the class {class} is recorded as taken on {on}, before the party came to be on {birth}"
            );
            let (code, severity) = (Code::BeforeBirth, Severity::Mismatch);
            let born = record.registration(known_at).map(|fact| fact.position);
            let entries = born.into_iter().chain([fact.position]);
            let finding = Finding::new(code, severity, on, entries, message);
            found.push(finding.of_parties([party.clone()]));
        }
    }

    /// Returns whether a party is eligible for a class on a day, by each article in force that says
    /// who is.
    fn eligible(&self, admission: &Admission<'_>, day: Day) -> Vec<(String, Truth)> {
        let now = self.view.circumstances(admission.record, day);
        let is_it = |rule: &ClassRule| rule.class == *admission.class;
        let of_class = |norm: &Norm| norm.rule.class().is_some_and(is_it);
        let norms = self.view.law.in_force_where(day, &of_class);
        let judged = norms.iter().filter_map(|norm| {
            let rule = norm.norm.rule.class()?;
            let eligibility = rule.eligibility.as_ref()?;
            if rule.class != *admission.class {
                return None;
            }
            let eligible = if norm.norm.support == Support::Unknown {
                // Nobody knows how it reads.
                Truth::Unknown
            } else {
                let applies = norm.certain.and(now.judge(&norm.norm.condition));
                (!applies).or(now.judge(eligibility))
            };
            let mut article = norm.article.to_string();
            if eligible == Truth::Unknown {
                article.push_str(super::known_as(norm.norm.support));
                article.push_str(&eligibility.told_not_modelled());
            }
            Some((article, eligible))
        });
        judged.collect()
    }

    /// A class taken while it is held, as far as the record says.
    fn taken_twice(&self, party: &PartyId, record: &PartyRecord, found: &mut Vec<Finding>) {
        let Ok(line) = record.class_line(self.view.book, self.view.known_at) else {
            return;
        };
        let steps = line.steps();
        for (i, step) in steps.iter().enumerate().skip(1) {
            let (Some((before, _)), Some((after, position))) =
                (line.value_after(Some(i - 1)), line.value_after(Some(i)))
            else {
                continue;
            };
            let (ClassValue::Taken { class: before, .. }, ClassValue::Taken { class: after, .. }) =
                (before, after)
            else {
                continue;
            };
            let anew = self.view.begins_anew(record, &line, i);
            if before == after && position == step.position && !anew {
                let message = "a class is taken that the party has already, as the record stands";
                let entries = [steps[i - 1].position, position];
                let severity = Severity::Note;
                let finding = Finding::new(
                    Code::MembershipTwice,
                    severity,
                    step.window,
                    entries,
                    message,
                );
                found.push(finding.of_parties([party.clone()]));
            }
        }
    }

    /// Memberships that passed on although no provision lets them.
    pub(super) fn succession_findings(&self, gathered: &mut Gathered) -> Result<(), Stopped> {
        let (book, found) = (self.view.book, &mut gathered.own);
        let least = Slot::Successors(PartyId::least());
        let successions = book.slots_from(&least).map_while(|(slot, _)| match slot {
            Slot::Successors(_) => Some(slot),
            _ => None,
        });
        for slot in successions {
            for fact in book.known(slot, self.view.known_at) {
                self.stop.check()?;
                let Some(succession) = fact.value.succession() else {
                    continue;
                };
                found.extend(self.lapsed_finding(succession, fact.position));
                let Succession {
                    from, to, passes, ..
                } = succession;
                let Some(window) = book.window(fact.at, self.view.known_at) else {
                    continue;
                };
                let lets = |passing: &Passing| {
                    self.view.law.in_force(window.latest).iter().any(|norm| {
                        let passes = norm.norm.rule.succession();
                        passes.is_some_and(|passes| passes.contains(passing))
                    })
                };
                let content = self.content(fact.position);
                if let Some(content) = &content {
                    self.act(Some(from), fact.position, content, &mut gathered.shared);
                }
                self.predecessor_remains(from, to, (window, fact.position), found);
                if passes.is_empty() || passes.iter().all(lets) {
                    continue;
                }
                let decision = content.and_then(|content| match content.authority.kind {
                    AuthorityKind::Decision(decision) => Some(decision),
                    _ => None,
                });
                let (severity, why) = match decision {
                    Some(decision) => (Severity::Note, format!("it rests on {decision}")),
                    None => (Severity::Unproven, "no decision is recorded".to_owned()),
                };
                let message = format!(
                    "what {from} held passes to {to}: no article on record lets it pass, and {why}"
                );
                let code = Code::SuccessionWithoutClause;
                let finding = Finding::new(code, severity, window, [fact.position], message);
                found.push(finding.of_parties([from.clone(), to.clone()]));
            }
        }
        Ok(())
    }

    /// A predecessor that is certainly a member still when it has been succeeded, and whose
    /// membership cannot have ended with the succession.
    fn predecessor_remains(
        &self,
        from: &PartyId,
        to: &PartyId,
        (window, position): (Window, Position),
        found: &mut Vec<Finding>,
    ) {
        let Some(record) = self.view.record(from) else {
            return;
        };
        let classes = self.view.classes(&record, window.latest);
        let member = !classes.is_empty() && classes.iter().all(|one| one.class.is_some());
        let may_end = record
            .class_facts()
            .iter()
            .filter(|fact| fact.is_known(self.view.known_at) && !fact.value.stands())
            .filter_map(|fact| self.view.book.window(fact.at, self.view.known_at))
            .any(|end| end.overlaps(window));
        if !member || may_end {
            return;
        }
        let message = format!(
            "{from} is succeeded by {to} on {window} and is a member still: how its membership ended is not recorded"
        );
        let (code, severity) = (Code::PredecessorRemains, Severity::Gap);
        let finding = Finding::new(code, severity, window, [position], message);
        found.push(finding.of_parties([from.clone(), to.clone()]));
    }
}

/// Returns the entries of the facts of a party's class, applications and money.
fn own_acts(record: &PartyRecord) -> BTreeSet<Position> {
    let class = record.class_facts().iter().map(|fact| fact.position);
    let applied = record.application_facts().iter().map(|fact| fact.position);
    let money = record.dues_facts().iter().map(|fact| fact.position);
    class.chain(applied).chain(money).collect()
}
