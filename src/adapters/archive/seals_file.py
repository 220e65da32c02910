from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from application.audit.proving.seals import Seal, Statement, StoredSeal
from application.shared.ports import Place

Count = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Signature = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]


class _Seal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A seal as its row says it, hashes in hexadecimal; `frontier` are the roots of its tree's complete halves."""

    number: Count
    commit_count: Count
    position: Count
    tree_root: Hash
    chain: Hash
    previous: Hash
    sealed_at: datetime
    key_id: Hash
    signature: Signature
    frontier: tuple[Hash, ...]


def write_seals(seals: Sequence[StoredSeal]) -> bytes:
    """Write seals as JSON, one a line."""
    lines = b",\n".join(msgspec.json.encode(_written(one)) for one in seals)
    return b"[\n" + lines + b"\n]\n"


def read_seals(content: bytes) -> tuple[StoredSeal, ...]:
    """Read seals; raises ValueError for what are none."""
    return tuple(_read(one) for one in msgspec.json.decode(content, type=list[_Seal]))


def _written(stored: StoredSeal) -> _Seal:
    said = stored.seal.statement
    return _Seal(
        number=said.number,
        commit_count=said.commit_count,
        position=said.position,
        tree_root=said.tree_root.hex(),
        chain=said.chain.hex(),
        previous=said.previous.hex(),
        sealed_at=said.sealed_at.astimezone(UTC),
        key_id=said.key_id.hex(),
        signature=stored.seal.signature.hex(),
        frontier=tuple(one.hex() for one in stored.frontier),
    )


def _read(one: _Seal) -> StoredSeal:
    if one.sealed_at.tzinfo is None:
        raise ValueError("a seal's time has to say its time zone")
    statement = Statement(
        number=one.number,
        commit_count=one.commit_count,
        position=Place(one.position),
        tree_root=bytes.fromhex(one.tree_root),
        chain=bytes.fromhex(one.chain),
        previous=bytes.fromhex(one.previous),
        sealed_at=one.sealed_at,
        key_id=bytes.fromhex(one.key_id),
    )
    return StoredSeal(
        Seal(statement, bytes.fromhex(one.signature)), tuple(bytes.fromhex(peak) for peak in one.frontier)
    )
