from collections.abc import Mapping, Sequence
from decimal import Decimal

from adapters.devchain.aave_market import PRICE_DECIMALS, scaled
from adapters.devchain.abi import NOBODY
from adapters.devchain.batch import Batch
from adapters.devchain.core import Core
from adapters.devchain.packages import NodePackages
from adapters.devchain.reserves import EmodeCategory, ReserveSpec
from domain.shared.chain import Address

_RAY = 10**27
_AGGREGATOR = "mocks/oracle/CLAggregators/MockAggregator"
# Optimal usage, base rate, two slopes of variable and two of stable rates, stable offset, its excess, optimal ratio.
_RATES_IN_PERCENT = (80, 0, 4, 75, 2, 75, 2, 5, 20)
_INIT_RESERVES = (
    "initReserves((address,address,address,uint8,address,address,address,address,"
    "string,string,string,string,string,string,bytes)[])"
)


def create_token(batch: Batch, packages: NodePackages, spec: ReserveSpec) -> Address:
    """Add a token of which anybody can mint; WETH is the real one with that door added."""
    if spec.symbol == "WETH":
        return batch.create(packages.aave("mocks/tokens/WETH9Mocked"))
    artifact = packages.aave("mocks/tokens/MintableERC20")
    return batch.create(artifact, spec.name, spec.symbol, spec.decimals)


def create_price(batch: Batch, packages: NodePackages, price: Decimal, of: str) -> Address:
    """Add an aggregator that answers this price in US dollars for good."""
    return batch.create(packages.aave(_AGGREGATOR), scaled(price, PRICE_DECIMALS, f"the price of {of}"))


def create_oracle(
    batch: Batch, packages: NodePackages, core: Core, prices: Mapping[Address, Address]
) -> Address:
    """Add the market's oracle, which asks these aggregators for the price of those assets."""
    unit = 10**PRICE_DECIMALS
    artifact = packages.aave("misc/AaveOracle")
    sources = list(prices), list(prices.values())
    oracle = batch.create(artifact, core.provider, *sources, NOBODY, NOBODY, unit)
    batch.call(core.provider, "setPriceOracle(address)", oracle)
    return oracle


def list_reserves(
    batch: Batch,
    packages: NodePackages,
    core: Core,
    specs: Sequence[tuple[ReserveSpec, Address]],
    categories: Sequence[tuple[EmodeCategory, Address | None]],
) -> None:
    """Add the listing of every token as a reserve with its parameters, and the e-modes."""
    strategy = batch.create(
        packages.aave("protocol/pool/DefaultReserveInterestRateStrategy"),
        core.provider,
        *(percent * _RAY // 100 for percent in _RATES_IN_PERCENT),
    )
    code = [
        batch.create(packages.aave(f"protocol/tokenization/{name}"), core.pool)
        for name in ("AToken", "StableDebtToken", "VariableDebtToken")
    ]
    inputs = [(*code, one.decimals, strategy, token, *_names(batch.sender, one)) for one, token in specs]
    batch.call(core.configurator, _INIT_RESERVES, inputs)
    for category, source in categories:
        batch.call(
            core.configurator,
            "setEModeCategory(uint8,uint16,uint16,uint16,address,string)",
            *(
                category.id,
                category.ltv,
                category.threshold,
                category.bonus,
                source or NOBODY,
                category.label,
            ),
        )
    for spec, token in specs:
        _configure(batch, core.configurator, spec, token)


def _names(treasury: Address, spec: ReserveSpec) -> tuple[object, ...]:
    tokens = [
        f"{prefix}{spec.symbol}"
        for prefix in ("a", "a", "variableDebt", "variableDebt", "stableDebt", "stableDebt")
    ]
    return treasury, NOBODY, *tokens, b""


def _configure(batch: Batch, configurator: Address, spec: ReserveSpec, token: Address) -> None:
    risk = (spec.ltv, spec.threshold, spec.bonus)
    batch.call(configurator, "configureReserveAsCollateral(address,uint256,uint256,uint256)", token, *risk)
    batch.call(configurator, "setReserveBorrowing(address,bool)", token, True)
    batch.call(configurator, "setReserveFactor(address,uint256)", token, spec.reserve_factor)
    if spec.stable_borrowing:
        batch.call(configurator, "setReserveStableRateBorrowing(address,bool)", token, True)
    if spec.emode:
        batch.call(configurator, "setAssetEModeCategory(address,uint8)", token, spec.emode)
