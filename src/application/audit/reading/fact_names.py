from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from domain.shared.errors import Invalid

_SHOWN = 4


def names_like(asked: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the stored names that each of these names is, or begins: `alert.` and `alert.raised` as well as all of it.

    Raises Invalid, naming those that come nearest, for one that is none.
    """
    names = sorted(known)
    return tuple(dict.fromkeys(name for one in asked for name in _like(one.strip().lower(), names)))


def _like(asked: str, names: Sequence[str]) -> Sequence[str]:
    found = [name for name in names if _begins(asked, name)]
    if not found:
        raise Invalid(f"There is no type of fact called {asked[:60]!r}; {_near(asked, names)}.")
    return found


def _begins(asked: str, name: str) -> bool:
    """A prefix ends where a word does: `alert` is not the beginning of `alerts.…`, nor `v1` of `v10`."""
    return bool(asked) and (name == asked or name.startswith(asked if asked.endswith(".") else f"{asked}."))


def _near(asked: str, names: Sequence[str]) -> str:
    unversioned = [name.rpartition(".")[0] for name in names]
    nouns = sorted({name.partition(".")[0] for name in names})
    near = get_close_matches(asked.rstrip("."), dict.fromkeys([*unversioned, *nouns]), n=_SHOWN, cutoff=0.5)
    if near:
        return f"the nearest are {', '.join(near)}"
    return f"they begin with {', '.join(f'{noun}.' for noun in nouns)}"
