"""`plimsoll` as a process of its own."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.world import World
from tests.fixtures.secrets import SECRET_KEYS


@dataclass(frozen=True, slots=True)
class Program:
    """A running command, whose log is read as it comes."""

    process: asyncio.subprocess.Process

    @classmethod
    @asynccontextmanager
    async def running(
        cls, *arguments: str, folder: Path, environment: Mapping[str, str]
    ) -> AsyncIterator["Program"]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from entrypoints.cli.app import main; main()",
            *arguments,
            env={**os.environ, **environment},
            cwd=folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()

    async def until_said(self, words: str) -> None:
        assert self.process.stderr is not None
        async with asyncio.timeout(30):
            while words.encode() not in (line := await self.process.stderr.readline()):
                assert line, f"It ended before it said {words!r}."

    async def terminated(self) -> tuple[int, float, str]:
        """Ask it to end, and return its exit status, the seconds that it took, and what it said meanwhile."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        status, said = await self.ended()
        return status, time.monotonic() - began, said

    async def ended(self) -> tuple[int, str]:
        """Wait for its end, and return its exit status and what it said until then."""
        async with asyncio.timeout(60):
            _, said = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, said.decode()


def environment_of(one: World) -> dict[str, str]:
    """Tell a process what the world's settings are."""
    [(chain_id, chain)] = one.settings.chains.items()
    telegram = one.settings.telegram
    assert telegram is not None
    assert chain.ws_url is not None
    return {
        "DATABASE_URL": one.database.admin_url,
        "PLIMSOLL_SECRET_KEYS": SECRET_KEYS,
        f"PLIMSOLL_CHAINS__{chain_id}__RPC_URL": chain.rpc_url.get_secret_value(),
        f"PLIMSOLL_CHAINS__{chain_id}__WS_URL": chain.ws_url.get_secret_value(),
        f"PLIMSOLL_CHAINS__{chain_id}__MARKET": str(chain.market),
        f"PLIMSOLL_CHAINS__{chain_id}__TIMEOUT": "60",
        f"PLIMSOLL_CHAINS__{chain_id}__INTERVAL": "1",
        "PLIMSOLL_TELEGRAM__TOKEN": telegram.token.get_secret_value(),
        "PLIMSOLL_TELEGRAM__API_URL": telegram.api_url,
    }
