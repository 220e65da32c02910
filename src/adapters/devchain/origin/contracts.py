from pathlib import Path

from adapters.devchain.artifact import Artifact
from adapters.devchain.packages import NodePackages
from adapters.devchain.solidity import Solidity

PACKAGE = "@aave-dao/aave-v3-origin"
_FILES = (
    "protocol/configuration/PoolAddressesProvider",
    "protocol/configuration/ACLManager",
    "protocol/libraries/logic/PoolLogic",
    "protocol/libraries/logic/SupplyLogic",
    "protocol/libraries/logic/BorrowLogic",
    "protocol/libraries/logic/LiquidationLogic",
    "protocol/libraries/logic/FlashLoanLogic",
    "protocol/libraries/logic/ConfiguratorLogic",
    "instances/PoolInstance",
    "instances/PoolConfiguratorInstance",
    "instances/ATokenInstance",
    "instances/VariableDebtTokenInstance",
    "misc/DefaultReserveInterestRateStrategyV2",
    "misc/AaveOracle",
    "helpers/AaveProtocolDataProvider",
)
_SETTINGS = {
    "optimizer": {"enabled": True, "runs": 200},
    "evmVersion": "shanghai",
    "metadata": {"bytecodeHash": "none"},
}


def origin_contracts(packages: NodePackages, cache: Path) -> dict[str, Artifact]:
    """Compile today's Aave v3 from its npm package, or find in `cache` what was compiled before; by name.

    Raises NotInstalled when a package is missing, Unavailable when the compiler does not work.
    """
    solidity = Solidity(
        packages,
        cache,
        packages=(PACKAGE, "@openzeppelin/contracts"),
        remappings=("openzeppelin-contracts/contracts/=@openzeppelin/contracts/",),
        settings=_SETTINGS,
    )
    return solidity.compile([f"{PACKAGE}/src/contracts/{one}.sol" for one in _FILES])
