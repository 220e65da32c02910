import re
from pathlib import Path

SRC = Path(__file__).parents[2] / "src"
LINES = 200
EMPTY_WORDS = {"utils", "util", "helpers", "helper", "manager", "common"}
LEFT_BEHIND = re.compile(r"\b(TODO|FIXME|XXX)\b")


def test_every_file_is_short_enough_to_have_one_purpose() -> None:
    lines = {path: len(text_of(path).splitlines()) for path in sources()}
    assert {name_of(path): count for path, count in lines.items() if count > LINES} == {}


def test_every_module_is_named_for_what_it_is() -> None:
    assert [name_of(path) for path in sources() if words_of(path) & EMPTY_WORDS] == []


def test_nothing_is_left_to_do_in_a_comment() -> None:
    assert [name_of(path) for path in sources() if LEFT_BEHIND.search(text_of(path))] == []


def sources() -> list[Path]:
    found = sorted(SRC.rglob("*.py"))
    assert found
    return found


def words_of(path: Path) -> set[str]:
    parts = path.relative_to(SRC).with_suffix("").parts
    return {word for part in parts for word in part.split("_")}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(SRC.parent))
