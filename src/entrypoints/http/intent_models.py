from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from domain.intents.states import Intent
from domain.intents.terms import Action, ActionKind, Condition, Limits, Terms
from domain.shared.chain import ChainId
from domain.shared.money import plain
from entrypoints.http.frame.fields import Amount, Cursor, Identifier, Limit, Moment, Number, WalletAddress
from entrypoints.http.frame.models import Body, Params, View


class ConditionBody(Body):
    """When to act: the health factor of one of the caller's wallets falls below a number."""

    wallet: WalletAddress
    chain_id: int = Field(ge=1, lt=2**63)
    health_factor_below: Amount


class ActionBody(Body):
    """What to do: repay or supply so many whole tokens of an asset."""

    kind: ActionKind
    asset: WalletAddress
    amount: Amount


class LimitsBody(Body):
    """How much may ever be moved, in whole tokens, how often, and with which pause between two actions."""

    total: Amount
    times: int = Field(1, ge=1, le=1000)
    pause_seconds: int = Field(0, ge=0, le=30 * 86_400)


class IntentBody(Body):
    """What should be done, when, and within which limits."""

    condition: ConditionBody
    action: ActionBody
    limits: LimitsBody
    expires_at: Moment

    def terms(self) -> Terms:
        """Return what was said, or raise Invalid."""
        return Terms(
            condition=Condition(
                wallet=self.condition.wallet,
                chain_id=ChainId(self.condition.chain_id),
                health_factor_below=self.condition.health_factor_below,
            ),
            action=Action(kind=self.action.kind, asset=self.action.asset, amount=self.action.amount),
            limits=Limits(
                total=self.limits.total,
                times=self.limits.times,
                pause=timedelta(seconds=self.limits.pause_seconds),
            ),
            expires_at=self.expires_at,
        )


class ConditionView(View):
    """When the intent acts."""

    wallet: str
    chain_id: int
    health_factor_below: Number


class ActionView(View):
    """What the intent does."""

    kind: ActionKind
    asset: str
    amount: Number


class LimitsView(View):
    """How far the intent may go."""

    total: Number
    times: int
    pause_seconds: int


class IntentView(View):
    """An intent and its state."""

    id: Identifier
    status: str
    condition: ConditionView
    action: ActionView
    limits: LimitsView
    expires_at: datetime
    proposed_at: datetime
    changed_at: datetime

    @staticmethod
    def of(intent: Intent) -> "IntentView":
        """Show an intent."""
        terms = intent.terms
        return IntentView(
            id=intent.id,
            status=intent.status,
            condition=ConditionView(
                wallet=terms.condition.wallet,
                chain_id=terms.condition.chain_id,
                health_factor_below=plain(terms.condition.health_factor_below),
            ),
            action=ActionView(
                kind=terms.action.kind, asset=terms.action.asset, amount=plain(terms.action.amount)
            ),
            limits=LimitsView(
                total=plain(terms.limits.total),
                times=terms.limits.times,
                pause_seconds=int(terms.limits.pause.total_seconds()),
            ),
            expires_at=terms.expires_at,
            proposed_at=intent.proposed_at,
            changed_at=intent.changed_at,
        )


class IntentPath(Params):
    """Which intent."""

    intent_id: Identifier


class IntentsQuery(Params):
    """Which intents, and how many."""

    status: (
        Literal[
            "proposed",
            "armed",
            "triggered",
            "submitted",
            "unconfirmed",
            "settled",
            "failed",
            "expired",
            "cancelled",
        ]
        | None
    ) = None
    cursor: Cursor | None = None
    limit: Limit = 50
