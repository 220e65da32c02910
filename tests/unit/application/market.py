import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from adapters.memory.clock import ManualClock
from domain.positions.aave_v3 import account_of
from domain.positions.law import Law
from domain.positions.observation import Liquidation, Observed
from domain.positions.position import Leg, LendingPosition, Protocol, Unread
from domain.positions.reserve import Reserve
from domain.shared.chain import Address, Block, ChainId

CHAIN = ChainId(31337)
POOL = Address("0x" + "aa" * 20)
WETH = Address("0x" + "e1" * 20)
USDC = Address("0x" + "c1" * 20)


def wallet(number: int) -> Address:
    """Return one wallet's address."""
    return Address(f"0x{number:040x}")


def digest(*parts: object) -> str:
    return "0x" + hashlib.sha256(repr(parts).encode()).hexdigest()


def _reserve(asset: Address, symbol: str, decimals: int, dollars: int) -> Reserve:
    return Reserve(
        asset=asset,
        symbol=symbol,
        decimals=decimals,
        price=dollars * 10**8,
        ltv=8000,
        liquidation_threshold=8250,
        liquidation_bonus=10500,
        emode=0,
    )


@dataclass(slots=True)
class FakeMarket:
    """A lending market in which whole WETH are supplied and whole USDC owed, moved by hand."""

    clock: ManualClock
    number: int = 100
    weth: Reserve = field(default_factory=lambda: _reserve(WETH, "WETH", 18, 2000))
    usdc: Reserve = field(default_factory=lambda: _reserve(USDC, "USDC", 6, 1))
    stakes: dict[Address, tuple[int, int]] = field(default_factory=dict)
    unread: dict[Address, str] = field(default_factory=dict)
    liquidated: list[Liquidation] = field(default_factory=list)

    @property
    def chain_id(self) -> ChainId:
        return CHAIN

    def price(self, dollars: int) -> None:
        """Set what one WETH costs."""
        self.weth = replace(self.weth, price=dollars * 10**8)

    def liquidate(self, victim: Address) -> Liquidation:
        """Let somebody liquidate the wallet in a new block."""
        self.number += 1
        found = Liquidation(
            wallet=victim,
            chain_id=CHAIN,
            protocol=Protocol.AAVE_V3,
            market=POOL,
            block_number=self.number,
            block_hash=digest("block", self.number),
            transaction_hash=digest("transaction", self.number),
            log_index=3,
            liquidator=wallet(0xBAD),
            collateral_asset=WETH,
            collateral_symbol="WETH",
            collateral_seized=Decimal("2.5"),
            debt_asset=USDC,
            debt_symbol="USDC",
            debt_covered=Decimal("3000.000001"),
        )
        self.liquidated.append(found)
        return found

    async def head(self) -> Block:
        return Block(self.number, digest("block", self.number), self.clock.now())

    async def read(self, wallets: Sequence[Address], block: Block) -> Observed:
        known = [one for one in wallets if one not in self.unread]
        return Observed(
            chain_id=CHAIN,
            protocol=Protocol.AAVE_V3,
            market=POOL,
            block=block,
            positions=tuple(self._position(one, block) for one in known if one in self.stakes),
            without_position=tuple(one for one in known if one not in self.stakes),
            unread=tuple(Unread(one, self.unread[one]) for one in wallets if one in self.unread),
            law=Law.V3_0,
        )

    async def reserves(self, block: Block, *, emode: int = 0) -> Mapping[Address, Reserve]:
        return {reserve.asset: reserve for reserve in (self.weth, self.usdc)}

    async def liquidations(
        self, wallets: Collection[Address], since: int, through: Block
    ) -> tuple[Liquidation, ...]:
        return tuple(
            one
            for one in self.liquidated
            if one.wallet in wallets and since <= one.block_number <= through.number
        )

    def _position(self, owner: Address, block: Block) -> LendingPosition:
        supplied, owed = self.stakes[owner]
        legs = (
            Leg(reserve=self.weth, supplied=supplied * 10**18, is_collateral=True),
            *((Leg(reserve=self.usdc, variable_debt=owed * 10**6),) if owed else ()),
        )
        return LendingPosition(
            wallet=owner,
            chain_id=CHAIN,
            protocol=Protocol.AAVE_V3,
            market=POOL,
            block=block,
            emode=None,
            legs=legs,
            account=account_of(legs, None, Law.V3_0),
            law=Law.V3_0,
        )
