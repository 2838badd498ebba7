//! The end of a call: once, whoever ends it, with nothing left behind.

use super::{Effect, Phase, Session};
use crate::api::{CallEvent, Initiator, PlaybackEnd};
use crate::record::Record;
use crate::transfer::TransferInput;
use std::time::Duration;

/// Service Unavailable (RFC 3261 §21.5.4): the server stops.
const UNAVAILABLE: u16 = 503;

/// A hang-up that waits for the last prompts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HangingUp {
    /// Who ends the call.
    pub(super) initiator: Initiator,
    /// Why.
    pub(super) reason: String,
    /// The latest time.
    pub(super) by: Duration,
}

/// What becomes of the caller's leg.
enum Leg {
    Gone,
    HangUp,
    Reject(u16),
}

impl Session {
    pub(super) fn caller_gone(&mut self, now: Duration) {
        self.end(now, Leg::Gone, Initiator::Caller, "caller_gone".to_owned());
    }

    pub(super) fn shut_down(&mut self, now: Duration) {
        let leg = match self.phase {
            Phase::Incoming { .. } => Leg::Reject(UNAVAILABLE),
            Phase::New | Phase::Answering { .. } | Phase::Talking | Phase::Over => Leg::HangUp,
        };
        self.end(now, leg, Initiator::Server, "shutdown".to_owned());
    }

    /// The caller was told that the call is answered, and nothing came of it.
    pub(super) fn never_answered(&mut self, now: Duration) {
        let reason = "never_acknowledged".to_owned();
        self.end(now, Leg::HangUp, Initiator::Server, reason);
    }

    pub(super) fn reject(&mut self, now: Duration, sip_code: u16) {
        self.end(
            now,
            Leg::Reject(sip_code),
            Initiator::Bot,
            "rejected".to_owned(),
        );
    }

    /// Hangs up once everything was said. The caller hears the last words to their end.
    pub(super) fn hang_up_after_prompts(
        &mut self,
        now: Duration,
        initiator: Initiator,
        reason: String,
    ) {
        if self.hanging_up.is_some() {
            return;
        }
        self.confirming = None;
        self.hand(now, TransferInput::CallOver);
        self.hold_sound(false);
        self.floor.enable(now, false);
        let by = now + self.config.hangup_cap;
        self.hanging_up = Some(HangingUp {
            initiator,
            reason,
            by,
        });
    }

    pub(super) fn hang_up_is_due(&self, now: Duration) -> bool {
        self.hanging_up
            .as_ref()
            .is_some_and(|end| self.prompts.is_empty() || now >= end.by)
    }

    pub(super) fn finish_hang_up(&mut self, now: Duration) {
        if let Some(HangingUp {
            initiator, reason, ..
        }) = self.hanging_up.take()
        {
            self.end(now, Leg::HangUp, initiator, reason);
        }
    }

    /// Ends the call. Everything under way is called off first, so that the end is the last word
    /// to the brain and to the record.
    fn end(&mut self, now: Duration, leg: Leg, initiator: Initiator, reason: String) {
        if matches!(self.phase, Phase::Over | Phase::New) {
            self.phase = Phase::Over;
            return;
        }
        self.hanging_up = None;
        self.confirming = None;
        self.hand(now, TransferInput::CallOver);
        self.drain(now);
        self.hold_sound(false);
        self.stop_prompts_quietly(now, PlaybackEnd::Cleared);
        self.prompts.clear(now);
        self.floor.enable(now, false);
        self.drain(now);
        match leg {
            Leg::Gone => {}
            Leg::HangUp => self.out.push_back(Effect::Hangup {
                reason: reason.clone(),
            }),
            Leg::Reject(sip_code) => self.out.push_back(Effect::Reject { sip_code }),
        }
        self.tell(
            now,
            CallEvent::Ended {
                initiator,
                reason: reason.clone(),
            },
        );
        self.record(now, Record::Ended { initiator, reason });
        self.phase = Phase::Over;
    }
}
