"""What a replay does for each fact, piece by piece, and what else could: `python -m benchmarks.decoding`."""

import gc
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from functools import reduce
from io import BytesIO
from operator import itemgetter, or_
from time import process_time
from types import UnionType
from typing import Annotated, Any, Final, NewType, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
import typer

from benchmarks.log.history import Turn, history
from benchmarks.log.sources import told

RUN: Final = 512
"""Places of a run: its facts of one type are decoded at once."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The payloads of one type in a run, a line each."""

    kind: type
    stored: bytes


Piece: TypeAlias = Callable[[Lines], object]


def main(
    facts: Annotated[int, typer.Option(min=RUN, help="Facts of the main loop.")] = 20 * RUN,
    rounds: Annotated[int, typer.Option(min=1, help="How often each piece runs.")] = 15,
) -> None:
    """Take the processor's time of each piece for each fact, in medians of interleaved runs."""
    turns = list(history(facts))
    lines = [one for begin in range(0, facts, RUN) for one in _lines(turns[begin : begin + RUN])]
    kinds = {one.kind for one in lines}
    pieces: dict[str, Piece] = {
        "decode into the domain's dataclasses": _decoding({kind: kind for kind in kinds}),
        "write that again, as the proof": _writing(lines),
        "cut out the stored bytes": lambda one: list(
            map(itemgetter(slice(None, -1)), BytesIO(one.stored + b"\n"))
        ),
        "decode into structures of msgspec": _decoding({kind: _Structures({}).of(kind) for kind in kinds}),
        "the same with ids as text": _decoding({kind: _Structures({UUID: str}).of(kind) for kind in kinds}),
    }
    times = {name: [_taken(piece, lines) / facts * 1e6] for name, piece in pieces.items()}
    for _ in range(rounds - 1):
        for name, piece in pieces.items():
            times[name].append(_taken(piece, lines) / facts * 1e6)
    print("| piece | µs a fact |\n|---|---:|")
    for name, taken in times.items():
        print(f"| {name} | {statistics.median(taken):.2f} |")


def _lines(run: Iterable[Turn]) -> list[Lines]:
    of_kind = defaultdict(list)
    for one in told(run):
        of_kind[type(one.turn.fact)].append(one.payload)
    return [Lines(kind, b"\n".join(payloads)) for kind, payloads in of_kind.items()]


def _taken(piece: Piece, lines: Iterable[Lines]) -> float:
    """Return the seconds that a piece takes for all lines, and for letting go of what it made."""
    gc.disable()
    begun = process_time()
    for one in lines:
        piece(one)
    taken = process_time() - begun
    gc.enable()
    return taken


def _decoding(targets: Mapping[type, Any]) -> Piece:
    decoders = {kind: msgspec.json.Decoder(target) for kind, target in targets.items()}
    return lambda one: decoders[one.kind].decode_lines(one.stored)


def _writing(lines: Iterable[Lines]) -> Piece:
    encoder = msgspec.json.Encoder()
    facts: dict[int, list[object]] = {
        id(one): msgspec.json.Decoder(one.kind).decode_lines(one.stored) for one in lines
    }
    return lambda one: encoder.encode_lines(facts[id(one)])


class _Structures:
    """Structures with the fields of dataclasses, of which some have another type instead."""

    def __init__(self, instead: Mapping[Any, Any]) -> None:
        self._made: dict[Any, Any] = dict(instead)

    def of(self, hint: Any) -> Any:
        """Return what stands for a type."""
        if isinstance(hint, NewType):
            return self.of(hint.__supertype__)
        if hint in self._made:
            return self._made[hint]
        if is_dataclass(hint):
            fields = [(name, self.of(field)) for name, field in get_type_hints(hint).items()]
            self._made[hint] = msgspec.defstruct(
                str(hint), fields, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True
            )
            return self._made[hint]
        parts = tuple(part if part is ... else self.of(part) for part in get_args(hint))
        if get_origin(hint) in {Union, UnionType}:
            return reduce(or_, parts)
        return get_origin(hint)[parts] if parts else hint


if __name__ == "__main__":
    typer.run(main)
