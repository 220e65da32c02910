from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.memory.store import Transaction
from adapters.memory.table import Table
from domain.shared.errors import NotFound
from domain.shared.ids import UserId
from domain.signals.rules import Rules


@dataclass(frozen=True, slots=True)
class MemoryRulesInForce:
    """The rules of every user by version, in memory."""

    transaction: Transaction

    @property
    def _versions(self) -> Table[tuple[UserId, int], Rules]:
        return Table(self.transaction, "rules")

    @property
    def _in_force(self) -> Table[UserId, int]:
        return Table(self.transaction, "rules_in_force")

    async def put(self, rules: Rules) -> None:
        """Store a version; it is the user's newest from now on."""
        if self._versions.get((rules.user_id, rules.version)) is None:
            await self._versions.put((rules.user_id, rules.version), rules)
        await self._in_force.put(rules.user_id, rules.version)

    async def drop(self, user_id: UserId) -> None:
        """Forget that the user has rules in force; their versions stay readable."""
        await self._in_force.remove(user_id)

    async def newest(self, user_ids: Collection[UserId]) -> Mapping[UserId, Rules]:
        """Return the newest rules of those users who have any."""
        return {
            user_id: rules
            for user_id in user_ids
            if self.transaction.sees(user_id)
            and (version := self._in_force.get(user_id)) is not None
            and (rules := self._versions.get((user_id, version))) is not None
        }

    async def at(self, user_id: UserId, version: int) -> Rules:
        """Return the rules as of the newest version not above this one, or raise NotFound."""
        known = [
            rules
            for rules in self._versions.all()
            if rules.user_id == user_id and rules.version <= version and self.transaction.sees(user_id)
        ]
        if not known:
            raise NotFound(f"There are no rules of version {version} or before.")
        return max(known, key=lambda rules: rules.version)
