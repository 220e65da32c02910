from typing import Final

from psycopg import conninfo as libpq
from psycopg import errors as psycopg_errors
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.shared.errors import Invalid

DRIVER: Final = "postgresql+psycopg"
_SCHEMES: Final = {"postgres", "postgresql", DRIVER}


def parsed(url: str | URL) -> URL:
    """Read a database's URL, whichever of the usual schemes it begins with.

    Raises Invalid, and never repeats the URL: it may hold a password.
    """
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        raise Invalid(_EXPECTED) from None
    if read.drivername not in _SCHEMES or not read.database:
        raise Invalid(_EXPECTED)
    return read.set(drivername=DRIVER)


def conninfo(url: str | URL) -> str:
    """Return the same address as libpq, psycopg and procrastinate read it; raises Invalid."""
    address = parsed(url)
    arguments, keywords = address.get_dialect()().create_connect_args(address)
    try:
        return libpq.make_conninfo(*arguments, **keywords)
    except psycopg_errors.Error:
        raise Invalid(_EXPECTED) from None


_EXPECTED: Final = (
    "The database's URL cannot be read; it looks like postgresql://user:password@host:5432/database, "
    "with special characters in the password written as %XX."
)
