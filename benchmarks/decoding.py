"""What a replay does for each fact, piece by piece, and what else could: `python -m benchmarks.decoding`."""

import gc
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass, make_dataclass
from functools import reduce
from operator import or_
from struct import Struct
from time import process_time
from types import UnionType
from typing import Annotated, Any, Final, NewType, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
import typer

from benchmarks.log.history import Turn, history
from benchmarks.log.sources import told
from domain.shared.ids import Id

RUN: Final = 1024
"""Places of a run: its facts of one type are decoded at once."""


@dataclass(frozen=True, slots=True)
class Payloads:
    """The payloads of one type in a run as they come: one behind the other, and their lengths as a format."""

    kind: type
    joined: bytes
    lengths: str

    def cut(self) -> Sequence[bytes]:
        """Cut them out of what came."""
        return Struct(self.lengths).unpack(self.joined)


Piece: TypeAlias = Callable[[Payloads], object]
_Make: TypeAlias = Callable[[str, Sequence[tuple[str, Any]]], Any]


def main(
    facts: Annotated[int, typer.Option(min=RUN, help="Facts of the main loop.")] = 20 * RUN,
    rounds: Annotated[int, typer.Option(min=1, help="How often each piece runs.")] = 15,
) -> None:
    """Take the processor's time of each piece for each fact, in medians of interleaved runs."""
    turns = list(history(facts))
    runs = [one for begin in range(0, facts, RUN) for one in _payloads(turns[begin : begin + RUN])]
    kinds = {one.kind for one in runs}
    pieces: dict[str, Piece] = {
        "cut out the stored bytes": lambda one: one.cut(),
        "… and decode them into the domain's dataclasses": _decoding({kind: kind for kind in kinds}),
        "… and write those again, as a proof": _proving({kind: kind for kind in kinds}),
        "… into dataclasses with ids as UUIDs": _decoding(_alike(kinds, _dataclass, {Id: UUID})),
        "… into structures of msgspec": _decoding(_alike(kinds, _structure, {})),
    }
    times = {name: [_taken(piece, runs) / facts * 1e6] for name, piece in pieces.items()}
    for _ in range(rounds - 1):
        for name, piece in pieces.items():
            times[name].append(_taken(piece, runs) / facts * 1e6)
    print("| piece | µs a fact |\n|---|---:|")
    for name, taken in times.items():
        print(f"| {name} | {statistics.median(taken):.2f} |")


def _payloads(run: Iterable[Turn]) -> list[Payloads]:
    of_kind = defaultdict(list)
    for one in told(run):
        of_kind[type(one.turn.fact)].append(one.payload)
    return [
        Payloads(kind, b"".join(payloads), "".join(f"{len(one)}s" for one in payloads))
        for kind, payloads in of_kind.items()
    ]


def _taken(piece: Piece, runs: Iterable[Payloads]) -> float:
    """Return the seconds that a piece takes for all payloads, and for letting go of what it made."""
    gc.disable()
    begun = process_time()
    for one in runs:
        piece(one)
    taken = process_time() - begun
    gc.enable()
    return taken


def _decoding(targets: Mapping[type, Any]) -> Piece:
    decoders = {kind: msgspec.json.Decoder(target) for kind, target in targets.items()}
    return lambda one: list(map(decoders[one.kind].decode, one.cut()))


def _proving(targets: Mapping[type, Any]) -> Piece:
    decoders = {kind: msgspec.json.Decoder(target) for kind, target in targets.items()}
    encode = msgspec.json.Encoder().encode

    def prove(one: Payloads) -> bool:
        stored = one.cut()
        return tuple(map(encode, map(decoders[one.kind].decode, stored))) == stored

    return prove


def _alike(kinds: Iterable[type], make: _Make, instead: Mapping[Any, Any]) -> Mapping[type, Any]:
    """Make classes with the fields of these dataclasses and of those in them, some types of fields replaced."""
    made: dict[Any, Any] = dict(instead)

    def of(hint: Any) -> Any:
        if hint in made:
            return made[hint]
        if isinstance(hint, NewType):
            return of(hint.__supertype__)
        if isinstance(hint, type) and is_dataclass(hint):
            made[hint] = make(
                hint.__name__, [(name, of(field)) for name, field in get_type_hints(hint).items()]
            )
            return made[hint]
        parts = tuple(part if part is ... else of(part) for part in get_args(hint))
        if get_origin(hint) in {Union, UnionType}:
            return reduce(or_, parts)
        return get_origin(hint)[parts] if parts else hint

    return {kind: of(kind) for kind in kinds}


def _dataclass(name: str, fields: Sequence[tuple[str, Any]]) -> Any:
    return make_dataclass(name, fields, frozen=True, slots=True, kw_only=True)


def _structure(name: str, fields: Sequence[tuple[str, Any]]) -> Any:
    return msgspec.defstruct(name, fields, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True)


if __name__ == "__main__":
    typer.run(main)
