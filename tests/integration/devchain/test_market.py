from decimal import Decimal

import pytest

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of, key_of
from adapters.devchain.lending import Rate
from adapters.devchain.multicall3 import MULTICALL3
from adapters.devchain.plan import PositionPlan
from adapters.devchain.transaction import Reverted
from adapters.devchain.treasury import Treasury
from adapters.devchain.wallet import Account, Wallet
from domain.shared.errors import Invalid

_ALICE = address_of("alice")
_BOB = address_of("bob")
_USD = 10**8
_MONTH = 30 * 86_400


async def test_an_account_is_what_the_parameters_make_of_it(
    chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    alice = await borrower(chain, market, treasury)
    account = await alice.account()
    assert account.collateral == 10 * 2_500 * _USD
    assert 15_000 * _USD <= account.debt <= 15_001 * _USD
    assert (account.threshold, account.ltv) == (8_250, 8_000)
    assert account.health_factor == health_factor(account)
    assert account.available == account.collateral * 8_000 // 10_000 - account.debt


async def test_a_price_drop_lets_anybody_liquidate(
    chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    alice = await borrower(chain, market, treasury)
    bob = await holder(chain, market, treasury, "USDC", Decimal(100_000))
    with pytest.raises(Reverted, match="45"):  # HEALTH_FACTOR_NOT_BELOW_THRESHOLD
        await bob.liquidate(alice.address, collateral="WETH", debt="USDC")

    before = await chain.block_number()
    receipt = await treasury.set_price("WETH", Decimal("1780.12345678"))
    assert receipt.block_number == before + 1
    assert await treasury.price("WETH") == Decimal("1780.12345678")
    assert (await alice.account()).health_factor < 10**18

    event = await bob.liquidate(alice.address, collateral="WETH", debt="USDC")
    assert (event.victim, event.liquidator) == (_ALICE, _BOB)
    assert (event.collateral, event.debt) == ("WETH", "USDC")
    assert Decimal(7_500) <= event.debt_covered < Decimal(7_501)  # half of the debt: the close factor
    assert await bob.balance("WETH") == event.collateral_taken
    assert (await alice.account()).debt < 7_502 * _USD


async def test_an_emode_raises_the_health_factor(
    chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    plan = PositionPlan(wallet=_ALICE, supplies={"WETH": Decimal(10)}, borrows={"WETH": Decimal(7)})
    await treasury.open_positions([plan])
    alice = Wallet(chain, market, _ALICE)
    without = await alice.account()
    await alice.enter_emode(1)
    inside = await alice.account()
    assert (without.threshold, inside.threshold) == (8_250, 9_300)
    assert inside.health_factor > without.health_factor
    assert inside.health_factor == health_factor(inside)


async def test_an_emode_with_its_own_price_ignores_the_assets(
    wide_chain: Chain, wide_market: AaveMarket, wide_treasury: Treasury
) -> None:
    await wide_treasury.open_positions([PositionPlan(wallet=_ALICE, supplies={"DAI": Decimal(1_000)})])
    alice = Wallet(wide_chain, wide_market, _ALICE)
    assert (await alice.account()).collateral == 99_983_417_000
    await alice.enter_emode(2)
    assert (await alice.account()).collateral == 1_000 * _USD


async def test_interest_makes_debts_grow_stable_ones_too(
    wide_chain: Chain, wide_market: AaveMarket, wide_treasury: Treasury
) -> None:
    plans = [
        PositionPlan(wallet=_ALICE, supplies={"WETH": Decimal(10)}, borrows={"USDC": Decimal(10_000)}),
        PositionPlan(wallet=_BOB, supplies={"wstETH": Decimal(10)}, stable_borrows={"DAI": Decimal(10_000)}),
    ]
    await wide_treasury.open_positions(plans)
    wallets = [Wallet(wide_chain, wide_market, plan.wallet) for plan in plans]
    before = [await one.account() for one in wallets]
    start = await wide_chain.time()
    await wide_chain.increase_time(_MONTH)
    assert await wide_chain.time() == start + _MONTH
    after = [await one.account() for one in wallets]
    assert all(new.debt > old.debt for new, old in zip(after, before, strict=True))
    with pytest.raises(Reverted, match="39"):  # NO_DEBT_OF_SELECTED_TYPE
        await wallets[1].repay("DAI", rate=Rate.VARIABLE)
    await wide_treasury.give(_BOB, "DAI", Decimal(1_000))
    await wallets[1].repay("DAI", rate=Rate.STABLE)
    assert (await wallets[1].account()).debt == 0


async def test_positions_change_by_every_move_that_a_user_has(
    chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    alice = await borrower(chain, market, treasury)
    await alice.repay("USDC", Decimal(14_000))
    await alice.withdraw("WETH", Decimal(5))
    assert await alice.balance("WETH") == 5
    await treasury.give(_ALICE, "WBTC", Decimal("0.5"))
    await alice.supply("WBTC", Decimal("0.5"))
    await alice.use_as_collateral("WETH", use=False)
    account = await alice.account()
    assert account.collateral == 30_000 * _USD
    assert account.threshold == 7_500
    with pytest.raises(Reverted, match="borrow USDC: 36"):  # COLLATERAL_CANNOT_COVER_NEW_BORROW
        await alice.borrow("USDC", Decimal(30_000))


async def test_impossible_amounts_and_prices_are_refused(market: AaveMarket, treasury: Treasury) -> None:
    with pytest.raises(Invalid, match="USDC has 6 decimals"):
        market.units("USDC", Decimal("0.0000001"))
    with pytest.raises(Invalid, match="not an amount"):
        market.units("USDC", Decimal(-1))
    with pytest.raises(Invalid, match="lists WETH, WBTC, USDC"):
        market.token("DOGE")
    with pytest.raises(Invalid, match="above zero"):
        await treasury.set_price("WETH", Decimal(0))


async def test_multicall3_lives_where_every_chain_has_it(chain: Chain, market: AaveMarket) -> None:
    assert market.multicall3 == MULTICALL3
    balance = await chain.read(MULTICALL3, "getEthBalance(address)", ("uint256",), market.admin)
    assert balance[0] > 10**23


def test_a_name_always_gives_the_same_key() -> None:
    assert key_of("alice").address.lower() == _ALICE != _BOB


async def borrower(chain: Chain, market: AaveMarket, treasury: Treasury) -> Wallet:
    supplies, borrows = {"WETH": Decimal(10)}, {"USDC": Decimal(15_000)}
    await treasury.open_positions([PositionPlan(wallet=_ALICE, supplies=supplies, borrows=borrows)])
    return Wallet(chain, market, _ALICE)


async def holder(
    chain: Chain, market: AaveMarket, treasury: Treasury, symbol: str, amount: Decimal
) -> Wallet:
    await treasury.give_ether(_BOB)
    await treasury.give(_BOB, symbol, amount)
    return Wallet(chain, market, _BOB)


def health_factor(account: Account) -> int:
    """Aave v3.0.2: wadDiv(percentMul(collateral, threshold), debt), both rounded half up."""
    weighted = (account.collateral * account.threshold + 5_000) // 10_000
    return (weighted * 10**18 + account.debt // 2) // account.debt
