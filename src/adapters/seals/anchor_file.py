import asyncio
import fcntl
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from application.audit.proving.seals import Kept, Seal
from domain.shared.errors import Invalid, Unavailable


@dataclass(frozen=True, slots=True)
class AnchorFile:
    """Keeps seals in a file, one JSON object a line: on another disk, append-only, or mailed away."""

    path: Path

    async def keep(self, seals: Sequence[Seal]) -> None:
        """Put the seals there, durably; one that is there already is not put there again."""
        await asyncio.to_thread(self._append, seals)

    async def last(self) -> int:
        """Return the number of the newest seal that is there; raises Invalid for another file."""
        return max((one.number for one in await self.kept()), default=0)

    async def kept(self) -> Sequence[Kept]:
        """Return the number and digest of every seal that is there, in order; raises Invalid for another file."""
        found = await asyncio.to_thread(self._read)
        return [Kept(number=number, digest=digest) for number, digest in found]

    async def stamp(self, number: int) -> bytes | None:
        """Return nothing: a line says no more than the seal."""
        return None

    def _append(self, seals: Sequence[Seal]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._end_line(file)
                known = {number for number, _ in self._lines(file)}
                file.writelines(_line(seal) for seal in seals if seal.statement.number not in known)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(f"The seals cannot be anchored in {self.path}: {error.strerror}.") from None

    def _read(self) -> list[tuple[int, bytes]]:
        try:
            with self.path.open("rb") as file:
                return self._lines(file)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable(
                f"The anchored seals in {self.path} cannot be read: {error.strerror}."
            ) from None

    def _lines(self, file: BinaryIO) -> list[tuple[int, bytes]]:
        file.seek(0)
        found = []
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break  # the machine failed while it was written; it will be written again
            try:
                said = json.loads(line)
                found.append((int(said["seal"]), bytes.fromhex(said["digest"])))
            except (ValueError, TypeError, KeyError):
                raise Invalid(f"Line {number} of {self.path} is no anchored seal.") from None
        return found

    def _end_line(self, file: BinaryIO) -> None:
        """Cut off a line whose writing was interrupted."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        whole = 0
        for line in file:
            whole += len(line) if line.endswith(b"\n") else 0
        if whole != size:
            file.truncate(whole)


def _line(seal: Seal) -> bytes:
    said = seal.statement
    line = {
        "seal": said.number,
        "digest": seal.digest().hex(),
        "commits": said.commit_count,
        "position": said.position,
        "tree_root": said.tree_root.hex(),
        "sealed_at": said.sealed_at.isoformat(),
        "key_id": said.key_id.hex(),
        "signature": seal.signature.hex(),
    }
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"
