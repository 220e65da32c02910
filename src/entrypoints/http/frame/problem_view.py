from pydantic import ConfigDict, Field

from entrypoints.http.frame.models import View


class FieldErrorView(View):
    """What is wrong with one field: `pointer` into the body, or the name in the path, query or headers."""

    detail: str
    pointer: str | None = Field(None, description="A JSON Pointer (RFC 6901) in its URI fragment form.")
    query: str | None = None
    path: str | None = None
    header: str | None = None


class CheckView(View):
    """One thing that has to be there before Plimsoll can serve."""

    name: str
    ready: bool
    reason: str | None = None


class ProblemView(View):
    """A refusal, as RFC 9457 writes it."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="The kind of refusal, as a URI relative to this server that explains it.")
    title: str
    status: int
    detail: str = Field(description="A whole sentence for people.")
    instance: str | None = Field(
        None, description="The request's id as a URN; name it when you report something."
    )
    errors: tuple[FieldErrorView, ...] = ()
    checks: tuple[CheckView, ...] = ()


class ProblemTypeView(View):
    """A kind of refusal."""

    type: str
    status: int
    title: str
    advice: str


class ProblemTypesView(View):
    """Every kind of refusal there is."""

    items: tuple[ProblemTypeView, ...]
