from dataclasses import dataclass, replace
from datetime import datetime

from domain.identity.preferences import SignalType
from domain.shared.chain import Address
from domain.shared.ids import SignalId
from domain.signals.subject import Subject


@dataclass(frozen=True, slots=True)
class Episode:
    """A signal that stands until its condition clears; while it stands, the same condition does not ring again."""

    type: SignalType
    signal_id: SignalId


@dataclass(frozen=True, slots=True)
class PriceReference:
    """The price from which an asset's move is measured, in the base currency, and since when."""

    asset: Address
    price: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the detectors remember of a subject between two observations; a fold of the log like everything else."""

    subject: Subject
    episodes: tuple[Episode, ...] = ()
    references: tuple[PriceReference, ...] = ()

    def episode(self, type: SignalType) -> Episode | None:
        """Return the standing episode of this type, if there is one."""
        return next((episode for episode in self.episodes if episode.type is type), None)

    def reference(self, asset: Address) -> PriceReference | None:
        """Return the price from which this asset's move is measured, if it was ever seen."""
        return next((reference for reference in self.references if reference.asset == asset), None)

    def opened(self, episode: Episode) -> "Watch":
        """Remember that an episode has begun."""
        return replace(self, episodes=(*self.episodes, episode))

    def closed(self, type: SignalType) -> "Watch":
        """Remember that the episode of this type is over."""
        return replace(self, episodes=tuple(episode for episode in self.episodes if episode.type is not type))

    def measuring_from(self, reference: PriceReference) -> "Watch":
        """Measure this asset's move from a new price."""
        others = tuple(known for known in self.references if known.asset != reference.asset)
        return replace(self, references=(*others, reference))
