from dataclasses import dataclass

from entrypoints.http.frame import problems
from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Params
from entrypoints.http.frame.problem_view import ProblemTypesView, ProblemTypeView
from entrypoints.http.frame.problems import PROBLEM_TYPES, Problem, ProblemType


class ProblemTypePath(Params):
    """Which kind of refusal."""

    slug: str


@dataclass(frozen=True, slots=True)
class ProblemTypesApi:
    """Explains every kind of refusal at the very URI that problem documents name as their type."""

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(method="GET", path="/problems", handler=self.list_types),
            Endpoint(method="GET", path="/problems/{slug}", handler=self.get_type, refusals=(404,)),
        )

    async def list_types(self) -> ProblemTypesView:
        """List every kind of refusal."""
        return ProblemTypesView(items=tuple(map(_view, PROBLEM_TYPES)))

    async def get_type(self, path: ProblemTypePath) -> ProblemTypeView:
        """Explain one kind of refusal."""
        for kind in PROBLEM_TYPES:
            if kind.slug == path.slug:
                return _view(kind)
        raise Problem(problems.NOT_FOUND, f"There is no problem type {path.slug[:60]}; /problems lists them.")


def _view(kind: ProblemType) -> ProblemTypeView:
    return ProblemTypeView(type=kind.uri, status=kind.status, title=kind.title, advice=kind.advice)
