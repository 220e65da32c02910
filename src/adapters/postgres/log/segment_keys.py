from typing import Final

from adapters.codec.personal import PERSONAL, Keyless, Subject
from adapters.postgres.driver import driver_of
from adapters.postgres.subject_keys import PostgresSubjectKeys
from application.shared.ports import Place
from domain.shared.ids import Id

_SUBJECTS: Final = """
SELECT DISTINCT user_id FROM events
WHERE position > %(after)s AND position <= %(until)s AND type = ANY (%(personal)s) AND user_id IS NOT NULL
    AND (NOT %(serves_everybody)s OR EXISTS (SELECT FROM subject_keys WHERE subject_keys.user_id = events.user_id))
"""
_SERVES_EVERYBODY: Final = "SELECT pg_has_role(session_user, 'plimsoll_worker', 'MEMBER')"


class SegmentKeys(dict[Id, Subject]):
    """What opens the personal fields of a segment; who is not named has never had a key."""

    def __missing__(self, user: Id) -> Subject:
        return Keyless.NEVER_MADE


async def keys_between(subjects: PostgresSubjectKeys, *, after: Place, until: Place) -> SegmentKeys:
    """Return what opens the facts between two places, to be let go of with them: there may be many."""
    driver = await driver_of(subjects.connection)
    [everybody] = await (await driver.execute(_SERVES_EVERYBODY)).fetchone() or [False]
    values = {"after": after, "until": until, "personal": list(PERSONAL), "serves_everybody": everybody}
    async with driver.cursor(binary=True) as cursor:
        await cursor.execute(_SUBJECTS, values, prepare=False)  # the names say which index helps
        users = [user for [user] in await cursor.fetchall()]
    anew = PostgresSubjectKeys(subjects.connection, subjects.ring, subjects.ids)
    return SegmentKeys(await anew.load(users))
