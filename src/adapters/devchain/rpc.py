from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from domain.shared.errors import Conflict, Unavailable

_CHUNK = 500


class RpcRefused(Conflict):
    """The node answered, and said no."""

    def __init__(self, method: str, message: str) -> None:
        super().__init__(f"The local node refused {method}: {message}")
        self.method = method
        self.message = message


class Rpc:
    """JSON-RPC over one kept-alive connection to the local node; open it with `async with`."""

    def __init__(self, url: str, *, timeout: float = 60) -> None:
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, *parameters: object) -> Any:
        """Return the result; raises RpcRefused when the node says no, Unavailable when it says nothing."""
        return _result(method, await self._post(_request(0, method, parameters)))

    async def batch(self, method: str, parameters: Sequence[Sequence[object]]) -> list[Any]:
        """Call one method once for each of the parameter lists, and return the results in their order."""
        results: list[Any] = []
        for start in range(0, len(parameters), _CHUNK):
            part = parameters[start : start + _CHUNK]
            answers = await self._post([_request(number, method, one) for number, one in enumerate(part)])
            if not isinstance(answers, list) or len(answers) != len(part):
                raise Unavailable("The local node did not answer every call of a batch.")
            results += [_result(method, answer) for answer in sorted(answers, key=lambda one: one["id"])]
        return results

    async def _post(self, body: object) -> Any:
        if self._session is None:
            raise RuntimeError("Enter the Rpc with `async with` before calling it.")
        headers = {"content-type": "application/json"}
        try:
            async with self._session.post(self._url, data=orjson.dumps(body), headers=headers) as response:
                return orjson.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            raise Unavailable(
                f"The local node at {self._url} does not answer; is it still running?"
            ) from error


def _request(number: int, method: str, parameters: Sequence[object]) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)}


def _result(method: str, answer: Any) -> Any:
    if "error" in answer:
        raise RpcRefused(method, str(answer["error"].get("message", answer["error"])))
    return answer["result"]
