//! The systematic list of questions, and their answers without what differs from run to run.

use super::scene::Scene;
use crate::harness::{Client, list, number, sha256, text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What no two recordings of one history have in common, beside the record times: the stored bytes,
/// which hold them, ids that clients make up, tokens, and the day of the clock.
const OF_THE_RUN: &[&str] = &["stored", "requestId", "nextPageToken", "today"];

/// Questions that were asked, and what was answered.
pub struct Asked<'c> {
    pub client: &'c Client,
    /// What stands in answers for each record time.
    moments: BTreeMap<String, String>,
    questions: Vec<String>,
    answers: Vec<Value>,
}

impl<'c> Asked<'c> {
    /// Nothing is asked yet; the record times of the whole log are known.
    pub fn new(client: &'c Client) -> Self {
        let answer = client.answer("LedgerService/ListEntries", r#"{"pageSize": 1000}"#);
        let moments = list(&answer, "entries").iter().map(|entry| {
            let position = format!("entry {}", number(entry, "position"));
            (text(entry, "recordTime").to_owned(), position)
        });
        Self {
            client,
            moments: moments.collect(),
            questions: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Asks one question. That there is no answer, and why, is an answer too.
    pub fn ask(&mut self, method: &str, question: &str) -> &Value {
        let answer = self.client.ask(method, question).unwrap_or_else(
            |failure| json!({"code": format!("{:?}", failure.code), "reason": failure.reason}),
        );
        self.questions.push(format!("{method} {question}"));
        self.answers.push(self.plain(answer));
        &self.answers[self.answers.len() - 1]
    }

    fn put(&mut self, method: &str, question: &Value) {
        self.ask(method, &question.to_string());
    }

    /// The answer as every run gives it.
    pub fn plain(&self, mut answer: Value) -> Value {
        self.plainly(&mut answer);
        answer
    }

    fn plainly(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(position) = self.moments.get(text) {
                    text.clone_from(position);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.plainly(item)),
            Value::Object(fields) => {
                fields.retain(|name, _| !OF_THE_RUN.contains(&name.as_str()));
                fields.values_mut().for_each(|field| self.plainly(field));
            }
            _ => {}
        }
    }

    /// Every question with the digest of its answer.
    pub fn digests(&self) -> Vec<(String, String)> {
        let digests = self
            .answers
            .iter()
            .map(|answer| digest(&answer.to_string()));
        self.questions.iter().cloned().zip(digests).collect()
    }

    /// Every method that was asked, and how often, with one digest of all its questions and
    /// answers.
    pub fn grouped(&self) -> Vec<(String, String)> {
        let mut methods: BTreeMap<&str, (usize, String)> = BTreeMap::new();
        for (question, answer) in self.questions.iter().zip(&self.answers) {
            let method = question.split(' ').next().unwrap_or_default();
            let (count, all) = methods.entry(method).or_default();
            *count += 1;
            all.extend([question, "\t", &answer.to_string(), "\n"]);
        }
        let lines = methods.into_iter();
        lines
            .map(|(method, (count, all))| (format!("{method}, {count} times"), digest(&all)))
            .collect()
    }

    /// Every question with its whole answer, a line each.
    pub fn whole(&self) -> String {
        let both = self.questions.iter().zip(&self.answers);
        let lines: Vec<String> = both
            .map(|(question, answer)| format!("{question}\t{answer}\n"))
            .collect();
        lines.concat()
    }

    /// Asks every method: about everybody on these days, about rights in these bodies (an empty one
    /// is any), and how the rights of these parties run over all days.
    pub fn systematically(
        &mut self,
        of: &Scene,
        days: &[&str],
        bodies: &[&str],
        over_time: &[String],
    ) {
        self.put("LedgerService/ListEntries", &json!({"pageSize": 1000}));
        for party in over_time {
            self.put(
                "LedgerService/ListEntries",
                &json!({"pageSize": 1000, "party": party}),
            );
            for right in &of.rights {
                let question = json!({"party": party, "right": right});
                self.put(
                    "RightsService/GetTimeline",
                    &json!({"question": question,
                    "at": {"on": days[0]}, "firstDate": "1990-01-01", "lastDate": "2040-01-01"}),
                );
            }
        }
        for day in days {
            self.on_a_day(of, day, bodies);
        }
        let last = json!({"on": days[days.len() - 1]});
        for (instrument, article) in &of.articles {
            self.put(
                "LawService/ListArticleVersions",
                &json!({"instrument": instrument,
                "article": article, "pageSize": 1000, "at": last}),
            );
            self.put(
                "LawService/GetArticle",
                &json!({"instrument": instrument,
                "article": article, "at": last}),
            );
        }
        for instrument in &of.instruments {
            self.put(
                "LawService/CompareInstrument",
                &json!({"instrument": instrument,
                "earlierDate": days[0], "at": last}),
            );
        }
        for session in &of.sessions {
            self.put(
                "RollService/GetSession",
                &json!({"session": session, "at": last}),
            );
        }
        self.put(
            "RollService/ListSessions",
            &json!({"pageSize": 1000, "at": last}),
        );
        self.put(
            "RollService/ListChangeDays",
            &json!({"roll": true, "pageSize": 1000, "at": last}),
        );
        for party in &of.parties {
            self.put(
                "RollService/ListChangeDays",
                &json!({"party": party, "pageSize": 1000, "at": last}),
            );
            self.put(
                "RightsService/ListHistory",
                &json!({"question": {"party": party}, "pageSize": 1000, "at": last}),
            );
        }
    }

    fn on_a_day(&mut self, of: &Scene, day: &str, bodies: &[&str]) {
        let at = json!({"on": day});
        let page = json!({"pageSize": 1000, "at": at});
        for right in &of.rights {
            for body in bodies {
                self.put(
                    "RightsService/ListHolders",
                    &json!({"right": right, "body": body,
                    "pageSize": 1000, "at": at}),
                );
                let questions: Vec<Value> = of
                    .parties
                    .iter()
                    .map(|party| json!({"party": party, "right": right, "body": body}))
                    .collect();
                self.bulk(right, body, &questions, &at);
            }
        }
        for party in &of.parties {
            for method in [
                "RightsService/GetStanding",
                "RollService/GetParty",
                "DuesService/GetAccount",
            ] {
                self.put(method, &json!({"party": party, "at": at}));
            }
        }
        for method in [
            "RollService/ListParties",
            "RollService/ListCommittees",
            "DuesService/ListArrears",
            "AuditService/ListFindings",
            "RollService/ListUpcoming",
        ] {
            self.put(method, &page);
        }
        self.put("RollService/CountMembers", &json!({"at": at}));
        self.put("RollService/GetAssociation", &json!({"at": at}));
        for office in &of.offices {
            self.put(
                "RollService/ListOfficeHolders",
                &json!({"office": office, "pageSize": 1000, "at": at}),
            );
        }
        for instrument in &of.instruments {
            self.put(
                "LawService/GetInstrument",
                &json!({"instrument": instrument, "at": at}),
            );
        }
    }

    /// Checks a right of everybody, with its grounds; written down shorter than it is asked.
    fn bulk(&mut self, right: &str, body: &str, questions: &[Value], at: &Value) {
        self.put(
            "RightsService/CheckRights",
            &json!({"questions": questions, "at": at}),
        );
        let short = format!("RightsService/CheckRights of everybody: {right} in {body:?} at {at}");
        self.questions.pop();
        self.questions.push(short);
    }

    /// Asks for what was known once.
    pub fn as_known_at(&mut self, of: &Scene, day: &str, position: u64) {
        let at = json!({"on": day, "position": position});
        self.about_all(of, &at);
    }

    /// Asks what would be if the first party were admitted to each class, and if it left.
    pub fn supposing(&mut self, of: &Scene, day: &str) {
        let Some(party) = of.parties.first() else {
            return;
        };
        let mut drafts: Vec<Value> = of
            .classes
            .iter()
            .map(|class| {
                json!({"effective": {"date": day},
                "memberAdmitted": {"party": party, "class": class}})
            })
            .collect();
        drafts.push(json!({"effective": {"date": day},
            "membershipEnded": {"party": party, "ground": "END_GROUND_WITHDRAWAL"}}));
        for draft in drafts {
            let at = json!({"on": day, "assume": [draft]});
            self.put(
                "RightsService/GetStanding",
                &json!({"party": party, "at": at}),
            );
            self.put("RollService/CountMembers", &json!({"at": at}));
        }
    }

    /// Asks again under every reading that an answer so far names.
    pub fn under_readings(&mut self, of: &Scene, days: &[&str]) {
        let mut readings = BTreeSet::new();
        self.answers
            .iter()
            .for_each(|answer| named(answer, &mut readings));
        for reading in readings {
            for day in days {
                self.about_all(of, &json!({"on": day, "readings": [reading]}));
            }
        }
    }

    fn about_all(&mut self, of: &Scene, at: &Value) {
        for right in &of.rights {
            let questions: Vec<Value> = of
                .parties
                .iter()
                .map(|party| json!({"party": party, "right": right}))
                .collect();
            self.bulk(right, "", &questions, at);
        }
        self.put("RollService/CountMembers", &json!({"at": at}));
        self.put(
            "RollService/ListParties",
            &json!({"pageSize": 1000, "at": at}),
        );
        self.put(
            "DuesService/ListArrears",
            &json!({"pageSize": 1000, "at": at}),
        );
        self.put(
            "AuditService/ListFindings",
            &json!({"pageSize": 1000, "at": at}),
        );
    }
}

/// Collects the readings that an answer says could be applied.
fn named(value: &Value, readings: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| named(item, readings)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == "otherReadings" {
                    let texts = field
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Value::as_str);
                    readings.extend(texts.map(str::to_owned));
                }
                named(field, readings);
            }
        }
        _ => {}
    }
}

fn digest(text: &str) -> String {
    sha256(text.as_bytes())[..12].to_owned()
}
