from collections.abc import Sequence

from application.audit.replaying.fold import Kind
from application.audit.replaying.rebuild import Rebuilt
from domain.shared.errors import Invalid
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.audit.work_shown import work_shown
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json

_ALL = "all"


def rebuild(name: str, *, drop: bool, as_json: bool) -> None:
    """Rebuild state tables from the log, or remove what an earlier run left half built."""
    kinds = _kinds(name)
    if drop:
        _tell_dropped(run(_drop(kinds)), as_json=as_json)
        return
    done = run(_rebuild(kinds, quiet=as_json))
    if as_json:
        print_json(
            {
                "kinds": done.kinds,
                "position": done.place,
                "resumed_at": done.resumed_at,
                "rows_changed": done.changed,
            }
        )
        return
    screen = console()
    if done.resumed_at:
        screen.print(f"Went on at position {done.resumed_at}, where an earlier run had stopped.")
    screen.print(
        f"The new version of {', '.join(done.kinds)}, folded up to position {done.place}, is in service: "
        f"{done.changed} row{'s' * (done.changed != 1)} had to be put right.",
        style="good",
    )


def _kinds(name: str) -> Sequence[Kind]:
    if name == _ALL:
        return list(Kind)
    try:
        return [Kind(name)]
    except ValueError:
        raise Invalid(
            f"There is no projection called {name!r}; there are {', '.join(Kind)}, and all."
        ) from None


async def _rebuild(kinds: Sequence[Kind], *, quiet: bool) -> Rebuilt:
    async with ledger() as container:
        with work_shown("Rebuilding", quiet=quiet) as tell:
            return await container.rebuild()(kinds, progress=tell)


async def _drop(kinds: Sequence[Kind]) -> Sequence[Kind]:
    async with ledger() as container:
        return await container.rebuild().drop(kinds)


def _tell_dropped(kinds: Sequence[Kind], *, as_json: bool) -> None:
    if as_json:
        print_json({"dropped": kinds})
    elif kinds:
        console().print(f"Removed what was half built of {', '.join(kinds)}.")
    else:
        console().print("Nothing is half built.")
