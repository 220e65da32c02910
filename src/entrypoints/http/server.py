import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from domain.shared.errors import Conflict, Invalid

_BUSY = {errno.EADDRINUSE, errno.EACCES}
_DRAIN_SECONDS = 10.0


@asynccontextmanager
async def serving(app: web.Application, *, host: str, port: int) -> AsyncIterator[str]:
    """Serve until the block is left, and yield the URL; port 0 takes any free one.

    On leaving, requests under way are given ten seconds to end. Raises Conflict when the port is taken, and Invalid
    when the host is none of this machine's.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_DRAIN_SECONDS, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise _told(error, host, port) from error
        yield _url(runner, host)
    finally:
        await runner.cleanup()


def _told(error: OSError, host: str, port: int) -> Exception:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return Invalid(f"{host} is no address of this machine; set PLIMSOLL_HTTP__HOST to one that is.")
    if error.errno in _BUSY:
        return Conflict(
            f"Port {port} on {host} is taken, or not allowed; stop what listens there, or choose another with "
            "PLIMSOLL_HTTP__PORT."
        )
    return error


def _url(runner: web.AppRunner, host: str) -> str:
    port = runner.addresses[0][1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
