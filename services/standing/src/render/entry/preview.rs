//! What drafts would do: what is lost first, then what the drafts say, then what would be answered
//! otherwise.

use crate::failure::Refused;
use crate::render::findings::finding;
use crate::render::weighing::threshold;
use crate::render::{Lines as _, counted, dues, indented, knowledge, range, table, verdict, watch};
use standing_proto::v1::{
    AccountPreview, CountPreview, DraftRefusal, EntryFate, Finding, PreviewResponse, QuorumPreview,
    RightChange, ThresholdWeighed, UndoneEntry,
};

/// Writes what drafts would do; `places` says where each stands.
pub fn preview(response: &PreviewResponse, places: &[String]) -> String {
    let place = |draft: u32| {
        let place = usize::try_from(draft).ok().and_then(|at| places.get(at));
        place.cloned().unwrap_or_default()
    };
    let mut text = String::new();
    text.line(if response.recordable {
        "Would be recorded. Nothing is written."
    } else {
        "Would be refused as it stands. Nothing is written."
    });
    undone(&mut text, response, &place);
    let said = response.drafts.iter().zip(places);
    let said: Vec<_> = said
        .map(|(draft, place)| [place.clone(), draft.sentence.clone()])
        .collect();
    part(&mut text, "What it says", said.len(), places.len(), || {
        table([""; 2], said)
    });
    irregular(&mut text, response);
    let shown = response.changes.len();
    let total = usize::try_from(response.changes_total).unwrap_or(usize::MAX);
    part(&mut text, "Rights", shown, total, || {
        table([""; 4], response.changes.iter().map(change).collect())
    });
    let shown = response.counts.len();
    part(&mut text, "Members", shown, shown, || {
        table([""; 3], response.counts.iter().map(count).collect())
    });
    let shown = response.quorums.len();
    part(&mut text, "Sessions ahead", shown, shown, || {
        response.quorums.iter().map(quorum).collect()
    });
    let on = &response.compared_on;
    let shown = response.accounts.len();
    let heading = format!("Accounts on {on}");
    part(
        &mut text,
        &heading,
        shown,
        of(response.accounts_total),
        || response.accounts.iter().map(account).collect(),
    );
    let coming = of(response.findings_coming_total);
    let heading = format!("Findings on {on} that would come");
    findings(&mut text, &heading, &response.findings_coming, coming);
    let going = of(response.findings_going_total);
    let heading = format!("Findings on {on} that would go");
    findings(&mut text, &heading, &response.findings_going, going);
    text + &knowledge(response.basis.as_ref())
}

/// Returns what the drafts would be refused for.
pub fn refused(response: &PreviewResponse) -> Vec<Refused> {
    response.refusals.iter().map(refusal).collect()
}

/// Says how many reasons there are that the answer does not tell; none if it tells all.
pub fn more(response: &PreviewResponse) -> Option<String> {
    let more = of(response.refusals_total).saturating_sub(response.refusals.len());
    (more > 0).then(|| format!("and {more} more"))
}

fn refusal(refusal: &DraftRefusal) -> Refused {
    let draft = of(refusal.draft);
    let positions: Vec<String> = refusal.positions.iter().map(u64::to_string).collect();
    let entries = (!positions.is_empty()).then(|| format!("entries {}", positions.join(", ")));
    let others = refusal.drafts.iter().map(|other| of(*other));
    let others = others.filter(|other| *other != draft);
    let others = others.map(|other| format!("draft {} of this batch", other + 1));
    let collides: Vec<String> = entries.into_iter().chain(others).collect();
    let collides = match collides.as_slice() {
        [] => String::new(),
        all => format!(" ({})", all.join(", ")),
    };
    let (reason, message) = (&refusal.reason, &refusal.message);
    Refused {
        draft,
        subject: refusal.subject.clone(),
        description: format!("draft {}: {reason}: {message}{collides}", draft + 1),
    }
}

fn of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Appends a part with its heading, unless there is nothing in it, and how much is left out.
fn part(
    text: &mut String,
    heading: &str,
    shown: usize,
    total: usize,
    body: impl FnOnce() -> String,
) {
    if total == 0 {
        return;
    }
    text.line("");
    text.line(&format!("{heading}:"));
    text.push_str(&indented(&body(), 2));
    if shown < total {
        text.line(&format!("  and {} more", total - shown));
    }
}

fn undone(text: &mut String, response: &PreviewResponse, place: &dyn Fn(u32) -> String) {
    let shown = response.undone.len();
    let row = |entry: &UndoneEntry| {
        let what = match entry.fate() {
            EntryFate::Unspecified => "",
            EntryFate::Replaced => "replaced",
            EntryFate::Withdrawn => "withdrawn",
            EntryFate::Annulled if entry.from_date.is_empty() => "annulled",
            EntryFate::Annulled => "annulled from a day",
            EntryFate::StandsAgain => "stands again",
        };
        let since = match entry.from_date.as_str() {
            "" => String::new(),
            day => format!(", {day}"),
        };
        [
            format!("entry {}", entry.position),
            format!("{what}{since}"),
            format!("by {}", place(entry.draft)),
            entry.sentence.clone(),
        ]
    };
    let total = of(response.undone_total);
    part(
        text,
        "Entries that lose or regain their effect",
        shown,
        total,
        || table([""; 4], response.undone.iter().map(row).collect()),
    );
}

fn irregular(text: &mut String, response: &PreviewResponse) {
    let heading = "The law disapproves (recorded only with --irregular record)";
    let total = of(response.irregular_total);
    findings(text, heading, &response.irregular, total);
}

fn findings(text: &mut String, heading: &str, found: &[Finding], total: usize) {
    part(text, heading, found.len(), total, || {
        found.iter().map(finding).collect()
    });
}

fn change(change: &RightChange) -> [String; 4] {
    let [before, after] = [change.before(), change.after()].map(verdict);
    [
        change.party.clone(),
        watch::right(&change.right, &change.bodies),
        format!("{before} -> {after}"),
        format!(
            "{}; {}",
            watch::stretch(change),
            watch::cause(change.cause())
        ),
    ]
}

fn count(count: &CountPreview) -> [String; 3] {
    let [before, after] = [&count.before, &count.after].map(|of| range(of.as_ref()));
    [
        count.on.clone(),
        count.class.clone(),
        format!("{before} -> {after}"),
    ]
}

fn quorum(quorum: &QuorumPreview) -> String {
    let entitled = |count: &Option<_>| match count {
        None => "not held".to_owned(),
        Some(count) => format!("{} entitled", range(Some(count))),
    };
    let before = entitled(&quorum.entitled_before);
    let after = entitled(&quorum.entitled_after);
    let (session, opening) = (&quorum.session, &quorum.opening);
    let mut text = String::new();
    text.line(&format!("{session} ({opening}): {before} -> {after}"));
    let told = |of: &[ThresholdWeighed]| -> Vec<String> {
        of.iter().map(|of| threshold(of, "present")).collect()
    };
    let before = told(&quorum.quorums_before);
    let after = told(&quorum.quorums_after);
    if before != after {
        for line in before {
            text.line(&format!("  quorum now: {line}"));
        }
    }
    for line in after {
        text.line(&format!("  quorum then: {line}"));
    }
    text
}

fn account(account: &AccountPreview) -> String {
    let mut text = String::new();
    text.line(&format!("{} now:", account.party));
    for view in &account.before {
        text.push_str(&indented(&dues::view(view), 2));
    }
    text.line(&format!("{} then:", account.party));
    for view in &account.after {
        text.push_str(&indented(&dues::view(view), 2));
    }
    text
}

/// Says how many drafts would be refused, as the first line of why nothing is recorded.
pub fn heading(response: &PreviewResponse) -> String {
    let count = counted(response.refusals_total, "reason", "reasons");
    format!("REFUSED: would be refused for {count}")
}
