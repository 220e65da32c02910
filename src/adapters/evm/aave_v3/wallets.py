from collections.abc import Iterator
from itertools import islice

from adapters.evm.aave_v3.codec import word
from adapters.evm.aave_v3.listing import Listing
from adapters.evm.aave_v3.stakes import NONE, Stake
from adapters.evm.aave_v3.view import Unpriced, View
from adapters.evm.calldata import Call
from domain.positions.aave_v3 import account_of
from domain.positions.health import Account, HealthFactor
from domain.positions.law import Law
from domain.positions.position import Leg, LendingPosition, Protocol, Unread
from domain.positions.reserve import EMode
from domain.shared.chain import Block, ChainId

_NO_DEBT = 2**256 - 1


class _Unknown(Exception):
    """Something about one wallet is not known; the text is the reason to tell."""


def questions(listing: Listing, stake: Stake) -> Iterator[Call]:
    """Yield the calls that show one wallet's position, in the order in which `position` takes the answers."""
    wallet = stake.wallet
    yield listing.account_data.on(wallet)
    for reserve, _, borrowed in stake.uses:
        yield reserve.a_token.on(wallet)
        if borrowed:
            yield reserve.variable_debt.on(wallet)
            if reserve.stable_debt is not None:
                yield reserve.stable_debt.on(wallet)


def position(
    stake: Stake,
    emode: int | None,
    answers: Iterator[bytes | None],
    *,
    view: View,
    law: Law,
    chain_id: ChainId,
    block: Block,
) -> LendingPosition | Unread:
    """Return the wallet's position, or why it is unknown; takes exactly the answers to its questions."""
    account, *balances = islice(answers, stake.questions)
    try:
        mode = _emode(emode, view)
        legs = tuple(_legs(stake, iter(balances), view, mode.id if mode else 0))
        said = _account(account)
        _refuse_difference(said, account_of(legs, mode, law))
    except _Unknown as reason:
        return Unread(stake.wallet, str(reason))
    except ValueError:
        return Unread(stake.wallet, "A contract of the market answered with fewer data than it must.")
    return LendingPosition(
        wallet=stake.wallet,
        chain_id=chain_id,
        protocol=Protocol.AAVE_V3,
        market=view.listing.pool,
        block=block,
        emode=mode,
        legs=legs,
        account=said,
        law=law,
    )


def lawless(listing: Listing) -> str:
    """Return the sentence that says why no position of this market is known."""
    if listing.revision is None:
        return (
            "The market's pool does not tell its revision at this block, so that its arithmetic is not known."
        )
    return (
        f"The market's pool is of revision {listing.revision}, a release of Aave v3 whose arithmetic Plimsoll does not "
        "know; a newer Plimsoll may."
    )


def _emode(id_: int | None, view: View) -> EMode | None:
    if id_ is None:
        raise _Unknown("The wallet's e-mode could not be read at this block.")
    if not id_:
        return None
    if id_ not in view.emodes:
        raise _Unknown(f"The market does not describe e-mode {id_}, which the wallet uses, at this block.")
    return view.emodes[id_].emode


def _legs(stake: Stake, balances: Iterator[bytes | None], view: View, emode: int) -> Iterator[Leg]:
    for listed, is_collateral, borrowed in stake.uses:
        supplied = next(balances)
        variable = next(balances) if borrowed else NONE
        stable = next(balances) if borrowed and listed.stable_debt is not None else NONE
        if supplied == NONE and variable == NONE and stable == NONE:
            continue
        reserve = view.reserve(listed, emode)
        if isinstance(reserve, Unpriced):
            raise _Unknown(reserve.reason)
        if supplied is None or variable is None or stable is None:
            what = "supply" if supplied is None else "debt"
            raise _Unknown(f"The wallet's {what} of {listed.symbol} could not be read at this block.")
        yield Leg(
            reserve=reserve,
            supplied=word(supplied),
            is_collateral=is_collateral,
            variable_debt=word(variable),
            stable_debt=word(stable),
        )


def _account(answer: bytes | None) -> Account:
    if answer is None:
        raise _Unknown("The market does not give the wallet's account data at this block.")
    collateral, debt, _, threshold, ltv, health = (word(answer, index) for index in range(6))
    return Account(
        total_collateral=collateral,
        total_debt=debt,
        ltv=ltv,
        liquidation_threshold=threshold,
        health_factor=None if health == _NO_DEBT else HealthFactor(health),
    )


def _refuse_difference(said: Account, ours: Account) -> None:
    if said == ours:
        return
    for name, theirs, mine in (
        ("health factor", _wad(said), _wad(ours)),
        ("collateral", said.total_collateral, ours.total_collateral),
        ("debt", said.total_debt, ours.total_debt),
        ("liquidation threshold", said.liquidation_threshold, ours.liquidation_threshold),
        ("loan to value", said.ltv, ours.ltv),
    ):
        if theirs != mine:
            raise _Unknown(f"The contract says {name} {theirs}, our arithmetic {mine}: not reproduced.")


def _wad(account: Account) -> str:
    health = account.health_factor
    return "none" if health is None else f"{health.wad} (in 1e-18)"
