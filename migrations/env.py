"""What Alembic runs: the state schema of backend.state.tables, on the connection it is given."""

from alembic import context
from sqlalchemy import Connection

from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.tables import metadata


def migrate(connection: Connection) -> None:
    """Run the steps inside the transaction that the caller opened, or in one of their own."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by copying it
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:  # started by the alembic command itself, to write a new step
    with open_state_engine(state_url(load_settings())).begin() as own:
        migrate(own)
