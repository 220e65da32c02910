from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.memory.alerts import MemoryAlerts, alerts_in
from adapters.memory.audit_jobs import MemoryAuditJobs
from adapters.memory.checkpoints import MemoryCheckpoints
from adapters.memory.contact_codes import MemoryContactCodes
from adapters.memory.deliveries import MemoryDeliveries, deliveries_in
from adapters.memory.fact_search import MemoryFactSearch
from adapters.memory.facts import MemoryFacts
from adapters.memory.intents import MemoryIntents, intents_in
from adapters.memory.liquidation_cursors import MemoryLiquidationCursors
from adapters.memory.nonces import MemoryNonces
from adapters.memory.operators import MemoryOperators, operators_in
from adapters.memory.positions import MemoryPositions
from adapters.memory.requests import MemoryRequests
from adapters.memory.rules import MemoryRulesInForce
from adapters.memory.seals import MemorySeals
from adapters.memory.sessions import MemorySessions
from adapters.memory.shared_log import MemorySharedLog
from adapters.memory.sightings import MemorySightings
from adapters.memory.signals import MemorySignals, signals_in
from adapters.memory.store import Transaction
from adapters.memory.stored_states import MemoryStoredStates
from adapters.memory.stream_snapshots import MemoryStreamSnapshots
from adapters.memory.subject_keys import MemorySubjectKeys
from adapters.memory.traces import MemoryTraces
from adapters.memory.users import MemoryUsers, users_in
from adapters.memory.watched_wallets import MemoryWatchedWallets
from adapters.memory.watches import MemoryWatches
from application.audit.ports import State


@dataclass(frozen=True, slots=True)
class MemoryWork:
    """Everything that a transaction in memory offers; every port named `...Work` is a part of it."""

    transaction: Transaction
    facts: MemoryFacts

    @property
    def users(self) -> MemoryUsers:
        """The people."""
        return MemoryUsers(users_in(self.transaction, self.facts))

    @property
    def operators(self) -> MemoryOperators:
        """Those who may read everybody's audit."""
        return MemoryOperators(operators_in(self.transaction, self.facts))

    @property
    def audit_jobs(self) -> MemoryAuditJobs:
        """Audits that take long."""
        return MemoryAuditJobs(self.transaction)

    @property
    def sessions(self) -> MemorySessions:
        """Their sign-ins."""
        return MemorySessions(self.transaction)

    @property
    def nonces(self) -> MemoryNonces:
        """Numbers used once."""
        return MemoryNonces(self.transaction)

    @property
    def contact_codes(self) -> MemoryContactCodes:
        """Codes that wait to come back."""
        return MemoryContactCodes(self.transaction)

    @property
    def requests(self) -> MemoryRequests:
        """The requests on record."""
        return MemoryRequests(self.transaction)

    @property
    def checkpoints(self) -> MemoryCheckpoints:
        """How far each reaction has come."""
        return MemoryCheckpoints(self.transaction)

    @property
    def positions(self) -> MemoryPositions:
        """The snapshots."""
        return MemoryPositions(self.transaction)

    @property
    def watched(self) -> MemoryWatchedWallets:
        """Who watches what."""
        return MemoryWatchedWallets(users_in(self.transaction, self.facts))

    @property
    def liquidation_cursors(self) -> MemoryLiquidationCursors:
        """How far the search for liquidations has come."""
        return MemoryLiquidationCursors(self.transaction)

    @property
    def signals(self) -> MemorySignals:
        """The signals."""
        return MemorySignals(signals_in(self.transaction, self.facts))

    @property
    def rules(self) -> MemoryRulesInForce:
        """What users want to hear of."""
        return MemoryRulesInForce(self.transaction)

    @property
    def watches(self) -> MemoryWatches:
        """What the detectors remember."""
        return MemoryWatches(self.transaction)

    @property
    def alerts(self) -> MemoryAlerts:
        """The alerts."""
        return MemoryAlerts(alerts_in(self.transaction, self.facts))

    @property
    def deliveries(self) -> MemoryDeliveries:
        """The outbox."""
        return MemoryDeliveries(deliveries_in(self.transaction, self.facts))

    @property
    def intents(self) -> MemoryIntents:
        """The intents."""
        return MemoryIntents(intents_in(self.transaction, self.facts))

    @property
    def search(self) -> MemoryFactSearch:
        """The event log, by what is said of its facts."""
        return MemoryFactSearch(self.transaction)

    @property
    def sightings(self) -> MemorySightings:
        """What was seen of wallets, in the order of the log."""
        return MemorySightings(self.transaction)

    @property
    def subjects(self) -> MemorySubjectKeys:
        """The keys of personal fields."""
        return MemorySubjectKeys(self.transaction)

    @property
    def traces(self) -> MemoryTraces:
        """What is kept of a person beside the log."""
        return MemoryTraces(self.transaction)

    @property
    def shared_log(self) -> MemorySharedLog:
        """The log, with hashes in place of what others' facts say."""
        return MemorySharedLog(self.transaction)

    @property
    def seals(self) -> MemorySeals:
        """The seals."""
        return MemorySeals(self.transaction)

    @property
    def snapshots(self) -> MemoryStreamSnapshots:
        """What long streams came to before."""
        return MemoryStreamSnapshots(self.transaction)

    @property
    def states(self) -> MemoryStoredStates:
        """The states as they stand."""
        kinds: dict[str, Callable[[], Sequence[State]]] = {
            "user": users_in(self.transaction, self.facts).all,
            "signal": signals_in(self.transaction, self.facts).all,
            "alert": alerts_in(self.transaction, self.facts).all,
            "delivery": deliveries_in(self.transaction, self.facts).all,
            "intent": intents_in(self.transaction, self.facts).all,
            "operator": operators_in(self.transaction, self.facts).all,
        }
        return MemoryStoredStates(kinds)
