import asyncio
import os
import shutil
import sys
from pathlib import Path
from shlex import quote
from tempfile import mkstemp
from time import monotonic

from domain.shared.errors import Conflict
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.demo.narrator import Narrator
from entrypoints.cli.demo.play import Play
from entrypoints.cli.demo.promises import NotSeen
from entrypoints.cli.demo.script import perform
from entrypoints.cli.demo.stage import set_stage, throwaway_folder
from entrypoints.cli.demo.summary import summary_of
from entrypoints.cli.demo.view import finale
from entrypoints.cli.logs import write_logs
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json

PACE = 2.0
"""Seconds between the scenes where a person looks on."""


def demonstrate(*, once: bool, as_json: bool, port: int | None) -> None:
    """Play the demo; raises Conflict unless all that it promises was seen."""
    with throwaway_folder() as folder, (folder / "plimsoll.log").open("w", encoding="utf-8") as log:
        write_logs("info", as_json=True, to=log)
        try:
            run(_demonstrate(folder, once=once, as_json=as_json, port=port))
        except Exception:
            log.flush()
            _keep(Path(log.name))
            raise


async def _demonstrate(folder: Path, *, once: bool, as_json: bool, port: int | None) -> None:
    began = monotonic()
    screen = console(error=as_json)
    pace = PACE if screen.is_terminal and not once else 0.0
    failure: str | None = None
    with Narrator(screen, pace=pace) as narrator:
        async with set_stage(load_settings(), folder, port, narrator) as stage:
            play = Play(stage=stage, narrator=narrator)
            try:
                await perform(play)
            except NotSeen as unseen:
                failure = str(unseen)
            narrator.end()
            seconds = monotonic() - began
            if as_json:
                print_json(summary_of(play, seconds, failure))
            screen.print(finale(play.promises))
            if not once and failure is None:
                _invite(play, folder)
                await asyncio.Event().wait()
    if failure is not None:
        raise NotSeen(failure)
    if not play.promises.kept:
        broken = " ".join(promise.sentence for promise in play.promises.broken)
        raise Conflict(f"The demo did not see what it promises: {broken}")


def _keep(log: Path) -> None:
    """Save what the parts logged from the folder that is about to go, if they logged anything."""
    if log.stat().st_size:
        number, name = mkstemp(prefix="plimsoll-demo-", suffix=".log")
        os.close(number)
        kept = shutil.copyfile(log, name)
        console(error=True).print(f"What the parts logged is kept in {kept}.", soft_wrap=True)


def _invite(play: Play, folder: Path) -> None:
    screen = play.narrator.screen
    member = next(iter(play.members.values()))
    curl = f"curl -H {quote(f'Authorization: Bearer {member.client.token}')} {play.stage.url}/v1/alerts"
    explain = f"{quote(sys.argv[0])} audit explain {next(iter(member.heard))}"
    screen.print(
        f"\nIt stays up at [bold]{play.stage.url}/docs[/bold] until Ctrl-C. As {member.actor.title}:\n"
    )
    screen.print(curl, soft_wrap=True, markup=False)
    screen.print("\nAs an auditor, in another terminal:\n")
    environment = f"PLIMSOLL_DURABLE=false PLIMSOLL_DATA_DIR={quote(str(folder))}"
    screen.print(f"{environment} {explain}", soft_wrap=True, markup=False)
