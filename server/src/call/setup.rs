//! How a call begins and ends: offer and answer, ports, and the things that every call shares.

use super::caller::CallerSide;
use super::leg::MediaLeg;
use super::mouth::Mouth;
use super::{Call, Stored, frame_clock};
use crate::brain::Brain;
use crate::clock;
use crate::desk::Desk;
use crate::hearing::Hearing;
use crate::ports::{RtpPorts, RtpSocket};
use crate::recording::{Recorder, Tape};
use crate::sip::{IncomingCall, Sip};
use crate::store::{NewPromise, StoreHandle};
use crate::voice::Voice;
use serde_json::json;
use sidetone_dialog::api;
use sidetone_dialog::queue::AgentId;
use sidetone_dialog::session::{Fact, Party, Promise, Session, SessionConfig};
use sidetone_media::g711::Law;
use sidetone_media::inbound::InboundConfig;
use sidetone_media::sdp::{self, Capabilities, Direction, MediaPlan, Sdp};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// Speech that may wait for a call's task, which takes it within a frame.
const SPEECH: usize = 64;
/// Answers of the store that may wait: a call has one promise under way at a time.
const STORED: usize = 4;

/// What every call is run with.
#[derive(Debug, Clone)]
pub struct CallSettings {
    /// How legs listen.
    pub inbound: InboundConfig,
    /// How the session behaves; the ticket number is set for each call.
    pub session: SessionConfig,
    /// Where the agents' phones are.
    pub agents: BTreeMap<AgentId, String>,
    /// How long after it was made a promise must be kept.
    pub promise_due: Duration,
}

/// What all calls share.
#[derive(Clone)]
pub struct House {
    /// Signalling.
    pub sip: Sip,
    /// RTP ports.
    pub ports: RtpPorts,
    /// The recogniser.
    pub hearing: Hearing,
    /// The voice.
    pub voice: Voice,
    /// The agents' queue.
    pub desk: Desk,
    /// The event store.
    pub store: StoreHandle,
    /// Whatever decides what the bot says.
    pub brain: Brain,
    /// Where calls are recorded; none when they are not.
    pub recorder: Option<Recorder>,
    /// What every call is run with.
    pub settings: Arc<CallSettings>,
    /// Calls so far in this process.
    pub calls: Arc<AtomicU64>,
}

impl House {
    /// Sixty-four bits from the operating system.
    pub(super) fn random(&self) -> u64 {
        // Without randomness from the system, RTP may start at a guessable number; calls go on.
        getrandom::u64().unwrap_or_default()
    }

    pub(super) fn agent_uri(&self, agent: &AgentId) -> anyhow::Result<String> {
        let uri = self.settings.agents.get(agent);
        uri.cloned()
            .ok_or_else(|| anyhow::anyhow!("agent {agent} is not in the configuration"))
    }

    /// Who we are to the agents' phones.
    pub(super) fn identity(&self) -> String {
        format!("sip:sidetone@{}", self.sip.local_addr())
    }

    fn capabilities(&self, socket: &RtpSocket) -> Capabilities {
        Capabilities {
            rtp_address: socket
                .local_addr()
                .unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0))),
            laws: vec![Law::Mu, Law::A],
            telephone_event: true,
            direction: Direction::SendRecv,
            // RFC 8866 §5.2 asks for a number that stays below 2^63.
            session_id: self.random() >> 1,
            session_version: 1,
        }
    }
}

/// How far offer and answer have come on the caller's leg.
pub(super) enum Setup {
    /// The offer fits; this is the answer to send.
    Offered {
        answer: Sdp,
        plan: MediaPlan,
        socket: RtpSocket,
    },
    /// The INVITE came without an offer; ours goes out with the 200.
    Late { offer: Sdp, socket: RtpSocket },
    /// Media flows, or never will.
    Done,
}

/// A call that cannot be taken, as SIP says it.
struct Refusal(u16, &'static str);

impl Call {
    /// Takes a call in, or refuses it at once.
    pub(super) fn set_up(house: House, incoming: IncomingCall) -> Option<Self> {
        let setup = match negotiate(&house, incoming.offer.as_deref()) {
            Ok(setup) => setup,
            Err(Refusal(code, reason)) => {
                tracing::info!(sip_call = %incoming.id, code, reason, "call refused");
                incoming.leg.reject(code, reason);
                return None;
            }
        };
        incoming.leg.ringing();
        let number = house.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let id = call_id(clock::wall_ms(), house.random());
        let now = clock::now();
        let (speech_sink, speech) = mpsc::channel(SPEECH);
        let (stored_sink, stored) = mpsc::channel(STORED);
        let ticket_number = ticket(clock::wall_ms());
        let config = SessionConfig {
            ticket_number,
            ..house.settings.session.clone()
        };
        let mut session = Session::new(config);
        session.handle(
            now,
            Fact::Incoming {
                from: incoming.from.user,
                to: incoming.to.user,
            },
        );
        Some(Self {
            session,
            control: incoming.leg,
            signalling: incoming.events,
            setup,
            caller: None,
            agent: None,
            ear: house.hearing.open(number),
            place: house.desk.open(number),
            brain: house.brain.open(&id),
            speech,
            speech_sink,
            stored,
            stored_sink,
            tape: None,
            ticks: frame_clock(),
            came_in: now,
            next_event: 1,
            stopping: false,
            over: false,
            house,
            id,
        })
    }

    /// Sends the 200 and opens the media, unless the peer's answer is still to come.
    pub(super) fn answer(&mut self, now: Duration) {
        match std::mem::replace(&mut self.setup, Setup::Done) {
            Setup::Offered {
                answer,
                plan,
                socket,
            } => {
                self.control.answer(answer.to_string());
                self.open_media(now, socket, plan);
            }
            Setup::Late { offer, socket } => {
                self.control.answer(offer.to_string());
                self.setup = Setup::Late { offer, socket };
            }
            Setup::Done => {}
        }
    }

    /// The peer's answer to our offer came with its ACK.
    pub(super) fn late_answer(&mut self, now: Duration, answer: &str) {
        let Setup::Late { offer, socket } = std::mem::replace(&mut self.setup, Setup::Done) else {
            return;
        };
        let plan = Sdp::parse(answer.as_bytes()).and_then(|answer| sdp::accept(&offer, &answer));
        match plan {
            Ok(plan) => self.open_media(now, socket, plan),
            Err(error) => {
                tracing::info!(call = %self.id, %error, "the late answer has no usable audio");
                self.control.hangup("no usable audio");
            }
        }
    }

    fn open_media(&mut self, now: Duration, socket: RtpSocket, plan: MediaPlan) {
        let seed = self.house.random();
        let leg = MediaLeg::new(socket, plan, self.house.settings.inbound, seed);
        let mouth = Mouth::new(
            Party::Caller,
            self.house.voice.clone(),
            self.speech_sink.clone(),
        );
        self.caller = Some(CallerSide::new(leg, mouth));
        self.tape = self
            .house
            .recorder
            .as_ref()
            .map(|recorder| recorder.open(&self.id));
        self.ticks = frame_clock();
        let codec = plan.law.encoding_name().to_owned();
        self.session.handle(now, Fact::Answered { codec });
    }

    /// Writes down what only the end shows.
    pub(super) fn close(&mut self) {
        if let Some(caller) = &self.caller {
            let stats = caller.leg.stats();
            tracing::info!(
                call = %self.id,
                accepted = stats.accepted,
                concealed = stats.concealed_frames,
                strangers = stats.stranger,
                "media received"
            );
        }
        self.agent = None;
        self.carry_out();
        let left_out = self.tape.as_ref().map_or(0, Tape::left_out);
        if left_out > 0 {
            let why = json!({ "frames_left_out": left_out });
            self.note(clock::now(), "recording_incomplete", &why);
        }
    }

    /// Stores a promise; the answer wakes the call's task. A call that is over meanwhile needs none.
    pub(super) fn promise(&self, promise: Promise) {
        let made_ms = clock::wall_ms();
        let due = u64::try_from(self.house.settings.promise_due.as_millis()).unwrap_or(u64::MAX);
        let new = NewPromise {
            call_id: self.id.clone(),
            promise,
            made_ms,
            due_ms: made_ms.saturating_add(due),
        };
        let (call, handover) = (self.id.clone(), new.promise.handover);
        let (store, answers) = (self.house.store.clone(), self.stored_sink.clone());
        tokio::spawn(async move {
            let result = store.promise(new).await;
            if let Err(error) = &result {
                tracing::error!(%call, %error, "a promise could not be stored");
            }
            let stored = result.is_ok();
            let _ = answers.send(Stored { handover, stored }).await;
        });
    }
}

fn negotiate(house: &House, offer: Option<&str>) -> Result<Setup, Refusal> {
    let socket = house.ports.take().map_err(|error| {
        tracing::warn!(%error, "call refused");
        Refusal(503, "no media port")
    })?;
    let capabilities = house.capabilities(&socket);
    let Some(offer) = offer else {
        return Ok(Setup::Late {
            offer: sdp::offer(&capabilities),
            socket,
        });
    };
    let offer = Sdp::parse(offer.as_bytes())
        .map_err(|error| Refusal(error.sip_status(), "unreadable offer"))?;
    match sdp::answer(&offer, &capabilities) {
        Ok((answer, plan)) => Ok(Setup::Offered {
            answer,
            plan,
            socket,
        }),
        Err(error) => Err(Refusal(error.sip_status(), "no usable offer")),
    }
}

/// Our offer to an agent's phone.
pub(super) fn offer(house: &House, socket: &RtpSocket) -> Sdp {
    sdp::offer(&house.capabilities(socket))
}

/// A recognised word as the dialog wants it.
pub(super) fn word(word: sidetone_asr::Word) -> api::Word {
    api::Word {
        text: word.text,
        p: word.p,
        start: word.start,
        end: word.end,
    }
}

/// The key in an INFO request: `Signal=5` of `application/dtmf-relay`, or the bare key of `application/dtmf`.
pub(super) fn info_digit(content_type: &str, body: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(body).ok()?;
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let value = if kind.eq_ignore_ascii_case("application/dtmf-relay") {
        text.lines()
            .find_map(|line| line.trim().strip_prefix("Signal="))?
    } else if kind.eq_ignore_ascii_case("application/dtmf") {
        text
    } else {
        return None;
    };
    let mut keys = value.trim().chars();
    match (keys.next(), keys.next()) {
        (Some(key), None) if key.is_ascii_digit() || "*#ABCD".contains(key) => Some(key),
        (Some(_) | None, _) => None,
    }
}

/// Sorts by time and cannot be guessed: `1a2b3c4d5e-9f0a1b2c`.
fn call_id(wall_ms: u64, random: u64) -> String {
    format!("{wall_ms:011x}-{:08x}", random >> 32)
}

/// Seven digits that change ten times a second: short enough to say, and not given twice within eleven days.
fn ticket(wall_ms: u64) -> u64 {
    wall_ms / 100 % 10_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_both_kinds_of_info() {
        let relay = b"Signal=5\r\nDuration=160\r\n";
        assert_eq!(info_digit("application/dtmf-relay", relay), Some('5'));
        assert_eq!(
            info_digit("application/DTMF; charset=utf-8", b"#"),
            Some('#')
        );
    }

    #[test]
    fn rubbish_in_an_info_is_no_key() {
        assert_eq!(info_digit("application/dtmf-relay", b"Signal=55\r\n"), None);
        assert_eq!(info_digit("application/dtmf", b"x"), None);
        assert_eq!(info_digit("application/dtmf", &[0xff]), None);
        assert_eq!(info_digit("text/plain", b"5"), None);
    }

    #[test]
    fn call_ids_sort_by_time() {
        assert!(call_id(1_700_000_000_000, u64::MAX) < call_id(1_700_000_000_001, 0));
    }
}
