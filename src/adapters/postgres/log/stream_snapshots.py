from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.folding import folding_code
from adapters.codec.sealed_states import open_snapshot, seal_snapshot
from adapters.codec.sealing import SubjectKey
from adapters.postgres.statements import fetch, run
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.audit.ports import StreamSnapshot
from application.audit.replaying.kinds import kind_of_state, owner_of
from application.shared.ports import Place
from domain.shared.errors import PlimsollError
from domain.shared.ids import Id

_NEWEST: Final = """
SELECT version, position, user_id, state FROM snapshots
WHERE stream_id = %(stream)s AND code = %(code)s AND position <= %(until)s
ORDER BY version DESC LIMIT 1
"""
_KEEP: Final = """
WITH useless AS (DELETE FROM snapshots WHERE stream_id = %(stream)s AND code <> %(code)s)
INSERT INTO snapshots (stream_id, version, code, position, kind, user_id, state)
VALUES (%(stream)s, %(version)s, %(code)s, %(place)s, %(kind)s, %(user)s, %(state)s)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class PostgresStreamSnapshots:
    """Snapshots of streams in PostgreSQL, each sealed with its user's key and gone with it."""

    connection: AsyncConnection
    subjects: PostgresSubjectKeys

    async def newest(self, stream: Id, *, until: Place) -> StreamSnapshot | None:
        """Return the newest snapshot of a stream at or before a position, if there is one that can be used."""
        values = {"stream": stream, "code": folding_code(), "until": until}
        for row in await fetch(self.connection, _NEWEST, values):
            key, place = await self._key(row.user_id), Place(row.position)
            if key is None:
                return None
            state = open_snapshot(
                row.state, key, folding_code(), stream=stream, version=row.version, place=place
            )
            return None if state is None else StreamSnapshot(state, place)
        return None

    async def keep(self, snapshot: StreamSnapshot) -> None:
        """Keep a snapshot; nothing is kept of a user who has no key to seal it with."""
        state, code = snapshot.state, folding_code()
        key = await self._key(owner_of(state))
        if key is None:
            return
        values = {
            "stream": state.id,
            "version": state.version,
            "code": code,
            "place": snapshot.place,
            "kind": kind_of_state(state).value,
            "user": owner_of(state),
            "state": seal_snapshot(snapshot, key, code),
        }
        await run(self.connection, _KEEP, values)

    async def _key(self, user: Id) -> SubjectKey | None:
        try:
            found = (await self.subjects.load([user])).get(user)
        except PlimsollError:  # what needs the key will say so; this does not
            return None
        return found if isinstance(found, SubjectKey) else None
