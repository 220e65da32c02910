import asyncio
import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from adapters.seals.authorities import Authorities
from adapters.seals.authority import TimeStampingAuthority
from application.audit.proving.seals import Kept, Seal, StampFails
from domain.shared.errors import Unavailable

_NAME: Final = re.compile(r"([1-9][0-9]{0,17})\.tsr")


@dataclass(frozen=True, slots=True)
class StampAnchor:
    """Keeps an RFC 3161 stamp of each seal in a folder, as `<number>.tsr`: what `openssl ts -verify -in` reads.

    Of several new seals the newest alone is stamped: it names the digest of the one before, and so on. Without an
    authority nothing is stamped, and what is there is verified.
    """

    folder: Path
    trusted: Authorities
    authority: TimeStampingAuthority | None = None

    async def last(self) -> int:
        """Return the number of the newest seal that has a stamp; 0 without one."""
        return max(await asyncio.to_thread(self._numbers), default=0)

    async def keep(self, seals: Sequence[Seal]) -> None:
        """Have the newest stamped, unless it is; raises Unavailable, and the next seal is another chance."""
        if self.authority is None or not seals or seals[-1].statement.number <= await self.last():
            return
        response, _ = await self.authority.stamp(seals[-1])
        await asyncio.to_thread(self._write, seals[-1].statement.number, response)

    async def kept(self) -> Sequence[Kept]:
        """Return what every stamp says, in order of their seals; one that does not hold has a fault."""
        return await asyncio.to_thread(lambda: [self._kept(number) for number in self._numbers()])

    async def stamp(self, number: int) -> bytes | None:
        """Return the stamp of a seal as it came from the authority, if it has one."""
        return await asyncio.to_thread(self._read, number)

    def _kept(self, number: int) -> Kept:
        response = self._read(number)
        try:
            stamp = self.trusted.check(response or b"")
        except StampFails as fault:
            return Kept(number=number, digest=b"", fault=fault.reason)
        return Kept(number=number, digest=stamp.digest, at=stamp.at)

    def _numbers(self) -> list[int]:
        try:
            names = [one.name for one in self.folder.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._fails("cannot be read", error) from None
        return sorted(int(found.group(1)) for name in names if (found := _NAME.fullmatch(name)))

    def _read(self, number: int) -> bytes | None:
        try:
            return self._path(number).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fails("cannot be read", error) from None

    def _write(self, number: int, response: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    os.fchmod(handle, 0o644)
                    file.write(response)
                    file.flush()
                    os.fsync(handle)
                with suppress(FileExistsError):  # another worker was first: its stamp stays
                    os.link(draft, self._path(number))
            finally:
                Path(draft).unlink()
            _sync(self.folder)
        except OSError as error:
            raise self._fails("cannot be written", error) from None

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.tsr"

    def _fails(self, what: str, error: OSError) -> Unavailable:
        return Unavailable(f"The stamps of seals in {self.folder} {what}: {error.strerror}.")


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
