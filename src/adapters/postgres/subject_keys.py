from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.codec.ids import packed
from adapters.codec.personal import Keyless, Subject
from adapters.codec.sealing import SubjectKey
from adapters.postgres.driver import driver_of
from application.shared.ports import Ids
from application.shared.secrets import NoSecretKeys, SecretKeys, Wrapped
from domain.shared.ids import Id

MOST: Final = 10_000
"""Keys that are remembered between two pages: a transaction may read the whole log."""

_COLUMNS: Final = "user_id, wrapped_key, ring_key_id, sealed_after"
_LOAD: Final = f"SELECT {_COLUMNS} FROM subject_keys WHERE user_id = ANY (%(users)s::uuid[])"  # noqa: S608
_HOLD: Final = f"SELECT {_COLUMNS} FROM hold_subject_keys(%(users)s::uuid[], %(to_destroy)s)"  # noqa: S608
_MAKE: Final = """
INSERT INTO subject_keys (user_id, wrapped_key, ring_key_id, sealed_after)
VALUES (
    %(user)s, %(wrapped)s, %(ring_key)s,
    coalesce((SELECT first_position + event_count - 1 FROM commits ORDER BY number DESC LIMIT 1), 0)
) ON CONFLICT DO NOTHING
"""
_DESTROY: Final = """
INSERT INTO subject_keys AS known (user_id, sealed_after, destroyed_at)
VALUES (
    %(user)s, coalesce((SELECT first_position + event_count - 1 FROM commits ORDER BY number DESC LIMIT 1), 0), %(at)s
) ON CONFLICT (user_id) DO UPDATE SET wrapped_key = NULL, ring_key_id = NULL, destroyed_at = EXCLUDED.destroyed_at
WHERE known.destroyed_at IS NULL
"""
_OLDER: Final = f"""
SELECT {_COLUMNS} FROM subject_keys WHERE wrapped_key IS NOT NULL AND ring_key_id <> %(newest)s
ORDER BY user_id LIMIT %(limit)s FOR UPDATE
"""  # noqa: S608
_WRAP: Final = (
    "UPDATE subject_keys SET wrapped_key = %(wrapped)s, ring_key_id = %(ring_key)s WHERE user_id = %(user)s"
)
# An operator may read other people's facts without being shown their keys.
_WHO: Final = """
SELECT pg_has_role(session_user, 'plimsoll_worker', 'MEMBER'), nullif(current_setting('app.actor', true), '')::uuid
"""


@dataclass(frozen=True, slots=True)
class PostgresSubjectKeys:
    """The keys of those whose personal fields one transaction reads or writes; none is kept beyond its end."""

    connection: AsyncConnection
    ring: SecretKeys | None
    ids: Ids
    known: dict[Id, Subject] = field(default_factory=dict, repr=False)
    held: set[Id] = field(default_factory=set)

    async def load(self, users: Iterable[Id]) -> Mapping[Id, Subject]:
        """Return what opens the fields of these users; raises RingLacksKey, WrongKey and NoSecretKeys."""
        asked = set(users)
        if len(self.known) > MOST:
            for user in self.known.keys() - self.held - asked:
                del self.known[user]
        wanted = sorted(asked - self.known.keys())
        if wanted:
            self._take(await self._rows(_LOAD, {"users": wanted}))
            missing = [user for user in wanted if user not in self.known]
            if missing:
                self.known.update(await self._without(missing))
        return self.known

    async def hold(self, users: Iterable[Id]) -> Mapping[Id, Subject]:
        """Return what seals the fields of these users, made where there is none, and keep it until the commit."""
        wanted = sorted(set(users) - self.held)
        if wanted:
            await self._hold(wanted, to_destroy=False)
            missing = [user for user in wanted if self.known.get(user) is Keyless.NEVER_MADE]
            if missing:
                await self._make(missing)
        return self.known

    async def hold_to_destroy(self, user: Id) -> bool:
        """Wait for whoever writes with the key, keep others from it, and say whether it can still be destroyed."""
        await self._hold([user], to_destroy=True)
        return self.known[user] is not Keyless.DESTROYED

    async def destroy(self, user: Id, *, at: datetime) -> None:
        """Destroy the key for ever, or see to it that there will never be one."""
        driver = await driver_of(self.connection)
        await driver.execute(_DESTROY, {"user": user, "at": at})
        self.known[user] = Keyless.DESTROYED

    async def wrap_anew(self, *, limit: int) -> int:
        """Encrypt some keys by the ring's newest that are not yet, and return how many; 0 when none is left."""
        if self.ring is None:
            raise NoSecretKeys
        rows = await self._rows(_OLDER, {"newest": self.ring.newest, "limit": limit})
        driver = await driver_of(self.connection)
        for user, content, key_id, _ in rows:
            secret = self.ring.unwrap(Wrapped(key_id, content), about=about(user))
            wrapped = self.ring.wrap(secret, about=about(user))
            row = {"user": user, "wrapped": wrapped.content, "ring_key": wrapped.key_id}
            await driver.execute(_WRAP, row)
        return len(rows)

    async def _hold(self, users: list[Id], *, to_destroy: bool) -> None:
        rows = await self._rows(_HOLD, {"users": users, "to_destroy": to_destroy})
        self.known.update(dict.fromkeys(users, Keyless.NEVER_MADE))
        self._take(rows)
        self.held.update(users)

    async def _make(self, users: list[Id]) -> None:
        if self.ring is None:
            raise NoSecretKeys
        driver = await driver_of(self.connection)
        for user in users:
            wrapped = self.ring.wrap(self.ids.secret(), about=about(user))
            row = {"user": user, "wrapped": wrapped.content, "ring_key": wrapped.key_id}
            await driver.execute(_MAKE, row)
        self._take(
            await self._rows(_LOAD, {"users": users})
        )  # which may be what somebody else made meanwhile

    async def _rows(self, query: str, values: dict[str, object]) -> list[tuple[Any, ...]]:
        driver = await driver_of(self.connection)
        async with driver.cursor(binary=True) as cursor:
            await cursor.execute(query.encode(), values)
            return await cursor.fetchall()

    def _take(self, rows: Collection[tuple[Any, ...]]) -> None:
        for user, content, key_id, since in rows:
            if content is None:
                self.known[user] = Keyless.DESTROYED
            elif self.ring is None:
                raise NoSecretKeys
            else:
                secret = self.ring.unwrap(Wrapped(key_id, content), about=about(user))
                self.known[user] = SubjectKey.of(secret, since=since)

    async def _without(self, users: Collection[Id]) -> dict[Id, Subject]:
        [(serves_everybody, actor)] = await self._rows(_WHO, {})
        return {
            user: Keyless.NEVER_MADE if serves_everybody or user == actor else Keyless.NOT_YOURS
            for user in users
        }


def about(user: Id) -> bytes:
    """Return what a subject's key is wrapped together with: whose it is, and what for."""
    return b"subject-key" + packed(user)
