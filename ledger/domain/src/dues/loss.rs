//! When the test of a tier holds and when its rights are lost, laid out over days (rules 29 and
//! 30).
//!
//! **Openings of sessions that are not known to the day.** What burdens the party happens at worst
//! on the first day of the window on which its condition holds, at best on the last one and only if
//! the condition holds on every day; what helps it the other way round. So the two lines bound
//! every placement, and the better never stands below the worse.
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, accounts.

use super::account::Placement;
use super::case::{Case, Cause};
use super::measure::{Asked, Measured};
use super::points::Points;
use crate::entry::policy::{DuesMode, Moment, Restoration};
use crate::id::BodyId;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The test does not hold.
    Clear,
    /// The test holds and the rights are held: a decision or a moment is yet to come.
    Liable,
    /// The rights are lost.
    Lost,
}

/// A change of stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The first day of the stage.
    pub day: Day,
    /// The stage.
    pub stage: Stage,
    /// What brought it.
    pub cause: Cause,
}

/// The stages of a case in one placement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossLine {
    /// The placement.
    pub placement: Placement,
    turns: Vec<Turn>,
    tests: Vec<(Day, bool)>,
}

/// The stages of a case in every placement.
#[derive(Debug, Clone)]
pub struct Loss<'a> {
    /// The case.
    pub case: Case<'a>,
    /// The stages at best for the party.
    pub best: LossLine,
    /// The stages at worst.
    pub worst: LossLine,
}

/// How a case stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether the rights are lost.
    pub lost: Truth,
    /// Whether the test holds or the rights are lost.
    pub liable: Truth,
    /// The stage at best for the party.
    pub best: Stage,
    /// The stage at worst.
    pub worst: Stage,
    /// Whether no session is known to open that day and the answer is what it would be if one did
    /// (rule 29).
    pub as_if_session: bool,
    /// The numbers at best.
    pub measured_best: Measured,
    /// The numbers at worst.
    pub measured_worst: Measured,
}

impl Standing {
    /// Returns whether the test would hold if nothing were assessed for the years for which nothing
    /// is assessed yet.
    #[must_use]
    pub fn hangs_on_open_years(&self) -> bool {
        self.measured_worst.holds && !self.measured_worst.open_years.is_empty()
    }
}

impl LossLine {
    /// Returns the changes of stage, ascending by day. Before the first the party is clear.
    #[must_use]
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Returns the turn whose stage stands at the end of a day.
    #[must_use]
    pub fn turn_at(&self, day: Day) -> Option<&Turn> {
        let after = self.turns.partition_point(|turn| turn.day <= day);
        after.checked_sub(1).map(|last| &self.turns[last])
    }

    /// Returns the stage at the end of a day, as the sessions that opened left it.
    #[must_use]
    pub fn stage_at(&self, day: Day) -> Stage {
        self.turn_at(day).map_or(Stage::Clear, |turn| turn.stage)
    }

    /// Returns the first turn after a day.
    #[must_use]
    pub fn next_turn(&self, day: Day) -> Option<&Turn> {
        self.turns
            .get(self.turns.partition_point(|turn| turn.day <= day))
    }

    /// Returns whether the test held on some day of a window up to a day, or on every one of them.
    fn tested(&self, window: Window, until: Day, every: bool) -> bool {
        let mut within = self
            .tests
            .iter()
            .filter(|(day, _)| (window.earliest..=window.latest.min(until)).contains(day))
            .map(|(_, holds)| *holds);
        // Both ends of the window are among the tested days, so there is always one.
        if every {
            within.all(|holds| holds)
        } else {
            within.any(|holds| holds)
        }
    }
}

impl<'a> Case<'a> {
    /// Lays the case out in every placement.
    #[must_use]
    pub fn lay(self) -> Loss<'a> {
        let points = self.points();
        Loss {
            case: self,
            best: self.walk(&points, Placement::Best),
            worst: self.walk(&points, Placement::Worst),
        }
    }

    /// Returns whether the rights may be lost at the end of a day: only where the test held on some
    /// day by then, at worst for the party. It costs less to ask than laying the case out.
    #[must_use]
    pub fn may_be_lost(self, day: Day) -> bool {
        let holds = |day: Day| self.measured(day, Placement::Worst).holds;
        let points = self.points();
        holds(day) || points.range(..=day).any(|(point, _)| holds(*point))
    }

    /// Lays the case out in one placement.
    #[must_use]
    pub fn line(&self, placement: Placement) -> LossLine {
        self.walk(&self.points(), placement)
    }

    /// Returns the test on a day and its numbers.
    #[must_use]
    pub fn measured(&self, day: Day, placement: Placement) -> Measured {
        self.measured_with(day, placement, 0)
    }

    /// Returns the same as if a further amount had been paid by that day.
    #[must_use]
    pub fn measured_with(&self, day: Day, placement: Placement, further: u64) -> Measured {
        Asked {
            policy: self.policy,
            tier: self.tier,
            account: self.account,
            surroundings: self.surroundings,
        }
        .on(day, placement, further)
    }

    /// Returns whether the condition of the restoration is met on a day.
    #[must_use]
    pub fn is_healed_on(&self, day: Day, placement: Placement) -> bool {
        self.is_healed(&self.measured(day, placement))
    }

    /// Returns whether the condition of the restoration is met.
    pub(super) fn is_healed(&self, measured: &Measured) -> bool {
        match self.tier.restored_by {
            Restoration::BelowThreshold | Restoration::PlanAgreed => !measured.holds,
            Restoration::PaidInFull => measured.overdue == 0,
            Restoration::Decision => false,
        }
    }

    fn walk(&self, points: &Points, placement: Placement) -> LossLine {
        let mut line = LossLine {
            placement,
            turns: Vec::new(),
            tests: Vec::with_capacity(points.len()),
        };
        let mut stage = Stage::Clear;
        let mut held_since: Option<Day> = None;
        let mut healed_since = Some(Day::MIN);
        for (day, causes) in points {
            let measured = self.measured(*day, placement);
            line.tests.push((*day, measured.holds));
            since(&mut held_since, *day, measured.holds);
            since(&mut healed_since, *day, self.is_healed(&measured));
            let before = stage;
            let lifted = stage == Stage::Lost
                && self.comes(
                    &self.tier.restored_at,
                    *day,
                    healed_since,
                    placement == Placement::Best,
                );
            if stage != Stage::Lost || lifted {
                stage = if measured.holds {
                    Stage::Liable
                } else {
                    Stage::Clear
                };
            }
            if stage != Stage::Lost && self.bites(*day, held_since, &line) {
                stage = Stage::Lost;
            }
            if stage != before {
                line.turns.push(Turn {
                    day: *day,
                    stage,
                    cause: self.cause(causes, before, stage, *day),
                });
            }
        }
        line
    }

    /// Returns whether the loss bites on a day, the test holding since another.
    fn bites(&self, day: Day, held_since: Option<Day>, line: &LossLine) -> bool {
        let eager = line.placement == Placement::Worst;
        match &self.tier.mode {
            DuesMode::ByDecision => false,
            DuesMode::Automatic => self.comes(&self.tier.lost_at, day, held_since, eager),
            DuesMode::TwoStep { series } => self.openings(series).any(|opening| {
                opens(opening, day, held_since, eager) && self.is_warned(series, opening, day, line)
            }),
        }
    }

    /// Returns whether a moment comes on a day for a condition met since another; eagerly on any
    /// day it may come.
    pub(super) fn comes(
        &self,
        moment: &Moment,
        day: Day,
        met_since: Option<Day>,
        eager: bool,
    ) -> bool {
        match moment {
            Moment::Continuous => met_since.is_some(),
            Moment::FirstOfYear => {
                met_since.is_some() && day == self.policy.first_of_year(self.policy.year_of(day))
            }
            Moment::SessionOpening(body) => self
                .openings(body)
                .any(|opening| opens(opening, day, met_since, eager)),
            Moment::Decision => false,
        }
    }

    fn openings(&self, body: &BodyId) -> impl Iterator<Item = Window> {
        self.surroundings
            .openings
            .iter()
            .filter(move |(of, _)| of == body)
            .map(|(_, window)| *window)
    }

    /// Returns whether an opening is the first of its series after a warning that was given while
    /// the test held: at worst if it may be, at best if it is in every placement.
    fn is_warned(&self, series: &BodyId, opening: Window, day: Day, line: &LossLine) -> bool {
        let between = |from: Day, to: Day, window: Window| match line.placement {
            Placement::Worst => window.earliest > from && window.latest < to,
            Placement::Best => window != opening && window.latest > from && window.earliest < to,
        };
        self.surroundings.notices.iter().any(|given| {
            let notice = given.on;
            let (before, from, to) = match line.placement {
                Placement::Worst => (notice.earliest < day, notice.latest, opening.earliest),
                Placement::Best => (
                    notice.latest < opening.earliest,
                    notice.earliest,
                    opening.latest,
                ),
            };
            before
                && given.counts(day, line.placement)
                && !self
                    .openings(series)
                    .any(|window| between(from, to, window))
                && line.tested(notice, day, line.placement == Placement::Best)
        })
    }

    /// Returns what brought a turn, of all that falls on its day.
    pub(super) fn cause(&self, causes: &[Cause], before: Stage, after: Stage, day: Day) -> Cause {
        let moment = match (before, after) {
            (_, Stage::Lost) => Some(&self.tier.lost_at),
            (Stage::Lost, _) => Some(&self.tier.restored_at),
            _ => None,
        };
        let rank = |cause: &Cause| match (cause, moment) {
            (Cause::SessionOpened(body, _), Some(Moment::SessionOpening(of))) if body == of => 0,
            (Cause::YearBegan(_), Some(Moment::FirstOfYear)) => 0,
            (Cause::SessionOpened(..), _) => 9,
            (Cause::YearBegan(_), _) => 8,
            (Cause::Assessed(_), _) => 7,
            (Cause::Paid(_) | Cause::WrittenOff(_) | Cause::PlanAgreed(_), _) if after < before => {
                1
            }
            (Cause::Paid(_) | Cause::WrittenOff(_) | Cause::PlanAgreed(_), _) => 6,
            (Cause::NoticeGiven(_) | Cause::Annulled(_), _) => 5,
            _ if after > before => 2,
            _ => 5,
        };
        let first = causes.iter().min_by_key(|cause| (rank(cause), *cause));
        first
            .cloned()
            .unwrap_or(Cause::YearBegan(self.policy.year_of(day)))
    }

    /// Returns the stage if a session opened on a day, where the tier waits for sessions.
    fn as_if_opened(&self, line: &LossLine, day: Day, measured: &Measured) -> Stage {
        let stands = line.stage_at(day);
        let opening = Window::day(day);
        let lifts = matches!(self.tier.restored_at, Moment::SessionOpening(_));
        if stands == Stage::Lost && !(lifts && self.is_healed(measured)) {
            return Stage::Lost;
        }
        let bites = measured.holds
            && match (&self.tier.mode, &self.tier.lost_at) {
                (DuesMode::TwoStep { series }, _) => self.is_warned(series, opening, day, line),
                (DuesMode::Automatic, Moment::SessionOpening(_)) => true,
                _ => false,
            };
        match (bites, measured.holds) {
            (true, _) => Stage::Lost,
            (false, true) => Stage::Liable,
            (false, false) => Stage::Clear,
        }
    }

    /// Returns whether the tier waits for sessions.
    pub(super) fn waits_for_sessions(&self) -> bool {
        let moments = [&self.tier.lost_at, &self.tier.restored_at];
        moments
            .iter()
            .any(|moment| matches!(moment, Moment::SessionOpening(_)))
    }

    /// Returns whether the tier waits for a session and none is known to open on a day.
    fn is_between_sessions(&self, day: Day) -> bool {
        [&self.tier.lost_at, &self.tier.restored_at]
            .into_iter()
            .any(|moment| match moment {
                Moment::SessionOpening(body) => !self
                    .openings(body)
                    .any(|opening| opening == Window::day(day)),
                _ => false,
            })
    }
}

impl Loss<'_> {
    /// Returns how the case stands at the end of a day. A tier that waits for sessions answers on a
    /// day without one as if one opened, and says so.
    #[must_use]
    pub fn at(&self, day: Day) -> Standing {
        let as_if_session = self.case.is_between_sessions(day);
        let stand = |line: &LossLine| {
            let measured = self.case.measured(day, line.placement);
            let stage = if as_if_session {
                self.case.as_if_opened(line, day, &measured)
            } else {
                line.stage_at(day)
            };
            (stage, measured)
        };
        let (best, measured_best) = stand(&self.best);
        let (worst, measured_worst) = stand(&self.worst);
        let both = |test: fn(Stage) -> bool| {
            Truth::agreed([Truth::known(test(best)), Truth::known(test(worst))])
        };
        Standing {
            lost: both(|stage| stage == Stage::Lost),
            liable: both(|stage| stage >= Stage::Liable),
            best,
            worst,
            as_if_session,
            measured_best,
            measured_worst,
        }
    }

    /// Returns the first turn after a day in either placement.
    #[must_use]
    pub fn next_turn(&self, day: Day) -> Option<&Turn> {
        [self.best.next_turn(day), self.worst.next_turn(day)]
            .into_iter()
            .flatten()
            .min_by_key(|turn| turn.day)
    }
}

/// Keeps the first day of the time for which a condition has been met without a break.
pub(super) fn since(first: &mut Option<Day>, day: Day, met: bool) {
    *first = if met { first.or(Some(day)) } else { None };
}

/// Returns whether a session counts as opening on a day, for a condition met since another: eagerly
/// on every day it may open, else on the last and only if the condition was met on all.
fn opens(opening: Window, day: Day, met_since: Option<Day>, eager: bool) -> bool {
    met_since.is_some_and(|since| {
        if eager {
            (opening.earliest..=opening.latest).contains(&day)
        } else {
            day == opening.latest && since <= opening.earliest
        }
    })
}
