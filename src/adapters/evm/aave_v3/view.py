from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.evm.aave_v3.codec import NOBODY, Configuration, address_in, addresses, emode, word
from adapters.evm.aave_v3.listing import Listed, Listing, tokens_of
from domain.positions.reserve import EMode, Reserve


class ShapeChanged(Exception):
    """The market is no longer (or, at this older block, was not yet) as the listing says."""


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
    emodes: Mapping[int, tuple[EMode, int | None]]
    _reserves: dict[tuple[int, int], Reserve | Unpriced] = field(default_factory=dict)

    @classmethod
    def of(cls, listing: Listing, answers: Sequence[bytes | None]) -> "View":
        """Decode the answers to the listing's questions; raises ShapeChanged, or ValueError for nonsense."""
        count = len(listing.reserves)
        oracle, assets = answers[0], answers[1]
        datas, prices = answers[2 : 2 + count], answers[2 + count : 2 + 2 * count]
        categories = answers[2 + 2 * count : 2 + 2 * count + len(listing.emodes)]
        sources = answers[2 + 2 * count + len(listing.emodes) :]
        if oracle is None or assets is None:
            raise ValueError("The market does not name its oracle or its reserves.")
        if address_in(oracle) != listing.oracle or addresses(assets) != listing.assets:
            raise ShapeChanged
        configurations = {
            one.id: _configuration(one, data, listing)
            for one, data in zip(listing.reserves, datas, strict=True)
        }
        return cls(
            listing=listing,
            configurations=configurations,
            prices={one.id: _price(answer) for one, answer in zip(listing.reserves, prices, strict=True)},
            emodes=dict(_emodes(listing, categories, sources)),
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
        if emode_id and configuration.emode == emode_id and self.listing.emodes[emode_id] != NOBODY:
            own = self.emodes[emode_id][1] if emode_id in self.emodes else None
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
            emode=configuration.emode,
        )


def _configuration(of: Listed, data: bytes | None, listing: Listing) -> Configuration | None:
    if data is None:
        return None
    if tokens_of(data) != of.tokens or word(data, 7) != of.id:
        raise ShapeChanged
    configuration = Configuration.of(word(data))
    if configuration.emode and configuration.emode not in listing.emodes:
        raise ShapeChanged
    return configuration


def _price(answer: bytes | None) -> int | None:
    return None if answer is None else word(answer)


def _emodes(
    listing: Listing, categories: Sequence[bytes | None], sources: Sequence[bytes | None]
) -> Iterator[tuple[int, tuple[EMode, int | None]]]:
    prices = iter(sources)
    for (id_, source), data in zip(listing.emodes.items(), categories, strict=True):
        price = None if source == NOBODY else next(prices)
        if data is None:
            continue
        category, now = emode(data, id_)
        if now != source:
            raise ShapeChanged
        yield id_, (category, _price(price))
