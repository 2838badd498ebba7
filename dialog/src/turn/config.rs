//! The settings of the floor: every threshold and timer that decides whose turn it is.

use std::time::Duration;

/// The settings of the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnConfig {
    /// Silence after which the caller may be done and the final decode is asked for early.
    pub pause: Duration,
    /// A pause at which an utterance is cut: what was decoded before it stays.
    pub cut_pause: Duration,
    /// Speech after which the first partial decode is asked for, and time between two of them.
    pub partial_every: Duration,
    /// Audio before the onset that is decoded along: less loses a first sound, and after more
    /// silence the embedded model doubles a first digit.
    pub pre_roll: Duration,
    /// How long after its timer a turn waits for its text before it is given up with a fault.
    pub text_patience: Duration,
    /// Voiced speech below which a turn without words is no turn: a cough.
    pub min_no_match: Duration,
    /// Voiced speech that stops a question.
    pub stop_question: Duration,
    /// Voiced speech that stops information.
    pub stop_information: Duration,
    /// The start of the first prompt that no voice stops: echo cancellers converge in it.
    pub protect_first: Duration,
    /// Time without any frame from the caller's leg after which a fault is reported.
    pub frames_lost: Duration,
}

impl Default for TurnConfig {
    fn default() -> Self {
        Self {
            pause: Duration::from_millis(180),
            cut_pause: Duration::from_millis(240),
            partial_every: Duration::from_millis(640),
            pre_roll: Duration::from_millis(300),
            text_patience: Duration::from_millis(1500),
            min_no_match: Duration::from_millis(300),
            stop_question: Duration::from_millis(160),
            stop_information: Duration::from_millis(300),
            protect_first: Duration::from_millis(500),
            frames_lost: Duration::from_secs(5),
        }
    }
}
