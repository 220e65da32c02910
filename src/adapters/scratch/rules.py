from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.scratch.rows import Rows
from application.shared.ports import Place
from domain.shared.errors import NotFound
from domain.shared.ids import UserId
from domain.signals.rules import Rules

TABLES: Final = (
    "CREATE TABLE in_force (id TEXT PRIMARY KEY, place INT, value BLOB) WITHOUT ROWID",
    "CREATE TABLE rules (id TEXT PRIMARY KEY, user TEXT, version INT, place INT, value BLOB) WITHOUT ROWID",
    "CREATE INDEX versions ON rules (user, version)",
)


@dataclass(frozen=True, slots=True)
class ScratchRules:
    """The rules of every user by version; what is put is put because of the fact at `place`."""

    rows: Rows
    place: Place

    async def put(self, rules: Rules) -> None:
        """Store a version; it is the user's newest from now on."""
        key, user = _key(rules.user_id, rules.version), rules.user_id
        if self.rows.get("rules", key) is None:
            self.rows.put("rules", key, rules, {"user": user, "version": rules.version, "place": self.place})
        self.rows.put("in_force", user, self.rows.get("rules", key), {"place": self.place})

    async def drop(self, user_id: UserId) -> None:
        """Forget that the user has rules in force; their versions stay readable."""
        self.rows.remove("in_force", user_id)

    async def newest(self, user_ids: Collection[UserId]) -> Mapping[UserId, Rules]:
        """Return the newest rules of those users who have any."""
        found = {user_id: self.rows.get("in_force", user_id) for user_id in user_ids}
        return {user_id: rules for user_id, rules in found.items() if rules is not None}

    async def at(self, user_id: UserId, version: int) -> Rules:
        """Return the rules as of the newest version not above this one, or raise NotFound."""
        exact: Rules | None = self.rows.get("rules", _key(user_id, version))
        if exact is not None:
            return exact
        before = "user = ? AND version <= ? ORDER BY version DESC LIMIT 1"
        known: list[Rules] = self.rows.read("rules", before, user_id, version)
        if not known:
            raise NotFound(f"There are no rules of version {version} or before.")
        return known[0]


def _key(user_id: UserId, version: int) -> str:
    return f"{user_id}/{version}"
