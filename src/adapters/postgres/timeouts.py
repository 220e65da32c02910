from collections.abc import Mapping
from typing import Final

from psycopg import conninfo as libpq
from sqlalchemy import URL

TIMEOUTS: Final[Mapping[str, str]] = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}
"""How long anybody waits for a lock, and how long a transaction may stand idle and hold up everybody else; who waits
for longer is told that the database does not answer."""

_OURS: Final = " ".join(f"-c {name}={value}" for name, value in TIMEOUTS.items())


def timed(url: URL) -> URL:
    """Return the address with both timeouts for its sessions, whatever the role's settings are.

    What the address itself says of them stands.
    """
    said = url.query.get("options", "")
    return url.update_query_dict({"options": _with_ours(said if isinstance(said, str) else " ".join(said))})


def timed_conninfo(conninfo: str) -> str:
    """Return the same of an address as libpq reads it."""
    said = libpq.conninfo_to_dict(conninfo).get("options") or ""
    return libpq.make_conninfo(conninfo, options=_with_ours(str(said)))


def _with_ours(said: str) -> str:
    return f"{_OURS} {said}".strip()
