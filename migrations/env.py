"""How Alembic reaches the database: through the application, so that one place knows its settings."""

from alembic import context
from flask import current_app
from sqlalchemy import text

import station.models
from station.core.db import db
from station.core.planning import tell_planner

SAFETY_MS = 4000  # a migration waits this long for a lock, then fails instead of stopping the station


def run() -> None:
    """Run the migrations asked for, each in a transaction of its own."""
    engine = db.engine
    with engine.connect().execution_options(writing=True) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET lock_timeout = {SAFETY_MS}"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=station.models.metadata,
            transaction_per_migration=True,
            render_as_batch=engine.dialect.name == "sqlite",
            compare_type=True,
            **_quiet(),
        )
        with context.begin_transaction():
            context.run_migrations()
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            tell_planner(connection)


def _quiet() -> dict:
    arguments = current_app.extensions["migrate"].configure_args
    return {key: value for key, value in arguments.items() if key == "process_revision_directives"}


run()
