-- Version 1. A fact is written once and never changed: the triggers refuse it whoever asks.
CREATE TABLE events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    -- NULL for what concerns no single call.
    call_id TEXT,
    -- The call's own numbering, from 1: a gap is a loss. NULL for what the store itself noted.
    seq     INTEGER,
    -- Unix time in milliseconds.
    wall_ms INTEGER NOT NULL,
    -- Time since the call came in, in milliseconds.
    at_ms   INTEGER,
    kind    TEXT NOT NULL,
    -- One JSON object.
    body    TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_call ON events (call_id, kind);
CREATE INDEX events_by_kind ON events (kind);

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
-- INSERT OR REPLACE removes a row without the trigger above.
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- What is owed to callers: derived from events, under the id of the event that made the promise.
CREATE TABLE promises (
    id       INTEGER PRIMARY KEY REFERENCES events (id),
    call_id  TEXT NOT NULL,
    handover INTEGER NOT NULL,
    kind     TEXT NOT NULL CHECK (kind IN ('callback', 'ticket')),
    number   TEXT NOT NULL,
    skill    TEXT NOT NULL,
    made_ms  INTEGER NOT NULL,
    due_ms   INTEGER NOT NULL,
    state    TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'broken')),
    UNIQUE (call_id, handover)
) STRICT;
CREATE INDEX promises_by_due ON promises (state, due_ms);

CREATE TRIGGER a_promise_is_made AFTER INSERT ON events WHEN NEW.kind = 'promise_stored'
BEGIN
    INSERT INTO promises (id, call_id, handover, kind, number, skill, made_ms, due_ms)
    VALUES (NEW.id, NEW.call_id, NEW.body ->> '$.handover', NEW.body ->> '$.kind',
            NEW.body ->> '$.number', NEW.body ->> '$.skill', NEW.wall_ms, NEW.body ->> '$.due_ms');
END;
CREATE TRIGGER a_promise_is_settled AFTER INSERT ON events WHEN NEW.kind = 'promise_settled'
BEGIN
    UPDATE promises SET state = NEW.body ->> '$.state' WHERE id = NEW.body ->> '$.promise';
END;

-- One line a call. The names are those of the records: kind, goal, success, stage.
CREATE VIEW calls AS
SELECT came.id, came.call_id, came.wall_ms AS started_ms, came.body ->> '$.from' AS caller,
    (SELECT max(e.wall_ms) FROM events e WHERE e.call_id = came.call_id AND e.kind = 'ended')
        AS ended_ms,
    (SELECT count(*) FROM events e WHERE e.call_id = came.call_id AND e.kind = 'turn_ended')
        AS turns,
    coalesce(
        (SELECT 'agent' FROM events e WHERE e.call_id = came.call_id AND e.kind = 'handover'
            AND e.body ->> '$.stage' = 'Bridged' LIMIT 1),
        (SELECT p.kind FROM promises p WHERE p.call_id = came.call_id ORDER BY p.id DESC LIMIT 1),
        (SELECT CASE e.body ->> '$.success' WHEN 1 THEN 'done' ELSE 'not done' END
            FROM events e WHERE e.call_id = came.call_id AND e.kind = 'outcome'
            ORDER BY e.id DESC LIMIT 1),
        (SELECT e.body ->> '$.reason' FROM events e
            WHERE e.call_id = came.call_id AND e.kind = 'ended' LIMIT 1),
        'no end'
    ) AS outcome
FROM events came WHERE came.kind = 'incoming';
