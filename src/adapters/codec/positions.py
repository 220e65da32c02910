from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

import orjson

from adapters.codec.ids import packed
from domain.positions.errors import Tampered
from domain.positions.health import Account, HealthFactor
from domain.positions.law import Law
from domain.positions.position import Leg, LendingPosition, Protocol, Unread
from domain.positions.reserve import EMode, Reserve
from domain.shared import merkle
from domain.shared.chain import Block, ChainId
from domain.shared.ids import Id

SCHEMA = 1

_RESERVE = itemgetter(
    "asset",
    "symbol",
    "decimals",
    "price",
    "ltv",
    "liquidation_threshold",
    "liquidation_bonus",
    "emode",
    "lends_in_emode",
)


def encode(seen: LendingPosition | Unread, block: Block) -> bytes:
    """Return the bytes that are stored and hashed: JSON in one fixed order of keys, every uint256 as a string."""
    if isinstance(seen, Unread):
        return orjson.dumps(
            {"schema": SCHEMA, "wallet": seen.wallet, "block": _block(block), "unread": seen.reason}
        )
    account = seen.account
    return orjson.dumps(
        {
            "schema": SCHEMA,
            "wallet": seen.wallet,
            "block": _block(block),
            "chain_id": seen.chain_id,
            "protocol": seen.protocol,
            "market": seen.market,
            "law": seen.law,
            "emode": None if seen.emode is None else _emode(seen.emode),
            "legs": [_leg(leg) for leg in seen.legs],
            "account": {
                "total_collateral": str(account.total_collateral),
                "total_debt": str(account.total_debt),
                "ltv": account.ltv,
                "liquidation_threshold": account.liquidation_threshold,
                "health_factor": None if account.health_factor is None else str(account.health_factor.wad),
            },
        }
    )


def decode(stored: bytes) -> tuple[LendingPosition | Unread, Block]:
    """Return what `encode` was given; raises Tampered for bytes that it never made."""
    try:
        parsed = orjson.loads(stored)
        if parsed["schema"] != SCHEMA:
            raise Tampered(f"A position has the unknown schema {parsed['schema']}")
        block = _block_of(**parsed["block"])
        if "unread" in parsed:
            return Unread(parsed["wallet"], parsed["unread"]), block
        return _position_of(parsed, block), block
    except (ValueError, KeyError, TypeError) as error:
        raise Tampered(f"A position cannot be read ({type(error).__name__})") from None


def leaf_of(id: Id, user_id: Id, stored: bytes) -> bytes:
    """Return the hash that stands for one row in its batch's root: it covers what was seen, and for whom."""
    return merkle.leaf(packed(id) + packed(user_id) + stored)


def root_of(leaves: Mapping[Id, bytes]) -> str:
    """Return the hexadecimal RFC 6962 root over a batch's leaves in the order of their rows' ids."""
    return merkle.root([leaf for _, leaf in sorted(leaves.items())]).hex()


def _block(block: Block) -> dict[str, Any]:
    return {"number": block.number, "hash": block.hash, "time": block.time}


def _emode(emode: EMode) -> dict[str, Any]:
    return {
        "id": emode.id,
        "label": emode.label,
        "ltv": emode.ltv,
        "liquidation_threshold": emode.liquidation_threshold,
        "liquidation_bonus": emode.liquidation_bonus,
        "isolated": emode.isolated,
    }


def _leg(leg: Leg) -> dict[str, Any]:
    reserve = leg.reserve
    return {
        "asset": reserve.asset,
        "symbol": reserve.symbol,
        "decimals": reserve.decimals,
        "price": str(reserve.price),
        "ltv": reserve.ltv,
        "liquidation_threshold": reserve.liquidation_threshold,
        "liquidation_bonus": reserve.liquidation_bonus,
        "emode": reserve.emode,
        "lends_in_emode": reserve.lends_in_emode,
        "supplied": str(leg.supplied),
        "is_collateral": leg.is_collateral,
        "variable_debt": str(leg.variable_debt),
        "stable_debt": str(leg.stable_debt),
    }


@lru_cache(maxsize=64)
def _block_of(number: int, hash: str, time: str) -> Block:
    return Block(number, hash, datetime.fromisoformat(time))


@lru_cache(maxsize=1024)
def _reserve_of(*described: Any) -> Reserve:
    asset, symbol, decimals, price, ltv, threshold, bonus, emode, lends_in_emode = described
    return Reserve(
        asset=asset,
        symbol=symbol,
        decimals=decimals,
        price=int(price),
        ltv=ltv,
        liquidation_threshold=threshold,
        liquidation_bonus=bonus,
        emode=emode,
        lends_in_emode=lends_in_emode,
    )


def _leg_of(parsed: dict[str, Any]) -> Leg:
    return Leg(
        reserve=_reserve_of(*_RESERVE(parsed)),
        supplied=int(parsed["supplied"]),
        is_collateral=parsed["is_collateral"],
        variable_debt=int(parsed["variable_debt"]),
        stable_debt=int(parsed["stable_debt"]),
    )


def _position_of(parsed: dict[str, Any], block: Block) -> LendingPosition:
    account = parsed["account"]
    health = account["health_factor"]
    return LendingPosition(
        wallet=parsed["wallet"],
        chain_id=ChainId(parsed["chain_id"]),
        protocol=Protocol(parsed["protocol"]),
        market=parsed["market"],
        block=block,
        emode=None if parsed["emode"] is None else EMode(**parsed["emode"]),
        legs=tuple([_leg_of(leg) for leg in parsed["legs"]]),
        account=Account(
            total_collateral=int(account["total_collateral"]),
            total_debt=int(account["total_debt"]),
            ltv=account["ltv"],
            liquidation_threshold=account["liquidation_threshold"],
            health_factor=None if health is None else HealthFactor(int(health)),
        ),
        law=Law(parsed["law"]),
    )
