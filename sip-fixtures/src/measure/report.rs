//! The result of a scripted call, as it goes into JSON.
//!
//! Times called `.._at_ms` count from the start of the phone; durations have 20 ms resolution.

use serde::Serialize;

use crate::phone::event::PhoneEvent;
use crate::phone::sip::sdp::Codec;

/// Everything one scripted call showed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CallReport {
    /// Name of the script.
    pub script: String,
    /// URI that was called.
    pub target: String,
    /// Codec of the caller's leg, once answered.
    pub codec: Option<Codec>,
    /// INVITE sent to 200 OK received.
    pub time_to_answer_ms: Option<u64>,
    /// 200 OK received to the first bot packet with speech.
    pub time_to_greeting_ms: Option<u64>,
    /// What the caller said or keyed, in order, and what the bot did about it.
    pub turns: Vec<TurnReport>,
    /// Longest stretch in which the caller waited for the bot or an agent and heard no speech.
    pub longest_silence_ms: u64,
    /// How the call got to a human, when it did.
    pub handover: Option<HandoverReport>,
    /// What the caller received.
    pub received: StreamReport,
    /// RTP packets the caller sent.
    pub sent_packets: u64,
    /// Status the call was refused with.
    pub refused: Option<u16>,
    /// Whether the caller gave up before the answer.
    pub cancelled: bool,
    /// How long the call was up.
    pub duration_ms: Option<u64>,
    /// Whether the far end hung up.
    pub ended_by_far_end: bool,
    /// The agents' side.
    pub agents: Vec<AgentReport>,
    /// Everything that happened, in order.
    pub timeline: Vec<PhoneEvent>,
}

/// How a caller's turn began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnKind {
    /// The bot was silent when the caller began to speak.
    Spoken,
    /// The bot was speaking when the caller began to speak.
    BargeIn,
    /// The caller keyed digits.
    Digits,
}

/// One turn of the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TurnReport {
    /// Name of the step in the script.
    pub step: String,
    /// How the turn began.
    pub kind: TurnKind,
    /// Whether an agent was on the line already: then gap and stop are the agent's.
    pub to_agent: bool,
    /// First frame with speech (or first packet of the digits) sent.
    pub started_at_ms: u64,
    /// Last frame with speech (or last packet of the digits) sent.
    pub ended_at_ms: u64,
    /// Last speech sent to the first speech received. Absent when the bot spoke at the turn's end
    /// or nothing came before the caller's next turn.
    pub gap_ms: Option<u64>,
    /// For a barge-in: first speech sent to the last speech received before 200 ms without any.
    pub stop_ms: Option<u64>,
}

/// The way from bot to human, as the caller heard it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandoverReport {
    /// The agent whose pilot tone was heard.
    pub agent: String,
    /// End of the turn before the wait for an agent, to the first received frame of the agent's voice.
    pub handover_ms: u64,
    /// When the agent's pilot tone was first received.
    pub audio_at_ms: u64,
    /// When the agent's voice was first received.
    pub voice_at_ms: u64,
    /// From the agent's 200 OK to audio in each direction.
    pub bridged: Option<BridgeReport>,
}

/// Media after the agent's 200 OK, by the tones each end received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BridgeReport {
    /// 200 OK sent to the first frame of the agent's audio at the caller.
    pub agent_to_caller_ms: u64,
    /// 200 OK sent to the first frame of the caller's audio at the agent.
    pub caller_to_agent_ms: Option<u64>,
    /// 200 OK sent to audio in both directions.
    pub both_ways_ms: Option<u64>,
}

/// A received RTP stream.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct StreamReport {
    /// Audio packets received.
    pub packets: u64,
    /// Audio packets that never came.
    pub lost: u64,
    /// Packets that came after a later one, or twice.
    pub late: u64,
    /// Packets that were not audio: events or unknown payload types.
    pub not_audio: u64,
    /// Number of RTP sources that followed each other.
    pub sources: u64,
    /// Longest time between two packets.
    pub max_gap_ms: u64,
    /// Interarrival jitter at the end.
    pub jitter_ms: f64,
    /// Highest interarrival jitter.
    pub max_jitter_ms: f64,
}

/// What one agent's phone saw.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AgentReport {
    /// Name from the script.
    pub name: String,
    /// Calls it was offered, in order.
    pub calls: Vec<AgentCallReport>,
}

/// One call an agent's phone was offered.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AgentCallReport {
    /// INVITE received.
    pub offered_at_ms: u64,
    /// 200 OK sent.
    pub answered_at_ms: Option<u64>,
    /// ACK received.
    pub acknowledged_at_ms: Option<u64>,
    /// Status the call was refused with.
    pub refused: Option<u16>,
    /// The caller gave up while it rang.
    pub cancelled: bool,
    /// First RTP packet received.
    pub first_packet_at_ms: Option<u64>,
    /// First frame of the caller's pilot tone received: proof of audio from caller to agent.
    pub caller_audio_at_ms: Option<u64>,
    /// First speech received.
    pub first_speech_at_ms: Option<u64>,
    /// The call was over.
    pub ended_at_ms: Option<u64>,
    /// What the agent received.
    pub received: StreamReport,
    /// RTP packets the agent sent.
    pub sent_packets: u64,
}
