from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from domain.shared.errors import NotFound
from domain.shared.ids import UserId
from domain.signals.rules import Rules

TABLES: Final = (
    "CREATE TABLE rules (user BLOB, version INTEGER, value BLOB, PRIMARY KEY (user, version)) WITHOUT ROWID",
    "CREATE TABLE in_force (user BLOB PRIMARY KEY, version INTEGER) WITHOUT ROWID",
)
_NEWEST: Final = "SELECT value FROM in_force JOIN rules USING (user, version) WHERE in_force.user = ?"
_AT: Final = "SELECT value FROM rules WHERE user = ? AND version <= ? ORDER BY version DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class ScratchRules:
    """The rules of every user by version."""

    rows: Rows

    async def put(self, rules: Rules) -> None:
        """Store a version; it is the user's newest from now on."""
        user = rules.user_id.bytes
        self.rows.put("INSERT OR IGNORE INTO rules VALUES (?, ?, ?)", [(user, rules.version, rules)])
        self.rows.change("INSERT OR REPLACE INTO in_force VALUES (?, ?)", user, rules.version)

    async def drop(self, user_id: UserId) -> None:
        """Forget that the user has rules in force; their versions stay readable."""
        self.rows.change("DELETE FROM in_force WHERE user = ?", user_id.bytes)

    async def newest(self, user_ids: Collection[UserId]) -> Mapping[UserId, Rules]:
        """Return the newest rules of those users who have any."""
        found = {user_id: self.rows.read(_NEWEST, [user_id.bytes]) for user_id in user_ids}
        return {user_id: rules for user_id, known in found.items() for rules in known}

    async def at(self, user_id: UserId, version: int) -> Rules:
        """Return the rules as of the newest version not above this one, or raise NotFound."""
        known: list[Rules] = self.rows.read(_AT, [user_id.bytes, version])
        if not known:
            raise NotFound(f"There are no rules of version {version} or before.")
        return known[0]
