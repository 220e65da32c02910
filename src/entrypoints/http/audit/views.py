import json
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from adapters.codec.json import canonical
from application.audit.explaining.explanation import (
    Explanation,
    InputUsed,
    IntentExplanation,
    PolicyVerdict,
    Remade,
    Step,
)
from application.audit.reading.fact_search import Found
from domain.shared.money import plain, scaled
from entrypoints.http.alert_views import AlertView, DeliveryView
from entrypoints.http.frame.fields import Identifier
from entrypoints.http.frame.models import View
from entrypoints.http.intent_models import IntentView


class FactView(View):
    """A fact as the log holds it."""

    place: int = Field(description="Its position in the log, counted from one without gaps.")
    stream: Identifier
    version: int
    type: str
    user_id: Identifier | None
    correlation_id: Identifier | None = Field(description="What caused it: a request, a job.")
    recorded_at: datetime
    fact: Any = Field(description="What it says, with the caller's own personal fields unsealed.")
    stored: str = Field(description="The very bytes that were hashed into the log's chain.")

    @staticmethod
    def of(recorded: Found) -> "FactView":
        """Show a recorded fact."""
        return FactView(
            place=recorded.place,
            stream=recorded.stream,
            version=recorded.version,
            type=recorded.type,
            user_id=recorded.user_id,
            correlation_id=recorded.correlation_id,
            recorded_at=recorded.recorded_at,
            fact=json.loads(canonical(recorded.fact)),
            stored=recorded.stored.decode(),
        )


class FigureView(View):
    """A name and a value by which a step can be checked."""

    name: str
    value: str


class StepView(View):
    """One thing that happened on the way to the alert, or after it."""

    at: datetime
    place: int | None
    what: str
    figures: tuple[FigureView, ...]

    @staticmethod
    def of(step: Step) -> "StepView":
        """Show a step."""
        figures = tuple(FigureView(name=name, value=value) for name, value in step.figures)
        return StepView(at=step.at, place=step.place, what=step.what, figures=figures)


class RemadeView(View):
    """A decision on record, beside the same decision made again from its inputs."""

    type: str
    reproduced: bool
    recorded_sha256: str
    remade_sha256: str | None
    recorded: str
    remade: str | None

    @staticmethod
    def of(remade: Remade) -> "RemadeView":
        """Show a decision that was made again."""
        return RemadeView(
            type=remade.type,
            reproduced=remade.reproduced,
            recorded_sha256=remade.recorded_sha256,
            remade_sha256=remade.remade_sha256,
            recorded=remade.recorded.decode(),
            remade=None if remade.remade is None else remade.remade.decode(),
        )


class InputView(View):
    """One figure that a decision rests on: where it came from, of when it is, and how old it was when it was used."""

    name: str
    value: str
    source: str
    as_of: datetime | None
    age_seconds: str | None = Field(description="An exact decimal number, as text; null where nobody knows.")

    @staticmethod
    def of(used: InputUsed) -> "InputView":
        """Show an input."""
        return InputView(
            name=used.name,
            value=used.value,
            source=used.source,
            as_of=used.as_of,
            age_seconds=None if used.age is None else seconds_of(used.age),
        )


def seconds_of(age: timedelta) -> str:
    """Write a duration in seconds, exactly."""
    return plain(scaled(age // timedelta(microseconds=1), 6))


class ReplayView(View):
    """Why an alert fired and what became of it, told from the log alone, and proven by deciding again."""

    reproduced: bool
    obstacle: str | None
    decided_at: datetime
    inputs: tuple[InputView, ...]
    alert: AlertView
    deliveries: tuple[DeliveryView, ...]
    steps: tuple[StepView, ...]
    decisions: tuple[RemadeView, ...]

    @staticmethod
    def of(explanation: Explanation) -> "ReplayView":
        """Show an explanation."""
        return ReplayView(
            reproduced=explanation.reproduced,
            obstacle=explanation.obstacle,
            decided_at=explanation.decided_at,
            inputs=tuple(map(InputView.of, explanation.inputs)),
            alert=AlertView.of(explanation.alert),
            deliveries=tuple(map(DeliveryView.of, explanation.deliveries)),
            steps=tuple(map(StepView.of, explanation.steps)),
            decisions=tuple(map(RemadeView.of, explanation.remade)),
        )


class PolicyView(View):
    """What a policy says when it is asked again; `agrees` is null where it looks at what is not on record."""

    policy: str
    agrees: bool | None
    said: str

    @staticmethod
    def of(verdict: PolicyVerdict) -> "PolicyView":
        """Show a verdict."""
        return PolicyView(policy=verdict.policy, agrees=verdict.agrees, said=verdict.said)


class IntentReplayView(View):
    """What a user said beforehand and what became of it, told from the log alone, and proven by deciding again."""

    reproduced: bool
    obstacle: str | None
    intent: IntentView
    policies: tuple[PolicyView, ...]
    steps: tuple[StepView, ...]
    decisions: tuple[RemadeView, ...]

    @staticmethod
    def of(explanation: IntentExplanation) -> "IntentReplayView":
        """Show an explanation."""
        return IntentReplayView(
            reproduced=explanation.reproduced,
            obstacle=explanation.obstacle,
            intent=IntentView.of(explanation.intent),
            policies=tuple(map(PolicyView.of, explanation.policies)),
            steps=tuple(map(StepView.of, explanation.steps)),
            decisions=tuple(map(RemadeView.of, explanation.remade)),
        )
