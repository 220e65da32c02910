from typing import Any

from tests.integration.http.visitor import Visitor
from tests.unit.application.market import CHAIN, USDC

KEY = {"Idempotency-Key": "6f0c9c86-first"}
PREFERENCES: dict[str, Any] = {
    "risk_profile": "conservative",
    "alert_thresholds": {"health_factor_low": "2", "health_factor_critical": "1.30", "price_move": "0.05"},
    "active_signals": ["health_factor_low", "position_liquidated"],
    "notification_channels": ["in_app", "email"],
}
INTENT: dict[str, Any] = {
    "condition": {"wallet": "0x" + "11" * 20, "chain_id": CHAIN, "health_factor_below": "1.2"},
    "action": {"kind": "repay", "asset": USDC, "amount": "1000"},
    "limits": {"total": "3000"},
    "expires_at": "2026-06-01T00:00:00Z",
}


def intent_of(visitor: Visitor, **changed: Any) -> dict[str, Any]:
    """Return an intent for the visitor's own wallet."""
    condition = {**INTENT["condition"], "wallet": visitor.wallet}
    return {**INTENT, "condition": condition, **changed}
