//! Questions about the classes a party ever had.

use super::question::Asking;
use standing_domain::id::ClassId;
use standing_domain::record::party::PartyRecord;

impl Asking<'_> {
    /// What is asked of the classes a party ever had.
    pub fn of_classes(&self, record: &PartyRecord) -> String {
        let view = &self.view;
        if self.word(0) == "taken-by" {
            let class = ClassId::new(self.word(2)).unwrap();
            let class = view.book.class_ix(&class);
            let by = class.and_then(|class| view.class_taken_by(record, class, self.on()));
            return by.map_or("-".to_owned(), |by| self.number(by));
        }
        let spans = view.class_history(record);
        let text = spans.iter().map(|span| {
            let class = span.class.as_ref().map_or("-", |class| class.as_str());
            let start = match (span.arrears, span.ended_under.as_ref()) {
                (Some(arrears), Some(article)) => match arrears.latest {
                    Some(latest) if latest == arrears.earliest => {
                        format!("{latest} by {article}")
                    }
                    Some(latest) => format!("{}..{latest} by {article}", arrears.earliest),
                    None => format!("{}.. by {article}", arrears.earliest),
                },
                _ => span.span.start.to_string(),
            };
            let by = span.annulled_by.map(|by| self.number(by));
            let by = by.map_or(String::new(), |by| format!(" annulled by #{by}"));
            format!("{class} {start}{by}")
        });
        text.collect::<Vec<_>>().join(", ")
    }
}
