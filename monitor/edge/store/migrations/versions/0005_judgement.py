"""What people decide, what they do not want to hear, and the dates that cost money."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for name in ("acked_by", "acked_severity"):
        op.add_column("incident", sa.Column(name, sa.String(), nullable=True))
    op.add_column("incident", sa.Column("acked_at", sa.Double(), nullable=True))
    op.create_table(
        "decision",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("verdict", "customer", "source", "record_kind")),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=False, server_default=""),
    )
    whose = ["customer", "source", "record_kind", "record_key"]
    op.create_index("decision_open", "decision", whose, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "mute",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("matcher", sa.Text(), nullable=False),
        sa.Column("incident", sa.String(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False, server_default=""),
        sa.Column("ended_why", sa.String(), nullable=False, server_default=""),
    )
    op.create_index("mute_open", "mute", ["until"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "deadline",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("customer", "name", "day", "state")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("created_at", "updated_at")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("incident", "event")),
        sa.Column("source", sa.String(), nullable=False, server_default=""),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("country", "was")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("reminded", "facts")),
    )
    op.create_index("deadline_state", "deadline", ["state", "day"])
    op.create_index("deadline_customer", "deadline", ["customer"])
    op.create_index("deadline_incident", "deadline", ["incident"])
