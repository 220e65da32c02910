import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from adapters.devchain.packages import NodePackages
from adapters.postgres import migrator
from adapters.postgres.revisions import Revision
from application.audit.replaying.replay import Replay
from application.positions.read_wallet import ReadWallet
from domain.shared.chain import ChainId
from entrypoints.cli.demo.client import Client
from entrypoints.cli.demo.environment import demo_settings, free_port
from entrypoints.cli.demo.narrator import Narrator
from entrypoints.cli.demo.oracle import Oracle
from entrypoints.cli.demo.parts import Parts, parts
from entrypoints.container.worker import Background
from entrypoints.database import database
from entrypoints.serving import http_server
from entrypoints.settings import Settings
from entrypoints.working import working

_PATIENCE = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that the demo runs on, all of it real and on this machine."""

    parts: Parts
    url: str
    oracle: Oracle
    client: Client
    read: ReadWallet
    replay: Replay

    @property
    def chain_id(self) -> ChainId:
        """The local chain."""
        return ChainId(self.parts.market.chain_id)


@asynccontextmanager
async def set_stage(
    own: Settings, folder: Path, port: int | None, narrator: Narrator
) -> AsyncIterator[Stage]:
    """Start every part, and put all of it away afterwards; raises what the parts do when one cannot start."""
    http_port = free_port(port)
    async with parts(NodePackages(own.node_modules), folder / "anvil.log", narrator) as outside:
        settings = demo_settings(own, folder, http_port, outside)
        narrator.doing("starting PostgreSQL")
        async with database(settings) as urls:
            narrator.doing("migrating")
            taken: list[Revision] = []
            await asyncio.to_thread(migrator.migrate, urls.for_admin(), "head", taken.append)
            narrator.tell("set up", "An embedded PostgreSQL runs and is migrated.", f"{len(taken)} steps")
            async with (
                _opened(Background(settings=settings, url=urls.for_worker())) as container,
                http_server(settings, urls.for_app()) as url,
                working(settings, urls.for_worker()),
                aiohttp.ClientSession(timeout=_PATIENCE) as session,
                Oracle.asking(outside.node.url, outside.market) as oracle,
            ):
                narrator.tell("set up", "The HTTP API and the worker run.", url)
                yield Stage(
                    parts=outside,
                    url=url,
                    oracle=oracle,
                    client=Client(session, url, container.clock()),
                    read=ReadWallet(container.readers()),
                    replay=container.replay(),
                )


@asynccontextmanager
async def _opened(container: Background) -> AsyncIterator[Background]:
    try:
        yield container
    finally:
        await container.chains().close()
        await container.database().close()


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """Make a folder for everything that the demo writes, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="plimsoll-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # root's PostgreSQL runs as another user, who has to pass through
        yield folder
