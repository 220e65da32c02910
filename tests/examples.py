"""Things as they might be: whole, valid, and different only in what a test says."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.alerts.alert import Alert, AlertChange
from domain.alerts.delivery import Delivery, DeliveryChange
from domain.alerts.events import AlertRaised, Purpose
from domain.identity.preferences import Channel, Preferences, RiskProfile, SignalType
from domain.identity.user import User, UserChange
from domain.intents.states import Proposed
from domain.intents.terms import Action, ActionKind, Condition, Limits, Terms
from domain.positions.aave_v3 import account_of
from domain.positions.law import Law
from domain.positions.position import Leg, LendingPosition, Protocol
from domain.positions.reserve import Reserve
from domain.shared.chain import Address, Block, ChainId
from domain.shared.ids import AlertId, IntentId, SignalId, UserId, derived, id_of
from domain.signals.events import Severity, SignalDetected
from domain.signals.rules import Rules
from domain.signals.subject import Subject

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)
CHAIN = ChainId(1)
MARKET = Address("0x" + "87" * 20)
USD = 10**8


def user_id(name: str) -> UserId:
    return UserId(derived("user", name))


def wallet(name: str) -> Address:
    return Address("0x" + hashlib.sha256(name.encode()).hexdigest()[:40])


def registered(name: str, *, at: datetime = AT) -> UserChange:
    preferences = Preferences.of(RiskProfile.MODERATE)
    return User.register(id=user_id(name), wallet=wallet(name), preferences=preferences, at=at)


def rules(name: str, version: int = 1, profile: RiskProfile = RiskProfile.MODERATE) -> Rules:
    return Rules.of(user_id(name), Preferences.of(profile), version)


def block(number: int = 100, *, at: datetime = AT) -> Block:
    return Block(number, "0x" + hashlib.sha256(str(number).encode()).hexdigest(), at)


def reserve(symbol: str = "WETH", *, price: int = 2000 * USD, decimals: int = 18) -> Reserve:
    return Reserve(
        asset=wallet(f"asset {symbol}"),
        symbol=symbol,
        decimals=decimals,
        price=price,
        ltv=8000,
        liquidation_threshold=8250,
        liquidation_bonus=10500,
        emode=0,
    )


def position(
    name: str = "ada",
    *,
    eth_price: int = 2000 * USD,
    debt: int = 1000 * 10**6,
    chain_id: ChainId = CHAIN,
    seen_in: Block | None = None,
) -> LendingPosition:
    """One WETH against USDC: at 2000 and 1000 dollars the health factor is 1.65."""
    legs = (
        Leg(reserve=reserve("WETH", price=eth_price), supplied=10**18, is_collateral=True),
        Leg(reserve=reserve("USDC", price=USD, decimals=6), variable_debt=debt),
    )
    return LendingPosition(
        wallet=wallet(name),
        chain_id=chain_id,
        protocol=Protocol.AAVE_V3,
        market=MARKET,
        block=seen_in or block(),
        emode=None,
        legs=legs,
        account=account_of(legs, None, Law.V3_0),
        law=Law.V3_0,
    )


def subject(name: str = "ada", *, chain_id: ChainId = CHAIN) -> Subject:
    return Subject(
        user_id=user_id(name),
        wallet=wallet(name),
        chain_id=chain_id,
        protocol=Protocol.AAVE_V3,
        market=MARKET,
    )


def told_of(seen_in: Block) -> dict[str, str]:
    return {"block_number": str(seen_in.number), "block_hash": seen_in.hash}


def detected(
    name: str = "ada",
    *,
    number: int = 1,
    type: SignalType = SignalType.HEALTH_FACTOR_LOW,
    at: datetime = AT,
    expires_at: datetime | None = None,
) -> SignalDetected:
    return SignalDetected(
        signal_id=SignalId(derived("signal", name, number)),
        user_id=user_id(name),
        subject=subject(name),
        type=type,
        asset="WETH",
        severity=Severity.HIGH,
        data={"health_factor": "1.234567890123456789", "threshold": "1.5", **told_of(block())},
        rule_version=1,
        source=f"{id_of(number)}@1",
        at=at,
        expires_at=expires_at,
    )


def raised(
    name: str = "ada",
    *,
    number: int = 1,
    at: datetime = AT,
    channels: Sequence[Channel] = (Channel.IN_APP,),
    data: Mapping[str, str] | None = None,
) -> AlertChange:
    """Raise the alert of `detected(name, number=number)`."""
    signal = detected(name, number=number)
    return Alert.raised(
        AlertRaised(
            alert_id=AlertId(derived("alert", signal.signal_id)),
            user_id=signal.user_id,
            signal_id=signal.signal_id,
            subject=signal.subject,
            type=signal.type,
            severity=signal.severity,
            channels=tuple(channels),
            message="The health factor is 1.2345, below your 1.5.",
            data=signal.data if data is None else data,
            rule_version=1,
            at=at,
        )
    )


def planned(
    alert: Alert,
    *,
    attempt: int = 1,
    channel: Channel = Channel.IN_APP,
    due_at: datetime = AT,
    purpose: Purpose = Purpose.ALARM,
) -> DeliveryChange:
    return Delivery.plan(
        alert_id=alert.id,
        user_id=alert.user_id,
        channel=channel,
        purpose=purpose,
        attempt=attempt,
        due_at=due_at,
        at=AT,
    )


def terms(name: str = "ada", *, amount: str = "1000", total: str = "5000") -> Terms:
    return Terms(
        condition=Condition(wallet=wallet(name), chain_id=CHAIN, health_factor_below=Decimal("1.2")),
        action=Action(kind=ActionKind.REPAY, asset=wallet("asset USDC"), amount=Decimal(amount)),
        limits=Limits(total=Decimal(total), times=3, pause=timedelta(hours=1)),
        expires_at=AT + timedelta(days=30),
    )


def proposed(name: str = "ada", *, number: int = 1, at: datetime = AT) -> Proposed:
    named = IntentId(derived("intent", name, number))
    return Proposed.by(user_id(name), id=named, terms=terms(name), at=at).state
