"""What Alembic runs: the changes, in the one connection that `Database.migrate` hands over."""

from alembic import context

from graph_service.records.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
