import errno
import io
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final

import polars as pl
from polars.exceptions import PanicException, PolarsError

from application.audit.proving.archive import ArchivedFile, ArchiveFault
from application.shared.ports import Place

GROUP: Final = 4096
"""Rows of a row group: what a reader who wants one of them has to decode."""

REMEMBERED: Final = 4096
"""Files that are known to be as on record; what is forgotten is hashed again when it is next read."""

_NO_SUCH: Final = {errno.ENOENT, errno.ENOTDIR}


def parquet(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet: the same bytes for the same frame."""
    sink = io.BytesIO()
    frame.write_parquet(sink, compression="zstd", statistics=True, row_group_size=GROUP)
    return sink.getvalue()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What could be read of a file, and what is wrong with the file, if anything is."""

    frame: pl.DataFrame
    fault: ArchiveFault | None


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """The Parquet files of one folder; None stands where nobody said which."""

    folder: Path | None
    _known: OrderedDict[tuple[object, ...], None] = field(default_factory=OrderedDict, repr=False)
    _last: dict[tuple[object, ...], Loaded] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def load(self, file: ArchivedFile, schema: pl.Schema) -> Loaded:
        """Read a file at once, the bytes that are hashed and no others; raises ArchiveFault when there is none.

        The last one is kept until it is touched, for who reads it bit by bit.
        """
        seen = self._seen(file)
        with self._lock:
            if seen in self._last:
                return self._last[seen]
        loaded = self._loaded(file, schema)
        with self._lock:
            self._last.clear()
            self._last[seen] = loaded
        return loaded

    def _loaded(self, file: ArchivedFile, schema: pl.Schema) -> Loaded:
        content = self.content(file)
        fault = None if sha256(content).digest() == file.sha256 else altered(file)
        try:
            frame = pl.read_parquet(io.BytesIO(content))
            sound = frame.schema == schema
        except (PolarsError, PanicException, OSError, ValueError):
            if fault is None:
                raise
            frame, sound = _what_is_left(content, file, schema), True
            fault = altered(file, unreadable=Place(file.first + frame.height))
        return Loaded(frame.drop_nulls(_always(schema)) if sound else pl.DataFrame(schema=schema), fault)

    def sound(self, file: ArchivedFile) -> Path:
        """Return where a file is that hashes as on record; hashes it once for as long as nobody touches it.

        Raises ArchiveFault.
        """
        seen = self._seen(file)
        with self._lock:
            if seen in self._known:
                self._known.move_to_end(seen)
                return self._path(file)
        if sha256(self.content(file)).digest() != file.sha256:
            raise altered(file)
        with self._lock:
            self._known[seen] = None
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return self._path(file)

    def _seen(self, file: ArchivedFile) -> tuple[object, ...]:
        """Return what a file looks like from outside: as long as that stays the same, so does what it holds."""
        try:
            state = self._path(file).stat()
        except OSError as error:
            raise self._gone(file, error) from None
        return (file.name, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns, file.sha256)

    def content(self, file: ArchivedFile) -> bytes:
        """Return a file's bytes, whatever they are; raises ArchiveFault when there are none."""
        try:
            return self._path(file).read_bytes()
        except OSError as error:
            raise self._gone(file, error) from None

    def _path(self, file: ArchivedFile) -> Path:
        if self.folder is None:
            sentence = (
                f"{_named(file)} is in no folder that this process knows: what it holds is unknown until "
                "PLIMSOLL_ARCHIVE_DIR names the folder of the archive."
            )
            raise ArchiveFault(sentence, file=file.name, place=_place(file), missing=True)
        return self.folder / file.name

    def _gone(self, file: ArchivedFile, error: OSError) -> ArchiveFault:
        what = "is missing from" if error.errno in _NO_SUCH else "cannot be read in"
        why = "" if error.errno in _NO_SUCH else f" ({error.strerror})"
        sentence = (
            f"{_named(file)} {what} {self.folder}{why}: what it holds is unknown until it is put back there."
        )
        return ArchiveFault(sentence, file=file.name, place=_place(file), missing=True)


def altered(file: ArchivedFile, *, unreadable: Place | None = None) -> ArchiveFault:
    """Say that a file is not what was written."""
    sentence = f"{_named(file)} was altered: it does not hash to what was recorded when it was written"
    if unreadable is not None:
        sentence += f", and cannot be read from {_noun(file)} {unreadable} on"
    return ArchiveFault(f"{sentence}.", file=file.name, place=_place(file, unreadable))


def _named(file: ArchivedFile) -> str:
    return f"The archive's file {file.name} ({_noun(file)}s {file.first} to {file.last})"


def _noun(file: ArchivedFile) -> str:
    kind = file.name.partition("-")[0]
    return {"commits": "commit", "seals": "seal"}.get(kind, "position")


def _place(file: ArchivedFile, place: Place | None = None) -> Place | None:
    return (place or file.first) if _noun(file) == "position" else None


def _always(schema: pl.Schema) -> list[str]:
    """Return the columns in which every row says something."""
    return [name for name in schema if name not in {"user_id", "correlation_id", "fingerprint"}]


def _what_is_left(content: bytes, file: ArchivedFile, schema: pl.Schema) -> pl.DataFrame:
    """Read the row groups before the first that cannot be read."""
    parts: list[pl.DataFrame] = [pl.DataFrame(schema=schema)]
    for offset in range(0, file.last - file.first + 1, GROUP):
        try:
            part = pl.scan_parquet(io.BytesIO(content)).slice(offset, GROUP).collect()
        except (PolarsError, PanicException, OSError, ValueError):
            break
        if part.schema != schema:
            break
        parts.append(part)
    return pl.concat(parts)
