from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.evm.aave_v3.codec import NOBODY, Configuration, address_in, addresses, word
from adapters.evm.aave_v3.emodes import Mode, ShapeChanged, mode_in
from adapters.evm.aave_v3.listing import Listed, Listing, tokens_of
from domain.positions.law import Law
from domain.positions.reserve import Reserve


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A reserve of which the block gives no price or no configuration, and the reason to tell."""

    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """The market at one block: configuration and prices of its reserves, and its e-modes."""

    listing: Listing
    configurations: Mapping[int, Configuration | None]
    prices: Mapping[int, int | None]
    emodes: Mapping[int, Mode]
    _reserves: dict[tuple[int, int], Reserve | Unpriced] = field(default_factory=dict)

    @classmethod
    def of(cls, listing: Listing, answers: Sequence[bytes | None]) -> "View":
        """Decode the answers to the listing's questions; raises ShapeChanged, or ValueError for nonsense."""
        count = len(listing.reserves)
        oracle, assets, revision = answers[:3]
        datas, prices = answers[3 : 3 + count], answers[3 + count : 3 + 2 * count]
        if oracle is None or assets is None:
            raise ValueError("The market does not name its oracle or its reserves.")
        if address_in(oracle) != listing.oracle or addresses(assets) != listing.assets:
            raise ShapeChanged
        if (None if revision is None else word(revision)) != listing.revision:
            raise ShapeChanged
        configurations = {
            one.id: _configuration(one, data, listing)
            for one, data in zip(listing.reserves, datas, strict=True)
        }
        return cls(
            listing=listing,
            configurations=configurations,
            prices={one.id: _price(answer) for one, answer in zip(listing.reserves, prices, strict=True)},
            emodes=_emodes(listing, answers[3 + 2 * count :]),
        )

    def reserve(self, of: Listed, emode_id: int) -> Reserve | Unpriced:
        """Return the reserve as it counts for a wallet in this e-mode."""
        key = of.id, emode_id
        if key not in self._reserves:
            self._reserves[key] = self._reserve(of, emode_id)
        return self._reserves[key]

    def _reserve(self, of: Listed, emode_id: int) -> Reserve | Unpriced:
        configuration = self.configurations[of.id]
        if configuration is None:
            return Unpriced(f"The market does not describe its reserve {of.symbol} at this block.")
        price = self.prices[of.id]
        mode = self.emodes.get(emode_id)
        emode = configuration.emode
        if self.listing.law is not Law.V3_0:
            emode = emode_id if mode is not None and mode.accepts >> of.id & 1 else 0
        elif emode_id and emode == emode_id and self.listing.emodes[emode_id] != NOBODY:
            own = mode.price if mode is not None else None
            price = price if own == 0 else own
        if price is None:
            return Unpriced(f"The market's oracle gives no price for {of.symbol} at this block.")
        return Reserve(
            asset=of.asset,
            symbol=of.symbol,
            decimals=configuration.decimals,
            price=price,
            ltv=configuration.ltv,
            liquidation_threshold=configuration.liquidation_threshold,
            liquidation_bonus=configuration.liquidation_bonus,
            emode=emode,
            lends_in_emode=mode is None or not mode.lends_nothing >> of.id & 1,
        )


def _configuration(of: Listed, data: bytes | None, listing: Listing) -> Configuration | None:
    if data is None:
        return None
    if tokens_of(data) != of.tokens or word(data, 7) != of.id:
        raise ShapeChanged
    configuration = Configuration.of(word(data))
    if listing.law is Law.V3_0 and configuration.emode and configuration.emode not in listing.emodes:
        raise ShapeChanged
    return configuration


def _price(answer: bytes | None) -> int | None:
    return None if answer is None else word(answer)


def _emodes(listing: Listing, answers: Sequence[bytes | None]) -> dict[int, Mode]:
    if listing.law is None:
        return {}
    stream = iter(answers)
    modes = {id_: mode_in(stream, id_, source, listing.law) for id_, source in listing.emodes.items()}
    return {id_: mode for id_, mode in modes.items() if mode is not None}
