"""Processes that want the same version of the same stream."""

from collections.abc import Sequence
from pathlib import Path

from tests.integration.log.journal import Intent
from tests.integration.log.work import opened, sent

from adapters.system.ids import SystemIds
from domain.shared.errors import StaleWrite
from domain.shared.ids import Id

IDS = SystemIds()


async def race(url: str, stream: Id, rounds: int, won: Path) -> None:
    """Try for each version in turn, and note the ones that were won, each with the mark that was left in the log."""
    async with opened(url) as log:
        for expected in range(rounds):
            mark = IDS.new()
            try:
                async with log.begin(None) as work:
                    work.facts.append(stream, expected, [sent(mark)])
            except StaleWrite:
                continue
            with won.open("a") as file:
                file.write(f"{expected + 1} {mark}\n")


async def ask_again(url: str, intents: Sequence[Intent], answers: Path) -> None:
    """Append with keys, and write down the places."""
    async with opened(url) as log:
        for intent in intents:
            async with log.begin(None) as work:
                place = await work.append(intent.append())
            with answers.open("a") as file:
                file.write(f"{intent.key} {place}\n")
