from enum import StrEnum


class Law(StrEnum):
    """How releases of Aave v3 count, each law named after the first release that has it.

    Source: GenericLogic.sol, ValidationLogic.sol and PoolInstance.sol of every release from 3.0.0 to 3.7.0.
    """

    V3_0 = "v3.0"
    """An e-mode is a category that reserves belong to; averages are floored before health is divided, half up."""
    V3_2 = "v3.2"
    """An e-mode names the reserves that it accepts; nothing is owed at stable rates any more."""
    V3_5 = "v3.5"
    """Debts are rounded up, and health is divided once, at the end."""
    V3_6 = "v3.6"
    """An e-mode says itself which reserves lend nothing in it; collateral without a threshold is counted too."""
    V3_7 = "v3.7"
    """An e-mode may be isolated: what it does not accept lends nothing."""

    @classmethod
    def of(cls, revision: int) -> "Law | None":
        """Return the law of a pool's implementation by its `POOL_REVISION`; None for one that nobody has read."""
        return _BY_REVISION.get(revision)

    @property
    def emodes_name_reserves(self) -> bool:
        """Say whether an e-mode lists its reserves, instead of a reserve its e-mode."""
        return self is not Law.V3_0

    @property
    def divides_once(self) -> bool:
        """Say whether health is one quotient of exact sums, with debts rounded up."""
        return self not in _FLOORING_AVERAGES

    @property
    def emodes_name_what_lends_nothing(self) -> bool:
        """Say whether the e-mode decides which reserves lend nothing, instead of the reserve's own limits."""
        return self not in _LENDING_BY_RESERVE

    @property
    def emodes_may_be_isolated(self) -> bool:
        """Say whether an e-mode can deny loans against what it does not accept."""
        return self is Law.V3_7


_FLOORING_AVERAGES = frozenset({Law.V3_0, Law.V3_2})
_LENDING_BY_RESERVE = frozenset({Law.V3_0, Law.V3_2, Law.V3_5})
_BY_REVISION = {
    1: Law.V3_0,  # 3.0.0 to 3.0.2 as published
    2: Law.V3_0,  # 3.0.1 and 3.0.2 as upgrades
    3: Law.V3_0,  # 3.0.2 as an upgrade
    4: Law.V3_0,  # 3.1
    5: Law.V3_2,  # 3.2.0
    6: Law.V3_2,  # 3.2.1
    7: Law.V3_2,  # 3.3
    8: Law.V3_2,  # 3.4
    9: Law.V3_5,  # 3.5
    10: Law.V3_6,  # 3.6
    11: Law.V3_7,  # 3.7
}
