from typing import Any, Final

from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

WAIT: Final = 5.0  # seconds
RECONNECT: Final = (
    2.0  # seconds after which a pool without its database stops waiting ever longer between tries
)


class _PatientPool(AsyncConnectionPool[Any]):
    """A pool that opens without a database to connect to: whoever needs a connection learns that there is none."""

    async def open(self, wait: bool = False, timeout: float = WAIT) -> None:  # noqa: ASYNC109 - psycopg's signature
        """Open; the connections follow by themselves."""
        await super().open(wait=False, timeout=timeout)


def build_app(conninfo: str, *, connections: int = 2, wait: float = WAIT) -> App:
    """Return procrastinate over a database, in libpq's words; `async with app.open_async()` around its use.

    Whoever finds no free connection within `wait` seconds gives up. As it is it can ask for work (ProcrastinateJobs);
    with `add_tasks` it can do some.
    """
    return App(
        connector=PsycopgConnector(
            conninfo=conninfo,
            min_size=1,
            max_size=connections,
            timeout=wait,
            reconnect_timeout=RECONNECT,
            pool_factory=_PatientPool,
        )
    )
