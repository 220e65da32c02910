from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from adapters.evm.aave_v3 import contracts
from adapters.evm.aave_v3.codec import NOBODY, Configuration, emode, word
from adapters.evm.calldata import Call, call
from domain.positions.law import Law
from domain.positions.reserve import EMode
from domain.shared.chain import Address

_ZERO = bytes(32)


class ShapeChanged(Exception):
    """The market is no longer (or, at this older block, was not yet) as the listing says."""


@dataclass(frozen=True, slots=True)
class Mode:
    """An e-mode at one block: its limits, the price that replaces its assets' own, and the reserves that it names.

    `accepts` and `lends_nothing` are bit fields over the reserves' ids; zero under laws that do not have them.
    """

    emode: EMode
    price: int | None
    accepts: int
    lends_nothing: int


def emodes_of(reserve_data: Iterable[bytes], law: Law | None) -> set[int]:
    """Return the e-modes that reserves belong to; since v3.2 what is left of that in a reserve means nothing."""
    if law is not Law.V3_0:
        return set()
    return {Configuration.of(word(each)).emode for each in reserve_data} - {0}


def emode_data(pool: Address, id: int) -> Call:
    """Return the call that describes an e-mode."""
    return _about(pool, contracts.GET_EMODE_CATEGORY_DATA, id)


def price_source(answer: bytes | None) -> Address:
    """Return the price source of an e-mode, nobody where it has none or could not be read."""
    try:
        return NOBODY if answer is None else emode(answer, 0)[1]
    except ValueError:
        return NOBODY


def emode_questions(pool: Address, oracle: Address, id: int, source: Address, law: Law) -> Iterator[Call]:
    """Yield the calls that show an e-mode, in the order in which `mode_in` takes the answers."""
    yield emode_data(pool, id)
    if source != NOBODY:
        yield call(oracle, f"{contracts.GET_ASSET_PRICE}{source[2:]:0>64}")
    if law.emodes_name_reserves:
        yield _about(pool, contracts.GET_EMODE_COLLATERAL_BITMAP, id)
    if law.emodes_name_what_lends_nothing:
        yield _about(pool, contracts.GET_EMODE_LTVZERO_BITMAP, id)
    if law.emodes_may_be_isolated:
        yield _about(pool, contracts.IS_EMODE_ISOLATED, id)


def mode_in(answers: Iterator[bytes | None], id: int, source: Address, law: Law) -> Mode | None:
    """Return the e-mode; None where any part could not be read. Takes exactly the answers to its questions.

    Raises ShapeChanged when its price source is another by now, ValueError for data that describe no e-mode.
    """
    data = next(answers)
    price = None if source == NOBODY else next(answers)
    accepts = next(answers) if law.emodes_name_reserves else _ZERO
    lends_nothing = next(answers) if law.emodes_name_what_lends_nothing else _ZERO
    isolated = next(answers) if law.emodes_may_be_isolated else _ZERO
    if data is None or accepts is None or lends_nothing is None or isolated is None:
        return None
    category, now = emode(data, id)
    if now != source:
        raise ShapeChanged
    return Mode(
        emode=replace(category, isolated=bool(word(isolated))),
        price=None if price is None else word(price),
        accepts=word(accepts),
        lends_nothing=word(lends_nothing),
    )


def _about(pool: Address, selector: str, id: int) -> Call:
    return call(pool, f"{selector}{id:064x}")
