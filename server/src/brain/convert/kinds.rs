//! The enumerations of the contract, one pair of functions each.

use super::Malformed;
use sidetone_dialog::api;
use sidetone_proto::dialog::v1 as wire;

/// Writes both directions of one enumeration, so that a new value cannot be forgotten in one of them:
/// the match on our side is exhaustive, and an unknown wire value is [`Malformed`].
macro_rules! kind {
    ($to:ident, $from:ident, $ours:ident, $wire:ident, $what:literal, [$($ours_v:ident = $wire_v:ident),+ $(,)?]) => {
        pub(super) fn $to(value: api::$ours) -> i32 {
            (match value { $(api::$ours::$ours_v => wire::$wire::$wire_v,)+ }).into()
        }

        pub(super) fn $from(value: i32) -> Result<api::$ours, Malformed> {
            match wire::$wire::try_from(value) {
                $(Ok(wire::$wire::$wire_v) => Ok(api::$ours::$ours_v),)+
                Ok(wire::$wire::Unspecified) | Err(_) => Err(Malformed($what)),
            }
        }
    };
}

kind!(
    end_of_turn_to,
    end_of_turn_from,
    EndOfTurnReason,
    EndOfTurnReason,
    "unknown end-of-turn reason",
    [
        Complete = Complete,
        Extendable = Extendable,
        Incomplete = Incomplete,
        MaxSpeech = MaxSpeech
    ]
);
kind!(
    playback_end_to,
    playback_end_from,
    PlaybackEnd,
    PlaybackEnd,
    "unknown end of playback",
    [
        Completed = Completed,
        BargeIn = BargeIn,
        Dtmf = Dtmf,
        Cleared = Cleared,
        Failed = Failed
    ]
);
kind!(
    outcome_to,
    outcome_from,
    ConfirmOutcome,
    ConfirmOutcome,
    "unknown outcome of a confirmation",
    [
        Confirmed = Confirmed,
        Corrected = Corrected,
        Denied = Denied,
        Exhausted = Exhausted
    ]
);
kind!(
    stage_to,
    stage_from,
    HandoverStage,
    HandoverStage,
    "unknown handover stage",
    [
        Queued = Queued,
        Reserved = Reserved,
        Ringing = Ringing,
        Answered = Answered,
        Bridged = Bridged,
        Declined = Declined,
        Overflow = Overflow,
        Cancelled = Cancelled,
        AgentLeft = AgentLeft
    ]
);
kind!(
    code_to,
    code_from,
    CommandCode,
    CommandCode,
    "unknown command result",
    [
        Ok = Ok,
        Stale = Stale,
        Duplicate = Duplicate,
        NotNow = NotNow,
        Invalid = Invalid
    ]
);
kind!(
    initiator_to,
    initiator_from,
    Initiator,
    Initiator,
    "unknown initiator",
    [Caller = Caller, Bot = Bot, Agent = Agent, Server = Server]
);
kind!(
    prompt_kind_to,
    prompt_kind_from,
    PromptKind,
    PromptKind,
    "a prompt needs a kind: QUESTION or INFORMATION",
    [Question = Question, Information = Information]
);
kind!(
    barge_in_to,
    barge_in_from,
    BargeIn,
    BargeIn,
    "a prompt needs a barge-in policy",
    [None = None, Keypad = Keypad, Speech = Speech, Any = Any]
);
kind!(
    class_to,
    class_from,
    RiskClass,
    RiskClass,
    "a confirmation needs a risk class",
    [W0 = W0, W1 = W1, W2 = W2, W3 = W3, W4 = W4]
);
kind!(
    style_to,
    style_from,
    ConfirmStyle,
    ConfirmStyle,
    "a confirmation needs a style",
    [ByRisk = ByRisk, Grouped = Grouped, Explicit = Explicit]
);
kind!(
    slot_state_to,
    slot_state_from,
    SlotState,
    SlotState,
    "a slot of the context needs a state",
    [Heard = Heard, Confirmed = Confirmed, Rejected = Rejected]
);
kind!(
    fallback_to,
    fallback_from,
    Fallback,
    Fallback,
    "a handover needs a fallback: CALLBACK or TICKET",
    [Callback = Callback, Ticket = Ticket]
);
