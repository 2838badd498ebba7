//! The agent's side of a call: one leg at a time, from the dial to the end.

use super::Wake;
use super::leg::MediaLeg;
use super::mouth::Mouth;
use crate::ports::RtpSocket;
use crate::sip::{LegControl, LegEvent, OutgoingLeg};
use sidetone_dialog::queue::AgentId;
use sidetone_dialog::session::Fact;
use sidetone_media::frame::{Frame, SILENT_FRAME};
use sidetone_media::inbound::InboundConfig;
use sidetone_media::sdp::{self, Sdp};
use sidetone_media::tone;
use std::time::Duration;
use tokio::sync::mpsc;

/// How loud the caller is under the rest of the brief, once caller and agent hear each other.
const CALLER_UNDER_BRIEF: f32 = 0.5;

/// The leg of the agent who is being rung or spoken with. Dropping it ends the leg.
pub(super) struct AgentSide {
    agent: AgentId,
    control: LegControl,
    events: mpsc::Receiver<LegEvent>,
    offer: Sdp,
    /// Bound at the dial, turned into a leg by the answer.
    socket: Option<RtpSocket>,
    media: Option<MediaLeg>,
    mouth: Mouth,
    bridged: bool,
}

impl AgentSide {
    pub(super) fn new(
        agent: AgentId,
        leg: OutgoingLeg,
        offer: Sdp,
        socket: RtpSocket,
        mouth: Mouth,
    ) -> Self {
        Self {
            agent,
            control: leg.leg,
            events: leg.events,
            offer,
            socket: Some(socket),
            media: None,
            mouth,
            bridged: false,
        }
    }

    /// Whose leg this is.
    pub(super) fn agent(&self) -> &AgentId {
        &self.agent
    }

    /// What the agent is told.
    pub(super) fn mouth(&mut self) -> &mut Mouth {
        &mut self.mouth
    }

    /// From now on caller and agent hear each other.
    pub(super) fn bridge(&mut self) {
        self.bridged = true;
    }

    /// Whether caller and agent hear each other.
    pub(super) fn is_bridged(&self) -> bool {
        self.bridged
    }

    /// Ends the leg, ringing or answered.
    pub(super) fn hang_up(&self) {
        self.control.hangup("handover over");
    }

    /// Waits for the leg's next event or datagrams; none for the event once the leg has ended.
    pub(super) async fn next_wake(&mut self) -> Wake {
        let media = self.media.as_ref();
        tokio::select! {
            () = super::readable(media) => Wake::AgentMedia,
            event = self.events.recv() => Wake::AgentSignal(event),
        }
    }

    /// Takes the datagrams that are there.
    pub(super) fn receive(&mut self, now: Duration) {
        if let Some(media) = &mut self.media {
            media.receive(now);
        }
    }

    /// Takes an event of the leg and says what it means for the call.
    pub(super) fn handle_event(
        &mut self,
        event: Option<LegEvent>,
        config: InboundConfig,
        seed: u64,
    ) -> Option<Fact> {
        let agent = self.agent.clone();
        match event {
            Some(LegEvent::Ringing) => Some(Fact::AgentRinging { agent }),
            Some(LegEvent::Answered { sdp }) => Some(self.answered(sdp, config, seed)),
            Some(LegEvent::Failed { code, .. }) => Some(Fact::AgentFailed {
                agent,
                sip_code: Some(code),
            }),
            Some(LegEvent::Ended { .. }) | None if self.media.is_some() => {
                self.media = None;
                Some(Fact::AgentEnded { agent })
            }
            Some(LegEvent::Ended { .. }) | None => Some(Fact::AgentFailed {
                agent,
                sip_code: None,
            }),
            // Early media is never bridged: a voicemail would count as a human.
            Some(LegEvent::EarlyMedia(_))
            | Some(LegEvent::Confirmed { .. })
            | Some(LegEvent::Reoffered { .. })
            | Some(LegEvent::Info { .. }) => None,
        }
    }

    /// One 20 ms turn: sends the agent the caller and the brief, and writes what the agent said.
    pub(super) fn turn(&mut self, now: Duration, caller: &Frame, said: &mut Frame) {
        let Some(media) = &mut self.media else { return };
        media.poll_frame(now, said);
        while media.poll_digit().is_some() {}
        let mut heard = SILENT_FRAME;
        let brief = self.mouth.fill(&mut heard);
        if self.bridged {
            tone::mix(
                &mut heard,
                caller,
                if brief { CALLER_UNDER_BRIEF } else { 1.0 },
            );
        }
        media.send(&heard);
    }

    fn answered(&mut self, sdp: Option<String>, config: InboundConfig, seed: u64) -> Fact {
        let agent = self.agent.clone();
        let plan = sdp
            .and_then(|sdp| Sdp::parse(sdp.as_bytes()).ok())
            .and_then(|answer| sdp::accept(&self.offer, &answer).ok());
        match (plan, self.socket.take()) {
            (Some(plan), Some(socket)) => {
                self.media = Some(MediaLeg::new(socket, plan, config, seed));
                Fact::AgentAnswered { agent }
            }
            // An answer without usable audio is a human nobody can hear: try the next.
            (Some(_), None) | (None, _) => {
                self.control.hangup("no usable audio");
                Fact::AgentFailed {
                    agent,
                    sip_code: Some(488),
                }
            }
        }
    }
}
