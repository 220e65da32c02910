import asyncio
import ctypes
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.devchain.packages import NodePackages
from domain.shared.errors import Unavailable

_LISTENING = re.compile(r"^Listening on 127\.0\.0\.1:(\d+)", re.MULTILINE)
_BLOCK_GAS = 10**11
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Anvil:
    """A local EVM node on the loopback address.

    On Linux it dies with the thread that started it, so start it from one that lasts, such as the main thread.
    Any address may send transactions unsigned (impersonation), and a block is mined for each transaction.
    """

    process: subprocess.Popen[bytes]
    port: int
    chain_id: int

    @property
    def url(self) -> str:
        """Where it answers JSON-RPC over HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """Where it answers JSON-RPC over a websocket."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        """Say whether the process still lives."""
        return self.process.poll() is None

    @classmethod
    async def start(
        cls, packages: NodePackages, *, log: Path, port: int = 0, chain_id: int = 31337, patience: float = 15
    ) -> "Anvil":
        """Start a node and return once it listens; port 0 takes a free one. What it prints goes to `log`.

        Raises Unavailable when the package is missing, the port is taken, or it does not listen within `patience`
        seconds.
        """
        command = [
            str(packages.anvil()),
            *("--host", "127.0.0.1", "--port", str(port), "--chain-id", str(chain_id)),
            *("--auto-impersonate", "--order", "fifo", "--gas-limit", str(_BLOCK_GAS)),
            *("--no-request-size-limit", "--accounts", "1"),
        ]
        try:
            process = _spawned(command, log)
        except OSError as error:
            raise Unavailable(f"The local node could not be started: {error}.") from error
        try:
            found = await _listening(process, log, patience)
        except BaseException:
            _end(process)
            raise
        if found is None:
            raise Unavailable(_why_not(log, port, patience))
        return cls(process=process, port=found, chain_id=chain_id)

    @classmethod
    @asynccontextmanager
    async def running_while(
        cls, packages: NodePackages, *, log: Path, port: int = 0, chain_id: int = 31337
    ) -> AsyncIterator["Anvil"]:
        """Run a node for as long as the block lasts."""
        node = await cls.start(packages, log=log, port=port, chain_id=chain_id)
        try:
            yield node
        finally:
            node.stop()

    def stop(self) -> None:
        """End the process and wait until it is gone; stopping twice is harmless."""
        _end(self.process)


def _spawned(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own binary with our own arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us first, and we stop it in order
            preexec_fn=_dies_with_parent(),  # noqa: PLW1509 - one system call, prepared before the fork
        )


def _dies_with_parent() -> Callable[[], object] | None:
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


async def _listening(process: subprocess.Popen[bytes], log: Path, patience: float) -> int | None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        found = _LISTENING.search(_printed(log))
        if found is not None:
            return int(found[1])
        await asyncio.sleep(0.005)
    _end(process)
    return None


def _why_not(log: Path, port: int, patience: float) -> str:
    printed = _printed(log)
    if "in use" in printed:
        return f"Port {port} is taken by another program; choose another one, or 0 for any that is free."
    last = printed.strip().splitlines()[-1:] or [f"it said nothing for {patience:g} seconds"]
    return f"The local node did not start: {last[0].strip()}. All that it printed is in {log}."


def _printed(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
