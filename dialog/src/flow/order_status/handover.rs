//! Giving the caller to a human, and what becomes of it. Between the two the server speaks to the
//! caller itself.

use super::super::prompts::{Notice, Question};
use super::{Awaited, HANDOVER_RETRIES, ORDER_REF, OrderStatus, State};
use crate::api::{
    Command, CommandCode, Context, ContextSlot, Fallback, Handover, HandoverStage, SlotState,
};
use std::time::Duration;

/// The skill that the human needs.
const SKILL: &str = "care";
/// Time to a human, or to the promise of one, unless the flow is told otherwise.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
/// How long one agent's phone rings, unless the flow is told otherwise.
pub(super) const RING: Duration = Duration::from_secs(8);

impl OrderStatus {
    /// Fetches a human.
    pub(super) fn hand_over(&mut self, reason: &'static str) {
        self.report(false);
        self.note("flow.handover", reason.to_owned());
        self.enter(State::HandingOver { reason, retries: 0 });
        self.send_handover(reason);
    }

    /// The handover came too late for its epoch, or cannot be had.
    pub(super) fn handover_refused(
        &mut self,
        reason: &'static str,
        retries: u8,
        code: CommandCode,
    ) {
        if code == CommandCode::Stale && retries < HANDOVER_RETRIES {
            self.enter(State::HandingOver {
                reason,
                retries: retries + 1,
            });
            self.send_handover(reason);
            return;
        }
        self.tell(Notice::NoPerson);
        self.ask_anything(Question::AnythingElse);
    }

    /// The handover came a step further.
    pub(super) fn handover_progress(&mut self, stage: HandoverStage) {
        let waiting = matches!(self.state, State::HandingOver { .. });
        match stage {
            HandoverStage::Bridged if waiting => self.enter(State::WithAgent),
            HandoverStage::Overflow if waiting && self.not_promised => {
                self.leave(Notice::Goodbye, "not_promised");
            }
            HandoverStage::Overflow if waiting => {
                self.leave(Notice::GoodbyePromised, "promised");
            }
            HandoverStage::Cancelled if waiting => {
                self.tell(Notice::HandoverCancelled);
                self.ask_anything(Question::AnythingElse);
            }
            HandoverStage::AgentLeft if waiting || self.state == State::WithAgent => {
                self.tell(Notice::AgentLeft);
                self.ask_anything(Question::AnythingElse);
            }
            HandoverStage::Queued
            | HandoverStage::Reserved
            | HandoverStage::Ringing
            | HandoverStage::Answered
            | HandoverStage::Declined
            | HandoverStage::Bridged
            | HandoverStage::Overflow
            | HandoverStage::Cancelled
            | HandoverStage::AgentLeft => {}
        }
    }

    fn send_handover(&mut self, reason: &str) {
        self.not_promised = false;
        let intent = if self.wants_status {
            "order status"
        } else {
            "unknown"
        };
        let handover = Handover {
            skill: SKILL.to_owned(),
            deadline: self.deadline,
            ring: self.ring,
            context: Context {
                intent: intent.to_owned(),
                reason: reason.to_owned(),
                slots: self.context_slots(),
            },
            fallback: Fallback::Callback,
        };
        self.command_awaited(Awaited::Handover, Command::Handover(handover));
    }

    fn context_slots(&self) -> Vec<ContextSlot> {
        let order = self.order.iter().map(|order| ContextSlot {
            name: ORDER_REF.to_owned(),
            value: order.digits.clone(),
            state: order.state,
        });
        let item = self.found.iter().map(|facts| ContextSlot {
            name: "item".to_owned(),
            value: facts.item.clone(),
            state: SlotState::Confirmed,
        });
        order.chain(item).collect()
    }
}
