import asyncio
from collections.abc import Sequence
from itertools import product

from rich.console import Group
from rich.live import Live
from rich.text import Text

from adapters.evm.eip55 import checked
from application.positions.read_wallet import Reading, ReadWallet
from domain.shared.chain import Address, ChainId
from domain.shared.errors import Unavailable
from entrypoints.cli.configuration import load_settings
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json
from entrypoints.cli.watch.chains import connected
from entrypoints.cli.watch.line import line_of
from entrypoints.cli.watch.sighting import Sighting, look
from entrypoints.cli.watch.view import panel_of


def watch_live(
    addresses: Sequence[str], *, only: int | None, once: bool, interval: float, as_json: bool
) -> None:
    """Read the wallets on the configured chains, once or again and again, and show what was seen.

    Raises Invalid for an address that is none, NotFound for a chain that is not configured, and Unavailable when
    the first look brings nothing at all.
    """
    wallets = tuple(dict.fromkeys(checked(text) for text in addresses))
    run(_watch(wallets, only=only, interval=None if once else interval, as_json=as_json))


async def _watch(
    wallets: Sequence[Address], *, only: int | None, interval: float | None, as_json: bool
) -> None:
    async with connected(load_settings(), only) as found:
        read, wanted = ReadWallet(found.readers), tuple(product(found.readers.chains, wallets))
        sightings = await _look(read, wanted)
        _refuse_blindness(sightings)
        if as_json:
            await _print_lines(read, wanted, sightings, interval)
        else:
            await _draw(read, wanted, sightings, interval)


async def _print_lines(
    read: ReadWallet,
    wanted: Sequence[tuple[ChainId, Address]],
    sightings: Sequence[Sighting],
    interval: float | None,
) -> None:
    while True:
        for sighting in sightings:
            print_json(line_of(sighting), lines=True)
        if interval is None:
            return
        await asyncio.sleep(interval)
        sightings = await _look(read, wanted)


async def _draw(
    read: ReadWallet,
    wanted: Sequence[tuple[ChainId, Address]],
    sightings: Sequence[Sighting],
    interval: float | None,
) -> None:
    screen = console()
    if interval is None or not screen.is_terminal:
        screen.print(_drawn(sightings))
    if interval is None:
        return
    with Live(_drawn(sightings, interval), console=screen, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(interval)
            sightings = await _look(read, wanted)
            if screen.is_terminal:
                live.update(_drawn(sightings, interval), refresh=True)
            else:
                screen.print(_drawn(sightings))


def _drawn(sightings: Sequence[Sighting], interval: float | None = None) -> Group:
    panels = [panel_of(sighting) for sighting in sightings]
    if interval is None:
        return Group(*panels)
    return Group(*panels, Text(f"Read again every {interval:g} seconds; Ctrl-C ends.", "quiet"))


async def _look(read: ReadWallet, wanted: Sequence[tuple[ChainId, Address]]) -> list[Sighting]:
    return await asyncio.gather(*(look(read, chain_id, wallet) for chain_id, wallet in wanted))


def _refuse_blindness(sightings: Sequence[Sighting]) -> None:
    reasons = [sighting.seen for sighting in sightings if not isinstance(sighting.seen, Reading)]
    if len(reasons) == len(sightings):
        raise Unavailable(" ".join(dict.fromkeys(reasons)))
