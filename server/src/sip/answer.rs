//! Replies outside of any dialog: refusals, and the answer to OPTIONS.

use rsipstack::sip::{Header, StatusCode};
use rsipstack::transaction::transaction::Transaction;

/// The methods a peer may send us.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";
/// The only body an INVITE may carry.
pub(super) const SDP: &str = "application/sdp";
/// Seconds a refused caller should wait: long enough for calls to end, short enough to be worth waiting.
const RETRY_AFTER_S: &str = "5";

/// Sends a final reply with extra headers.
pub(super) async fn reply(tx: &mut Transaction, code: u16, headers: Vec<Header>) {
    let sent = tx.reply_with(StatusCode::from(code), headers, None).await;
    if sent.is_err() {
        tracing::debug!(code, "a reply could not be sent");
    }
}

/// Refuses because the method does not apply (RFC 3261 §8.2.1).
pub(super) async fn not_allowed(tx: &mut Transaction) {
    reply(tx, 405, vec![Header::Allow(ALLOW.into())]).await;
}

/// Refuses a body that is not SDP (RFC 3261 §8.2.3).
pub(super) fn unsupported_media() -> (u16, Vec<Header>) {
    (415, vec![Header::Accept(SDP.into())])
}

/// Refuses for want of room (RFC 3261 §21.5.4).
pub(super) fn unavailable() -> (u16, Vec<Header>) {
    (503, vec![Header::RetryAfter(RETRY_AFTER_S.into())])
}

/// Says what we can do (RFC 3261 §11.2).
pub(super) async fn capabilities(tx: &mut Transaction) {
    let headers = vec![Header::Allow(ALLOW.into()), Header::Accept(SDP.into())];
    reply(tx, 200, headers).await;
}
