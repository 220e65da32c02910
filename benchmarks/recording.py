import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import orjson

from adapters.evm.calldata import Call, aggregate3, returned
from adapters.evm.multicall import MULTICALL3
from adapters.evm.rpc import JsonRpc

_IN_FLIGHT = 4


@dataclass(slots=True)
class Recording:
    """The requests of one reading, in the rounds in which they went out together."""

    rounds: list[list[bytes]] = field(default_factory=list)
    _pending: int = 0

    async def around(
        self, body: bytes, post: Callable[[bytes], Awaitable[bytes | bytearray]]
    ) -> bytes | bytearray:
        """Send the request and note it: one that goes out while none is pending begins a round."""
        if not self._pending:
            self.rounds.append([])
        self.rounds[-1].append(body)
        self._pending += 1
        try:
            return await post(body)
        finally:
            self._pending -= 1

    def calls(self) -> list[Call]:
        """Return every call of every Multicall3 request, one by one."""
        found: list[Call] = []
        for body in (body for bodies in self.rounds for body in bodies):
            request = orjson.loads(body)["params"][0]
            if request["to"] == MULTICALL3:
                found += _calls_in(request["data"])
        return found


class RecordingRpc(JsonRpc):
    """A node whose conversation is noted once `recording` is set."""

    recording: Recording | None = None

    async def _post(self, body: bytes) -> bytes | bytearray:
        if self.recording is None:
            return await super()._post(body)
        return await self.recording.around(body, super()._post)


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that reading takes: the very same requests, prebuilt, round after round, and the answers cut apart."""

    session: aiohttp.ClientSession
    url: str
    rounds: list[list[tuple[bytes, list[tuple[int, int]]]]]

    @classmethod
    async def of(cls, recording: Recording, session: aiohttp.ClientSession, url: str) -> "Floor":
        """Prepare from a recording: where each answer of each request begins and ends is looked up beforehand."""
        rounds = []
        for bodies in recording.rounds:
            prepared = []
            for body in bodies:
                data = _result(await _post(session, url, body))
                count = len(_calls_in(orjson.loads(body)["params"][0]["data"]))
                prepared.append((body, _cuts(data, count)))
            rounds.append(prepared)
        return cls(session, url, rounds)

    async def __call__(self) -> None:
        turns = asyncio.Semaphore(_IN_FLIGHT)

        async def one(body: bytes, cuts: list[tuple[int, int]]) -> list[bytes]:
            async with turns:
                answer = await _post(self.session, self.url, body)
            data = _result(answer)
            return [data[start:end] for start, end in cuts]

        for prepared in self.rounds:
            await asyncio.gather(*(one(body, cuts) for body, cuts in prepared))


async def _post(session: aiohttp.ClientSession, url: str, body: bytes) -> bytes:
    async with session.post(url, data=body, headers={"content-type": "application/json"}) as response:
        return await response.read()


def _result(answer: bytes) -> bytes:
    start = answer.index(b'"0x') + 3
    return bytes.fromhex(answer[start : answer.index(b'"', start)].decode())


def _calls_in(data: str) -> list[Call]:
    count = int(data[10 + 64 : 10 + 128], 16)
    body = data[10 + 128 :]
    starts = [2 * int(body[64 * index : 64 * index + 64], 16) for index in range(count)]
    calls = [body[start:end] for start, end in zip(starts, [*starts[1:], len(body)], strict=True)]
    if aggregate3(calls) != data:
        raise AssertionError("The request was not taken apart rightly.")
    return calls


def _cuts(data: bytes, count: int) -> list[tuple[int, int]]:
    pieces = returned(data, count)
    if pieces is None or None in pieces:
        raise AssertionError("A call of the floor failed.")
    cuts = []
    for index, piece in enumerate(piece for piece in pieces if piece is not None):
        head = 64 + 32 * index
        start = 64 + int.from_bytes(data[head : head + 32], "big") + 96
        cuts.append((start, start + len(piece)))
    return cuts
