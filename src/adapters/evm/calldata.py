import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from domain.shared.chain import Address

Call: TypeAlias = str
"""One call as Multicall3's `Call3` is laid out (target, allowFailure, calldata), in hexadecimal."""

_AGGREGATE3 = "0x82ad56cb"
_TARGET, _CALLDATA_LENGTH, _CALLDATA = 24, 192, 256
_HEADER = struct.Struct(">31xB56xQ")
_ITEM = 96
_regular_heads: dict[tuple[int, int], str] = {}


@dataclass(frozen=True, slots=True)
class Template:
    """A call to one function of one contract that takes an address, all but the address prebuilt."""

    prefix: str
    suffix: str

    @classmethod
    def of(cls, target: Address, selector: str) -> "Template":
        """Prepare calls of `selector` (eight hexadecimal digits) at the target."""
        whole = call(target, selector + "00" * 32)
        cut = _CALLDATA + 8 + 24
        return cls(whole[:cut], whole[cut + 40 :])

    def on(self, argument: Address) -> Call:
        """Return the call with this argument."""
        return f"{self.prefix}{argument[2:]}{self.suffix}"


def call(target: Address, calldata: str) -> Call:
    """Return a call to the target that is allowed to fail; `calldata` in hexadecimal digits without 0x."""
    length = len(calldata) // 2
    padding = "00" * (-length % 32)
    return f"{_word(int(target, 16))}{_word(1)}{_word(96)}{_word(length)}{calldata}{padding}"


def target_and_calldata(of: Call) -> tuple[str, str]:
    """Take a call apart again, for a node without Multicall3: the target, and its calldata, each with 0x."""
    length = int(of[_CALLDATA_LENGTH:_CALLDATA], 16)
    return "0x" + of[_TARGET:64], "0x" + of[_CALLDATA : _CALLDATA + 2 * length]


def aggregate3(calls: Sequence[Call]) -> str:
    """Return the calldata of Multicall3's aggregate3 over the calls, with 0x."""
    return f"{_AGGREGATE3}{_word(32)}{_word(len(calls))}{_heads(calls)}{''.join(calls)}"


def returned(data: bytes, count: int) -> list[bytes | None] | None:
    """Return what each of `count` calls returned: None for one that failed or returned nothing at all.

    None for the whole when the data are not what aggregate3 returns for so many calls.
    """
    body = 64 + 32 * count
    if len(data) < body or data[:32] != _WORD_32 or int.from_bytes(data[32:64], "big") != count:
        return None
    answers: list[bytes | None] = []
    unpack, end = _HEADER.unpack_from, len(data)
    for (offset,) in _OFFSETS.iter_unpack(data[64:body]):
        start = offset + 64 + _ITEM
        if start > end:
            return None
        succeeded, length = unpack(data, start - _ITEM)
        if start + length > end:
            return None
        answers.append(data[start : start + length] if succeeded and length else None)
    return answers


_OFFSETS = struct.Struct(">24xQ")
_WORD_32 = (32).to_bytes(32, "big")


def _heads(calls: Sequence[Call]) -> str:
    count, size = len(calls), len(calls[0]) // 2
    if any(len(each) != size * 2 for each in calls):
        sizes = accumulate((len(each) // 2 for each in calls[:-1]), initial=32 * count)
        return "".join(map(_word, sizes))
    if (count, size) not in _regular_heads:
        if len(_regular_heads) > 64:
            _regular_heads.clear()
        _regular_heads[count, size] = "".join(_word(32 * count + size * index) for index in range(count))
    return _regular_heads[count, size]


def _word(number: int) -> str:
    return f"{number:064x}"
