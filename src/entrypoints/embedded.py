import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog

from adapters.postgres.embedded.address import Address
from adapters.postgres.embedded.failure import EmbeddedPostgresFailed
from adapters.postgres.embedded.home import home_folder
from adapters.postgres.embedded.server import EmbeddedPostgres
from entrypoints.settings import Settings

_log = structlog.get_logger(__name__)

ResultT = TypeVar("ResultT")

LOOK: Final = 0.5
"""Seconds between two looks whether the server lives."""

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0


@asynccontextmanager
async def embedded_server(settings: Settings) -> AsyncIterator[Address]:
    """Run the embedded PostgreSQL while the block lasts, and start it again whenever it dies.

    Raises EmbeddedPostgresFailed when it does not start at first; later that is logged, and tried for ever.
    """
    server = EmbeddedPostgres(
        settings.data_dir / "postgresql", durable=settings.durable, binaries=settings.pg_bin
    )
    with ThreadPoolExecutor(1, "postgresql") as thread:  # so that a stop waits for the start before it
        guard = _Guard(server, thread)
        try:
            address = await guard.ask(server.start)
            watching = asyncio.create_task(guard.watch(address))
            try:
                yield address
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
        finally:
            await guard.ask(server.stop)


@dataclass(frozen=True, slots=True)
class _Guard:
    """Looks after the server of this process."""

    server: EmbeddedPostgres
    thread: ThreadPoolExecutor

    async def ask(self, call: Callable[[], ResultT]) -> ResultT:
        """Make a call that blocks, after those before it."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, call)

    async def watch(self, address: Address) -> None:
        """Start the server again whenever it is gone, until cancelled."""
        pause = 0.0
        while True:
            await asyncio.sleep(max(LOOK, pause))
            try:
                if await self.ask(self.server.status) is None:
                    if not pause:
                        _log.error("the embedded PostgreSQL is gone; it is started again")
                    await self.ask(lambda: self._start_again(address))
                    _log.warning("the embedded PostgreSQL runs again")
                pause = 0.0
            except Exception as error:  # noqa: BLE001 - whatever it is, to give up would leave nobody at the helm
                pause = min(max(_SHORTEST_PAUSE, pause * 2), _LONGEST_PAUSE)
                _log.error(
                    "the embedded PostgreSQL cannot be started; it is tried again",
                    reason=str(error) if isinstance(error, EmbeddedPostgresFailed) else type(error).__name__,
                    pause=pause,
                )

    def _start_again(self, address: Address) -> None:
        """Start it where it was; to begin an empty one in place of data that are gone would look like success."""
        directory = self.server.directory
        if not (home_folder(directory) / "data" / "PG_VERSION").is_file():
            raise EmbeddedPostgresFailed(
                f"The data of {directory} are gone: bring them back, or end Plimsoll to begin an empty database."
            )
        if self.server.start() != address:
            raise EmbeddedPostgresFailed(
                "It listens at another place than before, where nobody here looks for it: restart Plimsoll."
            )
