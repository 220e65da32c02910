import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from adapters.postgres.embedded.address import Address
from adapters.postgres.roles import app_url, worker_url
from domain.shared.errors import Invalid
from entrypoints.embedded import embedded_server
from entrypoints.settings import Settings

_NAME = "plimsoll"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Where each role connects; None where this process was not told. They may hold passwords."""

    admin: str | None = field(repr=False)
    app: str | None = field(repr=False)
    worker: str | None = field(repr=False)

    def for_admin(self) -> str:
        """Return where migrations connect, or raise Invalid."""
        return self.admin or _untold("DATABASE_URL")

    def for_app(self) -> str:
        """Return where the HTTP server connects, or raise Invalid."""
        return self.app or _untold("DATABASE_URL or PLIMSOLL_APP_DATABASE_URL")

    def for_worker(self) -> str:
        """Return where workers connect, or raise Invalid."""
        return self.worker or _untold("DATABASE_URL or PLIMSOLL_WORKER_DATABASE_URL")


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[DatabaseUrls]:
    """Yield the configured database's URLs, or those of an embedded server that is kept running meanwhile."""
    told = _told(settings)
    if told is not None:
        yield told
        return
    async with embedded_server(settings) as address:
        await asyncio.to_thread(_ensure_database, address)
        admin = address.url(address.superuser, _NAME)
        yield DatabaseUrls(admin, app_url(admin), worker_url(admin))


def _told(settings: Settings) -> DatabaseUrls | None:
    admin, app, worker = (
        secret.get_secret_value() if secret is not None else None
        for secret in (settings.database_url, settings.app_database_url, settings.worker_database_url)
    )
    if admin is not None:
        return DatabaseUrls(admin, app or app_url(admin), worker or worker_url(admin))
    return DatabaseUrls(None, app, worker) if app or worker else None


def _ensure_database(address: Address) -> None:
    with psycopg.connect(address.conninfo(address.superuser, "postgres"), autocommit=True) as connection:
        try:
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [_NAME]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_NAME)))
        except psycopg.errors.DuplicateDatabase:
            pass  # another process made it in this very moment


def _untold(variables: str) -> str:
    raise Invalid(f"This command needs to know the database: set {variables}.")
