//! Whether whoever asks may record what a batch says. An act on another act (a correction, an
//! annulment, a ratification) takes what the other takes, so it is asked here, where it is known
//! what every reference means, those into entries that nobody sees yet included.

use crate::writer::error::RecordError;
use crate::writer::request::Allowed;
use crate::writer::trial::above::Above;
use standing_domain::entry::Content;
use standing_domain::entry::event::kind::Kind;

/// How many acts on acts are followed to the one that they are about in the end; what lies farther
/// away takes leave to record everything.
const FAR: usize = 8;

impl Above<'_> {
    /// Refuses what the one who asks may not record.
    ///
    /// # Errors
    /// A draft is of a kind that is not allowed, or acts on an entry that is; or what it acts on
    /// cannot be read.
    pub fn allow(&self, allowed: &Allowed, contents: &[Content]) -> Result<(), RecordError> {
        let Allowed::Only(kinds) = allowed else {
            return Ok(());
        };
        let is_allowed = |kind: &Kind| kinds.contains(&kind.number);
        for (draft, content) in contents.iter().enumerate() {
            let refused = self.beyond(content, contents, &is_allowed);
            if let Some(error) = self.unread.take() {
                return Err(error.into());
            }
            if let Some(kind) = refused {
                let kind = kind.name;
                return Err(RecordError::NotAllowed { draft, kind });
            }
        }
        Ok(())
    }

    /// Returns the first kind that is not allowed, of a draft and of all that it acts on.
    fn beyond(
        &self,
        content: &Content,
        own: &[Content],
        is_allowed: &dyn Fn(&Kind) -> bool,
    ) -> Option<&'static Kind> {
        let mut ahead = vec![content.clone()];
        for _ in 0..FAR {
            let content = ahead.pop()?;
            let event = content.event.as_ref();
            let act = event.and_then(|event| event.annulled().or(event.ratified()));
            // What only acts on another act is of the kind of that one.
            let is_of_its_own = event.is_some() && act.is_none();
            if is_of_its_own && !is_allowed(content.kind()) {
                return Some(content.kind());
            }
            // What is not there is refused for that.
            let on = content.corrects.into_iter().chain(act);
            ahead.extend(on.filter_map(|entry| self.lookup_among(entry, self.next(), own)));
        }
        ahead.pop().map(|content| content.kind())
    }
}
