from collections.abc import Sequence
from dataclasses import dataclass

from application.audit.proving.seals import Anchor, Kept, Seal
from domain.shared.errors import PlimsollError, Unavailable


@dataclass(frozen=True, slots=True)
class Anchors:
    """Several places at once: what fails in one does not keep the others from being used."""

    places: tuple[Anchor, ...]

    async def last(self) -> int:
        """Return the newest seal that is in all of them, as far as they can be read."""
        found, failures = [], []
        for place in self.places:
            try:
                found.append(await place.last())
            except PlimsollError as error:
                failures.append(str(error))
        if failures and not found:
            raise Unavailable(" ".join(failures))
        return min(found, default=0)

    async def keep(self, seals: Sequence[Seal]) -> None:
        """Put the seals into each; raises Unavailable with the reasons of those that failed, after all were tried."""
        failures = []
        for place in self.places:
            try:
                await place.keep(seals)
            except PlimsollError as error:
                failures.append(str(error))
        if failures:
            raise Unavailable(" ".join(failures))

    async def kept(self) -> Sequence[Kept]:
        """Return what is in any of them, place after place."""
        return [one for place in self.places for one in await place.kept()]

    async def stamp(self, number: int) -> bytes | None:
        """Return the first stamp of a seal that there is."""
        for place in self.places:
            if (stamp := await place.stamp(number)) is not None:
                return stamp
        return None
