//! Keys collected into one answer.

use crate::api::Keypad;
use std::time::Duration;

/// The longest answer by keys, whatever a brain asks for.
pub(crate) const MAX_KEYS: u8 = 32;

/// Keys that became an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collected {
    /// The keys, without the terminator.
    pub(super) digits: String,
    /// What ended the answer, as a stable name.
    pub(super) why: &'static str,
}

/// Collects keys until there are enough, the terminator comes, or the caller waits too long.
#[derive(Debug, Clone, Default)]
pub(super) struct Collector {
    keypad: Keypad,
    digits: String,
    deadline: Option<Duration>,
    /// Until when the terminator still belongs to an answer that was full before it came.
    full_until: Option<Duration>,
}

impl Collector {
    /// Collects by other rules from now on; keys of the answer so far stay.
    pub(super) fn listen(&mut self, keypad: Keypad) {
        self.keypad = keypad;
    }

    /// Whether a key is the terminator that some callers press after an answer that was full
    /// without it. Said once, since a second one is meant.
    pub(super) fn ends_full_answer(&mut self, now: Duration, key: char) -> bool {
        let open = self.full_until.take().is_some_and(|until| now < until);
        open && key == self.keypad.terminator
    }

    /// Takes a key.
    pub(super) fn key(&mut self, now: Duration, key: char) -> Option<Collected> {
        if key == self.keypad.terminator {
            return self.finish("terminator");
        }
        self.digits.push(key);
        self.deadline = Some(now + self.keypad.inter_digit);
        let full = self.digits.len() >= usize::from(self.keypad.max.clamp(1, MAX_KEYS));
        if !full {
            return None;
        }
        self.full_until = self.deadline;
        self.finish("full")
    }

    /// When the answer is over for want of another key.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Ends the answer when it is due.
    pub(super) fn handle_timeout(&mut self, now: Duration) -> Option<Collected> {
        if self.deadline.is_some_and(|at| now >= at) {
            self.finish("pause")
        } else {
            None
        }
    }

    /// Forgets the keys so far.
    pub(super) fn clear(&mut self) {
        self.digits.clear();
        self.deadline = None;
        self.full_until = None;
    }

    fn finish(&mut self, why: &'static str) -> Option<Collected> {
        self.deadline = None;
        let digits = std::mem::take(&mut self.digits);
        (!digits.is_empty()).then_some(Collected { digits, why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn collector(max: u8) -> Collector {
        let mut collector = Collector::default();
        collector.listen(Keypad {
            inter_digit: SECOND * 3,
            terminator: '#',
            max,
        });
        collector
    }

    fn done(digits: &str, why: &'static str) -> Option<Collected> {
        Some(Collected {
            digits: digits.into(),
            why,
        })
    }

    #[test]
    fn enough_keys_make_an_answer() {
        let mut keys = collector(2);
        assert_eq!(keys.key(SECOND, '4'), None);
        assert_eq!(keys.key(SECOND, '1'), done("41", "full"));
        assert_eq!(keys.deadline(), None);
    }

    #[test]
    fn the_terminator_ends_a_short_answer_and_alone_is_none() {
        let mut keys = collector(8);
        assert_eq!(keys.key(SECOND, '#'), None);
        assert_eq!(keys.key(SECOND, '4'), None);
        assert_eq!(keys.key(SECOND, '#'), done("4", "terminator"));
    }

    #[test]
    fn a_long_pause_between_keys_ends_the_answer() {
        let mut keys = collector(8);
        keys.key(SECOND, '4');
        keys.key(SECOND * 3, '1');
        assert_eq!(keys.deadline(), Some(SECOND * 6));
        assert_eq!(keys.handle_timeout(SECOND * 5), None);
        assert_eq!(keys.handle_timeout(SECOND * 6), done("41", "pause"));
    }

    #[test]
    fn a_terminator_soon_after_a_full_answer_belongs_to_it_once() {
        let mut keys = collector(1);
        keys.key(SECOND, '4');
        assert!(!keys.ends_full_answer(SECOND, '4'), "another key");
        keys.key(SECOND, '4');
        assert!(keys.ends_full_answer(SECOND * 2, '#'));
        assert!(!keys.ends_full_answer(SECOND * 2, '#'), "a second time");
        keys.key(SECOND, '4');
        assert!(!keys.ends_full_answer(SECOND * 4, '#'), "too late");
    }

    #[test]
    fn a_maximum_out_of_range_still_bounds_the_answer() {
        assert_eq!(collector(0).key(SECOND, '7'), done("7", "full"));
        let mut keys = collector(255);
        let answers: Vec<_> = (0..100).filter_map(|_| keys.key(SECOND, '7')).collect();
        assert!(
            answers
                .iter()
                .all(|answer| answer.digits.len() == usize::from(MAX_KEYS))
        );
    }
}
