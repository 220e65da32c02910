from decimal import Decimal

from adapters.devchain.wallet import Wallet
from entrypoints.cli.demo.cast import ALICE
from entrypoints.cli.demo.hearing import hear_all_clear
from entrypoints.cli.demo.play import Play

REPAID = Decimal(5_000)
_OVER = {"health_factor_low", "health_factor_critical"}


async def rescue(play: Play, price: Decimal) -> None:
    """Let Alice repay a part of her debt, and hear the all-clear for everything that rang for it."""
    title = "Alice acts: she repays a part of her debt"
    play.narrator.act(title)
    alice = Wallet(play.stage.parts.chain, play.stage.parts.market, ALICE.wallet)
    receipt = await alice.repay("USDC", REPAID)
    play.narrator.tell("chain", f"Alice repaid {REPAID:,} USDC", f"block {receipt.block_number}")
    play.fates[ALICE.name] = "safe, repaid"
    await play.look(title, price, block=receipt.block_number)
    heard = [alert for alert in play.members[ALICE.name].heard.values() if alert["type"] in _OVER]
    for alert in heard:
        await hear_all_clear(play, ALICE.name, alert)
    play.promises.check(len(heard) == len(_OVER), "Alice repaid, and got the all-clear on every channel.")
    await play.narrator.pause()
