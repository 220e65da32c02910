"""What the log has to hold, as a list in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.examples import raised

from application.audit.ports import AuditWork
from domain.alerts.alert import Alert, AlertChange
from domain.alerts.events import AlertRaised
from domain.identity.preferences import Channel
from domain.shared.ids import Id, UserId

Step = tuple[int, str]
"""An alert's number, and what happens to it."""

NAMES = ("ada", "bob", "cyd")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one place of the log has to hold."""

    stream: Id
    version: int
    user: UserId
    fact: object
    at: datetime
    state: Alert
    printed: bool
    """Whether the fingerprint of the state is on record with it."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """An append with a key, and the place that it was told."""

    key: Id
    before: int
    change: AlertChange
    place: int


@dataclass(slots=True)
class Model:
    """The list in memory, and what each alert has come to."""

    log: list[Entry] = field(default_factory=list)
    alerts: dict[int, Alert] = field(default_factory=dict)
    keyed: list[Keyed] = field(default_factory=list)

    def planned(self, wanted: Sequence[Step], at: datetime, only: UserId | None = None) -> "Plan":
        """Make changes of steps, one after the other; a step that an alert cannot take raises it, or is left out."""
        alerts, changes = dict(self.alerts), []
        for number, step in wanted:
            before = alerts.get(number)
            change = change_of(number, before, step, at)
            if change is None or not change.facts or only not in {None, change.state.user_id}:
                continue
            changes.append((0 if before is None else before.version, change))
            alerts[number] = change.state
        return Plan(alerts, changes)

    def take(self, plan: "Plan", at: datetime, *, printed: bool = True) -> None:
        """Let the plan have happened."""
        for before, change in plan.changes:
            state = None
            for number, fact in enumerate(change.facts, start=1):
                state = Alert.raised(fact).state if isinstance(fact, AlertRaised) else change.state
                last = number == len(change.facts)
                user = change.state.user_id
                self.log.append(
                    Entry(change.state.id, before + number, user, fact, at, state, printed and last)
                )
        self.alerts = plan.alerts

    def place_by(self, moment: datetime) -> int:
        """Return the last place before the first that is younger, for clocks go back."""
        return next((at for at, entry in enumerate(self.log) if entry.at > moment), len(self.log))

    def history(self, stream: Id, until: int | None = None) -> list[Entry]:
        return [entry for entry in self.log[:until] if entry.stream == stream]


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes that belong together, each with the version that it starts from, and what the alerts come to."""

    alerts: dict[int, Alert]
    changes: list[tuple[int, AlertChange]]

    def into(self, work: AuditWork) -> None:
        for before, change in self.changes:
            work.facts.append(change.state.id, before, change.facts, state=change.state)


def change_of(number: int, alert: Alert | None, step: str, at: datetime) -> AlertChange | None:
    if alert is None:
        return raised(NAMES[number % len(NAMES)], number=number, at=at)
    if alert.resolved_at is not None:
        return None
    match step:
        case "sent":
            return alert.sent(channel=Channel.IN_APP, at=at)
        case "acknowledge":
            return alert.acknowledge(at=at)
        case "failed":
            return alert.failed(at=at)
        case _:
            return alert.resolve(message="All clear.", at=at)
