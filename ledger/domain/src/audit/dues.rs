//! Findings on suspensions: the article that allows them, and the ground.

use super::{Audit, Code, Finding, Severity};
use crate::answers::losses::DuesGround;
use crate::answers::view::Parties;
use crate::dues::loss::Stage;
use crate::entry::norm::ask::Sanction;
use crate::id::{PartyId, RightId};
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use std::collections::BTreeSet;

impl<P: Parties> Audit<'_, P> {
    /// A suspension needs an article in force that allows it for the right, and a ground under it
    /// (rule 17).
    pub(super) fn dues_findings(
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
            let day = window.latest;
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
            let without: Vec<String> = suspension
                .rights
                .iter()
                .filter(|right| !allows(right))
                .map(ToString::to_string)
                .collect();
            let mut add = |message: String| {
                let (code, severity) = (Code::SuspensionGround, Severity::Irregular);
                let finding = Finding::new(code, severity, window, [fact.position], message);
                let finding = finding.of_parties([party.clone()]);
                found.push(finding.under([article.clone()]));
            };
            if !without.is_empty() {
                let rights = without.join(", ");
                add(format!(
                    "no article in force allows {article} to suspend {rights}"
                ));
            }
            // What the article lets be suspended for something else too needs no arrears.
            let only_dues =
                |right: &&RightId| !self.view.may_have_another_ground(article, right, day);
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
            if !of_policy.is_empty()
                && of_policy
                    .iter()
                    .all(|ground| ground.standing.worst == Stage::Clear)
            {
                let policies: BTreeSet<String> = of_policy
                    .iter()
                    .map(|ground| ground.article.to_string())
                    .collect();
                let policies = policies.into_iter().collect::<Vec<_>>().join(" or ");
                add(format!(
                    "the account meets no test of {policies} on that day"
                ));
            }
        }
        Ok(())
    }
}
