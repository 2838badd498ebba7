//! The brain's stream: what numbers an event carries, and which commands are let in.

use crate::api::{CallEvent, CommandCode, CommandEnvelope, EventEnvelope};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// How many command ids are remembered; an id older than these is not known as a duplicate.
const REMEMBERED: usize = 512;

/// Whether the brain's stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BrainState {
    /// It stands.
    Up,
    /// It broke; the shell redials.
    Lost,
    /// The shell gave up.
    Gone,
}

/// Numbers events and judges commands.
#[derive(Debug)]
pub(super) struct Link {
    /// Whether the stream stands.
    pub(super) brain: BrainState,
    seq: u64,
    epoch: u64,
    seen: BTreeSet<u64>,
    order: VecDeque<u64>,
}

impl Link {
    /// A stream that stands and has carried nothing.
    pub(super) fn new() -> Self {
        let (seen, order) = (BTreeSet::new(), VecDeque::new());
        Self {
            brain: BrainState::Up,
            seq: 0,
            epoch: 0,
            seen,
            order,
        }
    }

    /// The caller took the floor: commands that answer older events no longer count.
    pub(super) fn raise_epoch(&mut self) {
        self.epoch += 1;
    }

    /// The next event, numbered.
    pub(super) fn envelope(&mut self, media_time: Duration, event: CallEvent) -> EventEnvelope {
        self.seq += 1;
        EventEnvelope {
            seq: self.seq,
            epoch: self.epoch,
            media_time,
            event,
        }
    }

    /// Whether a command is new and answers the present; remembers its id.
    pub(super) fn admit(&mut self, envelope: &CommandEnvelope) -> Result<(), CommandCode> {
        if !self.seen.insert(envelope.command_id) {
            return Err(CommandCode::Duplicate);
        }
        self.order.push_back(envelope.command_id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        match envelope.epoch.cmp(&self.epoch) {
            std::cmp::Ordering::Less => Err(CommandCode::Stale),
            std::cmp::Ordering::Equal => Ok(()),
            // No event has carried this epoch yet.
            std::cmp::Ordering::Greater => Err(CommandCode::Invalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Command;

    fn command(command_id: u64, epoch: u64) -> CommandEnvelope {
        CommandEnvelope {
            command_id,
            epoch,
            command: Command::ClearPlayback,
        }
    }

    #[test]
    fn a_command_counts_once_and_only_in_its_epoch() {
        let mut link = Link::new();
        assert_eq!(link.admit(&command(1, 0)), Ok(()));
        assert_eq!(link.admit(&command(1, 0)), Err(CommandCode::Duplicate));
        link.raise_epoch();
        assert_eq!(link.admit(&command(2, 0)), Err(CommandCode::Stale));
        assert_eq!(link.admit(&command(3, 1)), Ok(()));
        assert_eq!(link.admit(&command(4, 2)), Err(CommandCode::Invalid));
    }

    #[test]
    fn the_memory_of_ids_is_bounded() {
        let mut link = Link::new();
        for id in 0..10_000 {
            assert_eq!(link.admit(&command(id, 0)), Ok(()));
        }
        assert_eq!(
            (link.seen.len(), link.order.len()),
            (REMEMBERED, REMEMBERED)
        );
        assert_eq!(link.admit(&command(9_999, 0)), Err(CommandCode::Duplicate));
    }
}
