//! Random histories of a small association, a line an entry: everything that a roll, a right or a
//! finding may hang on, recorded early and late, moved, corrected and annulled.

use fastrand::Rng;

/// The parties there are.
pub const PARTIES: u32 = 6;
/// The sessions of the assembly.
pub const SESSIONS: u32 = 3;
const DECISIONS: u32 = 5;
const DAYS: u32 = 24;

/// What every history begins with.
const FOUNDING: &str = r#"{"id":"founded","effective":{"date":"2001-01-01"},"associationFounded":{"association":"league","names":[{"language":"en","text":"The League"}],"timeZone":"Asia/Seoul"}}
{"id":"class-full","termDeclared":{"kind":"TERM_KIND_CLASS","term":"full"}}
{"id":"class-observer","termDeclared":{"kind":"TERM_KIND_CLASS","term":"observer"}}
{"id":"right-vote","termDeclared":{"kind":"TERM_KIND_RIGHT","term":"vote"}}
{"id":"right-speak","termDeclared":{"kind":"TERM_KIND_RIGHT","term":"speak"}}
{"id":"body-assembly","termDeclared":{"kind":"TERM_KIND_BODY","term":"assembly"}}
{"id":"body-council","termDeclared":{"kind":"TERM_KIND_BODY","term":"council"}}
{"id":"function-admit","termDeclared":{"kind":"TERM_KIND_FUNCTION","term":"admit-full"}}
{"id":"fund","fundEstablished":{"fund":"core","currency":"usd","names":[{"language":"en","text":"Core"}]}}
{"id":"charter","effective":{"date":"2000-01-01"},"instrumentAdopted":{"instrument":"charter","titles":[{"language":"en","text":"Charter"}]}}
{"id":"charter-1","effective":{"date":"2000-01-01"},"articleEnacted":{"instrument":"charter","article":"1","citation":"1","change":"ARTICLE_CHANGE_ORIGINAL","norms":[{"support":"SUPPORT_TEXT","confer":{"right":"vote","body":"assembly","classes":["full"]}},{"support":"SUPPORT_TEXT","confer":{"right":"speak","classes":["full","observer"]}},{"support":"SUPPORT_TEXT","functions":{"body":"assembly","functions":["admit-full"]}},{"support":"SUPPORT_TEXT","quorum":{"body":"assembly","numerator":1,"denominator":2,"comparator":"COMPARATOR_AT_LEAST","countedOf":"COUNTED_OF_ENTITLED"}}]}}
"#;

/// Writes one history.
pub struct History {
    random: Rng,
    written: u32,
    /// How many entries there are.
    pub recorded: u64,
    /// What was said last, and not recorded yet.
    pending: Vec<String>,
    /// What entries said, with their positions.
    said: Vec<(u64, String)>,
}

impl History {
    /// Begins a history; the same seed writes the same.
    pub fn new(seed: u64, recorded: u64) -> Self {
        let random = Rng::with_seed(seed);
        Self {
            random,
            written: 0,
            recorded,
            pending: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Returns what is known at the beginning: some of the parties, two sessions.
    pub fn beginning() -> String {
        let parties = (1..PARTIES).map(|n| {
            format!(r#"{{"id":"p-{n}","partyRegistered":{{"party":"p-{n}","kind":"town"}}}}"#)
        });
        let sessions = (1..SESSIONS).map(|n| {
            format!(
                r#"{{"id":"s-{n}","effective":{{"date":"2001-01-{:02}"}},"sessionConvened":{{"session":"assembly/{n}"}}}}"#,
                8 * n
            )
        });
        let lines: Vec<String> = parties.chain(sessions).collect();
        format!("{FOUNDING}{}\n", lines.join("\n"))
    }

    /// Takes note that the lines written last were recorded, up to an entry, or that they were not.
    pub fn note(&mut self, last: Option<u64>) {
        let lines = self.lines_written();
        if let Some(last) = last {
            self.note_recorded(lines, last);
        }
    }

    /// Returns the lines written last, for whoever learns later whether they were recorded.
    pub fn lines_written(&mut self) -> Vec<String> {
        std::mem::take(&mut self.pending)
    }

    /// Takes note that lines were recorded, up to an entry.
    pub fn note_recorded(&mut self, lines: Vec<String>, last: u64) {
        let first = last + 1 - lines.len() as u64;
        self.said.extend((first..).zip(lines));
        self.recorded = last;
    }

    pub fn below(&mut self, most: u32) -> u32 {
        self.random.u32(0..most)
    }

    /// Returns a position of an entry, at random.
    pub fn position(&mut self) -> u64 {
        self.random.u64(1..=self.recorded)
    }

    fn party(&mut self) -> String {
        format!("p-{}", self.below(PARTIES))
    }

    fn session(&mut self) -> String {
        format!("assembly/{}", self.below(SESSIONS) + 1)
    }

    fn class(&mut self) -> &'static str {
        ["full", "observer"][self.random.usize(0..2)]
    }

    fn day(&mut self) -> String {
        format!("2001-01-{:02}", self.below(DAYS) + 1)
    }

    fn date(&mut self) -> String {
        match self.below(8) {
            0 => r#"{"date":"2001-01"}"#.to_owned(),
            1 => {
                let edge = ["OPENING", "CLOSE"][self.random.usize(0..2)];
                let session = self.session();
                format!(r#"{{"anchor":{{"session":"{session}","edge":"SESSION_EDGE_{edge}"}}}}"#)
            }
            _ => format!(r#"{{"date":"{}"}}"#, self.day()),
        }
    }

    /// Returns a line: an entry that may well be refused.
    pub fn line(&mut self) -> String {
        self.written += 1;
        let (mut event, mut corrects) = (self.event(), None);
        if !self.said.is_empty() && self.below(7) == 0 {
            let said = &self.said[self.random.usize(0..self.said.len())];
            (corrects, event) = (Some(said.0), said.1.clone());
        }
        self.pending.push(event.clone());
        let mut parts = vec![format!(r#""id":"line-{}""#, self.written)];
        let undated = ["partyRegistered", "rollFrozen", "attendanceRecorded"];
        let may_be_undated = ["decisionTaken", "actAnnulled"];
        let is = |kinds: &[&str]| {
            kinds
                .iter()
                .any(|kind| event.contains(&format!("\"{kind}\"")))
        };
        let dated = !is(&undated) && (!is(&may_be_undated) || self.below(2) == 0);
        if event.contains("council/") {
            // In the year of the assembly's sessions and after them, or in the next.
            let (year, month) = (2001 + self.below(2), self.below(11) + 2);
            parts.push(format!(r#""effective":{{"date":"{year}-{month:02}-05"}}"#));
        } else if is(&["sessionConvened", "sessionPostponed"]) {
            parts.push(format!(r#""effective":{{"date":"{}"}}"#, self.day()));
        } else if dated {
            parts.push(format!(r#""effective":{}"#, self.date()));
        }
        if self.below(6) == 0 {
            parts.push(format!(r#""acted":{}"#, self.date()));
        }
        if !is(&["partyRegistered", "sessionConvened"]) && self.below(3) == 0 {
            let decision = self.below(DECISIONS);
            parts.push(format!(r#""authority":{{"decision":"d-{decision}"}}"#));
        }
        if let Some(target) = corrects {
            parts.push(format!(r#""corrects":{{"position":"{target}"}}"#));
        }
        // What only corrects withdraws.
        if corrects.is_some() && self.below(3) == 0 {
            parts.truncate(1);
            parts.extend(corrects.map(|target| format!(r#""corrects":{{"position":"{target}"}}"#)));
        } else {
            parts.push(event);
        }
        format!("{{{}}}\n", parts.join(","))
    }

    fn event(&mut self) -> String {
        let (party, session, class) = (self.party(), self.session(), self.class());
        match self.below(30) {
            0 | 1 => {
                let (name, kind) = (self.name(), ["town", "city"][self.random.usize(0..2)]);
                format!(
                    r#""partyRegistered":{{"party":"{party}","kind":"{kind}","names":[{{"language":"en","text":"{name}"}}]}}"#
                )
            }
            2..=5 => format!(r#""memberAdmitted":{{"party":"{party}","class":"{class}"}}"#),
            6 => {
                format!(
                    r#""membershipEnded":{{"party":"{party}","ground":"END_GROUND_WITHDRAWAL"}}"#
                )
            }
            7 | 8 => {
                let to = self.party();
                let passes = ["PASSING_MEMBERSHIP", "PASSING_ACCOUNTS"][self.random.usize(0..2)];
                format!(
                    r#""partySucceeded":{{"fromParty":"{party}","toParty":"{to}","passes":["{passes}"]}}"#
                )
            }
            9 => format!(r#""sessionConvened":{{"session":"{session}"}}"#),
            10 => {
                let number = self.below(SESSIONS) + 1;
                format!(r#""sessionConvened":{{"session":"council/{number}"}}"#)
            }
            11 => format!(r#""sessionPostponed":{{"session":"{session}"}}"#),
            12 => format!(r#""sessionCancelled":{{"session":"{session}"}}"#),
            13 | 14 => {
                let decision = self.below(DECISIONS);
                format!(
                    r#""decisionTaken":{{"decision":"d-{decision}","session":"{session}","functions":["admit-full"],"subject":"S","outcome":"OUTCOME_ADOPTED"}}"#
                )
            }
            15 => {
                let other = self.party();
                format!(
                    r#""attendanceRecorded":{{"session":"{session}","present":["{party}"],"inWriting":["{other}"]}}"#
                )
            }
            16 => {
                format!(r#""rollFrozen":{{"session":"{session}","entitled":["{party}"]}}"#)
            }
            17.. => self.later(&party, class),
        }
    }

    fn later(&mut self, party: &str, class: &str) -> String {
        match self.below(13) {
            0..=2 => {
                let entry = self.position();
                format!(r#""actAnnulled":{{"entry":{{"position":"{entry}"}}}}"#)
            }
            3 => self.article(),
            4 => {
                let year = 2000 + self.below(2);
                format!(
                    r#""duesAssessed":{{"party":"{party}","fund":"core","year":{year},"amount":{{"currency":"usd","minorUnits":"100"}},"due":{{"date":"2001-01-10"}}}}"#
                )
            }
            5 => format!(
                r#""duesPaid":{{"party":"{party}","fund":"core","amount":{{"currency":"usd","minorUnits":"60"}}}}"#
            ),
            6 => format!(r#""applicationFiled":{{"party":"{party}","class":"{class}"}}"#),
            7 => {
                let ordinal = self.below(3) + 1;
                format!(r#""instrumentAmended":{{"instrument":"charter","ordinal":{ordinal}}}"#)
            }
            8 | 9 => {
                let name = self.name();
                format!(
                    r#""nameTaken":{{"party":"{party}","kind":"NAME_KIND_PUBLIC","name":{{"language":"en","text":"{name}"}}}}"#
                )
            }
            10 => {
                let (count, name) = (self.below(4), self.name());
                let claims = [
                    format!(
                        r#""membersOfClass":{{"class":"{class}","on":"2001-01-20"}},"answer":"{count}""#
                    ),
                    format!(
                        r#""partyOfName":{{"name":"{name}","language":"en"}},"answer":"{party}""#
                    ),
                ];
                let claim = &claims[self.random.usize(0..2)];
                format!(r#""claimRecorded":{{{claim}}}"#)
            }
            _ => {
                let entry = self.position();
                format!(r#""actRatified":{{"entry":{{"position":"{entry}"}}}}"#)
            }
        }
    }

    fn name(&mut self) -> &'static str {
        ["Town", "town", "Village", "Burg"][self.random.usize(0..4)]
    }

    fn article(&mut self) -> String {
        let number = self.below(3) + 2;
        let norm = match self.below(5) {
            0 => {
                r#"{"support":"SUPPORT_TEXT","withhold":{"right":"vote","body":"assembly","classes":["observer"]}}"#
            }
            1 => {
                r#"{"support":"SUPPORT_TEXT","confer":{"right":"vote","body":"assembly","classes":["observer"]}}"#
            }
            2 => {
                let series = ["assembly", "council"][self.random.usize(0..2)];
                &format!(
                    r#"{{"support":"SUPPORT_TEXT","condition":{{"yearWithoutSession":{{"series":"{series}"}}}},"suspend":{{"right":"vote","body":"assembly","classes":["full"]}}}}"#
                )
            }
            3 => {
                r#"{"support":"SUPPORT_TEXT","condition":{"partyKind":{"ids":["city"]}},"confer":{"right":"speak","classes":["observer"]}}"#
            }
            _ => r#"{"support":"SUPPORT_TEXT","dues":{"builtIn":"deemed-resignation-12m"}}"#,
        };
        format!(
            r#""articleEnacted":{{"instrument":"charter","article":"{number}","citation":"{number}","change":"ARTICLE_CHANGE_ADDED","norms":[{norm}]}}"#
        )
    }
}
