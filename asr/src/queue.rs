//! Which job comes next, and which one gives way when there are too many: a plain data structure
//! without threads.

use crate::job::{Job, JobKind};
use std::collections::VecDeque;
use std::time::Duration;

/// A job with its number in the pool and the time it came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    pub(crate) since: Duration,
    pub(crate) job: Job,
}

/// Why the queue does not take a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// It is full, and no partial is there to give way.
    Full,
    /// A partial of an utterance whose final is already waiting.
    Stale,
}

/// Waiting jobs, finals before partials, each in the order they came.
///
/// - Each call has at most one waiting partial: a newer one takes its place in the order.
/// - A final drops its call's waiting partial, unless that belongs to a later utterance.
/// - When full, the oldest partial gives way; without one, the newcomer is denied.
#[derive(Debug)]
pub(crate) struct Queue {
    finals: VecDeque<Ticket>,
    partials: VecDeque<Ticket>,
    bound: usize,
}

impl Queue {
    /// A queue for at most `bound` jobs, and for one at least.
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            finals: VecDeque::new(),
            partials: VecDeque::new(),
            bound: bound.max(1),
        }
    }

    /// Jobs waiting.
    pub(crate) fn len(&self) -> usize {
        self.finals.len() + self.partials.len()
    }

    /// Takes a job and returns those that gave way to it; a denied job leaves all as it was.
    pub(crate) fn push(&mut self, ticket: Ticket) -> Result<Vec<Ticket>, Denied> {
        match ticket.job.kind {
            JobKind::Partial => self.push_partial(ticket),
            JobKind::Final => self.push_final(ticket),
        }
    }

    /// Takes out the job that is next.
    pub(crate) fn pop(&mut self) -> Option<Ticket> {
        self.finals
            .pop_front()
            .or_else(|| self.partials.pop_front())
    }

    /// Takes out a job by its number.
    pub(crate) fn remove(&mut self, id: u64) -> Option<Ticket> {
        [&mut self.finals, &mut self.partials]
            .into_iter()
            .find_map(|queue| {
                let at = queue.iter().position(|ticket| ticket.id == id)?;
                queue.remove(at)
            })
    }

    /// Empties the queue.
    pub(crate) fn drain(&mut self) -> Vec<Ticket> {
        self.finals
            .drain(..)
            .chain(self.partials.drain(..))
            .collect()
    }

    fn push_partial(&mut self, ticket: Ticket) -> Result<Vec<Ticket>, Denied> {
        let (call, utterance) = (ticket.job.call, ticket.job.utterance);
        if self
            .finals
            .iter()
            .any(|f| f.job.call == call && f.job.utterance >= utterance)
        {
            return Err(Denied::Stale);
        }
        if let Some(place) = self.partials.iter_mut().find(|p| p.job.call == call) {
            return Ok(vec![std::mem::replace(place, ticket)]);
        }
        let gave_way = self.make_room()?;
        self.partials.push_back(ticket);
        Ok(gave_way)
    }

    fn push_final(&mut self, ticket: Ticket) -> Result<Vec<Ticket>, Denied> {
        let (call, utterance) = (ticket.job.call, ticket.job.utterance);
        let own = |p: &Ticket| p.job.call == call && p.job.utterance <= utterance;
        let gave_way = match self.partials.iter().position(own) {
            Some(at) => self.partials.remove(at).into_iter().collect(),
            None => self.make_room()?,
        };
        self.finals.push_back(ticket);
        Ok(gave_way)
    }

    fn make_room(&mut self) -> Result<Vec<Ticket>, Denied> {
        if self.len() < self.bound {
            return Ok(Vec::new());
        }
        self.partials
            .pop_front()
            .map(|oldest| vec![oldest])
            .ok_or(Denied::Full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use JobKind::{Final, Partial};
    use proptest::prelude::*;

    fn ticket(id: u64, call: u64, utterance: u64, kind: JobKind) -> Ticket {
        let job = Job {
            call,
            utterance,
            revision: 0,
            kind,
            audio: Vec::new(),
            voiced: Duration::ZERO,
            min_voiced: Duration::ZERO,
            deadline: Duration::MAX,
        };
        Ticket {
            id,
            since: Duration::ZERO,
            job,
        }
    }

    fn ids(tickets: &[Ticket]) -> Vec<u64> {
        tickets.iter().map(|ticket| ticket.id).collect()
    }

    fn push(queue: &mut Queue, ticket: Ticket) -> Result<Vec<u64>, Denied> {
        queue.push(ticket).map(|gave_way| ids(&gave_way))
    }

    #[test]
    fn finals_come_before_partials_and_each_in_turn() {
        let mut queue = Queue::new(8);
        for ticket in [
            ticket(1, 1, 0, Partial),
            ticket(2, 2, 0, Final),
            ticket(3, 3, 0, Partial),
            ticket(4, 4, 0, Final),
        ] {
            assert_eq!(push(&mut queue, ticket), Ok(vec![]));
        }
        assert_eq!(ids(&queue.drain()), [2, 4, 1, 3]);
    }

    #[test]
    fn a_newer_partial_takes_the_place_of_its_calls_older_one() {
        let mut queue = Queue::new(8);
        push(&mut queue, ticket(1, 1, 0, Partial)).unwrap();
        push(&mut queue, ticket(2, 2, 0, Partial)).unwrap();
        assert_eq!(push(&mut queue, ticket(3, 1, 0, Partial)), Ok(vec![1]));
        assert_eq!(ids(&queue.drain()), [3, 2]);
    }

    #[test]
    fn a_final_drops_its_calls_partial_but_not_one_of_a_later_utterance() {
        let mut queue = Queue::new(8);
        push(&mut queue, ticket(1, 1, 4, Partial)).unwrap();
        assert_eq!(push(&mut queue, ticket(2, 1, 4, Final)), Ok(vec![1]));
        push(&mut queue, ticket(3, 1, 5, Partial)).unwrap();
        assert_eq!(push(&mut queue, ticket(4, 1, 4, Final)), Ok(vec![]));
        assert_eq!(ids(&queue.drain()), [2, 4, 3]);
    }

    #[test]
    fn a_partial_behind_its_own_final_is_stale() {
        let mut queue = Queue::new(8);
        push(&mut queue, ticket(1, 1, 4, Final)).unwrap();
        assert_eq!(
            push(&mut queue, ticket(2, 1, 4, Partial)),
            Err(Denied::Stale)
        );
        assert_eq!(push(&mut queue, ticket(3, 1, 5, Partial)), Ok(vec![]));
    }

    #[test]
    fn a_full_queue_drops_its_oldest_partial_first() {
        let mut queue = Queue::new(2);
        push(&mut queue, ticket(1, 1, 0, Partial)).unwrap();
        push(&mut queue, ticket(2, 2, 0, Partial)).unwrap();
        assert_eq!(push(&mut queue, ticket(3, 3, 0, Final)), Ok(vec![1]));
        assert_eq!(push(&mut queue, ticket(4, 4, 0, Partial)), Ok(vec![2]));
    }

    #[test]
    fn a_queue_full_of_finals_denies_everyone() {
        let mut queue = Queue::new(2);
        push(&mut queue, ticket(1, 1, 0, Final)).unwrap();
        push(&mut queue, ticket(2, 2, 0, Final)).unwrap();
        assert_eq!(push(&mut queue, ticket(3, 3, 0, Final)), Err(Denied::Full));
        assert_eq!(
            push(&mut queue, ticket(4, 4, 0, Partial)),
            Err(Denied::Full)
        );
        assert_eq!(ids(&queue.drain()), [1, 2]);
    }

    #[test]
    fn a_full_queue_still_takes_a_final_for_its_own_partial() {
        let mut queue = Queue::new(2);
        push(&mut queue, ticket(1, 1, 0, Final)).unwrap();
        push(&mut queue, ticket(2, 2, 0, Partial)).unwrap();
        assert_eq!(push(&mut queue, ticket(3, 2, 0, Final)), Ok(vec![2]));
    }

    #[test]
    fn a_job_can_be_taken_out_by_its_number() {
        let mut queue = Queue::new(4);
        push(&mut queue, ticket(1, 1, 0, Final)).unwrap();
        push(&mut queue, ticket(2, 2, 0, Partial)).unwrap();
        assert_eq!(queue.remove(2).map(|ticket| ticket.id), Some(2));
        assert_eq!(queue.remove(2), None);
        assert_eq!(queue.pop().map(|ticket| ticket.id), Some(1));
        assert_eq!(queue.pop(), None);
    }

    proptest! {
        /// No job is lost or doubled, the bound holds, and no call has two partials waiting.
        #[test]
        fn every_job_is_accounted_for(
            bound in 1_usize..6,
            steps in prop::collection::vec((0_u64..4, 0_u64..3, any::<bool>(), 0_u8..4), 0..80),
        ) {
            let mut queue = Queue::new(bound);
            let (mut taken, mut out) = (0, 0);
            for (id, (call, utterance, last, pops)) in steps.into_iter().enumerate() {
                let kind = if last { Final } else { Partial };
                if let Ok(gave_way) = queue.push(ticket(id as u64, call, utterance, kind)) {
                    taken += 1;
                    out += gave_way.len();
                    prop_assert!(gave_way.iter().all(|t| t.job.kind == Partial));
                }
                prop_assert!(queue.len() <= bound);
                for call in 0..4 {
                    let own = queue.partials.iter().filter(|t| t.job.call == call).count();
                    prop_assert!(own <= 1);
                }
                if pops == 0 {
                    out += usize::from(queue.pop().is_some());
                }
            }
            prop_assert_eq!(taken, out + queue.len());
        }
    }
}
