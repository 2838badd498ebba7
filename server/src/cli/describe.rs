//! One stored event as a line that a person reads.

use crate::store::StoredEvent;
use serde_json::Value;
use sidetone_dialog::record::Record;

/// Whose doing an event is: `caller`, `bot`, `brain`, `desk` or `server`.
pub(super) fn actor(kind: &str) -> &'static str {
    match kind {
        "incoming" | "speech_started" | "speech_stopped" | "heard" | "heard_nothing"
        | "turn_ended" | "turn_ignored" | "no_match" | "no_input" | "key" | "keys_collected"
        | "barge_in" => "caller",
        "prompt_asked" | "prompt_started" | "prompt_ended" => "bot",
        "decided" | "outcome" | "confirmed" | "command_refused" | "brain" => "brain",
        "handover" | "promised" | "promise_stored" | "promise_settled" => "desk",
        _ => "server",
    }
}

/// What happened, on one line. An event that this program does not know, because a newer one wrote
/// it or the store noted it, is shown as JSON.
pub(super) fn describe(event: &StoredEvent) -> String {
    let known = serde_json::from_value::<Record>(event.body.clone());
    known.map_or_else(|_| without_type(&event.body), |record| record.describe())
}

/// Replaces what could break a line or steer a terminal.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn without_type(body: &Value) -> String {
    let mut body = body.clone();
    if let Value::Object(fields) = &mut body {
        // The kind stands beside it.
        fields.remove("type");
    }
    one_line(&body.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, body: Value) -> StoredEvent {
        StoredEvent {
            seq: None,
            wall_ms: 0,
            at: None,
            kind: kind.to_owned(),
            body,
        }
    }

    #[test]
    fn a_record_describes_itself() {
        let body = json!({ "type": "no_match", "count": 2 });
        assert_eq!(
            describe(&event("no_match", body)),
            "not understood, 2 in a row"
        );
    }

    #[test]
    fn an_unknown_event_is_shown_as_it_is() {
        let body = json!({ "type": "teleported", "to": "a\u{1b}[2Jb" });
        assert_eq!(
            describe(&event("teleported", body)),
            r#"{"to":"a\u001b[2Jb"}"#
        );
        assert_eq!(
            describe(&event("x", Value::String("\u{9b}2J".to_owned()))),
            "\" 2J\""
        );
        assert_eq!(actor("teleported"), "server");
    }
}
