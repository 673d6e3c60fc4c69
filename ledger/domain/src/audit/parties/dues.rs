//! Findings on suspensions: the article that allows them, and the ground.

use crate::answers::losses::DuesGround;
use crate::answers::view::Parties;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::dues::loss::Stage;
use crate::entry::AuthorityKind;
use crate::entry::event::Outcome;
use crate::entry::event::ask::OnAccount;
use crate::entry::event::dues::{Suspension, WriteOff};
use crate::entry::norm::SuspensionRule;
use crate::entry::norm::ask::Sanction;
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{PartyId, RightId};
use crate::law::in_force::InForce;
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use crate::time::day::Day;
use std::collections::{BTreeMap, BTreeSet};

impl<P: Parties> Audit<'_, P> {
    /// A suspension needs an article in force that allows it for the right, and a ground under it
    /// (rule 17).
    pub(in crate::audit) fn dues_findings(
        &self,
        party: &PartyId,
        record: &PartyRecord,
        found: &mut Vec<Finding>,
    ) -> Result<(), Stopped> {
        for fact in self.view.known_dues(record) {
            let Some(suspension) = fact.value.suspension() else {
                continue;
            };
            self.stop.check()?;
            let Some(window) = self.view.book.window(fact.at, self.view.known_at) else {
                continue;
            };
            let not_allowed = self.not_allowed(suspension, window.latest);
            let no_ground = self.without_ground(suspension, record, window.latest);
            let irregular = not_allowed.into_iter().chain(no_ground);
            let irregular = irregular.map(|message| (Severity::Irregular, message));
            let undecided = self.not_decided(suspension, fact.position, window.latest);
            let unproven = undecided.map(|message| (Severity::Unproven, message));
            found.extend(irregular.chain(unproven).map(|(severity, message)| {
                let code = Code::SuspensionGround;
                let finding = Finding::new(code, severity, window, [fact.position], message);
                let finding = finding.of_parties([party.clone()]);
                finding.under([suspension.article.clone()])
            }));
        }
        Ok(())
    }

    /// Says which rights no article in force on a day lets be suspended under the one that is
    /// named.
    fn not_allowed(&self, suspension: &Suspension, day: Day) -> Option<String> {
        let article = &suspension.article;
        let norms = self.view.law.in_force(day);
        let allows = |right: &RightId| {
            norms.iter().any(|norm| match norm.norm.rule.sanction() {
                Some(Sanction::Suspension(rule)) => {
                    let meant =
                        norm.article == article || rule.is_grounded_in(norm.article, article);
                    meant && rule.rights.contains(right)
                }
                Some(Sanction::Dues(policy)) => {
                    let tiers = policy.readings.iter().flat_map(|reading| &reading.tiers);
                    let mut rights = tiers.map(|tier| &tier.rights);
                    norm.article == article
                        && rights.any(|rights| rights.is_empty() || rights.contains(right))
                }
                None => false,
            })
        };
        let rights = suspension.rights.iter().filter(|right| !allows(right));
        let rights: Vec<String> = rights.map(ToString::to_string).collect();
        let rights = (!rights.is_empty()).then(|| rights.join(", "))?;
        Some(format!(
            "no article in force allows {article} to suspend {rights}"
        ))
    }

    /// Says of which policies the account meets no test on a day, if the suspension rests on
    /// policies alone.
    fn without_ground(
        &self,
        suspension: &Suspension,
        record: &PartyRecord,
        day: Day,
    ) -> Option<String> {
        let article = &suspension.article;
        // What the article lets be suspended for something else too needs no arrears.
        let only_dues = |right: &&RightId| !self.view.may_have_another_ground(article, right, day);
        let rights = suspension.rights.iter().filter(only_dues);
        let rights: Vec<RightId> = rights.cloned().collect();
        let takes = |ground: &DuesGround| {
            let mut rights = rights.iter();
            rights.any(|right| ground.rights.is_empty() || ground.rights.contains(right))
        };
        let grounds = self.view.dues_grounds(record, day);
        let of_policy = grounds.iter().filter(|ground| {
            let policy = &ground.article;
            takes(ground) && self.view.is_policy_of(article, policy, &rights, day)
        });
        let of_policy: Vec<&DuesGround> = of_policy.collect();
        let is_clear = |ground: &&DuesGround| ground.standing.worst == Stage::Clear;
        if of_policy.is_empty() || !of_policy.iter().all(is_clear) {
            return None;
        }
        let policies = of_policy.iter().map(|ground| ground.article.to_string());
        let policies: BTreeSet<String> = policies.collect();
        let policies = policies.into_iter().collect::<Vec<_>>().join(" or ");
        Some(format!(
            "the account meets no test of {policies} on that day"
        ))
    }

    /// Says that an article has rights suspended by decision only, where none was adopted.
    fn not_decided(&self, suspension: &Suspension, position: Position, day: Day) -> Option<String> {
        let norms = self.view.law.in_force(day);
        let undecided = is_by_decision(&norms, suspension) && !self.rests_on_adopted(position);
        undecided.then(|| {
            let article = &suspension.article;
            format!("{article} has rights suspended by decision; no adopted decision is on record")
        })
    }

    /// Write-offs of more than was owed then (rule 31).
    pub(in crate::audit) fn write_off_findings(
        &self,
        party: &PartyId,
        record: &PartyRecord,
        found: &mut Vec<Finding>,
    ) -> Result<(), Stopped> {
        let facts = self.view.known_dues(record);
        let written_off = facts.filter_map(|fact| match fact.value.on_account() {
            Some(OnAccount::WrittenOff(off)) => Some((fact.position, off)),
            Some(OnAccount::Assessed(_) | OnAccount::Paid(_)) | None => None,
        });
        let written_off: BTreeMap<Position, &WriteOff> = written_off.collect();
        if written_off.is_empty() {
            return Ok(());
        }
        let account = self.view.account_of_what_was_unpaid(record);
        let counted = account.obligations.iter();
        for (on, amount, position) in counted.flat_map(|of| &of.written_off) {
            self.stop.check()?;
            let Some(off) = written_off.get(position) else {
                continue;
            };
            if off.amount.minor_units <= *amount {
                continue;
            }
            let message = format!(
                "more is written off for {} of {} than was unpaid then",
                off.year, off.fund
            );
            let (code, severity) = (Code::WriteOff, Severity::Mismatch);
            let finding = Finding::new(code, severity, *on, [*position], message);
            found.push(finding.of_parties([party.clone()]));
        }
        Ok(())
    }

    /// Returns whether an act rests on a decision that is recorded as adopted.
    fn rests_on_adopted(&self, position: Position) -> bool {
        let content = self.content(position);
        let Some(AuthorityKind::Decision(decision)) = content.map(|content| content.authority.kind)
        else {
            return false;
        };
        let slot = Slot::Decision(decision);
        let mut known = self.view.book.known(&slot, self.view.known_at);
        known.any(|fact| {
            let taken = fact.value.decision();
            taken.is_some_and(|taken| taken.outcome == Outcome::Adopted)
        })
    }
}

/// Returns whether rights of a suspension can be taken by decision only, under the articles that
/// let its own take them.
fn is_by_decision(norms: &[InForce<'_>], suspension: &Suspension) -> bool {
    let article = &suspension.article;
    let rules = norms.iter().filter_map(|norm| {
        let rule = norm.norm.rule.suspension()?;
        let meant = norm.article == article || rule.is_grounded_in(norm.article, article);
        meant.then_some(rule)
    });
    let rules: Vec<&SuspensionRule> = rules.collect();
    suspension.rights.iter().any(|right| {
        let mut may = rules.iter().filter(|rule| rule.rights.contains(right));
        may.next()
            .is_some_and(|first| first.by_decision && may.all(|next| next.by_decision))
    })
}
