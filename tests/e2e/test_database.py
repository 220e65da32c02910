"""The embedded PostgreSQL dies while everything runs on it: nothing is lost, and it comes back by itself."""

import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest

from adapters.devchain.chain import Chain
from adapters.devchain.treasury import Treasury
from adapters.devpeers.bot_api import LocalBotApi
from adapters.postgres.embedded.home import home_folder
from adapters.postgres.embedded.postmaster import Postmaster
from adapters.postgres.migrator import migrate
from adapters.system.clock import SystemClock
from entrypoints.cli.demo.client import Client
from entrypoints.database import database
from entrypoints.serving import http_server
from tests.e2e.asking import asked, failures, refuses, replayed, serves
from tests.e2e.world import World, items, settings_for, until, working
from tests.fixtures.chain import LocalMarket
from tests.fixtures.database import Database


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter, unlike pytest's."""
    made = Path(tempfile.mkdtemp(prefix="plimsoll-test-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    home = home_folder(made / "postgresql")
    if not home.is_relative_to(made):
        shutil.rmtree(home)
    shutil.rmtree(made)


@pytest.fixture
async def one(
    local_market: LocalMarket, chain: Chain, treasury: Treasury, folder: Path
) -> AsyncIterator[World]:
    async with up(local_market, chain, treasury, folder) as made:
        yield made


@asynccontextmanager
async def up(local: LocalMarket, chain: Chain, treasury: Treasury, folder: Path) -> AsyncIterator[World]:
    """Do what `plimsoll up` does: run the embedded PostgreSQL, and serve from it."""
    async with LocalBotApi.running_while() as bot, aiohttp.ClientSession() as session:
        settings = settings_for(local, Database("postgresql://nobody@/nothing"), bot).model_copy(
            update={"database_url": None, "data_dir": folder}
        )
        async with database(settings) as urls:
            migrate(urls.for_admin())
            async with http_server(settings, urls.for_app()) as url:
                client = Client(session, url, SystemClock())
                yield World(settings, Database(urls.for_admin()), local, chain, treasury, bot, client)


async def test_a_killed_database_comes_back_and_what_was_due_meanwhile_goes_out_once(
    one: World, folder: Path
) -> None:
    async with working(one):
        alice = await one.borrower("alice")
        await one.linked(alice)
        await until(lambda: items_of(alice, "/v1/positions"))
        greeted = len(one.bot.sent)

        kill(folder)
        await one.treasury.set_price("WETH", Decimal(2_000))  # 10 WETH x 2000 x 0.825 / 12000 = 1.375
        alarm = await one.bot.until_sent(greeted + 1)
        assert "1.37" in alarm.text

        await one.treasury.set_price("WETH", Decimal(2_500))
        clear = await one.bot.until_sent(greeted + 2)
        assert clear.text.startswith("All clear")
        assert len(await items(alice, "/v1/alerts")) == 1
    await replayed(one)
    assert len(one.bot.sent) == greeted + 2


async def test_while_the_database_cannot_be_started_everybody_is_told_and_nobody_gives_up(
    one: World, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = home_folder(folder / "postgresql") / "data"
    version, hidden = data / "PG_VERSION", data / "PG_VERSION.hidden"
    async with working(one):
        alice = await one.borrower("alice")
        await one.linked(alice)
        await until(lambda: items_of(alice, "/v1/positions"))
        greeted = len(one.bot.sent)

        version.rename(hidden)
        kill(folder)
        assert "does not answer" in await until(refuses(alice, "/v1/positions"))
        assert "database:" in await until(refuses(alice, "/readyz"))
        assert (await asked(alice, "GET", "/healthz"))[0] == 200
        status, problem = await asked(alice, "POST", "/v1/positions/refresh")
        assert (status, problem["type"]) == (503, "/problems/unavailable")

        await one.treasury.set_price("WETH", Decimal(2_000))
        await until(lambda: failed("reactions"))
        await until(lambda: told(capsys, "cannot be started; it is tried again"))
        assert len(one.bot.sent) == greeted

        hidden.rename(version)
        await until(serves(alice, "/readyz"))
        await one.bot.until_sent(greeted + 1)
        [alert] = await items(alice, "/v1/alerts")
        assert alert["type"] == "health_factor_low"
        await until(lambda: works("reactions"))
    await replayed(one)
    assert len(one.bot.sent) == greeted + 1


def kill(folder: Path) -> None:
    """Kill -9 the server of a data directory, with all its children."""
    found = Postmaster.alive(home_folder(folder / "postgresql") / "data")
    assert found is not None
    children = Path(f"/proc/{found.pid}/task/{found.pid}/children").read_text().split()
    for pid in (found.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)


async def items_of(client: Client, path: str) -> list[object]:
    return list((await client.get(path))["items"])


async def failed(loop: str) -> bool:
    return failures(loop) >= 1


async def works(loop: str) -> bool:
    return failures(loop) == 0


async def told(capsys: pytest.CaptureFixture[str], words: str) -> bool:
    return words in "".join(capsys.readouterr())
