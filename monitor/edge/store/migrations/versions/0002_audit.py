"""Who did what, and the chain over it; what is there already is taken into it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.edge.store import audit

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("written_at", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("prev", sa.String(), nullable=True),
        sa.Column("sealed_at", sa.String(), nullable=True),
        sa.Column("hash", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("audit_number", "audit", ["number"], unique=True)
    op.create_index("audit_object", "audit", ["kind", "object", "id"], unique=False)
    op.create_index(
        "audit_unsealed",
        "audit",
        ["id"],
        unique=False,
        sqlite_where=sa.text("number IS NULL"),
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_table(
        "audit_apart",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("ref"),
    )
    conn = op.get_bind()
    for statement in _POSTGRESQL if conn.dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
    audit.adopt(conn)


_CONTENT = ("id", "written_at", "kind", "what", "object", "ref", "digest", "note")
_SAME = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in _CONTENT)
# Only this may happen to a row that is there: it gets its number, once. INSERT has a trigger on SQLite because
# `OR REPLACE` deletes what is in its way without asking the trigger for DELETE.
_SQLITE = (
    """CREATE TRIGGER audit_insert BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id OR number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    f"""CREATE TRIGGER audit_update BEFORE UPDATE ON audit
    WHEN OLD.number IS NOT NULL OR NEW.number IS NULL OR NOT ({_SAME})
    OR EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",  # noqa: S608 - only our own names stand in it
    """CREATE TRIGGER audit_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_apart_update BEFORE UPDATE ON audit_apart
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
_SAME_POSTGRESQL = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in _CONTENT)
_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    f"""CREATE TRIGGER audit_update BEFORE UPDATE ON audit FOR EACH ROW
    WHEN (OLD.number IS NOT NULL OR NEW.number IS NULL OR NOT ({_SAME_POSTGRESQL})) EXECUTE FUNCTION audit_refuse()""",
    "CREATE TRIGGER audit_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_apart_update BEFORE UPDATE ON audit_apart FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
)
