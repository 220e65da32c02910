import re
from collections.abc import Mapping
from typing import Any

import orjson

from adapters.evm.refusals import NodeRefused, nonsense
from domain.shared.chain import ChainId

_HASH = re.compile(r"0x[0-9a-f]{64}")
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_MOST_SAID = 200


def parsed(body: bytes | bytearray, chain_id: ChainId) -> Any:
    """Return the JSON of a node's answer, or raise Unavailable."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise nonsense(chain_id, "something that is not JSON") from None


def result_of(answer: object, request_id: int, chain_id: ChainId) -> Any:
    """Return the `result` of one JSON-RPC answer.

    Raises NodeRefused when the node answered with an error, Unavailable when the answer is not one to this request.
    """
    if not isinstance(answer, Mapping):
        raise nonsense(chain_id, "JSON that is no JSON-RPC answer")
    error = answer.get("error")
    if error is not None:
        raise _refusal(error, chain_id)
    if answer.get("id") != request_id:
        raise nonsense(chain_id, "the answer to another request")
    if "result" not in answer:
        raise nonsense(chain_id, "neither a result nor an error")
    return answer["result"]


def quantity(value: object, chain_id: ChainId) -> int:
    """Return a hexadecimal quantity as JSON-RPC writes numbers, or raise Unavailable."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise nonsense(chain_id, "something else where a number belongs")
    return int(value, 16)


def data(value: object, chain_id: ChainId) -> bytes:
    """Return hexadecimal data as bytes, or raise Unavailable."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise nonsense(chain_id, "something else where data belong")
    try:
        return bytes.fromhex(value[2:])
    except ValueError:
        raise nonsense(chain_id, "data that are not hexadecimal") from None


def hash_of(value: object, chain_id: ChainId) -> str:
    """Return a 32-byte hash in lower case, or raise Unavailable."""
    if not isinstance(value, str) or not _HASH.fullmatch(value.lower()):
        raise nonsense(chain_id, "something else where a hash belongs")
    return value.lower()


def _refusal(error: object, chain_id: ChainId) -> NodeRefused:
    code = error.get("code") if isinstance(error, Mapping) else None
    said = error.get("message") if isinstance(error, Mapping) else error
    return NodeRefused(
        chain_id, code if isinstance(code, int) else 0, str(said or "no reason given")[:_MOST_SAID]
    )
