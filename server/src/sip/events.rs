//! The way out of a leg: what happened on it, with exactly one terminal event.
//!
//! Events pass through a bounded channel in which the ones nobody may miss keep reserved room.

use tokio::sync::mpsc;

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
        match &self.events {
            Some(events) if events.capacity() <= RESERVED && !events.is_closed() => {
                tracing::warn!(call = %self.id, "the call's events are not being read; one is dropped");
            }
            Some(_) | None => self.milestone(event),
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
