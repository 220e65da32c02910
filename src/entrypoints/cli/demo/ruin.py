from decimal import Decimal

from adapters.devchain.keys import address_of
from adapters.devchain.wallet import Wallet
from domain.shared.money import plain
from entrypoints.cli.demo.cast import BOB, LIQUIDATOR
from entrypoints.cli.demo.hearing import hear
from entrypoints.cli.demo.play import Play

_CASH = Decimal(20_000)


async def ruin(play: Play, price: Decimal) -> None:
    """Let somebody liquidate Bob, who did nothing, and see that Plimsoll tells it as the chain does."""
    title = "Bob did nothing, and is liquidated"
    play.narrator.act(title)
    stage = play.stage
    liquidator = Wallet(stage.parts.chain, stage.parts.market, address_of(LIQUIDATOR))
    await stage.parts.treasury.give_ether(liquidator.address)
    await stage.parts.treasury.give(liquidator.address, "USDC", _CASH)
    call = await liquidator.liquidate(BOB.wallet, collateral="WETH", debt="USDC")
    taken, covered = plain(call.collateral_taken), plain(call.debt_covered)
    play.narrator.tell("chain", f"A liquidator paid {covered} USDC of Bob's debt and took {taken} WETH.")
    play.fates[BOB.name] = "liquidated"
    await play.look(title, price, block=await stage.parts.chain.block_number())
    alert = await hear(play, BOB.name, "position_liquidated")
    data = alert["data"]
    play.liquidation = {
        "wallet": BOB.wallet,
        "transaction_hash": call.transaction,
        "collateral_seized": taken,
        "debt_covered": covered,
        "signalled": dict(data),
    }
    told = (data["transaction_hash"], Decimal(data["collateral_seized"]), Decimal(data["debt_covered"]))
    play.promises.check(
        told == (call.transaction, call.collateral_taken, call.debt_covered),
        "Bob was liquidated, and was told of it in the figures of the chain's own log.",
        f"{taken} WETH for {covered} USDC",
    )
    await play.narrator.pause()
