from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from adapters.codec.json import canonical
from domain.alerts.delivery import Delivery
from domain.identity.user import User

_MASK: Final = "*"

PERSONAL: Final[Mapping[type, tuple[str, ...]]] = {
    User: ("telegram_chat_id", "email", "wallets.label"),
    Delivery: ("receipt", "reason"),
}
"""What a fingerprint does not cover, by kind of state: it must not tell anybody a mailbox by trying all of them, and
has to be the same once the person is forgotten. That something was there at all is covered."""


def fingerprint(state: object) -> bytes:
    """Return the SHA-256 of a state's one canonical JSON, 32 bytes; personal fields are masked, its status is named.

    Raises TypeError for what has no exact form.
    """
    status = getattr(state, "status", None)
    personal = PERSONAL.get(type(state))
    if status is None and personal is None:
        return sha256(canonical(state)).digest()
    document = orjson.loads(canonical(state))
    if status is not None:
        document["status"] = str(status)  # where each status is a class of its own, no field says it
    for path in personal or ():
        _mask(document, path.split("."))
    return sha256(canonical(document)).digest()


def _mask(document: Any, path: list[str]) -> None:
    field, *rest = path
    if rest:
        for part in document[field]:
            _mask(part, rest)
    elif isinstance(document[field], dict):
        document[field] = dict.fromkeys(document[field], _MASK)
    elif document[field] is not None:
        document[field] = _MASK
