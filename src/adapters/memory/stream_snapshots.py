from dataclasses import dataclass

from adapters.codec.folding import folding_code
from adapters.codec.sealed_states import open_snapshot, seal_snapshot
from adapters.codec.sealing import SubjectKey
from adapters.memory.store import Transaction
from adapters.memory.subject_keys import MemorySubjectKeys
from adapters.memory.table import Table
from application.audit.ports import StreamSnapshot
from application.audit.replaying.kinds import owner_of
from application.shared.ports import Place
from domain.shared.ids import Id, UserId


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A snapshot of a stream as it lies in the store."""

    stream: Id
    version: int
    code: bytes
    place: Place
    user_id: UserId
    state: bytes


@dataclass(frozen=True, slots=True)
class MemoryStreamSnapshots:
    """Snapshots of streams in memory, each sealed with its user's key and gone with it."""

    transaction: Transaction

    @property
    def _table(self) -> Table[tuple[Id, int, bytes], StoredSnapshot]:
        return Table(self.transaction, "stream_snapshots")

    async def newest(self, stream: Id, *, until: Place) -> StreamSnapshot | None:
        """Return the newest snapshot of a stream at or before a position, if there is one that can be used."""
        rows = [row for row in self._table.all() if row.stream == stream and row.place <= until]
        usable = [row for row in rows if row.code == folding_code() and self.transaction.sees(row.user_id)]
        if not usable:
            return None
        row = max(usable, key=lambda row: row.version)
        key = self._key(row.user_id)
        if key is None:
            return None
        state = open_snapshot(row.state, key, row.code, stream=stream, version=row.version, place=row.place)
        return None if state is None else StreamSnapshot(state, row.place)

    async def keep(self, snapshot: StreamSnapshot) -> None:
        """Keep a snapshot; nothing is kept of a user who has no key to seal it with."""
        state, code, owner = snapshot.state, folding_code(), owner_of(snapshot.state)
        key = self._key(owner)
        if key is not None:
            stored = StoredSnapshot(
                stream=state.id,
                version=state.version,
                code=code,
                place=snapshot.place,
                user_id=owner,
                state=seal_snapshot(snapshot, key, code),
            )
            await self._table.put((state.id, state.version, code), stored)

    def _key(self, user: Id) -> SubjectKey | None:
        found = MemorySubjectKeys(self.transaction).of(user)
        return found if isinstance(found, SubjectKey) else None
