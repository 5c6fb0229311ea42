"""The tables, as SQLAlchemy Core. Migrations build them; a test proves that the two agree.

Times are seconds since 1970 in UTC (REAL on SQLite, double precision on PostgreSQL), read and
written as aware datetimes. A date-only fact is text. JSON is text written by orjson.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as seconds since 1970."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> float | None:
        return None if value is None else value.timestamp()

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value, UTC)


class JsonText(TypeDecorator[Any]):
    """A JSON document as text, the same on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


_BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only for INTEGER PRIMARY KEY

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

customer = Table(
    "customer",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
    Column("reported_at", Instant),  # when an opening report spoke of it
    Column("ids", JsonText),  # by which it is recognised under another id
    Column("found_by", String),  # digest over what finds it in streams: names, numbers, phrases, sources
    Column("screened_at", Instant),  # when it was looked up in what the streams had told; null: it is owed
    Column("former", JsonText),  # ids under which its history began
)

watch = Table(
    "watch",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("source", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("url", Text, nullable=False, server_default=""),
    Column("host", String, nullable=False, server_default=""),
    Column("label", Text, nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("every", Double, nullable=False),  # seconds, tier included
    Column("due_at", Instant, nullable=False),
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("lease_until", Instant),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("fails", Integer, nullable=False, server_default="0"),
    Column("outcome", String),
    Column("reason", Text, nullable=False, server_default=""),
    Column("last_look_at", Instant),
    Column("last_good_at", Instant),
    Column("full_at", Instant),
    Column("baseline_at", Instant),
    Column("second_look", Boolean, nullable=False, server_default=false()),
    Column("validators", JsonText),
    Column("memory", LargeBinary),
    Column("cursor", Text),
    Column("snapshot", LargeBinary),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("source", "subject", name="watch_source_subject"),
)
Index("watch_due", watch.c.due_at, sqlite_where=text("active"), postgresql_where=text("active"))

# What a record was, from when to when: the open row (valid_to is null) is the snapshot.
record = Table(
    "record",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("watch", _BigId, nullable=False),
    Column("kind", String, nullable=False),
    Column("key", Text, nullable=False),
    Column("twin", Text),
    Column("fields", JsonText, nullable=False),
    Column("parties", JsonText),
    Column("signals", JsonText),
    Column("published_at", String),
    Column("url", Text),
    Column("digest", LargeBinary, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("missing_since", Instant),
    Column("missing_looks", Integer, nullable=False, server_default="0"),
)
Index(
    "record_open",
    record.c.watch,
    record.c.kind,
    record.c.key,
    unique=True,
    sqlite_where=text("valid_to IS NULL"),
    postgresql_where=text("valid_to IS NULL"),
)
Index(
    "record_twin",
    record.c.watch,
    record.c.twin,
    sqlite_where=text("twin IS NOT NULL"),
    postgresql_where=text("twin IS NOT NULL"),
)
Index("record_seen", record.c.first_seen)

event = Table(
    "event",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("type", String, nullable=False),
    Column("customer", String),
    Column("incident", String),
    Column("source", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("silent", String),
    Column("first_seen", Instant, nullable=False),
    Column("occurred_at", String),
    Column("published_at", String),
    Column("url", Text),
    Column("title", Text, nullable=False, server_default=""),
    Column("role", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("relation", String, nullable=False),
    Column("polarity", String, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("identified", Boolean, nullable=False),
    Column("baseline", Boolean, nullable=False),
    Column("record_kind", String, nullable=False, server_default=""),
    Column("record_key", Text, nullable=False, server_default=""),
    Column("facts", JsonText, nullable=False),
    Column("match", JsonText, nullable=False),
    Column("origins", JsonText, nullable=False),
    Column("evidence", JsonText, nullable=False),
    Column("reasons", JsonText, nullable=False),
)
Index("event_customer", event.c.customer, event.c.first_seen)
Index("event_incident", event.c.incident)
Index("event_seen", event.c.first_seen)

incident = Table(
    "incident",
    metadata,
    Column("id", String, primary_key=True),
    Column("customer", String),
    Column("topic", Text, nullable=False),
    Column("severity", String, nullable=False),
    Column("state", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("head", String, nullable=False),
    Column("acked_at", Instant),
    Column("acked_by", String),
    Column("acked_severity", String),
)
Index("incident_customer", incident.c.customer, incident.c.state)

# How often a state was left, so that entering it again is a new event (decisions 12).
spell = Table(
    "spell",
    metadata,
    Column("customer", String, primary_key=True),
    Column("name", Text, primary_key=True),  # event type + natural key
    Column("number", Integer, nullable=False),
)

# What a person said of one record and one customer. The open row (ended_at is null) holds.
decision = Table(
    "decision",
    metadata,
    Column("number", _BigId, primary_key=True, autoincrement=True),
    Column("verdict", String, nullable=False),  # dismissed | confirmed
    Column("customer", String, nullable=False),
    Column("source", String, nullable=False),
    Column("record_kind", String, nullable=False),
    Column("record_key", Text, nullable=False),
    Column("digest", String, nullable=False),  # over the record's material fields
    Column("fields", JsonText, nullable=False),
    Column("event", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("ended_at", Instant),
    Column("ended_why", String, nullable=False, server_default=""),
)
Index(
    "decision_open",
    decision.c.customer,
    decision.c.source,
    decision.c.record_kind,
    decision.c.record_key,
    unique=True,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)

# Silence a person asked for (the file's mutes are rules, and not here).
mute = Table(
    "mute",
    metadata,
    Column("number", _BigId, primary_key=True, autoincrement=True),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Instant, nullable=False),
    Column("level", String, nullable=False),  # what is graver breaks it
    Column("matcher", JsonText, nullable=False),
    Column("incident", String),
    Column("ended_at", Instant),
    Column("ended_by", String, nullable=False, server_default=""),
    Column("ended_why", String, nullable=False, server_default=""),
)
Index("mute_open", mute.c.until, sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"))

# Dates that cost money if they are missed.
deadline = Table(
    "deadline",
    metadata,
    Column("id", String, primary_key=True),
    Column("customer", String, nullable=False),
    Column("name", String, nullable=False),
    Column("day", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("incident", String),
    Column("event", String),
    Column("source", String, nullable=False, server_default=""),
    Column("country", String),
    Column("was", String),
    Column("reminded", JsonText, nullable=False),
    Column("facts", JsonText, nullable=False),
)
Index("deadline_state", deadline.c.state, deadline.c.day)
Index("deadline_customer", deadline.c.customer)
Index("deadline_incident", deadline.c.incident)

# The outbox is the pending part of this table.
alert = Table(
    "alert",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("channel", Text, nullable=False),
    Column("severity", String, nullable=False),
    Column("event", String),
    Column("incident", String),
    Column("customer", String),
    Column("state", String, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("sent_at", Instant),
    Column("slack_channel", String),
    Column("slack_ts", String),
    Column("shown", Integer, nullable=False, server_default="0"),
    Column("mention", String),
    Column("facts", JsonText, nullable=False),
)
Index("alert_state", alert.c.state, alert.c.not_before)
Index("alert_incident", alert.c.incident)
Index("alert_created", alert.c.created_at)

evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),  # zstd
    Column("size", Integer, nullable=False),
    Column("media_type", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("source", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JsonText, nullable=False),
    Column("fetched_at", Instant, nullable=False),
)

# Looks that were not simply "same": what a person asks about later.
look = Table(
    "look",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("watch", _BigId, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String, nullable=False),
    Column("records", Integer, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)
Index("look_watch", look.c.watch, look.c.at)

# Whether a source (or one stream of it) can be seen; one notice when lost, one when back.
health = Table(
    "health",
    metadata,
    Column("source", String, primary_key=True),
    Column("subject", String, primary_key=True),  # "" for the whole source
    Column("code", String, nullable=False),  # ok | source_stale | source_suspect | source_blocked
    Column("reason", Text, nullable=False, server_default=""),
    Column("since", Instant, nullable=False),
    Column("noticed_at", Instant),
)

# What waits for a person: changes too alike to be true, an answer that lost most of its records, a watchlist's cut.
hold = Table(
    "hold",
    metadata,
    Column("number", _BigId, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),  # what a person types: `watchlist`, a source, `source:subject`
    Column("kind", String, nullable=False),  # watchlist | breaker | shrink
    Column("source", String, nullable=False, server_default=""),
    Column("subject", String, nullable=False, server_default=""),
    Column("state", String, nullable=False),  # held | released | discarded | settled
    Column("opened_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", String, nullable=False, server_default=""),
    Column("facts", JsonText, nullable=False),
)
Index(
    "hold_open",
    hold.c.id,
    unique=True,
    sqlite_where=text("state = 'held'"),
    postgresql_where=text("state = 'held'"),
)
Index("hold_source", hold.c.source, hold.c.opened_at)

# The changes of a hold, as they were seen; the snapshot has gone on without them.
held_change = Table(
    "held_change",
    metadata,
    Column("number", _BigId, primary_key=True, autoincrement=True),
    Column("hold", _BigId, nullable=False),
    Column("watch", _BigId, nullable=False),
    Column("subject", String, nullable=False),
    Column("what", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("key", Text, nullable=False),
    Column("before", JsonText),  # the record as it was; null: there was none
    Column("after", JsonText),
    Column("fields", JsonText, nullable=False),
    Column("proofs", JsonText, nullable=False),  # sha256 of the raw answers that show it
    Column("seen_at", Instant, nullable=False),
)
Index("held_change_watch", held_change.c.watch)
Index("held_change_hold", held_change.c.hold)

# Which kinds of change a source brought, and for whom: what is usual, and what is too much at once.
pattern = Table(
    "pattern",
    metadata,
    Column("number", _BigId, primary_key=True, autoincrement=True),
    Column("source", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("customer", String, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("pattern_seen", pattern.c.source, pattern.c.name, pattern.c.at)

# Which fields a source's answers carry: one row for each set of fields that was seen.
shape = Table(
    "shape",
    metadata,
    Column("source", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("fields", JsonText, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
)

# Who did what, and the chain over it (monitor/edge/chain.py). Rows come unsealed; the sealer gives each its number and
# hash, once. Triggers refuse every other change.
audit = Table(
    "audit",
    metadata,
    Column("id", _BigId, primary_key=True, autoincrement=True),
    Column("written_at", String, nullable=False),  # RFC 3339, as text: it is hashed
    Column("kind", String, nullable=False),
    Column("what", String, nullable=False),
    Column("object", Text, nullable=False),
    Column("ref", String),
    Column("digest", String),
    Column("note", Text, nullable=False),  # JSON that names no person
    Column("number", BigInteger),
    Column("prev", String),
    Column("sealed_at", String),
    Column("hash", String),
)
Index("audit_number", audit.c.number, unique=True)
Index("audit_object", audit.c.kind, audit.c.object, audit.c.id)
Index("audit_unsealed", audit.c.id, sqlite_where=text("number IS NULL"), postgresql_where=text("number IS NULL"))

# What the chain holds digests of only: it can be erased, and the chain stays whole.
audit_apart = Table(
    "audit_apart",
    metadata,
    Column("ref", String, primary_key=True),
    Column("salt", String, nullable=False),
    Column("text", Text),  # JSON; null where the thing itself is a row of another table
)
