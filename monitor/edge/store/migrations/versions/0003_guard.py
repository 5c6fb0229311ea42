"""Changes kept back, and what is usual for a source."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT: sa.Double[float] = sa.Double()
_JSON = sa.Text()


def upgrade() -> None:
    op.create_table(
        "hold",
        sa.Column("number", _ID, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), server_default="", nullable=False),
        sa.Column("subject", sa.String(), server_default="", nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(), server_default="", nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index(
        "hold_open",
        "hold",
        ["id"],
        unique=True,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index("hold_source", "hold", ["source", "opened_at"], unique=False)
    op.create_table(
        "held_change",
        sa.Column("number", _ID, autoincrement=True, nullable=False),
        sa.Column("hold", _ID, nullable=False),
        sa.Column("watch", _ID, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", _JSON, nullable=True),
        sa.Column("after", _JSON, nullable=True),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("proofs", _JSON, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("held_change_hold", "held_change", ["hold"], unique=False)
    op.create_index("held_change_watch", "held_change", ["watch"], unique=False)
    op.create_table(
        "pattern",
        sa.Column("number", _ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("pattern_seen", "pattern", ["source", "name", "at"], unique=False)
    op.create_table(
        "shape",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("first_at", _INSTANT, nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("source", "digest"),
    )
