//! The way into a leg: what its holder wants done.
//!
//! Wishes are a handful of flags, not a queue: they can be repeated and cannot overflow.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
