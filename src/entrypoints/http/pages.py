from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from entrypoints.http.frame.endpoint import Endpoint
from entrypoints.http.frame.models import Params

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Plimsoll API</title>
<link rel="icon" href="/docs/favicon-32x32.png"><link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"><p>The API is described in <a href="/openapi.json">/openapi.json</a>.</p></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>
</body>
</html>
"""
_PLAIN = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Plimsoll API</title></head>
<body>
<p>The API is described in <a href="/openapi.json">/openapi.json</a>.
To have it rendered here, install the node package swagger-ui-dist (<code>make setup</code> does).</p>
</body>
</html>
"""
_START = 'SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null });\n'


class AssetPath(Params):
    """Which file of the page."""

    file: str


@dataclass(slots=True)
class PagesApi:
    """The document that describes the API, and the page that renders it from the node package swagger-ui-dist."""

    swagger: Path
    _describe: Callable[[], dict[str, Any]] = field(default=dict, repr=False)
    _document: bytes | None = field(default=None, repr=False)

    def publish(self, describe: Callable[[], dict[str, Any]]) -> None:
        """Take what makes the document; it is made when somebody first asks for it."""
        self._describe = describe

    def routes(self) -> tuple[Endpoint, ...]:
        """Return the endpoints."""
        return (
            Endpoint(method="GET", path="/openapi.json", handler=self.get_document, cached=False),
            Endpoint(method="GET", path="/docs", handler=self.get_page, cached=False, media="text/html"),
            Endpoint(
                method="GET",
                path="/docs/{file}",
                handler=self.get_asset,
                cached=False,
                media="application/octet-stream",
                refusals=(404,),
            ),
        )

    async def get_document(self) -> web.Response:
        """Describe this API in OpenAPI 3.1."""
        if self._document is None:
            self._document = orjson.dumps(self._describe())
        return web.Response(body=self._document, content_type="application/json")

    async def get_page(self) -> web.Response:
        """Show the description of this API as a page for people."""
        complete = all((self.swagger / name).is_file() for name in ASSETS)
        return web.Response(
            text=_PAGE if complete else _PLAIN,
            content_type="text/html",
            headers={"Content-Security-Policy": _POLICY},
        )

    async def get_asset(self, path: AssetPath) -> web.StreamResponse:
        """Hand out a file of that page."""
        if path.file == "start.js":
            return web.Response(text=_START, content_type="text/javascript")
        asset = self.swagger / path.file
        if path.file not in ASSETS or not asset.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(
            asset, headers={"Content-Type": ASSETS[path.file], "Cache-Control": "public, max-age=3600"}
        )
