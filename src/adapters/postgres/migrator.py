from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from adapters.postgres.errors import our_errors
from adapters.postgres.revisions import Progress, Revision, configuration, current, described, history
from adapters.postgres.roles import OWNER
from adapters.postgres.urls import parsed
from domain.shared.errors import Conflict, Denied, Invalid


@dataclass(frozen=True, slots=True)
class Status:
    """Where a database stands in the schema's history; `current` is None before the first step."""

    current: str | None
    head: str
    pending: tuple[Revision, ...]


_ALEMBIC: Final = Lock()  # its context belongs to the whole process


class MayNotMigrate(Denied):
    """The schema is made by an administrator, not by those who serve from it."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "This user may not migrate the database: DATABASE_URL has to name one that owns the database and may "
            f"create roles. PostgreSQL says: {why}"
        )


def status(url: str) -> Status:
    """Say where the database stands; raises NewerDatabase and Unavailable."""
    with _connected(url) as connection:
        at = current(connection)
    scripts = history()
    head = scripts.get_current_head() or "base"
    ahead = () if at == head else tuple(scripts.iterate_revisions(head, at or "base"))
    return Status(at, head, tuple(described(script) for script in reversed(ahead)))


def migrate(url: str, target: str = "head", progress: Progress | None = None) -> None:
    """Bring the database up to a revision, all steps or none; the URL is an administrator's.

    Makes the roles where they are missing and sets their passwords. Whoever migrates the same database at the same
    time waits. Raises NewerDatabase, Denied, Invalid for a revision that there is not, and Unavailable.
    """
    known = {script.revision for script in history().walk_revisions()}
    if target not in {"head", *known}:
        raise Invalid(f"There is no revision {target[:40]!r}; there are {', '.join(sorted(known))}.")
    with _connected(url) as connection:
        current(connection)
        _run(command.upgrade, connection, target, progress)


def rollback(url: str, steps: int = 1, progress: Progress | None = None) -> None:
    """Take the newest steps back, with everything that is stored in what they made; raises as `migrate` does."""
    with _connected(url) as connection:
        at = current(connection)
        done = 0 if at is None else len(list(history().iterate_revisions(at, "base")))
        if not 1 <= steps <= done:
            raise Invalid(f"The database has been through {done} steps, so {steps} cannot be taken back.")
        _run(command.downgrade, connection, f"-{steps}", progress)


def fresh(url: str, *, confirmed: bool, progress: Progress | None = None) -> None:
    """Remove everything that Plimsoll owns in the database, and begin anew, in one transaction.

    Works on a newer database too. Raises Conflict unless the caller has asked the person, and as `migrate` does.
    """
    if not confirmed:
        raise Conflict("This removes every user, alert and fact in the database for ever; confirm it first.")
    with _connected(url) as connection:
        if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :owner"), {"owner": OWNER}):
            connection.execute(text(f"DROP OWNED BY {OWNER} CASCADE"))
        _run(command.upgrade, connection, "head", progress)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(parsed(url), poolclass=NullPool, hide_parameters=True)
    try:
        with our_errors(), engine.begin() as connection:
            yield connection
    except (psycopg.Error, DBAPIError) as error:
        refusal = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(refusal, psycopg.errors.InsufficientPrivilege):
            raise MayNotMigrate(refusal.diag.message_primary or "") from error
        raise


def _run(
    verb: Callable[[Config, str], None], connection: Connection, target: str, progress: Progress | None
) -> None:
    def tell(*, step: Any, **_: Any) -> None:
        if progress is not None:
            progress(described(step.up_revision))

    with _ALEMBIC:
        verb(configuration(connection=connection, on_version_apply=tell), target)
