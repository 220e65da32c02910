"""Run by Alembic: one transaction for all steps, one migrator at a time, every object the owner's."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine, text

from adapters.postgres.role_setup import ensure_roles
from adapters.postgres.roles import OWNER
from adapters.postgres.urls import parsed

ONE_AT_A_TIME = 0x504C4D00  # the advisory lock that migrators of a database wait for


def run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not isinstance(url, str):
        raise CommandError("Name the database: alembic -x url=postgresql://... ")
    with create_engine(parsed(url), poolclass=NullPool).begin() as connection:
        migrate(connection)


def migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    ensure_roles(connection)
    connection.execute(text(f"SET LOCAL ROLE {OWNER}"))
    connection.execute(text("SET LOCAL search_path = public"))
    context.configure(
        connection=connection, on_version_apply=context.config.attributes.get("on_version_apply", ())
    )
    with context.begin_transaction():
        context.run_migrations()


run()
