import json
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from adapters.codec.json import canonical
from application.audit.explanation import Explanation, Remade, Step
from application.audit.fact_search import Found
from application.shared.ports import Recorded
from entrypoints.http.alert_views import AlertView, DeliveryView
from entrypoints.http.frame.models import View


class FactView(View):
    """A fact as the log holds it."""

    place: int = Field(description="Its position in the log, counted from one without gaps.")
    stream: UUID
    version: int
    type: str
    user_id: UUID | None
    correlation_id: UUID | None = Field(description="What caused it: a request, a job.")
    recorded_at: datetime
    fact: Any = Field(description="What it says, with the caller's own personal fields unsealed.")
    stored: str = Field(description="The very bytes that were hashed into the log's chain.")

    @staticmethod
    def of(recorded: Recorded) -> "FactView":
        """Show a recorded fact."""
        return FactView(
            place=recorded.place,
            stream=recorded.stream,
            version=recorded.version,
            type=recorded.type,
            user_id=recorded.user_id,
            correlation_id=recorded.correlation_id if isinstance(recorded, Found) else None,
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


class ReplayView(View):
    """Why an alert fired and what became of it, told from the log alone, and proven by deciding again."""

    reproduced: bool
    obstacle: str | None
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
            alert=AlertView.of(explanation.alert),
            deliveries=tuple(map(DeliveryView.of, explanation.deliveries)),
            steps=tuple(map(StepView.of, explanation.steps)),
            decisions=tuple(map(RemadeView.of, explanation.remade)),
        )
