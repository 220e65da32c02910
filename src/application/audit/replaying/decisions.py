from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from application.audit.replaying.report import Difference, DifferenceKind
from application.shared.ports import Recorded
from domain.alerts.events import DeliveryPlanned
from domain.shared.ids import Id

_Key: TypeAlias = tuple[type, Id]


def is_decision(recorded: Recorded) -> bool:
    """Say whether a reaction decided the fact; attempts after the first follow from what a channel answered."""
    return not isinstance(recorded.fact, DeliveryPlanned) or recorded.fact.attempt == 1


@dataclass(slots=True)
class Decisions:
    """What one reaction decided, as the log recorded it and as the replay made it again, compared in order."""

    types: tuple[type, ...]
    agreed: int = 0
    recorded: deque[Recorded] = field(default_factory=deque)
    remade: deque[Recorded] = field(default_factory=deque)

    def take(self, recorded: Sequence[Recorded], remade: Sequence[Recorded]) -> None:
        """Compare the next of both as far as they agree; what does not agree waits for the end."""
        self.recorded.extend(one for one in recorded if isinstance(one.fact, self.types) and is_decision(one))
        self.remade.extend(one for one in remade if isinstance(one.fact, self.types) and is_decision(one))
        while self.recorded and self.remade and _same(self.recorded[0], self.remade[0]):
            self.recorded.popleft()
            self.remade.popleft()
            self.agreed += 1

    def differences(self, *, complete: bool) -> Iterator[Difference]:
        """Align what is left and name each difference; afterwards `remade` holds what is merely pending.

        Unless the replay is complete, decisions that it no longer came to are no difference.
        """
        awaited, due = Counter(map(_key, self.recorded)), Counter(map(_key, self.remade))
        while self.recorded:
            theirs = self.recorded[0]
            ours = self.remade[0] if self.remade else None
            if ours is None and not complete:
                return
            if ours is not None and not due[_key(ours)]:
                self.remade.popleft()  # met out of order before
            elif ours is not None and _key(ours) == _key(theirs):
                yield from self._pair(theirs, ours, awaited, due)
            elif ours is not None and not awaited[_key(ours)]:
                self.remade.popleft()
                due[_key(ours)] -= 1
                yield _missing(ours, theirs)
            else:
                self.recorded.popleft()
                awaited[_key(theirs)] -= 1
                known = due[_key(theirs)] > 0
                due[_key(theirs)] -= known
                yield _misplaced(theirs) if known else _unfounded(theirs)
        self.remade = deque(one for one in self.remade if due[_key(one)] > 0)

    def _pair(
        self, theirs: Recorded, ours: Recorded, awaited: Counter[_Key], due: Counter[_Key]
    ) -> Iterator[Difference]:
        self.recorded.popleft()
        self.remade.popleft()
        awaited[_key(theirs)] -= 1
        due[_key(ours)] -= 1
        if _same(theirs, ours):
            self.agreed += 1
        else:
            sentence = (
                f"{theirs.type} of {theirs.stream} at place {theirs.place} is not what its inputs lead to."
            )
            yield Difference(
                kind=DifferenceKind.DECISION_ALTERED, id=theirs.stream, place=theirs.place, sentence=sentence
            )


def _key(recorded: Recorded) -> _Key:
    return type(recorded.fact), recorded.stream


def _same(theirs: Recorded, ours: Recorded) -> bool:
    if _key(theirs) != _key(ours):
        return False
    if theirs.type != ours.type:  # stored under an older version, whose bytes nobody writes any more
        return theirs.fact == ours.fact
    return theirs.stored == ours.stored


def _missing(ours: Recorded, before: Recorded) -> Difference:
    sentence = (
        f"The facts lead to {ours.type} of {ours.stream} before place {before.place}, but the log has none."
    )
    return Difference(
        kind=DifferenceKind.DECISION_MISSING, id=ours.stream, place=before.place, sentence=sentence
    )


def _misplaced(theirs: Recorded) -> Difference:
    sentence = f"{theirs.type} of {theirs.stream} at place {theirs.place} comes before what led to it."
    return Difference(
        kind=DifferenceKind.DECISION_MISPLACED, id=theirs.stream, place=theirs.place, sentence=sentence
    )


def _unfounded(theirs: Recorded) -> Difference:
    sentence = (
        f"{theirs.type} of {theirs.stream} at place {theirs.place} is in the log, but nothing led to it."
    )
    return Difference(
        kind=DifferenceKind.DECISION_UNFOUNDED, id=theirs.stream, place=theirs.place, sentence=sentence
    )
