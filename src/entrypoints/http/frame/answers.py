import hashlib
import re
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Page
from entrypoints.http.frame.reply import Reply, etag_of_version

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def answered(endpoint: Endpoint, request: web.Request, result: object) -> web.StreamResponse:
    """Write what a handler returned; a client that has it already is told so with 304."""
    if isinstance(result, web.StreamResponse):
        return result
    reply: Reply[Any] = result if isinstance(result, Reply) else Reply(result)
    if reply.view is None:
        return web.Response(status=endpoint.status, headers=reply.headers)
    view: BaseModel = reply.view
    body = view.model_dump_json().encode()
    headers = dict(reply.headers)
    if reply.version is not None:
        headers["ETag"] = etag_of_version(reply.version)
    if isinstance(view, Page) and view.next is not None:
        headers["Link"] = f'<{request.rel_url.update_query(cursor=view.next)}>; rel="next"'
    if endpoint.method == "GET" and endpoint.cached:
        headers.setdefault("ETag", f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        headers["Cache-Control"] = "private, no-cache"
        if _has_it_already(request, headers["ETag"]):
            return web.Response(status=304, headers=headers)
    return web.Response(status=endpoint.status, body=body, content_type=endpoint.media, headers=headers)


def _has_it_already(request: web.Request, etag: str) -> bool:
    asked = request.headers.get("If-None-Match", "")
    return asked.strip() == "*" or etag in _TAG.findall(asked)
