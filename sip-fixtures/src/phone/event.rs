//! What a phone tells while a call goes on: one event, one line.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::sip::sdp::Codec;

/// Something that happened at a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhoneEvent {
    /// Milliseconds since the phones were started.
    pub at_ms: u64,
    /// `caller`, or the agent's name.
    pub phone: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A SIP message went out (`->`) or came in (`<-`).
    Sip {
        /// Its first line, in short.
        line: String,
    },
    /// The call is up.
    Up {
        /// Codec of this leg.
        codec: Codec,
    },
    /// The far end began to speak.
    HearsSpeech {
        /// Time since this phone's last speech, when it had the turn.
        after_ms: Option<u64>,
    },
    /// The far end has stopped; the event comes when its silence is certain.
    HearsSilence {
        /// When the last speech was received.
        since_ms: u64,
    },
    /// This phone begins to play a recording.
    Says {
        /// File name of the recording.
        clip: String,
    },
    /// This phone begins to send keys.
    Keys {
        /// The keys.
        digits: String,
    },
    /// This phone receives another phone's audio, by its pilot tone.
    Hears {
        /// Name of the other phone.
        phone: String,
        /// When its audio began.
        since_ms: u64,
    },
    /// The call is over.
    Over {
        /// Whether the far end ended it.
        by_far_end: bool,
    },
    /// The script cannot go on.
    Fails {
        /// Name of the step.
        step: String,
        /// What did not happen.
        reason: String,
    },
}

impl PhoneEvent {
    /// An event of `phone` at `at`.
    pub(crate) fn new(at: Duration, phone: &str, what: What) -> Self {
        PhoneEvent {
            at_ms: as_ms(at),
            phone: phone.to_owned(),
            what,
        }
    }
}

/// Whole milliseconds.
pub(crate) fn as_ms(time: Duration) -> u64 {
    // A call's times fit: u64 milliseconds are half a billion years.
    time.as_millis() as u64
}

impl fmt::Display for PhoneEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.at_ms / 1000, self.at_ms % 1000);
        write!(
            f,
            "{seconds:>4}.{millis:03} s  {:<12}  {}",
            self.phone, self.what
        )
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Sip { line } => write!(f, "sip {line}"),
            What::Up { codec } => write!(f, "call is up ({codec:?})"),
            What::HearsSpeech {
                after_ms: Some(after),
            } => {
                write!(f, "hears speech, {after} ms after its own")
            }
            What::HearsSpeech { after_ms: None } => write!(f, "hears speech"),
            What::HearsSilence { since_ms } => {
                write!(
                    f,
                    "hears silence since {}.{:03} s",
                    since_ms / 1000,
                    since_ms % 1000
                )
            }
            What::Says { clip } => write!(f, "says {clip}"),
            What::Keys { digits } => write!(f, "keys {digits}"),
            What::Hears { phone, since_ms } => {
                write!(
                    f,
                    "hears {phone} since {}.{:03} s",
                    since_ms / 1000,
                    since_ms % 1000
                )
            }
            What::Over { by_far_end: true } => write!(f, "call is over, the far end hung up"),
            What::Over { by_far_end: false } => write!(f, "call is over"),
            What::Fails { step, reason } => write!(f, "FAILS at step \"{step}\": {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_for_people_and_one_flat_object_for_programs() {
        let what = What::HearsSpeech {
            after_ms: Some(840),
        };
        let event = PhoneEvent::new(Duration::from_millis(12_345), "caller", what);
        let line = event.to_string();
        assert_eq!(
            line,
            "  12.345 s  caller        hears speech, 840 ms after its own"
        );
        let json = serde_json::to_string(&event).unwrap();
        let flat = r#"{"at_ms":12345,"phone":"caller","event":"hears_speech","after_ms":840}"#;
        assert_eq!(json, flat);
    }
}
