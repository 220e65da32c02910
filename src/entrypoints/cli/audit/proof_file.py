from base64 import b64decode, b64encode
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

from application.audit.proving.proofs import InclusionProof
from application.audit.proving.seals import Seal, Statement
from application.audit.proving.stored_log import StoredFact
from application.shared.ports import Place
from domain.shared.errors import Invalid
from domain.shared.ids import Id, read_id

LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a proof that are read: a fact of this size is none of ours."""


def _from_hex(text: Any) -> bytes:
    return bytes.fromhex(text) if isinstance(text, str) else b""


def _from_base64(text: Any) -> bytes:
    return b64decode(text, validate=True) if isinstance(text, str) else b""


Hash: TypeAlias = Annotated[
    bytes, BeforeValidator(_from_hex), Field(min_length=32, max_length=32), PlainSerializer(bytes.hex)
]
Signature: TypeAlias = Annotated[
    bytes, BeforeValidator(_from_hex), Field(min_length=64, max_length=64), PlainSerializer(bytes.hex)
]
Payload: TypeAlias = Annotated[
    bytes, BeforeValidator(_from_base64), PlainSerializer(lambda stored: b64encode(stored).decode())
]
_Id: TypeAlias = Annotated[Id, AfterValidator(read_id)]
Count: TypeAlias = Annotated[int, Field(ge=1, lt=2**63)]
Hashes: TypeAlias = Annotated[tuple[Hash, ...], Field(max_length=64)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Event(_Part):
    place: Count
    event_id: _Id
    stream: _Id
    version: Count
    type: str
    user_id: _Id | None
    correlation_id: _Id | None
    recorded_at: AwareDatetime
    payload: Payload
    fingerprint: Hash | None = None


class _Commit(_Part):
    number: Count
    first: Count
    count: Count


class _Statement(_Part):
    number: Count
    commit_count: Count
    position: Count
    tree_root: Hash
    chain: Hash
    previous: Hash
    sealed_at: AwareDatetime
    key_id: Hash


class ProofFile(_Part):
    """A proof as it travels: hashes and signature in hexadecimal, the event's stored bytes and the stamp in base64."""

    format: Literal["plimsoll.proof.v1"] = "plimsoll.proof.v1"
    event: _Event
    commit: _Commit
    in_commit: Hashes
    in_tree: Hashes
    seal: _Statement
    signature: Signature
    stamp: Annotated[Payload, Field(max_length=64 * 1024)] | None = None

    @classmethod
    def of(cls, proof: InclusionProof) -> "ProofFile":
        """Write a proof down."""
        fact, said = proof.fact, proof.seal.statement
        event = {name: getattr(fact, name) for name in _Event.model_fields}
        seal = {name: getattr(said, name) for name in _Statement.model_fields}
        return cls(
            event=_Event.model_construct(**{**event, "recorded_at": fact.recorded_at.astimezone(UTC)}),
            commit=_Commit(number=proof.commit_number, first=proof.commit_first, count=proof.commit_count),
            in_commit=tuple(one.hex() for one in proof.in_commit),
            in_tree=tuple(one.hex() for one in proof.in_tree),
            seal=_Statement.model_construct(**{**seal, "sealed_at": said.sealed_at.astimezone(UTC)}),
            signature=proof.seal.signature.hex(),
            stamp=None if proof.stamp is None else b64encode(proof.stamp).decode(),
        )

    def proof(self) -> InclusionProof:
        """Return the proof that was written down, still to be checked."""
        event, seal = dict(self.event), dict(self.seal)
        event["place"], seal["position"] = Place(self.event.place), Place(self.seal.position)
        return InclusionProof(
            fact=StoredFact(**event),
            commit_number=self.commit.number,
            commit_first=Place(self.commit.first),
            commit_count=self.commit.count,
            in_commit=self.in_commit,
            in_tree=self.in_tree,
            seal=Seal(Statement(**seal), self.signature),
            stamp=self.stamp,
        )


def read_proof(path: Path) -> InclusionProof:
    """Read a proof from a file; raises Invalid, naming the first thing that is wrong with it."""
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(f"{path} is too large to be a proof.")
        return ProofFile.model_validate_json(path.read_bytes()).proof()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise Invalid(f"{path} is no proof: {where}: {first['msg']}.") from None
