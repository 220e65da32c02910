from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from application.audit.proving.archive import ArchivedFile, ArchiveFault
from application.shared.ports import Place

NAME: Final = "manifest.json"
LARGEST: Final = 64 * 1024 * 1024

Count = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+-[0-9]{1,20}-[0-9]{1,20}\.(parquet|json)\Z")]


class FileOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file, what it holds (positions, commits or seals, the first and the last), and what it hashes to."""

    file: Name
    first: Count
    last: Count
    bytes: Number
    sha256: Hex


class FactsFile(FileOf, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of facts, and the first and last commit that they lie in; these may reach into the next file."""

    events: Count
    first_commit: Count
    last_commit: Count


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The seal that covers the last fact."""

    number: Count
    position: Count
    commits: Count
    tree_root: Hex
    chain: Hex
    digest: Hex


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a folder holds: facts from `first_position`, every commit up to the seal's, and the seals.

    `digest` is the SHA-256 of the manifest's bytes with 64 zeroes in its place.
    """

    format: Literal["plimsoll.archive.v1"] = "plimsoll.archive.v1"
    complete: bool
    first_position: Count
    last_position: Number
    seal: Sealed | None
    events: tuple[FactsFile, ...]
    commits: tuple[FileOf, ...]
    seals: FileOf | None
    digest: Hex = "0" * 64

    def content(self) -> bytes:
        """Return the bytes that are stored, with the digest that belongs to them."""
        blank = _written(msgspec.structs.replace(self, digest="0" * 64))
        return _written(msgspec.structs.replace(self, digest=sha256(blank).hexdigest()))

    @property
    def files(self) -> tuple[ArchivedFile, ...]:
        """The files of facts, as readers know them."""
        return tuple(archived(one) for one in self.events)


def read_manifest(folder: Path) -> Manifest | None:
    """Read what a folder says of itself; None when it says nothing. Raises ArchiveFault when it was altered."""
    path = folder / NAME
    try:
        if path.stat().st_size > LARGEST:
            raise _fault(f"{path} is too large to be a manifest.")
        stored = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _fault(f"{path} cannot be read: {error.strerror}.") from None
    try:
        manifest = msgspec.json.decode(stored, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _fault(f"{path} was altered, or is no manifest of an export: {error}.") from None
    if manifest.content() != stored:
        raise _fault(f"{path} was altered: it does not hash to the digest that it names.")
    _check_ranges(path, manifest)
    return manifest


def archived(file: FileOf) -> ArchivedFile:
    """Return a file as readers know it."""
    return ArchivedFile(
        name=file.file,
        first=Place(file.first),
        last=Place(file.last),
        size=file.bytes,
        sha256=bytes.fromhex(file.sha256),
    )


FileT = TypeVar("FileT", bound=FileOf)


def _check_ranges(path: Path, manifest: Manifest) -> None:
    ends = [_end(path, manifest.events, manifest.first_position - 1), _end(path, manifest.commits, 0)]
    if ends[0] != manifest.last_position:
        raise _fault(f"{path} was altered: its files end at position {ends[0]}, and it says another.")
    if any(one.events != one.last - one.first + 1 for one in manifest.events):
        raise _fault(f"{path} was altered: a file is said to hold more or fewer events than its positions.")


def _end(path: Path, files: Sequence[FileT], before: int) -> int:
    for one in files:
        if one.first != before + 1 or one.last < one.first:
            raise _fault(f"{path} was altered: {one.file} does not continue what comes before it.")
        before = one.last
    return before


def _written(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def _fault(sentence: str) -> ArchiveFault:
    return ArchiveFault(sentence, file=NAME, place=None)
