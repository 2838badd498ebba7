//! Past calls on the terminal: a table of them, and the timeline of one.

use super::{
    describe::{actor, describe, one_line},
    time::{date_and_time, minutes},
};
use crate::store::{CallFilter, CallSummary, Reader, StoredEvent};
use clap::Args;
use serde_json::{Value, json};
use std::{io::Write, time::Duration};

/// How much of a call's id is shown in the table; `calls show` takes any beginning that is unique.
const SHORT_ID: usize = 8;
/// How many of the last characters of a caller's number are shown.
const SHOWN_OF_CALLER: usize = 3;

/// Which calls to list, and how.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ListArgs {
    /// How many calls at most
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub limit: u32,
    /// Only calls with this outcome: agent, callback, ticket, done, "not done", "no end"
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// Print a JSON array
    #[arg(long)]
    pub json: bool,
}

/// Which call to show, and how.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ShowArgs {
    /// The call's id, or enough of its beginning
    pub id: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Prints the latest calls.
///
/// # Errors
/// When the store cannot be read or the output cannot be written.
pub async fn list(
    reader: &mut Reader,
    args: &ListArgs,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let filter = CallFilter {
        since_ms: None,
        outcome: args.outcome.clone(),
    };
    let calls = reader.list_calls(args.limit, &filter).await?;
    if args.json {
        let calls = calls.iter().map(as_json).collect::<Vec<_>>();
        return print_json(&Value::Array(calls), out);
    }
    let header = ["ID", "STARTED (UTC)", "FROM", "LENGTH", "OUTCOME", "TURNS"];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(calls.iter().map(|call| {
        [
            one_line(&call.call_id.chars().take(SHORT_ID).collect::<String>()),
            date_and_time(call.started_ms),
            masked(&call.caller),
            length(call).map_or_else(|| "-".to_owned(), minutes),
            one_line(&call.outcome),
            call.turns.to_string(),
        ]
    }));
    print_table(&rows, out)
}

/// Prints one call's timeline.
///
/// # Errors
/// When there is no such call, the store cannot be read or the output cannot be written.
pub async fn show(
    reader: &mut Reader,
    args: &ShowArgs,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let record = reader.call_events(&args.id).await?;
    if args.json {
        let events = record.events.iter().map(event_as_json).collect::<Vec<_>>();
        return print_json(&json!({ "call_id": record.call_id, "events": events }), out);
    }
    let started = record.events.first().map_or(0, |event| event.wall_ms);
    writeln!(
        out,
        "call {}, {} UTC",
        one_line(&record.call_id),
        date_and_time(started)
    )?;
    for event in &record.events {
        // What the store itself noted has only the time of day.
        let at = event
            .at
            .unwrap_or_else(|| Duration::from_millis(event.wall_ms.saturating_sub(started)));
        writeln!(
            out,
            "{:>9.3}  {:<7} {:<15} {}",
            at.as_secs_f64(),
            actor(&event.kind),
            one_line(&event.kind),
            describe(event)
        )?;
    }
    Ok(())
}

fn as_json(call: &CallSummary) -> Value {
    json!({
        "id": call.call_id,
        "started_ms": call.started_ms,
        "ended_ms": call.ended_ms,
        "from": masked(&call.caller),
        "outcome": call.outcome,
        "turns": call.turns,
    })
}

fn event_as_json(event: &StoredEvent) -> Value {
    json!({
        "seq": event.seq,
        "wall_ms": event.wall_ms,
        "at_ms": event.at.map(|at| u64::try_from(at.as_millis()).unwrap_or(u64::MAX)),
        "kind": event.kind,
        "actor": actor(&event.kind),
        "body": event.body,
    })
}

fn length(call: &CallSummary) -> Option<Duration> {
    call.ended_ms
        .map(|ended| Duration::from_millis(ended.saturating_sub(call.started_ms)))
}

/// The end of a caller's number: a list may be read over a shoulder.
fn masked(caller: &str) -> String {
    let count = caller.chars().count();
    if count == 0 {
        return "withheld".to_owned();
    }
    // A name so short would be shown whole.
    let shown = if count > SHOWN_OF_CALLER {
        SHOWN_OF_CALLER
    } else {
        0
    };
    let tail = caller.chars().skip(count - shown).collect::<String>();
    format!("***{}", one_line(&tail))
}

fn print_json(value: &Value, out: &mut impl Write) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}

fn print_table<const N: usize>(rows: &[[String; N]], out: &mut impl Write) -> anyhow::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Event, Limits, StoreHandle};
    use sidetone_dialog::{
        api::Initiator,
        record::{Record, Stamped},
    };

    const START: u64 = 1_795_350_429_000;

    /// A store with one finished call and one that lasts.
    async fn two_calls() -> (Reader, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = StoreHandle::open(&path, Limits::default()).await.unwrap();
        let append = |call: &str, seq: u64, record: Record| {
            let at = Duration::from_millis((seq - 1) * 32_500);
            let wall_ms = START + (seq - 1) * 32_500;
            store.append(Event::of_record(
                call,
                seq,
                wall_ms,
                &Stamped { at, record },
            ));
        };
        let incoming = |from: &str| Record::Incoming {
            from: from.to_owned(),
            to: "1".to_owned(),
        };
        append("0123456789abcdef", 1, incoming("+447700900123"));
        append("0123456789abcdef", 2, Record::NoMatch { count: 1 });
        let ended = Record::Ended {
            initiator: Initiator::Caller,
            reason: "hung\nup".to_owned(),
        };
        append("0123456789abcdef", 3, ended);
        append("fedcba9876543210", 1, incoming(""));
        store.flush().await.unwrap();
        (Reader::open(&path).await.unwrap(), folder)
    }

    async fn listed(args: ListArgs) -> String {
        let (mut reader, _folder) = two_calls().await;
        let mut out = Vec::new();
        list(&mut reader, &args, &mut out).await.unwrap();
        String::from_utf8(out).unwrap()
    }

    #[tokio::test]
    async fn the_list_is_a_table_that_hides_most_of_a_number() {
        let args = ListArgs {
            limit: 20,
            outcome: None,
            json: false,
        };
        assert_eq!(
            listed(args).await,
            "ID        STARTED (UTC)        FROM      LENGTH  OUTCOME  TURNS\n\
             fedcba98  2026-11-22 12:27:09  withheld  -       no end   0\n\
             01234567  2026-11-22 12:27:09  ***123    1:05    hung up  0\n"
        );
    }

    #[tokio::test]
    async fn the_list_as_json_holds_whole_ids_and_no_whole_number() {
        let text = listed(ListArgs {
            limit: 1,
            outcome: Some("hung\nup".to_owned()),
            json: true,
        });
        let list: Value = serde_json::from_str(&text.await).unwrap();
        let expected = json!([{
            "id": "0123456789abcdef",
            "started_ms": START,
            "ended_ms": START + 65_000,
            "from": "***123",
            "outcome": "hung\nup",
            "turns": 0,
        }]);
        assert_eq!(list, expected);
    }

    #[tokio::test]
    async fn a_call_is_shown_as_a_timeline() {
        let (mut reader, _folder) = two_calls().await;
        let mut out = Vec::new();
        let args = ShowArgs {
            id: "01".to_owned(),
            json: false,
        };
        show(&mut reader, &args, &mut out).await.unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "call 0123456789abcdef, 2026-11-22 12:27:09 UTC\n    \
             0.000  caller  incoming        call from +447700900123 to 1\n   \
             32.500  caller  no_match        not understood, 1 in a row\n   \
             65.000  server  ended           ended by Caller: hung up\n"
        );
        let unknown = ShowArgs {
            id: "x".to_owned(),
            json: false,
        };
        assert!(show(&mut reader, &unknown, &mut Vec::new()).await.is_err());
    }

    #[tokio::test]
    async fn a_call_is_shown_as_json_with_its_records() {
        let (mut reader, _folder) = two_calls().await;
        let mut out = Vec::new();
        let args = ShowArgs {
            id: "01".to_owned(),
            json: true,
        };
        show(&mut reader, &args, &mut out).await.unwrap();
        let shown: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(shown["call_id"], "0123456789abcdef");
        assert_eq!(
            shown["events"][1],
            json!({
                "seq": 2,
                "wall_ms": START + 32_500,
                "at_ms": 32_500,
                "kind": "no_match",
                "actor": "caller",
                "body": { "type": "no_match", "count": 1 },
            })
        );
    }

    #[test]
    fn a_short_name_is_hidden_whole() {
        assert_eq!(masked(""), "withheld");
        assert_eq!(masked("bob"), "***");
        assert_eq!(masked("alice"), "***ice");
        assert_eq!(masked("ab\u{1b}c"), "***b c");
    }
}
