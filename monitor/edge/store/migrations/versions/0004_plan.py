"""What a watchlist meant when it was last read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("customer", sa.Column("ids", sa.Text(), nullable=True))
    op.add_column("customer", sa.Column("found_by", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("screened_at", sa.Double(), nullable=True))
    op.add_column("customer", sa.Column("former", sa.Text(), nullable=True))
    op.execute("UPDATE customer SET screened_at = added_at")  # the daemon before us did it when they came
