//! Both ends of a leg's two small channels: wishes go in, events come out.
//!
//! Wishes are a handful of flags, not a queue: they can be repeated and cannot overflow.
//! Events pass through a bounded channel in which the ones nobody may miss keep reserved room.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Events a leg may have waiting for its consumer.
const EVENT_CAPACITY: usize = 32;
/// Room kept for `Ringing`, `Answered`, `Confirmed` and the terminal event: each comes at most once.
const RESERVED: usize = 4;

/// Who ended a leg that was under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// The peer hung up, or cancelled its call.
    Remote,
    /// We hung up, rejected or cancelled.
    Local,
    /// The peer went silent where the protocol asks for an answer.
    Timeout,
}

/// What happened on a leg. `Failed` and `Ended` are terminal: exactly one of them comes, and it comes last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegEvent {
    /// The far end rings (outbound; at most once).
    Ringing,
    /// The far end plays something before it answers (outbound).
    EarlyMedia(String),
    /// The far end answered (outbound). `sdp` is missing when its answer was.
    Answered {
        /// The answer to our offer.
        sdp: Option<String>,
    },
    /// Our answer was acknowledged (inbound): the call is up at both ends.
    Confirmed {
        /// The peer's answer, when the offer was ours because the INVITE came without one.
        sdp: Option<String>,
    },
    /// The peer sent a new offer, or refreshed the session; it was answered with our current description.
    Reoffered {
        /// The new offer, if there was one.
        sdp: Option<String>,
    },
    /// An INFO request; it was answered 200.
    Info {
        /// Its media type, empty when it had none.
        content_type: String,
        /// Its body as it came.
        body: Vec<u8>,
    },
    /// Terminal: an outbound call was not answered.
    Failed {
        /// The SIP status, 408 when nobody responded.
        code: u16,
        /// What it means, in words.
        reason: String,
    },
    /// Terminal: the leg is over.
    Ended {
        /// Who ended it.
        by: EndedBy,
        /// The closest SIP status: 200 for a BYE, 487 for a CANCEL, ours for a rejection.
        code: u16,
        /// What it means, in words.
        reason: String,
    },
}

/// Steers one leg. Cheap to clone; every call returns at once and may be repeated.
///
/// When the last clone is dropped, the leg hangs up.
#[derive(Debug, Clone)]
pub struct LegControl {
    wishes: Arc<watch::Sender<Wishes>>,
}

impl LegControl {
    /// Tells an inbound caller that it rings.
    pub fn ringing(&self) {
        self.wishes.send_modify(|w| w.ringing = true);
    }

    /// Answers an inbound call with our description; only the first answer counts.
    pub fn answer(&self, sdp: impl Into<String>) {
        self.wishes.send_modify(|w| {
            w.answer.get_or_insert_with(|| sdp.into());
        });
    }

    /// Refuses an inbound call with a final status, 300 to 699; after the answer it hangs up instead.
    pub fn reject(&self, code: u16, reason: &str) {
        self.end(Some(code), reason);
    }

    /// Ends the leg in whatever way its state asks for: a refusal, a CANCEL or a BYE.
    pub fn hangup(&self, reason: &str) {
        self.end(None, reason);
    }

    /// Gives up an outbound call; if the far end has just answered, it is hung up.
    pub fn cancel(&self) {
        self.end(None, "cancelled");
    }

    fn end(&self, code: Option<u16>, reason: &str) {
        let end = End {
            code,
            reason: reason.to_owned(),
        };
        self.wishes.send_modify(|w| {
            w.end.get_or_insert(end);
        });
    }
}

/// A wish to end the leg.
#[derive(Debug, Clone)]
pub(super) struct End {
    /// The status to refuse an unanswered inbound call with.
    pub(super) code: Option<u16>,
    /// Why, for the Reason header and the terminal event.
    pub(super) reason: String,
}

impl End {
    fn because(reason: &str) -> Self {
        End {
            code: None,
            reason: reason.to_owned(),
        }
    }
}

/// The wishes uttered so far.
#[derive(Debug, Default)]
struct Wishes {
    ringing: bool,
    answer: Option<String>,
    end: Option<End>,
}

/// The next thing the holder of the [`LegControl`] wants done.
pub(super) enum Wish {
    Ring,
    Answer(String),
    End(End),
}

/// The leg task's side of the wishes.
pub(super) struct WishReader {
    wishes: watch::Receiver<Wishes>,
    stop: CancellationToken,
    rang: bool,
    answered: bool,
}

impl WishReader {
    /// A control and its reader; `stop` ends the leg when the whole server stops.
    pub(super) fn channel(stop: CancellationToken) -> (LegControl, WishReader) {
        let (sender, wishes) = watch::channel(Wishes::default());
        let reader = WishReader {
            wishes,
            stop,
            rang: false,
            answered: false,
        };
        (
            LegControl {
                wishes: Arc::new(sender),
            },
            reader,
        )
    }

    /// Whether the leg is to end, before anything else is done for it.
    pub(super) fn end_wished(&self) -> Option<End> {
        self.wishes.borrow().end.clone()
    }

    /// Waits for a wish not yet handed out. An end overtakes all others. Safe to cancel.
    pub(super) async fn next(&mut self) -> Wish {
        loop {
            if let Some(wish) = self.unseen() {
                return wish;
            }
            tokio::select! {
                changed = self.wishes.changed() => {
                    if changed.is_err() {
                        // A wish may have been uttered just before the last control went.
                        return self.unseen().unwrap_or_else(|| Wish::End(End::because("abandoned")));
                    }
                }
                () = self.stop.cancelled() => return Wish::End(End::because("server shutting down")),
            }
        }
    }

    fn unseen(&mut self) -> Option<Wish> {
        let wishes = self.wishes.borrow_and_update();
        if let Some(end) = &wishes.end {
            return Some(Wish::End(end.clone()));
        }
        if wishes.ringing && !self.rang {
            self.rang = true;
            return Some(Wish::Ring);
        }
        match &wishes.answer {
            Some(sdp) if !self.answered => {
                self.answered = true;
                Some(Wish::Answer(sdp.clone()))
            }
            Some(_) | None => None,
        }
    }
}

/// The leg task's side of the events: sees to it that exactly one terminal event leaves.
pub(super) struct EventSink {
    id: String,
    /// Gone once the terminal event is sent, which closes the stream behind it.
    events: Option<mpsc::Sender<LegEvent>>,
}

impl EventSink {
    /// A sink for the leg with this Call-ID, and the receiver for its consumer.
    pub(super) fn channel(id: &str) -> (EventSink, mpsc::Receiver<LegEvent>) {
        let (events, receiver) = mpsc::channel(EVENT_CAPACITY);
        (
            EventSink {
                id: id.to_owned(),
                events: Some(events),
            },
            receiver,
        )
    }

    /// The leg's Call-ID.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Sends one of the events that have reserved room.
    pub(super) fn milestone(&self, event: LegEvent) {
        if let Some(events) = &self.events {
            // Fails only when the consumer is gone; the leg is then ended by its control's drop.
            let _ = events.try_send(event);
        }
    }

    /// Sends an event a peer can repeat at will; a consumer too slow for it loses it.
    pub(super) fn ordinary(&self, event: LegEvent) {
        if self
            .events
            .as_ref()
            .is_some_and(|events| events.capacity() > RESERVED)
        {
            self.milestone(event);
        } else {
            tracing::warn!(call = %self.id, "the call's events are not being read; one is dropped");
        }
    }

    /// Sends the terminal event and closes the stream; later events are swallowed.
    pub(super) fn finish(&mut self, event: LegEvent) {
        self.milestone(event);
        self.events = None;
    }

    /// Finishes a leg that ended by our own wish.
    pub(super) fn finish_locally(&mut self, code: u16, reason: &str) {
        self.finish(LegEvent::Ended {
            by: EndedBy::Local,
            code,
            reason: reason.to_owned(),
        });
    }
}

impl Drop for EventSink {
    /// A leg task that panics still ends its leg for the consumer.
    fn drop(&mut self) {
        self.finish_locally(500, "internal error");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(n: u8) -> LegEvent {
        LegEvent::Info {
            content_type: String::new(),
            body: vec![n],
        }
    }

    #[tokio::test]
    async fn wishes_come_in_order_once_and_an_end_overtakes_them() {
        let (control, mut reader) = WishReader::channel(CancellationToken::new());
        control.answer("first");
        control.ringing();
        control.answer("second");
        assert!(matches!(reader.next().await, Wish::Ring));
        assert!(matches!(reader.next().await, Wish::Answer(sdp) if sdp == "first"));
        control.answer("third");
        control.reject(486, "busy");
        control.hangup("later");
        assert!(matches!(reader.next().await, Wish::End(end) if end.code == Some(486)));
    }

    #[tokio::test]
    async fn dropping_the_last_control_ends_the_leg_after_what_was_asked() {
        let (control, mut reader) = WishReader::channel(CancellationToken::new());
        let clone = control.clone();
        drop(control);
        clone.answer("sdp");
        drop(clone);
        assert!(matches!(reader.next().await, Wish::Answer(_)));
        assert!(matches!(reader.next().await, Wish::End(end) if end.reason == "abandoned"));
    }

    #[tokio::test]
    async fn a_flood_of_info_leaves_room_for_the_terminal_event() {
        let (mut sink, mut events) = EventSink::channel("call");
        for n in 0..200 {
            sink.ordinary(info(n));
        }
        sink.milestone(LegEvent::Confirmed { sdp: None });
        sink.finish_locally(200, "done");
        sink.finish_locally(500, "again");
        drop(sink);
        let mut seen = Vec::new();
        while let Some(event) = events.recv().await {
            seen.push(event);
        }
        assert_eq!(seen.len(), EVENT_CAPACITY - RESERVED + 2);
        assert_eq!(seen[0], info(0));
        assert!(matches!(
            seen.last(),
            Some(LegEvent::Ended { code: 200, .. })
        ));
    }

    #[tokio::test]
    async fn a_sink_dropped_without_a_word_still_ends_the_leg() {
        let (sink, mut events) = EventSink::channel("call");
        drop(sink);
        assert!(matches!(
            events.recv().await,
            Some(LegEvent::Ended { code: 500, .. })
        ));
        assert_eq!(events.recv().await, None);
    }
}
