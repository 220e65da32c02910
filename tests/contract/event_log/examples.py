"""One fact of every kind, each with every optional part present: what the golden files were written from."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from domain.alerts.events import (
    AlertAcknowledged,
    AlertFailed,
    AlertRaised,
    AlertResolved,
    AlertSent,
    DeliveryFailed,
    DeliveryPlanned,
    DeliverySucceeded,
    DeliveryUnconfirmed,
    DeliveryWithdrawn,
    Purpose,
)
from domain.identity.events import (
    EmailRemoved,
    EmailVerified,
    OperatorAppointed,
    OperatorDismissed,
    OperatorLooked,
    PreferencesChanged,
    TelegramLinked,
    TelegramUnlinked,
    UserDeleted,
    UserForgotten,
    UserRegistered,
    WalletLinked,
    WalletUnlinked,
)
from domain.identity.preferences import Channel, Preferences, RiskProfile, SignalType
from domain.intents.events import (
    IntentArmed,
    IntentCancelled,
    IntentExpired,
    IntentFailed,
    IntentProposed,
    IntentSettled,
    IntentSubmitted,
    IntentTriggered,
    IntentUnconfirmed,
)
from domain.intents.terms import Action, ActionKind, Condition, Limits, Terms
from domain.positions.events import PositionLiquidated, PositionsObserved
from domain.positions.observation import Liquidation
from domain.positions.position import Protocol, Unread
from domain.shared.chain import Address, Block, ChainId
from domain.shared.ids import AlertId, BatchId, DeliveryId, Id, IntentId, SignalId, UserId
from domain.shared.money import scaled
from domain.signals.events import Severity, SignalAcknowledged, SignalCleared, SignalDetected, SignalExpired
from domain.signals.subject import Subject

AT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
USER = UserId(Id("01890000-0000-7000-8000-000000000001"))
ALERT = AlertId(Id("01890000-0000-7000-8000-000000000002"))
SIGNAL = SignalId(Id("01890000-0000-7000-8000-000000000003"))
DELIVERY = DeliveryId(Id("01890000-0000-7000-8000-000000000004"))
INTENT = IntentId(Id("01890000-0000-7000-8000-000000000005"))
BATCH = BatchId(Id("01890000-0000-7000-8000-000000000006"))
OPERATOR = Id("01890000-0000-7000-8000-000000000007")
WALLET = Address("0x" + "1a" * 20)
MARKET = Address("0x" + "2b" * 20)
WETH = Address("0x" + "3c" * 20)
USDC = Address("0x" + "4d" * 20)
CHAIN = ChainId(31337)
HASH = "0x" + "5e" * 32
SUBJECT = Subject(user_id=USER, wallet=WALLET, chain_id=CHAIN, protocol=Protocol.AAVE_V3, market=MARKET)
PREFERENCES = Preferences.of(RiskProfile.MODERATE)
DATA = {"health_factor": "1.0421", "threshold": "1.15"}
TERMS = Terms(
    condition=Condition(wallet=WALLET, chain_id=CHAIN, health_factor_below=Decimal("1.20")),
    action=Action(kind=ActionKind.REPAY, asset=USDC, amount=Decimal("1E+3")),
    limits=Limits(total=Decimal("3000.5"), times=3, pause=timedelta(hours=6, microseconds=1)),
    expires_at=LATER,
)
LIQUIDATION = Liquidation(
    wallet=WALLET,
    chain_id=CHAIN,
    protocol=Protocol.AAVE_V3,
    market=MARKET,
    block_number=7,
    block_hash=HASH,
    transaction_hash=HASH,
    log_index=2,
    liquidator=Address("0x" + "6f" * 20),
    collateral_asset=WETH,
    collateral_symbol="WETH",
    collateral_seized=Decimal("0.123456789012345678"),
    debt_asset=USDC,
    debt_symbol="USDC",
    debt_covered=scaled(2**256 - 1, 6),
)

EXAMPLES = [
    UserRegistered(user_id=USER, wallet_address=WALLET, preferences=PREFERENCES, at=AT),
    WalletLinked(user_id=USER, address=WALLET, label="Kühlhaus ❄", at=AT),
    WalletUnlinked(user_id=USER, address=WALLET, at=AT),
    PreferencesChanged(user_id=USER, preferences=PREFERENCES, at=AT),
    TelegramLinked(user_id=USER, chat_id="-1001234567890", at=AT),
    TelegramUnlinked(user_id=USER, at=AT),
    EmailVerified(user_id=USER, email="somebody@example.org", at=AT),
    EmailRemoved(user_id=USER, at=AT),
    UserDeleted(user_id=USER, at=AT),
    UserForgotten(user_id=USER, at=AT),
    OperatorAppointed(operator_id=OPERATOR, user_id=USER, at=AT),
    OperatorDismissed(operator_id=OPERATOR, user_id=USER, at=AT),
    OperatorLooked(look_id=BATCH, user_id=USER, subject=USER, what="events", at=AT),
    PositionsObserved(
        batch_id=BATCH,
        chain_id=CHAIN,
        protocol=Protocol.AAVE_V3,
        market=MARKET,
        block=Block(7, HASH, AT.replace(microsecond=0)),
        count=2,
        root="7f" * 32,
        without_position=(WETH, USDC),
        unread=(Unread(WALLET, "The price of WETH could not be read."),),
        at=AT,
    ),
    PositionLiquidated(user_id=USER, liquidation=LIQUIDATION, at=AT),
    SignalDetected(
        signal_id=SIGNAL,
        user_id=USER,
        subject=SUBJECT,
        type=SignalType.HEALTH_FACTOR_LOW,
        asset="WETH",
        severity=Severity.HIGH,
        data=DATA,
        rule_version=3,
        source=str(BATCH),
        at=AT,
        expires_at=LATER,
    ),
    SignalCleared(signal_id=SIGNAL, user_id=USER, data=DATA, source=str(BATCH), at=AT),
    SignalExpired(signal_id=SIGNAL, user_id=USER, at=AT),
    SignalAcknowledged(signal_id=SIGNAL, user_id=USER, at=AT),
    AlertRaised(
        alert_id=ALERT,
        user_id=USER,
        signal_id=SIGNAL,
        subject=SUBJECT,
        type=SignalType.HEALTH_FACTOR_CRITICAL,
        severity=Severity.CRITICAL,
        channels=(Channel.IN_APP, Channel.TELEGRAM),
        message="Health factor 1.0421 is below 1.15.",
        data=DATA,
        rule_version=3,
        at=AT,
    ),
    AlertSent(alert_id=ALERT, user_id=USER, channel=Channel.EMAIL, at=AT),
    AlertFailed(alert_id=ALERT, user_id=USER, at=AT),
    AlertAcknowledged(alert_id=ALERT, user_id=USER, at=AT),
    AlertResolved(alert_id=ALERT, user_id=USER, message="Health factor 1.3 again.", at=AT),
    DeliveryPlanned(
        delivery_id=DELIVERY,
        alert_id=ALERT,
        user_id=USER,
        channel=Channel.TELEGRAM,
        purpose=Purpose.ALL_CLEAR,
        attempt=2,
        due_at=LATER,
        at=AT,
    ),
    DeliverySucceeded(delivery_id=DELIVERY, user_id=USER, receipt={"message_id": "42"}, at=AT),
    DeliveryFailed(delivery_id=DELIVERY, user_id=USER, reason="The chat is gone.", at=AT),
    DeliveryUnconfirmed(delivery_id=DELIVERY, user_id=USER, reason="The answer was lost.", at=AT),
    DeliveryWithdrawn(delivery_id=DELIVERY, user_id=USER, reason="Acknowledged meanwhile.", at=AT),
    IntentProposed(intent_id=INTENT, user_id=USER, terms=TERMS, at=AT),
    IntentArmed(intent_id=INTENT, user_id=USER, at=AT),
    IntentTriggered(intent_id=INTENT, user_id=USER, source=str(BATCH), at=AT),
    IntentSubmitted(intent_id=INTENT, user_id=USER, transaction_hash=HASH, at=AT),
    IntentUnconfirmed(intent_id=INTENT, user_id=USER, reason="The node went away.", at=AT),
    IntentSettled(intent_id=INTENT, user_id=USER, block_hash=HASH, at=AT),
    IntentFailed(intent_id=INTENT, user_id=USER, reason="Reverted.", at=AT),
    IntentExpired(intent_id=INTENT, user_id=USER, at=AT),
    IntentCancelled(intent_id=INTENT, user_id=USER, at=AT),
]
