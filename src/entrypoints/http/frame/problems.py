from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from aiohttp import web

from application.shared.correlation import correlation


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal that a program can rely on: its URI never changes."""

    slug: str
    status: int
    title: str
    advice: str

    @property
    def uri(self) -> str:
        """The `type` of the problem document, relative to this server; it answers with an explanation."""
        return f"/problems/{self.slug}"


MALFORMED = ProblemType("malformed-json", 400, "The body is not JSON", "Send one JSON document in UTF-8.")
NOT_SIGNED_IN = ProblemType(
    "not-signed-in",
    401,
    "Nobody is signed in",
    "Send `Authorization: Bearer <token>`; POST /v1/auth/siwe gives one.",
)
DENIED = ProblemType("denied", 403, "You may not do this", "The detail says what stands against it.")
NOT_FOUND = ProblemType(
    "not-found", 404, "There is no such thing", "It does not exist, or it is not yours to see."
)
NO_ROUTE = ProblemType("no-such-route", 404, "There is no such route", "/openapi.json lists every route.")
NO_METHOD = ProblemType(
    "method-not-allowed", 405, "The route has no such method", "The Allow header lists those it has."
)
CONFLICT = ProblemType(
    "conflict", 409, "Not as things stand", "Load the thing again; its state does not allow this now."
)
MOVED_ON = ProblemType(
    "changed-meanwhile", 412, "It was changed meanwhile", "Load it again and repeat your change."
)
TOO_LARGE = ProblemType("too-large", 413, "The body is too large", "Nothing here takes more than 64 KiB.")
NOT_JSON = ProblemType(
    "unsupported-media-type", 415, "The body has the wrong type", "Send `Content-Type: application/json`."
)
INVALID = ProblemType(
    "invalid", 422, "The request breaks a rule", "`errors` points at each field that is wrong."
)
KEY_REUSED = ProblemType(
    "idempotency-key-reused", 422, "The key belongs to another request", "Take a new key."
)
INTERNAL = ProblemType(
    "internal", 500, "Something broke here", "It is not your fault. Report the request id."
)
UNAVAILABLE = ProblemType(
    "unavailable", 503, "Something outside does not answer", "Wait as Retry-After says, then repeat."
)
NOT_READY = ProblemType("not-ready", 503, "Not ready", "`checks` says what is missing.")

PROBLEM_TYPES = (
    MALFORMED, NOT_SIGNED_IN, DENIED, NOT_FOUND, NO_ROUTE, NO_METHOD, CONFLICT, MOVED_ON, TOO_LARGE, NOT_JSON, INVALID,
    KEY_REUSED, INTERNAL, UNAVAILABLE, NOT_READY,
)  # fmt: skip

MEDIA = "application/problem+json"


class Problem(Exception):
    """A refusal that is ready to be sent: what kind, and in a whole sentence why."""

    def __init__(
        self,
        type: ProblemType,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        checks: Sequence[Mapping[str, object]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.type = type
        self.detail = detail
        self.errors = errors
        self.checks = checks
        self.headers = headers

    def response(self) -> web.Response:
        """Write the problem document of RFC 9457."""
        document: dict[str, object] = {
            "type": self.type.uri,
            "title": self.type.title,
            "status": self.type.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [dict(error) for error in self.errors]
        if self.checks:
            document["checks"] = [dict(check) for check in self.checks]
        if (request_id := correlation.get()) is not None:
            document["instance"] = f"urn:uuid:{request_id}"
        return web.Response(
            status=self.type.status,
            reason=HTTPStatus(self.type.status).phrase,
            body=orjson.dumps(document),
            content_type=MEDIA,
            headers=self.headers,
        )
