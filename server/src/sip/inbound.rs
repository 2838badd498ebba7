//! An inbound leg from the INVITE to the call that is up: the wait for our answer and for the ACK.
//!
//! ```text
//! INVITE -> offered --answer--> answered --ACK--> established (see `established`)
//!              |                   |
//!              +-- reject, CANCEL  +-- BYE, or no ACK for 64 x T1
//! ```

use rsipstack::sip::StatusCode;

use super::control::{End, Wish};
use super::established::{Leg, description_headers};
use super::events::{EndedBy, LegEvent};
use super::fact::{Fact, sdp};
use super::party::reason_text;

/// The refusal when we end a call we have not answered (RFC 3261 §21.4.18).
const TEMPORARILY_UNAVAILABLE: u16 = 480;

impl Leg {
    /// Runs an inbound leg from beginning to end.
    pub(super) async fn run_inbound(mut self) {
        let Some(current) = self.offered().await else {
            return;
        };
        if self.answered().await {
            self.talk(&current).await;
        }
    }

    /// Waits for a decision; returns our description once it is sent.
    async fn offered(&mut self) -> Option<String> {
        loop {
            tokio::select! {
                biased;
                fact = self.facts.next() => match fact {
                    Some(Fact::Over(event)) => {
                        self.events.finish(event);
                        return None;
                    }
                    Some(_) => {}
                    None => return None,
                },
                wish = self.wishes.next() => match wish {
                    Wish::Ring => {
                        let _ = self.dialog.ringing(None, None);
                    }
                    Wish::Answer(sdp) => {
                        let body = sdp.clone().into_bytes();
                        // Fails when the transaction has just gone: the next fact tells why.
                        let _ = self.dialog.accept(Some(description_headers()), Some(body));
                        return Some(sdp);
                    }
                    Wish::End(end) => {
                        self.refuse(&end);
                        return None;
                    }
                },
            }
        }
    }

    /// Waits for the ACK; true when the call is up. A hang-up waits for it too (RFC 3261 §15).
    async fn answered(&mut self) -> bool {
        let mut ending: Option<End> = None;
        loop {
            tokio::select! {
                biased;
                fact = self.facts.next() => match fact {
                    Some(Fact::Up { .. }) => match ending {
                        Some(end) => {
                            self.bye(&end.reason).await;
                            return false;
                        }
                        None => {
                            let sdp = self.dialog.last_remote_ack().and_then(|ack| sdp(&ack.headers, &ack.body));
                            self.events.milestone(LegEvent::Confirmed { sdp });
                            return true;
                        }
                    },
                    Some(Fact::Over(event)) => {
                        self.report_silence(&event);
                        self.events.finish(event);
                        return false;
                    }
                    Some(_) => {}
                    None => return false,
                },
                wish = self.wishes.next(), if ending.is_none() => match wish {
                    Wish::End(end) => {
                        self.events.finish_locally(200, &end.reason);
                        ending = Some(end);
                    }
                    Wish::Ring | Wish::Answer(_) => {}
                },
            }
        }
    }

    fn refuse(&mut self, end: &End) {
        let code = end
            .code
            .filter(|c| (300..700).contains(c))
            .unwrap_or(TEMPORARILY_UNAVAILABLE);
        let reason = format!("SIP;cause={code};text=\"{}\"", reason_text(&end.reason));
        let _ = self
            .dialog
            .reject(Some(StatusCode::from(code)), Some(reason));
        self.events.finish_locally(code, &end.reason);
    }

    fn report_silence(&self, event: &LegEvent) {
        if matches!(
            event,
            LegEvent::Ended {
                by: EndedBy::Timeout,
                ..
            }
        ) {
            tracing::warn!(
                call = %self.events.id(),
                "our answer got no ACK for 64 x T1, so the call is torn down; \
                 check that the peer can reach the advertised address"
            );
        }
    }
}
