from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

import orjson

from adapters.codec.errors import UnreadableFact
from adapters.codec.sealing import PREFIX, NotSealed, SubjectKey, context_of, looks_sealed
from domain.shared.errors import Conflict
from domain.shared.forgotten import FORGOTTEN
from domain.shared.ids import Id

PERSONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "wallet.linked.v1": ("label",),
    "telegram.linked.v1": ("chat_id",),
    "email.verified.v1": ("email",),
    "delivery.succeeded.v1": ("receipt",),
    "delivery.failed.v1": ("reason",),
    "delivery.unconfirmed.v1": ("reason",),
    "delivery.withdrawn.v1": ("reason",),
}
"""By stored name, of every version: the fields that say who somebody is or reach them, texts or mappings to texts.

Each is sealed with the key of the fact's user, and unreadable once that key is destroyed. Wallet addresses are not
among them: they are public, and what evidence rests on.
"""

HIDDEN: Final = "(sealed)"
"""Stands in a personal field for who may read the fact, but not its subject's key."""


class Keyless(Enum):
    """Why there is no key to open a subject's fields with."""

    NEVER_MADE = "never made"
    DESTROYED = "destroyed"
    NOT_YOURS = "not yours"


Subject: TypeAlias = SubjectKey | Keyless


class SubjectForgotten(Conflict):
    """Something personal was to be put on record of somebody whose key is destroyed."""

    def __init__(self) -> None:
        Conflict.__init__(
            self, "This user was forgotten meanwhile; nothing personal of theirs is recorded any more."
        )


class SubjectKeyMissing(Conflict):
    """A fact has sealed fields, and the key of its user is gone without ever having been destroyed."""

    def __init__(self, user_id: Id) -> None:
        super().__init__(
            f"The personal fields of user {user_id} are sealed, and their key is not in the database, though nobody "
            "destroyed it; bring the table subject_keys back from a backup."
        )


def seal_personal(name: str, payload: bytes, *, user_id: Id, subject: Subject) -> bytes:
    """Return the payload as it is stored, its personal fields sealed.

    Of a subject who is forgotten only what says no more than that is taken; raises SubjectForgotten for all else.
    """

    def seal(text: str, path: str) -> str:
        if isinstance(subject, SubjectKey):
            return subject.seal(text, context_of(user_id, name, path))
        if subject is Keyless.DESTROYED and text == FORGOTTEN:
            return text
        raise SubjectForgotten

    return _with_fields(name, payload, seal)


def open_personal(name: str, stored: bytes, *, user_id: Id, place: int, subject: Subject) -> bytes:
    """Return the payload as it was before it was sealed, or with placeholders where nobody can say any more.

    What was written before the subject had a key is itself, also where it looks sealed. Raises UnreadableFact for what
    was altered, and SubjectKeyMissing.
    """

    def open_one(text: str, path: str) -> str:
        match subject:
            case Keyless.DESTROYED:
                return FORGOTTEN
            case Keyless.NOT_YOURS:
                return HIDDEN
            case Keyless.NEVER_MADE if looks_sealed(text):
                raise SubjectKeyMissing(user_id)
            case SubjectKey() if text.startswith(PREFIX):
                opened = _opened(subject, text, context_of(user_id, name, path))
                return in_the_clear(text, path, subject) if opened is None else opened
            case _:
                return text

    def in_the_clear(text: str, path: str, key: SubjectKey) -> str:
        if place > key.since:
            raise UnreadableFact(name, f"its {path} is not what was sealed")
        return text

    return _with_fields(name, stored, open_one)


def masked(name: str, payload: bytes) -> bytes:
    """Return the payload with nothing in its personal fields: what is left is neither sealed nor ever forgotten."""
    return _with_fields(name, payload, lambda text, path: "")


def _opened(key: SubjectKey, text: str, context: bytes) -> str | None:
    try:
        return key.open(text, context)
    except NotSealed:
        return None


def _with_fields(name: str, payload: bytes, change: Callable[[str, str], str]) -> bytes:
    """Change the personal fields, and leave what has not the form of a fact to whoever decodes it."""
    try:
        document: Any = orjson.loads(payload)
    except ValueError:
        return payload
    if not isinstance(document, dict):
        return payload
    for field in PERSONAL[name]:
        match document.get(field):
            case str(text):
                document[field] = change(text, field)
            case dict(texts):
                document[field] = {
                    key: change(text, f"{field}.{key}") if isinstance(text, str) else text
                    for key, text in texts.items()
                }
            case _:
                pass
    return orjson.dumps(document)
