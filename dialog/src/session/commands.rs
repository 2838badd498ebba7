//! The brain's commands: each is answered, and carried out when it makes sense.

use super::checks::{Stage, check, name};
use super::{Phase, Session};
use crate::api::{
    CallEvent, Command, CommandCode, CommandEnvelope, Initiator, Listen, PlaybackEnd,
};
use crate::record::Record;
use crate::transfer::TransferInput;
use std::time::Duration;

impl Session {
    /// Takes a command. Whatever is wrong with it, the call goes on.
    pub(super) fn command(&mut self, now: Duration, envelope: CommandEnvelope) {
        let stage = self.stage();
        if stage == Stage::Over {
            return;
        }
        let admitted = self.link.admit(&envelope);
        let CommandEnvelope {
            command_id,
            epoch: _,
            command,
        } = envelope;
        let checked = admitted
            .and_then(|()| check(stage, &command))
            .and_then(|()| {
                let says = matches!(command, Command::Say(_));
                if says && self.prompts.is_full() {
                    Err(CommandCode::NotNow)
                } else {
                    Ok(())
                }
            });
        let code = checked.err().unwrap_or(CommandCode::Ok);
        if code != CommandCode::Ok {
            let command = name(&command).to_owned();
            self.record(
                now,
                Record::CommandRefused {
                    command_id,
                    command,
                    code,
                    reason: String::new(),
                },
            );
        }
        self.tell(now, CallEvent::CommandResult { command_id, code });
        if code == CommandCode::Ok {
            self.carry_out(now, command_id, command);
        }
    }

    /// Answers something that is no command. It counts for nothing: its id may be used again.
    pub(super) fn malformed_command(&mut self, now: Duration, command_id: u64, reason: String) {
        if self.stage() == Stage::Over {
            return;
        }
        let code = CommandCode::Invalid;
        let command = "malformed".to_owned();
        let refused = Record::CommandRefused {
            command_id,
            command,
            code,
            reason,
        };
        self.record(now, refused);
        self.tell(now, CallEvent::CommandResult { command_id, code });
    }

    fn carry_out(&mut self, now: Duration, command_id: u64, command: Command) {
        match command {
            Command::Accept => self.answer_call(now),
            Command::Reject { sip_code } => self.reject(now, sip_code),
            Command::Say(say) => self.say(now, say, Some(command_id)),
            Command::ClearPlayback => {
                self.stop_prompts_quietly(now, PlaybackEnd::Cleared);
            }
            Command::Listen(listen) => self.listen(now, &listen),
            Command::Confirm(confirm) => self.start_confirm(now, confirm),
            Command::Handover(request) => self.start_handover(now, request),
            Command::HandoverCancel => self.hand(now, TransferInput::Cancel),
            Command::Note { rule, detail } => self.record(now, Record::Decided { rule, detail }),
            Command::ReportOutcome { goal, success } => {
                self.record(now, Record::Outcome { goal, success });
            }
            Command::Hangup { reason } => {
                self.hang_up_after_prompts(now, Initiator::Bot, reason);
            }
        }
    }

    pub(super) fn listen(&mut self, now: Duration, listen: &Listen) {
        self.floor.listen(now, listen);
    }

    fn stage(&self) -> Stage {
        match self.phase {
            Phase::New | Phase::Over => Stage::Over,
            Phase::Incoming { .. } => Stage::Incoming,
            Phase::Answering { .. } => Stage::Answering,
            Phase::Talking if self.hanging_up.is_some() => Stage::HangingUp,
            Phase::Talking if self.transfer.is_bridged() => Stage::Bridged,
            Phase::Talking if self.transfer.is_active() => Stage::Waiting,
            Phase::Talking if self.confirming.is_some() => Stage::Confirming,
            Phase::Talking => Stage::Talking,
        }
    }
}
