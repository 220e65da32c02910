import asyncio

import structlog

from adapters.postgres import migrator
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.db.schema_wanted import require_schema
from entrypoints.cli.logs import write_logs
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console
from entrypoints.database import database
from entrypoints.secrets import require_secret_keys
from entrypoints.settings import Settings
from entrypoints.working import working

_log = structlog.get_logger(__name__)


def run_up(host: str | None, port: int | None) -> None:
    """Run database, HTTP server and worker in this process, until told to end."""
    run(_up(_settings(host, port)))


def run_serve(host: str | None, port: int | None) -> None:
    """Run the HTTP server, until told to end; raises Conflict when the schema is not up to date."""
    run(_serve(_settings(host, port)))


def run_work() -> None:
    """Run a worker, until told to end; raises Conflict when the schema is not up to date."""
    run(_work(_settings(None, None)))


async def _up(settings: Settings) -> None:
    from entrypoints.serving import http_server

    _warn_of_blindness(settings)
    async with database(settings) as urls:
        await asyncio.to_thread(migrator.migrate, urls.for_admin())
        require_secret_keys(settings)
        async with http_server(settings, urls.for_app()) as url, working(settings, urls.for_worker()):
            _greet(url)
            await asyncio.Event().wait()


async def _serve(settings: Settings) -> None:
    from entrypoints.serving import http_server

    async with database(settings) as urls:
        await require_schema(urls)
        require_secret_keys(settings)
        async with http_server(settings, urls.for_app()) as url:
            _greet(url)
            await asyncio.Event().wait()


async def _work(settings: Settings) -> None:
    _warn_of_blindness(settings)
    async with database(settings) as urls:
        await require_schema(urls)
        require_secret_keys(settings)
        async with working(settings, urls.for_worker()):
            await asyncio.Event().wait()


def _settings(host: str | None, port: int | None) -> Settings:
    settings = load_settings()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    write_logs(settings.log_level, as_json=settings.log_json)
    return settings.model_copy(update={"http": settings.http.model_copy(update=given)})


def _warn_of_blindness(settings: Settings) -> None:
    if not settings.chains:
        _log.warning("no chain is configured, so nothing is watched: set PLIMSOLL_CHAINS__1__RPC_URL")


def _greet(url: str) -> None:
    console(error=True).print(
        f"Plimsoll serves [bold]{url}[/bold] ([bold]{url}/docs[/bold] describes it); Ctrl-C ends."
    )
