//! What each way of grounding a value costs, in turns, and which one is cheapest.
//!
//! One turn is about 4.5 s of the caller's time. With `x = 1 - p` the chance that the value is wrong
//! and `W` what a wrong commit costs:
//!
//! - accept: `x W`
//! - implicit ("... order 4 4 1 2, one moment"): `0.2 + x (0.4 W + 2)`: 40 % of wrong values survive
//! - explicit ("is that right?"): `1 + x (2 + 0.03 W)`: 3 % of wrong values get a yes
//! - ask again: `2.5`
//!
//! The thresholds between the bands follow from these; nothing else is tuned.

use crate::api::{ConfirmStyle, RiskClass};

/// An implicit confirmation, in turns.
const IMPLICIT: f32 = 0.2;
/// The share of wrong values that callers let pass after an implicit confirmation.
const IMPLICIT_SURVIVES: f32 = 0.4;
/// An explicit question, in turns.
const EXPLICIT: f32 = 1.0;
/// The share of wrong values that callers confirm when asked.
pub const EXPLICIT_SURVIVES: f32 = 0.03;
/// Collecting a denied value again, in turns.
const RECOLLECT: f32 = 2.0;
/// Putting one group right after a grouped read-back, in turns: one sentence.
const ONE_STEP: f32 = 1.0;
/// Asking for the value again without reading it back, in turns.
const REASK: f32 = 2.5;
/// The belief below which nothing is acted on, whatever it costs.
pub const FLOOR: f32 = 0.30;

/// A way to ground a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Take it.
    Accept,
    /// Say it in passing.
    Implicit,
    /// Read it back and ask.
    Explicit,
    /// Ask for it again.
    Reask,
}

/// The expected cost of each band, in turns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// Of taking the value.
    pub accept: f32,
    /// Of saying it in passing.
    pub implicit: f32,
    /// Of asking.
    pub explicit: f32,
    /// Of asking for it again.
    pub reask: f32,
}

/// The beliefs, 0 to 1, at which the cheapest band changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Below it: ask for the value again.
    pub explicit_from: f32,
    /// From it: say the value in passing.
    pub implicit_from: f32,
    /// From it: take the value.
    pub accept_from: f32,
}

/// The chosen band and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The band.
    pub band: Band,
    /// The figures that decided, in words.
    pub detail: String,
}

/// What a wrong commit costs, in turns.
pub fn wrong_commit(class: RiskClass) -> f32 {
    match class {
        RiskClass::W0 => 2.0,
        RiskClass::W1 => 5.0,
        RiskClass::W2 => 20.0,
        RiskClass::W3 => 50.0,
        RiskClass::W4 => 100.0,
    }
}

/// The expected cost of each band for a value believed with `p`, 0 to 1.
pub fn costs(class: RiskClass, style: ConfirmStyle, p: f32) -> Costs {
    let wrong = wrong_commit(class);
    let x = 1.0 - p;
    Costs {
        accept: x * wrong,
        implicit: IMPLICIT + x * implicit_slope(wrong),
        explicit: EXPLICIT + x * explicit_slope(wrong, style),
        reask: REASK,
    }
}

/// The thresholds of a class: where the costs of two neighbouring bands are equal.
pub fn bounds(class: RiskClass, style: ConfirmStyle) -> Bounds {
    let wrong = wrong_commit(class);
    let (implicit, explicit) = (implicit_slope(wrong), explicit_slope(wrong, style));
    let meet = |fixed: f32, slope: f32| {
        if slope > 0.0 {
            (1.0 - fixed / slope).clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    let costed = Bounds {
        explicit_from: meet(REASK - EXPLICIT, explicit),
        implicit_from: meet(EXPLICIT - IMPLICIT, implicit - explicit),
        accept_from: meet(IMPLICIT, wrong - implicit),
    };
    match class {
        RiskClass::W0 => Bounds {
            explicit_from: FLOOR,
            implicit_from: FLOOR,
            accept_from: FLOOR,
        },
        RiskClass::W1 | RiskClass::W2 => costed,
        RiskClass::W3 => Bounds {
            accept_from: f32::INFINITY,
            ..costed
        },
        RiskClass::W4 => Bounds {
            accept_from: f32::INFINITY,
            implicit_from: f32::INFINITY,
            ..costed
        },
    }
}

/// Chooses the band for a value believed with `p`, 0 to 1.
pub fn decide(class: RiskClass, style: ConfirmStyle, p: f32) -> Decision {
    let bounds = bounds(class, style);
    let band = if p >= bounds.accept_from {
        Band::Accept
    } else if p >= bounds.implicit_from {
        Band::Implicit
    } else if p >= bounds.explicit_from {
        Band::Explicit
    } else {
        Band::Reask
    };
    let costs = costs(class, style, p);
    let detail = format!(
        "believed with p {p:.2}; {class:?} ({}): a wrong one costs {:.0} turns; expected turns: \
         take it {:.2}, say it in passing {:.2}, read it back and ask {:.2}, ask again {:.2}; \
         thresholds: ask from p {}, in passing from {}, take from {}",
        meaning(class),
        wrong_commit(class),
        costs.accept,
        costs.implicit,
        costs.explicit,
        costs.reask,
        threshold(bounds.explicit_from),
        threshold(bounds.implicit_from),
        threshold(bounds.accept_from),
    );
    Decision { band, detail }
}

fn meaning(class: RiskClass) -> &'static str {
    match class {
        RiskClass::W0 => "read-only",
        RiskClass::W1 => "a lookup key",
        RiskClass::W2 => "can be taken back",
        RiskClass::W3 => "hard to undo",
        RiskClass::W4 => "money, law or identity",
    }
}

fn threshold(p: f32) -> String {
    if p.is_finite() {
        format!("{p:.2}")
    } else {
        "never".to_owned()
    }
}

fn implicit_slope(wrong: f32) -> f32 {
    IMPLICIT_SURVIVES * wrong + RECOLLECT
}

fn explicit_slope(wrong: f32, style: ConfirmStyle) -> f32 {
    let repair = match style {
        ConfirmStyle::Grouped => ONE_STEP,
        ConfirmStyle::ByRisk | ConfirmStyle::Explicit => RECOLLECT,
    };
    repair + EXPLICIT_SURVIVES * wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thresholds_follow_from_the_costs() {
        let near = |a: f32, b: f32| (a - b).abs() < 0.03;
        let table = [
            (RiskClass::W1, 0.30, 0.57, 0.80),
            (RiskClass::W2, 0.41, 0.89, 0.98),
            (RiskClass::W3, 0.55, 0.96, f32::INFINITY),
            (RiskClass::W4, 0.67, f32::INFINITY, f32::INFINITY),
        ];
        for (class, explicit, implicit, accept) in table {
            let bounds = bounds(class, ConfirmStyle::ByRisk);
            assert!(near(bounds.explicit_from, explicit), "{class:?} {bounds:?}");
            assert!(
                bounds.implicit_from >= 1.0 || near(bounds.implicit_from, implicit),
                "{class:?}"
            );
            assert!(
                bounds.accept_from >= 1.0 || near(bounds.accept_from, accept),
                "{class:?}"
            );
        }
    }

    #[test]
    fn the_chosen_band_is_the_cheapest_one_wherever_no_rule_forbids_it() {
        for class in [RiskClass::W1, RiskClass::W2] {
            for percent in 0_u8..=100 {
                let p = f32::from(percent) / 100.0;
                let costs = costs(class, ConfirmStyle::ByRisk, p);
                let chosen = match decide(class, ConfirmStyle::ByRisk, p).band {
                    Band::Accept => costs.accept,
                    Band::Implicit => costs.implicit,
                    Band::Explicit => costs.explicit,
                    Band::Reask => costs.reask,
                };
                for other in [costs.accept, costs.implicit, costs.explicit, costs.reask] {
                    assert!(chosen <= other + 1e-4, "{class:?} {p} {costs:?}");
                }
            }
        }
    }

    #[test]
    fn money_is_always_asked_and_a_hard_write_never_taken_alone() {
        let band = |class, p| decide(class, ConfirmStyle::ByRisk, p).band;
        assert_eq!(band(RiskClass::W4, 0.999), Band::Explicit);
        assert_eq!(band(RiskClass::W3, 0.999), Band::Implicit);
        assert_eq!(band(RiskClass::W0, 0.31), Band::Accept);
        assert_eq!(band(RiskClass::W0, 0.29), Band::Reask);
    }

    #[test]
    fn reading_back_in_groups_pays_at_any_belief_for_a_lookup_key() {
        assert_eq!(
            bounds(RiskClass::W1, ConfirmStyle::Grouped).explicit_from,
            0.0
        );
    }
}
