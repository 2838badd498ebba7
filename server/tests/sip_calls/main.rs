//! Whole calls over real loopback sockets, with a peer that writes its SIP by hand: an error both ends
//! of one stack would agree on shows up here.

#![allow(missing_docs, unreachable_pub)]
#![allow(
    clippy::unwrap_used,
    reason = "the peer's helpers are test code outside of a test function"
)]

mod hostile;
mod inbound;
mod outbound;
mod peer;
