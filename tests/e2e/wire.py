"""A wire that breaks: a TCP proxy between us and a node, for HTTP and WebSocket alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

GARBAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 37\r\n\r\n"
    b'{"jsonrpc":"2.0","id":1,"result":"0x0'
)


class Wire:
    """Passes bytes on both ways, unless it is cut, slow, or answers by itself."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = 0
        self.delay = 0.0
        self.garbage = False
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def join(self) -> None:
        """Listen, at the same port as before."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Refuse new connections, and drop those there are."""
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await asyncio.sleep(0)

    def hang_up(self) -> None:
        """Drop the connections there are; new ones are welcome."""
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _carry(self, ours: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        reader, there = await asyncio.open_connection("127.0.0.1", self.to)
        self._open |= {back, there}
        try:
            await asyncio.gather(self._ask(ours, there, back), self._pass(reader, back))
        finally:
            self._open -= {back, there}
            for writer in (back, there):
                writer.transport.abort()

    async def _ask(
        self, ours: asyncio.StreamReader, there: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            while chunk := await ours.read(2**16):
                await asyncio.sleep(self.delay)
                if self.garbage:
                    back.write(GARBAGE)
                else:
                    there.write(chunk)
                    await there.drain()
        there.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(2**16):
                back.write(chunk)
                await back.drain()
        back.transport.abort()


@asynccontextmanager
async def wire(to: int) -> AsyncIterator[Wire]:
    made = Wire(to)
    await made.join()
    try:
        yield made
    finally:
        await made.cut()
