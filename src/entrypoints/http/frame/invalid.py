import json
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from entrypoints.http.frame import problems
from entrypoints.http.frame.problems import Problem

_MOST = 20
_SENTENCES = {
    "missing": "This is required.",
    "extra_forbidden": "There is no such field; check its spelling.",
}


def refused_params(error: ValidationError, where: str) -> Problem:
    """Return the problem of a path or query that breaks its rules, naming each parameter."""
    return _refused(
        [
            {where: str(wrong["loc"][0]), "detail": _sentence(wrong)}
            for wrong in error.errors()
            if wrong["loc"]
        ]
    )


def refused_body(error: ValidationError, raw: bytes) -> Problem:
    """Return the problem of a body: malformed JSON, or the fields that break their rules, by JSON Pointer."""
    found = error.errors(include_url=False)
    if any(wrong["type"] == "json_invalid" for wrong in found):
        return Problem(problems.MALFORMED, f"{found[0]['msg']}.")
    document = json.loads(raw)
    return _refused(
        [{"pointer": _pointer(document, wrong["loc"]), "detail": _sentence(wrong)} for wrong in found]
    )


def _refused(errors: Sequence[Mapping[str, str]]) -> Problem:
    first = errors[0]
    where = next(value for name, value in first.items() if name != "detail")
    more = f" ({len(errors) - 1} more in `errors`.)" if len(errors) > 1 else ""
    return Problem(problems.INVALID, f"{where}: {first['detail']}{more}", errors=errors[:_MOST])


def _sentence(wrong: ErrorDetails) -> str:
    if (known := _SENTENCES.get(wrong["type"])) is not None:
        return known
    ours = wrong.get("ctx", {}).get("error")
    return str(ours) if ours is not None else f"{wrong['msg']}."


def _pointer(document: object, place: Sequence[int | str]) -> str:
    """Write the place as an RFC 6901 pointer into what was sent, without the names of a union's branches."""
    steps: list[str] = []
    at = document
    for number, step in enumerate(place, 1):
        inner = _inside(at, step)
        if inner is None and number < len(place):
            continue
        at = inner
        steps.append(str(step)[:100].replace("~", "~0").replace("/", "~1"))
    return "#" + "".join(f"/{step}" for step in steps)


def _inside(document: object, step: int | str) -> object:
    if isinstance(document, dict):
        return document.get(step)
    if isinstance(document, list) and isinstance(step, int) and step < len(document):
        return document[step]
    return None
