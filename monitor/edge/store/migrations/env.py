"""How alembic runs: on the connection it is handed, inside that connection's one transaction."""

from alembic import context

from monitor.edge.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most of a table: it is copied
    transactional_ddl=True,  # on SQLite too: we say BEGIN ourselves
)
with context.begin_transaction():
    context.run_migrations()
