from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from tests.contract.work import Work
from tests.unit.application.market import CHAIN, FakeMarket

from adapters.codec.fingerprint import fingerprint
from adapters.codec.reproduced import reproduced
from adapters.memory.clock import ManualClock
from adapters.memory.database import MemoryDatabase
from adapters.memory.ids import SequentialIds
from adapters.memory.scratch import MemoryScratch
from adapters.scratch.reactions import ScratchReactions
from application.alerts.claim_deliveries import ClaimDeliveries
from application.alerts.deliver_alerts import DeliverAlert
from application.alerts.ports import Message, Notifier, Outcome, Taken
from application.alerts.raise_alerts import RaiseAlerts
from application.audit.replaying.replay import Replay
from application.audit.replaying.report import ReplayReport
from application.audit.replaying.scratch import Scratch
from application.positions.observe_positions import ObservePositions
from application.positions.readers import Readers
from application.positions.search_liquidations import SearchLiquidations
from application.shared.ports import Begin, Place
from application.signals.detect_signals import DetectSignals
from domain.alerts.alert import Alert
from domain.alerts.delivery import Delivery
from domain.identity.preferences import Channel, Preferences, RiskProfile, SignalType
from domain.identity.user import User
from domain.positions.events import PositionsObserved
from domain.shared.chain import Address
from domain.shared.ids import UserId
from domain.signals.signal import Signal

StateT = TypeVar("StateT")


@dataclass(slots=True)
class FakePeer:
    """A channel that answers as it was told to, and otherwise takes everything."""

    channel: Channel
    answers: list[Outcome] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)

    async def send(self, contact: str, message: Message) -> Outcome:
        self.contacts.append(contact)
        self.taken.append(message)
        return self.answers.pop(0) if self.answers else Taken({"id": str(len(self.taken))})


class World:
    """The main loop moved by hand, on memory or on whatever database it is given the way into."""

    def __init__(
        self,
        begin: Begin[Work] | None = None,
        clock: ManualClock | None = None,
        scratch: Scratch | None = None,
    ) -> None:
        self.clock = clock or ManualClock()
        self.ids = SequentialIds()
        self.database = MemoryDatabase(self.clock)
        self.begin: Begin[Work] = begin or self.database.begin
        self.replays = Replay(
            self.begin, scratch or MemoryScratch(self.database, ScratchReactions), fingerprint, reproduced
        )
        self.market = FakeMarket(self.clock)
        self.readers = Readers({CHAIN: self.market})
        self.peers = {channel: FakePeer(channel) for channel in Channel}
        notifiers: dict[Channel, Notifier] = dict(self.peers)
        self.observes = ObservePositions(self.begin, self.readers, self.clock, self.ids)
        self.searches = SearchLiquidations(self.begin, self.readers, self.clock)
        self.detects = DetectSignals(self.begin)
        self.raises = RaiseAlerts(self.begin)
        self.claims = ClaimDeliveries(self.begin, self.clock)
        self.delivers = DeliverAlert(self.begin, notifiers, self.clock)

    async def register(
        self, *wallets: Address, told_by: tuple[Channel, ...] = (Channel.IN_APP,), telegram: str | None = None
    ) -> UserId:
        """Open an account that signs in with the first wallet and watches all of them."""
        first, *others = wallets
        preferences = replace(Preferences.of(RiskProfile.MODERATE), notification_channels=told_by)
        user_id, at = UserId(self.ids.new()), self.clock.now()
        async with self.begin(user_id) as work:
            change = User.register(id=user_id, wallet=first, preferences=preferences, at=at)
            await work.users.record(change)
            for other in others:
                change = change.state.link(wallet=other, label="", at=at)
                await work.users.record(change)
            await work.users.record(change.state.reach_by_telegram(telegram, at=at))
        return user_id

    async def prefer(
        self,
        user_id: UserId,
        *,
        low: str = "1.5",
        critical: str = "1.15",
        active: Sequence[SignalType] | None = None,
    ) -> None:
        """Change what the user wants to hear of."""
        async with self.begin(user_id) as work:
            user = await work.users.get(user_id)
            thresholds = replace(
                user.preferences.alert_thresholds,
                health_factor_low=Decimal(low),
                health_factor_critical=Decimal(critical),
            )
            wanted = user.preferences.active_signals if active is None else tuple(active)
            preferences = replace(user.preferences, alert_thresholds=thresholds, active_signals=wanted)
            await work.users.record(user.prefer(preferences, at=self.clock.now()))

    async def unlink(self, user_id: UserId, wallet: Address) -> None:
        """Let the user stop watching a wallet."""
        async with self.begin(user_id) as work:
            user = await work.users.get(user_id)
            await work.users.record(user.unlink(wallet=wallet, at=self.clock.now()))

    async def delete(self, user_id: UserId) -> None:
        """Let the user leave."""
        async with self.begin(user_id) as work:
            user = await work.users.get(user_id)
            await work.users.record(user.delete(at=self.clock.now()))

    async def observe(self, dollars: int | None = None, *, minutes: int = 5) -> PositionsObserved | None:
        """Read every watched wallet in a new block, some minutes after the last, perhaps at a new price."""
        self.clock.advance(timedelta(minutes=minutes))
        self.market.number += 1
        if dollars is not None:
            self.market.price(dollars)
        async with self.begin(None) as work:
            watched = sorted(await work.watched.all())
        return await self.observes(chain_id=CHAIN, wallets=watched)

    async def react(self) -> None:
        """Let both reactions follow the log to its end."""
        while await self.detects() or await self.raises():
            pass

    async def deliver(self) -> list[Delivery]:
        """Make every attempt that is due now."""
        return [await self.delivers(claim) for claim in await self.claims()]

    async def live(self, dollars: int | None = None, *, minutes: int = 5) -> None:
        """Observe, react and deliver."""
        await self.observe(dollars, minutes=minutes)
        await self.react()
        await self.deliver()

    async def replay(self) -> ReplayReport:
        """Replay the log in a space of its own."""
        return await self.replays()

    async def stored(self, kind: str, type: type[StateT]) -> list[StateT]:
        """Return the stored states of a kind in the order of their making."""
        async with self.begin(None) as work:
            states = await work.states.page(kind, after=None, limit=10_000)
            places = {
                recorded.stream: -recorded.place
                for recorded in reversed(await work.facts.after(Place(0), limit=10**6))
            }
        ordered = sorted(states, key=lambda state: -places[state.id])
        return [state for state in ordered if isinstance(state, type)]

    async def signals(self) -> list[Signal]:
        return await self.stored("signal", Signal)

    async def alerts(self) -> list[Alert]:
        return await self.stored("alert", Alert)

    async def deliveries(self) -> list[Delivery]:
        return await self.stored("delivery", Delivery)
