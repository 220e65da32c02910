import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from adapters.codec.ids import unpacked
from adapters.evm.eip55 import checked
from domain.shared.chain import Address
from domain.shared.errors import Invalid
from domain.shared.ids import Id, read_id

MOST_DIGITS = 78
"""No number on chain has more digits: 2**256 has 78."""

_AMOUNT = r"[0-9]{1,78}(?:\.[0-9]{1,77})?"
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")
ReadT = TypeVar("ReadT")


def _text(read: Callable[[str], ReadT], sentence: str) -> BeforeValidator:
    def validate(value: Any) -> ReadT:
        if not isinstance(value, str):
            raise ValueError(sentence)  # noqa: TRY004 - pydantic collects value errors alone
        try:
            return read(value)
        except Invalid as error:
            raise ValueError(str(error)) from error
        except (ValueError, OverflowError) as error:
            raise ValueError(sentence) from error

    return BeforeValidator(validate)


def _amount(text: str) -> Decimal:
    if not re.fullmatch(_AMOUNT, text, re.ASCII) or sum(map(str.isdigit, text)) > MOST_DIGITS:
        raise ValueError(text)
    return Decimal(text)


def _moment(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _decoded(text: str, size: int) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != size or urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError(text)
    return raw


_CURSOR = "This is no cursor; take the one that the page before has in `next`."

Amount = Annotated[
    Decimal,
    _text(
        _amount,
        f'An amount is a decimal number in quotes, such as "1500.25", of at most {MOST_DIGITS} digits.',
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{_AMOUNT}$", "examples": ["1500.25"]}),
]
Moment = Annotated[
    datetime,
    _text(_moment, "A time is written as RFC 3339 has it, such as 2026-05-04T12:00:00Z."),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
WalletAddress = Annotated[
    Address,
    _text(checked, "An address is 0x and forty hexadecimal digits, in quotes."),
    WithJsonSchema({"type": "string", "pattern": "^0[xX][0-9a-fA-F]{40}$"}),
]
Identifier = Annotated[
    Id,
    _text(read_id, "An id is a UUID, such as 0199c0de-0000-7000-8000-000000000000."),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
Cursor = Annotated[
    Id, _text(lambda text: unpacked(_decoded(text, 16)), _CURSOR), WithJsonSchema({"type": "string"})
]
PlaceCursor = Annotated[
    int,
    _text(lambda text: int.from_bytes(_decoded(text, 8), "big"), _CURSOR),
    Field(ge=0, lt=2**63),
    WithJsonSchema({"type": "string"}),
]
Position = Annotated[int, Field(ge=1, lt=2**63, description="A number counted from one.")]
Limit = Annotated[int, Field(ge=1, le=200, description="How many items a page has at most.")]
Number = Annotated[str, Field(description="An exact decimal number, as text.", examples=["1.5321"])]
