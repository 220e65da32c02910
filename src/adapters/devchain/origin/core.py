from collections.abc import Mapping

from adapters.devchain.artifact import Artifact
from adapters.devchain.batch import Batch, created_by
from adapters.devchain.core import Core
from domain.shared.chain import Address

# In the order in which they call each other.
_LIBRARIES = (
    "PoolLogic",
    "SupplyLogic",
    "BorrowLogic",
    "LiquidationLogic",
    "FlashLoanLogic",
    "ConfiguratorLogic",
)
_ROLES = ("addPoolAdmin", "addAssetListingAdmin", "addRiskAdmin", "addEmergencyAdmin")


def create_core(batch: Batch, contracts: Mapping[str, Artifact]) -> Core:
    """Add Aave's shared contracts, with the batch's sender as administrator of everything."""
    libraries: dict[str, Address] = {}
    for name in _LIBRARIES:
        libraries[name] = batch.create(contracts[name], libraries=libraries)
    provider = batch.create(contracts["PoolAddressesProvider"], "Plimsoll", batch.sender)
    batch.call(provider, "setACLAdmin(address)", batch.sender)
    access = batch.create(contracts["ACLManager"], provider)
    batch.call(provider, "setACLManager(address)", access)
    for role in _ROLES:
        batch.call(access, f"{role}(address)", batch.sender)
    rates = batch.create(contracts["DefaultReserveInterestRateStrategyV2"], provider)
    pool_code = batch.create(contracts["PoolInstance"], provider, rates, libraries=libraries)
    configurator_code = batch.create(contracts["PoolConfiguratorInstance"], libraries=libraries)
    batch.call(provider, "setPoolImpl(address)", pool_code)
    batch.call(provider, "setPoolConfiguratorImpl(address)", configurator_code)
    # The provider creates a proxy for each; a contract's own count starts at one.
    return Core(provider=provider, pool=created_by(provider, 1), configurator=created_by(provider, 2))
