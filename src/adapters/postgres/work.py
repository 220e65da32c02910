from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.alerts import PostgresAlerts
from adapters.postgres.audit_jobs import PostgresAuditJobs
from adapters.postgres.contact_codes import PostgresContactCodes
from adapters.postgres.deliveries import PostgresDeliveries
from adapters.postgres.intents import PostgresIntents
from adapters.postgres.liquidation_cursors import PostgresLiquidationCursors
from adapters.postgres.log.archived import PostgresArchived
from adapters.postgres.log.checkpoints import PostgresCheckpoints
from adapters.postgres.log.fact_search import PostgresFactSearch
from adapters.postgres.log.facts import PostgresFacts
from adapters.postgres.log.log_rows import PostgresLogRows
from adapters.postgres.log.seals import PostgresSeals
from adapters.postgres.log.shared_log import PostgresSharedLog
from adapters.postgres.log.sightings import PostgresSightings
from adapters.postgres.log.stored_log import PostgresStoredLog
from adapters.postgres.log.stream_snapshots import PostgresStreamSnapshots
from adapters.postgres.nonces import PostgresNonces
from adapters.postgres.operators import PostgresOperators
from adapters.postgres.positions import PostgresPositions
from adapters.postgres.replaying.stored_states import PostgresStoredStates
from adapters.postgres.requests import PostgresRequests
from adapters.postgres.rules import PostgresRulesInForce
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.signals import PostgresSignals
from adapters.postgres.subject_keys import PostgresSubjectKeys
from adapters.postgres.traces import PostgresTraces
from adapters.postgres.users import PostgresUsers
from adapters.postgres.watched_wallets import PostgresWatchedWallets
from adapters.postgres.watches import PostgresWatches


@dataclass(frozen=True)
class PostgresWork:
    """Everything that a transaction in PostgreSQL offers; every port named `...Work` is a part of it."""

    connection: AsyncConnection
    facts: PostgresFacts

    @cached_property
    def users(self) -> PostgresUsers:
        """The people."""
        return PostgresUsers(self.connection, self.facts)

    @cached_property
    def operators(self) -> PostgresOperators:
        """Those who may read everybody's audit."""
        return PostgresOperators(self.connection, self.facts)

    @cached_property
    def audit_jobs(self) -> PostgresAuditJobs:
        """Audits that take long."""
        return PostgresAuditJobs(self.connection)

    @cached_property
    def sessions(self) -> PostgresSessions:
        """Their sign-ins."""
        return PostgresSessions(self.connection)

    @cached_property
    def nonces(self) -> PostgresNonces:
        """Numbers used once."""
        return PostgresNonces(self.connection)

    @cached_property
    def contact_codes(self) -> PostgresContactCodes:
        """Codes that wait to come back."""
        return PostgresContactCodes(self.connection)

    @cached_property
    def requests(self) -> PostgresRequests:
        """The requests on record."""
        return PostgresRequests(self.connection)

    @cached_property
    def checkpoints(self) -> PostgresCheckpoints:
        """How far each reaction has come."""
        return PostgresCheckpoints(self.connection)

    @cached_property
    def positions(self) -> PostgresPositions:
        """The snapshots."""
        return PostgresPositions(self.connection)

    @cached_property
    def watched(self) -> PostgresWatchedWallets:
        """Who watches what."""
        return PostgresWatchedWallets(self.connection)

    @cached_property
    def liquidation_cursors(self) -> PostgresLiquidationCursors:
        """How far the search for liquidations has come."""
        return PostgresLiquidationCursors(self.connection)

    @cached_property
    def signals(self) -> PostgresSignals:
        """The signals."""
        return PostgresSignals(self.connection, self.facts)

    @cached_property
    def rules(self) -> PostgresRulesInForce:
        """What users want to hear of."""
        return PostgresRulesInForce(self.connection)

    @cached_property
    def watches(self) -> PostgresWatches:
        """What the detectors remember."""
        return PostgresWatches(self.connection)

    @cached_property
    def alerts(self) -> PostgresAlerts:
        """The alerts."""
        return PostgresAlerts(self.connection, self.facts)

    @cached_property
    def deliveries(self) -> PostgresDeliveries:
        """The outbox."""
        return PostgresDeliveries(self.connection, self.facts)

    @cached_property
    def intents(self) -> PostgresIntents:
        """The intents."""
        return PostgresIntents(self.connection, self.facts)

    @cached_property
    def search(self) -> PostgresFactSearch:
        """The event log, by what is said of its facts."""
        return PostgresFactSearch(self.connection, self.facts.subjects, self.facts.archived)

    @cached_property
    def sightings(self) -> PostgresSightings:
        """What was seen of wallets, in the order of the log."""
        return PostgresSightings(self.connection, self.facts.archived)

    @property
    def subjects(self) -> PostgresSubjectKeys:
        """The keys of personal fields."""
        return self.facts.subjects

    @cached_property
    def traces(self) -> PostgresTraces:
        """What is kept of a person beside the log."""
        return PostgresTraces(self.connection, self.facts.archived)

    @cached_property
    def snapshots(self) -> PostgresStreamSnapshots:
        """What long streams came to before."""
        return PostgresStreamSnapshots(self.connection, self.facts.subjects)

    @cached_property
    def states(self) -> PostgresStoredStates:
        """The states as they stand."""
        return PostgresStoredStates(self.connection, self.facts)

    @cached_property
    def stored_log(self) -> PostgresStoredLog:
        """The log's rows, undecoded."""
        return PostgresStoredLog(self.connection, self.facts.archived)

    @property
    def archived(self) -> PostgresArchived:
        """The part of the log that was taken out of the database."""
        return self.facts.archived

    @cached_property
    def log_rows(self) -> PostgresLogRows:
        """The log's rows in bulk."""
        return PostgresLogRows(self.connection, self.facts.archived)

    @cached_property
    def shared_log(self) -> PostgresSharedLog:
        """The log, with hashes in place of what others' facts say."""
        return PostgresSharedLog(self.connection, self.facts.archived)

    @cached_property
    def seals(self) -> PostgresSeals:
        """The seals."""
        return PostgresSeals(self.connection)
