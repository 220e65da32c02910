from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from sqlalchemy import exc as sqlalchemy

from application.shared.requests import KeyReused
from domain.shared.errors import PlimsollError, StaleWrite, Unavailable

STALE: Final = "PL001"
KEY_REUSED: Final = "PL002"
"""What our own functions in the database raise; classes from I to Z are nobody else's."""

_STALE: Final = {STALE, "23505", "40001", "40P01"}  # unique, serialization and deadlock
_GONE: Final = {"08", "57"}  # connection, operator's intervention
_BUSY: Final = {"25P03", "53300", "55P03"}  # idle in transaction, too many connections, a lock took too long
_FULL: Final = "53100"


class DatabaseUnavailable(Unavailable):
    """Nobody answers at the database's address, or not in time."""

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer; see that it runs and that DATABASE_URL names it, then try again."
        )


class DatabaseFull(Unavailable):
    """The database has no room on its disk: it can be read, and what is on record stays."""

    def __init__(self) -> None:
        super().__init__(
            "The database's disk is full, so nothing was written; make room there, then try again."
        )


class DatabaseRefused(Unavailable):
    """The database answers, and does not let us in."""

    def __init__(self) -> None:
        super().__init__(
            "The database refuses the user, the password or the name of the database in DATABASE_URL; "
            "correct it, and run `plimsoll db migrate` where the roles are missing."
        )


@contextmanager
def our_errors() -> Iterator[None]:
    """Turn what a driver raises into what callers were promised, here and nowhere else; the rest passes unchanged."""
    try:
        yield
    except (psycopg.Error, sqlalchemy.SQLAlchemyError) as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from error


def _ours(error: Exception) -> PlimsollError | None:
    if isinstance(error, sqlalchemy.TimeoutError):
        return DatabaseUnavailable()
    cause = error.orig if isinstance(error, sqlalchemy.DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return None
    state = cause.sqlstate or ""
    if state == KEY_REUSED:
        return KeyReused()
    if state in _STALE:
        return StaleWrite("This record")
    if state == _FULL:
        return DatabaseFull()
    if state in _BUSY or state[:2] in _GONE:
        return DatabaseUnavailable()
    if state.startswith("28") or state == "3D000" or _refused(cause):
        return DatabaseRefused()
    # Without a state it is the connection itself that broke, or never was.
    return DatabaseUnavailable() if isinstance(cause, psycopg.OperationalError) and not state else None


def _refused(cause: psycopg.Error) -> bool:
    """Read the text where libpq gives no state: while a connection is being made."""
    text = str(cause)
    return not cause.sqlstate and any(
        sign in text
        for sign in ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password")
    )
