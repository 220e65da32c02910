from collections.abc import Mapping, Sequence

from eth_abi.abi import encode

from adapters.devchain.abi import NOBODY
from adapters.devchain.artifact import Artifact
from adapters.devchain.batch import Batch
from adapters.devchain.core import Core
from adapters.devchain.reserves import ReserveSpec
from domain.shared.chain import Address

# Optimal usage, base rate, two slopes: basis points.
_RATES = encode(["uint16", "uint32", "uint32", "uint32"], [8_000, 0, 400, 7_500])
_INIT_RESERVES = "initReserves((address,address,address,string,string,string,string,bytes,bytes)[])"


def list_reserves(
    batch: Batch,
    contracts: Mapping[str, Artifact],
    core: Core,
    listed: Sequence[tuple[ReserveSpec, Address]],
) -> None:
    """Add the listing of every token as a reserve with its parameters."""
    supply = batch.create(contracts["ATokenInstance"], core.pool, NOBODY, batch.sender)
    debt = batch.create(contracts["VariableDebtTokenInstance"], core.pool, NOBODY)
    inputs = [(supply, debt, token, *_names(spec), b"", _RATES) for spec, token in listed]
    batch.call(core.configurator, _INIT_RESERVES, inputs)
    for spec, token in listed:
        risk = (spec.ltv, spec.threshold, spec.bonus)
        collateral = "configureReserveAsCollateral(address,uint256,uint256,uint256)"
        if spec.threshold:
            batch.call(core.configurator, collateral, token, *risk)
        batch.call(core.configurator, "setReserveBorrowing(address,bool)", token, True)
        batch.call(core.configurator, "setReserveFactor(address,uint256)", token, spec.reserve_factor)


def _names(spec: ReserveSpec) -> tuple[str, ...]:
    return tuple(f"{prefix}{spec.symbol}" for prefix in ("a", "a", "variableDebt", "variableDebt"))
