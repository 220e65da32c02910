from dataclasses import dataclass

from adapters.devchain.batch import Batch, created_by
from adapters.devchain.packages import NodePackages
from domain.shared.chain import Address

# In the order in which they call each other.
_LIBRARIES = (
    "PoolLogic",
    "SupplyLogic",
    "BorrowLogic",
    "LiquidationLogic",
    "EModeLogic",
    "BridgeLogic",
    "ConfiguratorLogic",
    "FlashLoanLogic",
)
_ROLES = ("addPoolAdmin", "addAssetListingAdmin", "addRiskAdmin", "addEmergencyAdmin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The contracts that every reserve shares."""

    provider: Address
    pool: Address
    configurator: Address


def create_core(batch: Batch, packages: NodePackages) -> Core:
    """Add Aave's shared contracts, with the batch's sender as administrator of everything."""
    libraries: dict[str, Address] = {}
    for name in _LIBRARIES:
        artifact = packages.aave(f"protocol/libraries/logic/{name}")
        libraries[name] = batch.create(artifact, libraries=libraries)
    provider = batch.create(
        packages.aave("protocol/configuration/PoolAddressesProvider"), "Plimsoll", batch.sender
    )
    batch.call(provider, "setACLAdmin(address)", batch.sender)
    access = batch.create(packages.aave("protocol/configuration/ACLManager"), provider)
    batch.call(provider, "setACLManager(address)", access)
    for role in _ROLES:
        batch.call(access, f"{role}(address)", batch.sender)
    pool_code = batch.create(packages.aave("protocol/pool/Pool"), provider, libraries=libraries)
    batch.call(pool_code, "initialize(address)", provider)
    configurator_code = batch.create(packages.aave("protocol/pool/PoolConfigurator"), libraries=libraries)
    batch.call(provider, "setPoolImpl(address)", pool_code)
    batch.call(provider, "setPoolConfiguratorImpl(address)", configurator_code)
    # The provider creates a proxy for each; a contract's own count starts at one.
    return Core(provider=provider, pool=created_by(provider, 1), configurator=created_by(provider, 2))
