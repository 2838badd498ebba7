//! What the bot says, prompt after prompt, cut into frames. Positions count the samples really
//! handed out, so they follow the RTP clock and tell what the caller can have heard at most.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::frame::{Frame, duration_of};

/// Prompts that may be queued, the playing one included. Rule when full: the newest is refused.
pub const MAX_PROMPTS: usize = 32;

/// How fast a stopped prompt fades: 15 ms, short enough to be a stop and long enough not to click.
const FADE_SAMPLES: usize = 120;

/// One piece of audio to be played. The number is the caller's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PromptId(pub u64);

/// What became of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptEvent {
    /// Its first sample was handed out.
    Started(PromptId),
    /// It is over, and `Started` may never have come.
    Finished {
        /// Which one.
        prompt: PromptId,
        /// How much of it was handed out; zero for one that was dropped from the queue.
        played: Duration,
        /// Whether that was all of it.
        complete: bool,
    },
}

/// Where in which prompt a frame begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The prompt of the frame's first sample that is not silence.
    pub prompt: PromptId,
    /// How much of it had been played before this frame.
    pub offset: Duration,
}

/// The queue was full: the prompt was not taken and no event will come for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{MAX_PROMPTS} prompts are queued already: wait until one has finished")]
pub struct QueueFull;

/// The queue of prompts of one leg.
///
/// Prompts follow each other without a gap. Call [`Playout::fill`] once in 20 ms, then take the
/// events. Filling does not allocate.
#[derive(Debug)]
pub struct Playout {
    queue: VecDeque<Prompt>,
    fading: Option<Fade>,
    events: VecDeque<PromptEvent>,
}

#[derive(Debug)]
struct Prompt {
    id: PromptId,
    pcm: Arc<[i16]>,
    played: usize,
}

/// The tail of a stopped prompt.
#[derive(Debug)]
struct Fade {
    prompt: Prompt,
    end: usize,
}

impl Default for Playout {
    fn default() -> Playout {
        Playout::new()
    }
}

impl Playout {
    /// An empty queue.
    pub fn new() -> Playout {
        Playout {
            queue: VecDeque::with_capacity(MAX_PROMPTS),
            fading: None,
            // Each prompt makes two events, and they are taken between two frames.
            events: VecDeque::with_capacity(4 * MAX_PROMPTS),
        }
    }

    /// Queues a prompt of 8 kHz audio.
    ///
    /// # Errors
    /// [`QueueFull`] with [`MAX_PROMPTS`] prompts waiting.
    pub fn push(&mut self, id: PromptId, pcm: Arc<[i16]>) -> Result<(), QueueFull> {
        if self.queue.len() == MAX_PROMPTS {
            return Err(QueueFull);
        }
        self.queue.push_back(Prompt { id, pcm, played: 0 });
        Ok(())
    }

    /// Writes the next 20 ms, silence where there is nothing to say. None when all of it is
    /// silence.
    pub fn fill(&mut self, frame: &mut Frame) -> Option<Position> {
        frame.fill(0);
        let mut position = None;
        let mut at = 0;
        if let Some(fade) = self.fading.take() {
            position = Some(fade.prompt.position());
            at = fade.write(frame);
        }
        while let Some(prompt) = self.queue.front_mut() {
            if prompt.played == 0 {
                self.events.push_back(PromptEvent::Started(prompt.id));
            }
            let count = prompt.left().min(frame.len() - at);
            if count > 0 {
                position = position.or(Some(prompt.position()));
                frame[at..at + count].copy_from_slice(prompt.next(count));
                at += count;
            }
            if prompt.left() > 0 {
                break;
            }
            self.finish_front();
            if at == frame.len() {
                break;
            }
        }
        position
    }

    /// Ends the playing prompt with a short fade and drops all others. Their events are there at
    /// once; the fade, which counts as played, is heard in the next frame.
    pub fn stop(&mut self) {
        let playing = self.queue.front().is_some_and(|prompt| prompt.played > 0);
        if playing && let Some(prompt) = self.queue.pop_front() {
            let end = prompt.played + prompt.left().min(FADE_SAMPLES);
            self.report(prompt.id, end, end == prompt.pcm.len());
            self.fading = Some(Fade { prompt, end });
        }
        while let Some(prompt) = self.queue.pop_front() {
            self.report(prompt.id, 0, false);
        }
    }

    /// Drops the prompts that have not begun; the playing one goes on to its end.
    pub fn clear(&mut self) {
        let begun = usize::from(self.queue.front().is_some_and(|prompt| prompt.played > 0));
        while self.queue.len() > begun
            && let Some(prompt) = self.queue.remove(begun)
        {
            self.report(prompt.id, 0, false);
        }
    }

    /// The next thing that happened to a prompt, in order.
    pub fn poll_event(&mut self) -> Option<PromptEvent> {
        self.events.pop_front()
    }

    /// Whether the next frame will carry sound.
    pub fn is_playing(&self) -> bool {
        self.fading.is_some() || !self.queue.is_empty()
    }

    /// How much is still to be said by all prompts together.
    pub fn remaining(&self) -> Duration {
        duration_of(self.queue.iter().map(Prompt::left).sum())
    }

    fn finish_front(&mut self) {
        if let Some(prompt) = self.queue.pop_front() {
            self.report(prompt.id, prompt.played, true);
        }
    }

    fn report(&mut self, prompt: PromptId, samples: usize, complete: bool) {
        let played = duration_of(samples);
        self.events.push_back(PromptEvent::Finished {
            prompt,
            played,
            complete,
        });
    }
}

impl Prompt {
    fn left(&self) -> usize {
        self.pcm.len() - self.played
    }

    fn position(&self) -> Position {
        Position {
            prompt: self.id,
            offset: duration_of(self.played),
        }
    }

    fn next(&mut self, count: usize) -> &[i16] {
        let from = self.played;
        self.played += count;
        &self.pcm[from..self.played]
    }
}

impl Fade {
    /// Writes the tail and returns how many samples it has.
    fn write(&self, frame: &mut Frame) -> usize {
        let tail = &self.prompt.pcm[self.prompt.played..self.end];
        for (n, (out, sample)) in frame.iter_mut().zip(tail).enumerate() {
            let rest = (tail.len() - n - 1) as i32;
            *out = (i32::from(*sample) * rest / tail.len() as i32) as i16;
        }
        tail.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::SILENT_FRAME;

    const A: PromptId = PromptId(1);
    const B: PromptId = PromptId(2);

    fn loud(samples: usize) -> Arc<[i16]> {
        vec![8000; samples].into()
    }

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn events(playout: &mut Playout) -> Vec<PromptEvent> {
        std::iter::from_fn(|| playout.poll_event()).collect()
    }

    fn finished(prompt: PromptId, played: Duration, complete: bool) -> PromptEvent {
        PromptEvent::Finished {
            prompt,
            played,
            complete,
        }
    }

    #[test]
    fn an_empty_queue_is_silent() {
        let mut frame = [7; 160];
        assert_eq!(Playout::new().fill(&mut frame), None);
        assert_eq!(frame, SILENT_FRAME);
    }

    #[test]
    fn prompts_follow_each_other_without_a_gap() {
        let mut playout = Playout::new();
        playout.push(A, loud(240)).unwrap();
        playout.push(B, loud(160)).unwrap();
        let mut frame = SILENT_FRAME;
        let positions: Vec<_> = (0..4).map(|_| playout.fill(&mut frame)).collect();
        let at = |prompt, offset| {
            Some(Position {
                prompt,
                offset: millis(offset),
            })
        };
        assert_eq!(positions, [at(A, 0), at(A, 20), at(B, 10), None]);
        assert_eq!(
            events(&mut playout),
            [
                PromptEvent::Started(A),
                finished(A, millis(30), true),
                PromptEvent::Started(B),
                finished(B, millis(20), true),
            ]
        );
    }

    #[test]
    fn stop_fades_within_15_ms_and_says_what_was_played() {
        let mut playout = Playout::new();
        playout.push(A, loud(8000)).unwrap();
        playout.push(B, loud(8000)).unwrap();
        let mut frame = SILENT_FRAME;
        playout.fill(&mut frame);
        playout.stop();
        assert_eq!(
            events(&mut playout),
            [
                PromptEvent::Started(A),
                finished(A, millis(35), false),
                finished(B, Duration::ZERO, false),
            ]
        );
        assert!(playout.is_playing());
        playout.fill(&mut frame);
        assert!(frame[0] > 7800 && frame[119] == 0 && frame[120..].iter().all(|s| *s == 0));
        assert!(
            frame.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 100),
            "a click"
        );
        assert_eq!(playout.fill(&mut frame), None);
    }

    #[test]
    fn what_is_said_after_a_stop_follows_the_fade() {
        let mut playout = Playout::new();
        playout.push(A, loud(8000)).unwrap();
        let mut frame = SILENT_FRAME;
        playout.fill(&mut frame);
        playout.stop();
        playout.push(B, loud(160)).unwrap();
        playout.fill(&mut frame);
        assert_eq!(frame[120], 8000);
    }

    #[test]
    fn stop_before_the_first_sample_plays_nothing() {
        let mut playout = Playout::new();
        playout.push(A, loud(8000)).unwrap();
        playout.stop();
        assert_eq!(events(&mut playout), [finished(A, Duration::ZERO, false)]);
        assert!(!playout.is_playing());
    }

    #[test]
    fn clear_lets_the_playing_prompt_end() {
        let mut playout = Playout::new();
        playout.push(A, loud(320)).unwrap();
        playout.push(B, loud(160)).unwrap();
        let mut frame = SILENT_FRAME;
        playout.fill(&mut frame);
        playout.clear();
        playout.fill(&mut frame);
        assert_eq!(
            events(&mut playout),
            [
                PromptEvent::Started(A),
                finished(B, Duration::ZERO, false),
                finished(A, millis(40), true),
            ]
        );
    }

    #[test]
    fn an_empty_prompt_starts_and_finishes() {
        let mut playout = Playout::new();
        playout.push(A, loud(0)).unwrap();
        assert_eq!(playout.fill(&mut SILENT_FRAME.clone()), None);
        let wanted = [PromptEvent::Started(A), finished(A, Duration::ZERO, true)];
        assert_eq!(events(&mut playout), wanted);
    }

    #[test]
    fn a_full_queue_refuses_the_newest() {
        let mut playout = Playout::new();
        for n in 0..MAX_PROMPTS as u64 {
            playout.push(PromptId(n), loud(1)).unwrap();
        }
        assert_eq!(playout.push(A, loud(1)), Err(QueueFull));
    }
}
