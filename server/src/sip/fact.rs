//! The stack's dialog states, read as the few facts a leg acts upon.

use rsipstack::dialog::dialog::{
    DialogState, DialogStateReceiver, TerminatedReason, TransactionHandle,
};
use rsipstack::sip::{Header, Headers, Method, StatusCode};

use super::answer::SDP;
use super::events::{EndedBy, LegEvent};

/// Which end of the dialog we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// We placed the call.
    Caller,
    /// We were called.
    Callee,
}

/// Something that happened in a dialog.
pub(super) enum Fact {
    /// A provisional response to our INVITE.
    Progress { ringing: bool, sdp: Option<String> },
    /// The dialog is confirmed. As the callee the body is our own; ask for the ACK's.
    Up { sdp: Option<String> },
    /// A re-INVITE or an UPDATE to answer. A re-INVITE must get a description, an UPDATE only for one.
    Offer {
        sdp: Option<String>,
        needs_sdp: bool,
        reply: TransactionHandle,
    },
    /// An INFO to answer.
    Info {
        content_type: String,
        body: Vec<u8>,
        reply: TransactionHandle,
    },
    /// An in-dialog OPTIONS to answer.
    Options(TransactionHandle),
    /// Another in-dialog request; we allow none.
    Unwanted(TransactionHandle),
    /// The dialog is over.
    Over(LegEvent),
    /// Nothing a leg acts upon.
    Nothing,
}

/// The facts of one dialog, in the order they happened.
pub(super) struct Facts {
    states: DialogStateReceiver,
    side: Side,
}

impl Facts {
    /// The facts of a dialog in which we are `side`.
    pub(super) fn new(states: DialogStateReceiver, side: Side) -> Self {
        Facts { states, side }
    }

    /// Waits for the next fact; `None` when the dialog will report no more.
    pub(super) async fn next(&mut self) -> Option<Fact> {
        let state = self.states.recv().await?;
        Some(Fact::read(state, self.side))
    }

    /// The next fact, if it has happened already.
    pub(super) fn next_ready(&mut self) -> Option<Fact> {
        let state = self.states.try_recv().ok()?;
        Some(Fact::read(state, self.side))
    }
}

impl Fact {
    /// Reads one state change of a dialog in which we are `side`.
    fn read(state: DialogState, side: Side) -> Fact {
        match state {
            DialogState::Calling(_) | DialogState::Trying(_) | DialogState::WaitAck(..) => {
                Fact::Nothing
            }
            DialogState::Early(_, response) => Fact::Progress {
                ringing: response.status_code == StatusCode::Ringing,
                sdp: sdp(&response.headers, &response.body),
            },
            DialogState::Confirmed(_, response) => Fact::Up {
                sdp: sdp(&response.headers, &response.body),
            },
            DialogState::Updated(_, request, reply) => {
                let sdp = sdp(&request.headers, &request.body);
                let needs_sdp = request.method == Method::Invite || sdp.is_some();
                Fact::Offer {
                    sdp,
                    needs_sdp,
                    reply,
                }
            }
            DialogState::Info(_, request, reply) => Fact::Info {
                content_type: content_type(&request.headers).unwrap_or_default(),
                body: request.body,
                reply,
            },
            DialogState::Options(_, _, reply) => Fact::Options(reply),
            DialogState::Publish(_, _, reply)
            | DialogState::Notify(_, _, reply)
            | DialogState::Refer(_, _, reply)
            | DialogState::Message(_, _, reply) => Fact::Unwanted(reply),
            DialogState::Terminated(_, reason) => Fact::Over(terminal(&reason, side)),
        }
    }
}

/// The media type of a message, as written.
pub(super) fn content_type(headers: &Headers) -> Option<String> {
    let header = headers.iter().find(|h| matches!(h, Header::ContentType(_)));
    header.map(|h| h.value().to_owned())
}

/// Whether a media type is SDP, whatever its case and parameters.
pub(super) fn is_sdp(content_type: &str) -> bool {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(SDP)
}

/// The body, if it is a session description.
pub(super) fn sdp(headers: &Headers, body: &[u8]) -> Option<String> {
    if body.is_empty() || !content_type(headers).is_some_and(|t| is_sdp(&t)) {
        return None;
    }
    std::str::from_utf8(body).ok().map(str::to_owned)
}

fn terminal(reason: &TerminatedReason, side: Side) -> LegEvent {
    let ended = |by, code, reason: &str| LegEvent::Ended {
        by,
        code,
        reason: reason.to_owned(),
    };
    let refused = |code: u16, reason: &str| match side {
        Side::Caller => LegEvent::Failed {
            code,
            reason: reason.to_owned(),
        },
        Side::Callee => ended(EndedBy::Local, code, reason),
    };
    let (caller, callee) = match side {
        Side::Caller => (EndedBy::Local, EndedBy::Remote),
        Side::Callee => (EndedBy::Remote, EndedBy::Local),
    };
    match reason {
        TerminatedReason::Timeout => ended(EndedBy::Timeout, 408, "no ACK for the answer"),
        TerminatedReason::UacCancel => ended(caller, 487, "cancelled"),
        TerminatedReason::UacBye => ended(caller, 200, "hung up"),
        TerminatedReason::UasBye => ended(callee, 200, "hung up"),
        TerminatedReason::UacBusy | TerminatedReason::UasBusy => refused(486, "busy"),
        TerminatedReason::UasDecline => refused(603, "declined"),
        TerminatedReason::ProxyAuthRequired => refused(407, "credentials asked for"),
        TerminatedReason::ProxyError(status)
        | TerminatedReason::UacOther(status)
        | TerminatedReason::UasOther(status) => refused(status.code(), status.text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_reason_reads_differently_from_either_end() {
        let by = |reason, side| {
            let LegEvent::Ended { by, .. } = terminal(&reason, side) else {
                panic!("{reason:?} does not end the call");
            };
            by
        };
        assert_eq!(by(TerminatedReason::UacBye, Side::Callee), EndedBy::Remote);
        assert_eq!(by(TerminatedReason::UacBye, Side::Caller), EndedBy::Local);
        assert_eq!(by(TerminatedReason::UasBye, Side::Caller), EndedBy::Remote);
        assert_eq!(
            by(TerminatedReason::UacCancel, Side::Callee),
            EndedBy::Remote
        );
        assert_eq!(
            by(TerminatedReason::Timeout, Side::Callee),
            EndedBy::Timeout
        );
        let busy = terminal(
            &TerminatedReason::UasOther(StatusCode::BusyHere),
            Side::Caller,
        );
        assert!(matches!(busy, LegEvent::Failed { code: 486, .. }));
    }

    #[test]
    fn a_media_type_is_sdp_whatever_its_case_and_parameters() {
        assert!(is_sdp("Application/SDP ; charset=utf-8"));
        assert!(!is_sdp("application/sdpx") && !is_sdp("multipart/mixed") && !is_sdp(""));
    }
}
