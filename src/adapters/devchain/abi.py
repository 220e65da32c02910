from functools import lru_cache
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.grammar import TupleType, parse
from eth_utils.crypto import keccak

from domain.shared.errors import Unavailable

NOBODY = "0x" + "0" * 40
UNLIMITED = 2**256 - 1


def call_data(signature: str, *arguments: object) -> str:
    """Return the data that calls a function, as in `call_data("transfer(address,uint256)", to, 5)`."""
    selector, types = _parsed(signature)
    return f"0x{(selector + encode(types, arguments)).hex()}"


def decoded(types: tuple[str, ...], data: str) -> tuple[Any, ...]:
    """Return the values in the data that a call answered; addresses are lower-case."""
    if data == "0x":
        raise Unavailable(
            "A contract of the local market did not answer; is this the chain that it lives on?"
        )
    return tuple(decode(types, bytes.fromhex(data.removeprefix("0x"))))


def topic(signature: str) -> str:
    """Return the first topic of an event's logs."""
    return f"0x{keccak(text=signature).hex()}"


@lru_cache(maxsize=256)
def _parsed(signature: str) -> tuple[bytes, tuple[str, ...]]:
    selector, arguments = keccak(text=signature)[:4], signature[signature.index("(") :]
    if arguments == "()":
        return selector, ()
    parsed = parse(arguments)
    components = parsed.components if isinstance(parsed, TupleType) else ()
    return selector, tuple(one.to_type_str() for one in components)
