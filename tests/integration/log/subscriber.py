"""A process that follows the log, with an effect for every fact."""

from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from tests.integration.log.processes import told_to_stop
from tests.integration.log.work import Log, Work, opened

from adapters.postgres.log.listening import news
from application.shared.ports import Recorded
from application.shared.reaction import follow
from domain.alerts.events import AlertSent
from domain.shared.errors import StaleWrite, Unavailable

EFFECT = text("INSERT INTO effects (reaction, place) VALUES (:reaction, :place)")


async def follow_until(url: str, reaction: str, stop: Path) -> None:
    """React to every fact until there is a file `stop`, and nothing is left."""

    async def react(work: Work, recorded: Recorded) -> None:
        await work.connection.execute(EFFECT, {"reaction": reaction, "place": recorded.place})

    async with opened(url) as log, aclosing(news(url, poll=timedelta(milliseconds=50))) as hints:
        async for _ in hints:
            stopping = told_to_stop(stop)
            try:
                while await follow(log.begin, reaction, (AlertSent,), react):
                    pass
                if stopping and await caught_up(log, reaction):
                    return
            except (Unavailable, StaleWrite):
                continue


async def caught_up(log: Log, reaction: str) -> bool:
    async with log.begin(None) as work:
        return await work.checkpoints.hold(reaction) == await work.facts.last()
