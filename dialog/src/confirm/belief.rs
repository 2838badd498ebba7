//! The belief in a value after each piece of evidence. Only probabilities: what to do with them is
//! [`super::policy`]'s.

use super::policy;
use crate::api::RiskClass;

/// The belief in a keyed value.
pub const KEYPAD: f32 = 0.995;

/// The most that spoken evidence alone may reach.
pub const SPOKEN_CAP: f32 = 0.97;

/// The chance that a wrong value passes a one-digit checksum.
const WRONG_PASSES: f32 = 0.1;

/// The chance that what the caller meant to say fails the checksum: a slip in reading it out.
const MEANT_FAILS: f32 = 0.02;

/// A yes to a class from W2 on counts only from this belief in the words.
const WRITE_YES: f32 = 0.85;

/// The belief in a spoken value, given the belief in its words and whether its check digit is
/// right (`None`: it has none). All 0 to 1.
pub fn spoken(words: f32, checksum: Option<bool>) -> f32 {
    let p = if words.is_nan() {
        0.0
    } else {
        words.clamp(0.0, SPOKEN_CAP)
    };
    let (right, wrong) = match checksum {
        None => return p,
        Some(true) => (p, (1.0 - p) * WRONG_PASSES),
        Some(false) => (p * MEANT_FAILS, (1.0 - p) * (1.0 - WRONG_PASSES)),
    };
    if right > 0.0 {
        (right / (right + wrong)).min(SPOKEN_CAP)
    } else {
        0.0
    }
}

/// Whether a yes settles a value, and the belief after it.
#[derive(Debug, Clone, PartialEq)]
pub struct YesJudged {
    /// Whether it settles the value.
    pub settles: bool,
    /// The belief in the value after the yes, 0 to 1.
    pub belief: f32,
    /// The figures, in words.
    pub detail: String,
}

/// Judges a yes that was heard with belief `yes`, to a value believed with `before`.
///
/// When the yes was really said, the value is right but for the 3 % who confirm wrong values; when
/// it was not, nothing is known beyond `before`. For a lookup key (W0, W1) the belief after the yes
/// must reach the class's accept threshold, and the yes itself the floor: a yes heard at 0.5 settles
/// a value that was likely anyway and not one that was unlikely. From W2 on the yes alone must be
/// sure, because a wrong write costs more than another question.
pub fn judge_yes(class: RiskClass, before: f32, yes: f32) -> YesJudged {
    let sincere = 1.0 - policy::EXPLICIT_SURVIVES;
    let belief = (yes * sincere + (1.0 - yes) * before).clamp(0.0, SPOKEN_CAP);
    let (settles, rule) = match class {
        RiskClass::W0 | RiskClass::W1 => {
            let accept = policy::bounds(class, crate::api::ConfirmStyle::ByRisk).accept_from;
            let rule = format!(
                "needs a belief of {accept:.2} and a yes of {:.2}",
                policy::FLOOR
            );
            (belief >= accept && yes >= policy::FLOOR, rule)
        }
        RiskClass::W2 | RiskClass::W3 | RiskClass::W4 => {
            (yes >= WRITE_YES, format!("needs a yes of {WRITE_YES:.2}"))
        }
    };
    let detail =
        format!("yes heard with p {yes:.2}, belief {before:.2} -> {belief:.2}; {class:?} {rule}");
    YesJudged {
        settles,
        belief,
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_check_digit_raises_the_belief_and_a_wrong_one_lowers_it() {
        assert!(spoken(0.7, Some(true)) > 0.9);
        assert!(spoken(0.7, Some(false)) < 0.1);
        assert!((spoken(0.7, None) - 0.7).abs() < f32::EPSILON);
        assert!(spoken(1.0, Some(true)) <= SPOKEN_CAP);
        assert_eq!(spoken(f32::NAN, Some(true)), 0.0);
    }

    #[test]
    fn a_weak_yes_settles_a_likely_lookup_key_and_no_write() {
        assert!(judge_yes(RiskClass::W1, 0.95, 0.5).settles);
        assert!(!judge_yes(RiskClass::W1, 0.2, 0.5).settles);
        assert!(!judge_yes(RiskClass::W1, 0.95, 0.2).settles);
        assert!(!judge_yes(RiskClass::W2, 0.95, 0.84).settles);
        assert!(judge_yes(RiskClass::W2, 0.2, 0.85).settles);
    }
}
