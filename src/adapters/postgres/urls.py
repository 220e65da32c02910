from typing import Final

from psycopg import conninfo as libpq
from psycopg import errors as psycopg_errors
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from domain.shared.errors import Invalid

DRIVER: Final = "postgresql+psycopg"
CONNECT: Final = "10"
"""Seconds until a server that does not even refuse is taken to be away; a URL may say otherwise."""

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
    patient = (
        read if "connect_timeout" in read.query else read.update_query_dict({"connect_timeout": CONNECT})
    )
    return _with_credentials_in_front(patient).set(drivername=DRIVER)


def conninfo(url: str | URL) -> str:
    """Return the same address as libpq, psycopg and procrastinate read it; raises Invalid."""
    address = parsed(url)
    arguments, keywords = address.get_dialect()().create_connect_args(address)
    try:
        return libpq.make_conninfo(*arguments, **keywords)
    except psycopg_errors.Error:
        raise Invalid(_EXPECTED) from None


def _with_credentials_in_front(url: URL) -> URL:
    """Move `?user=...&password=...` to where the rest of us looks for them."""
    user, password = url.query.get("user"), url.query.get("password")
    if isinstance(user, str):
        url = url.set(username=user)
    if isinstance(password, str):
        url = url.set(password=password)
    return url.difference_update_query(["user", "password"])


_EXPECTED: Final = (
    "The database's URL cannot be read; it looks like postgresql://user:password@host:5432/database, "
    "with special characters in the password written as %XX."
)
