from collections.abc import Iterator
from typing import Final, TypeAlias

_SEQUENCE: Final = 0x30
_TAGGED: Final = 0xA0
_LONG: Final = 0x80

_Element: TypeAlias = tuple[int, int, int]
"""Where an element begins, where its content begins, and where it ends."""


def with_certificates_in_order(response: bytes) -> bytes:
    """Return a time-stamp response with the certificates in its token sorted, as DER wants a set to be.

    OpenSSL and several public authorities send them in the order of the chain, which strict readers refuse. They are
    not under the token's signature. Raises ValueError for what is no such response.
    """
    [outer] = _elements(response, 0, len(response))
    _, *token = _within(response, outer)
    if not token:
        return response  # a refusal
    _, content = _within(response, token[0])
    [signed] = _within(response, content)
    for part in _within(response, signed):
        if response[part[0]] == _TAGGED:
            certificates = sorted(response[begin:end] for begin, _, end in _within(response, part))
            return response[: part[1]] + b"".join(certificates) + response[part[2] :]
    return response


def _within(encoded: bytes, element: _Element) -> list[_Element]:
    begin, content, end = element
    if encoded[begin] not in {_SEQUENCE, _TAGGED}:
        raise ValueError("This is no time-stamp response.")
    return list(_elements(encoded, content, end))


def _elements(encoded: bytes, begin: int, end: int) -> Iterator[_Element]:
    while begin < end:
        content = begin + 2
        size = encoded[begin + 1] if content <= end else _LONG
        if size > _LONG:  # the length of the length, then the length
            content += size - _LONG
            size = int.from_bytes(encoded[begin + 2 : content], "big")
        elif size == _LONG:
            raise ValueError("This was cut short, or is not DER.")
        if content + size > end:
            raise ValueError("This was cut short.")
        yield begin, content, content + size
        begin = content + size
