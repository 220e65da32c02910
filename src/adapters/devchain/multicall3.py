from adapters.devchain.chain import Chain
from adapters.devchain.packages import NodePackages
from adapters.devchain.transaction import Transaction
from domain.shared.chain import Address
from domain.shared.errors import Unavailable

MULTICALL3 = Address("0xca11bde05977b3631167028862be2a173976ca11")
"""Where Multicall3 lives on every chain: what its deployer's first transaction creates."""

_DEPLOYER = Address("0x05f32b3cc3888453ff71b01135b34ff8e41263f2")


async def deploy_multicall3(chain: Chain, packages: NodePackages) -> Address:
    """Put Multicall3 where every chain has it, unless it is there already."""
    if await chain.code(MULTICALL3):
        return MULTICALL3
    await chain.set_balances({_DEPLOYER: 10**18})
    create = Transaction(
        label="create Multicall3", sender=_DEPLOYER, to=None, data=packages.multicall3(), gas=5_000_000
    )
    [receipt] = await chain.send(create)
    if receipt.contract != MULTICALL3:
        raise Unavailable("Multicall3 did not land at its address: its deployer had sent something before.")
    return MULTICALL3
