import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

PLIMSOLL = Path(sys.executable).with_name("plimsoll")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def seen() -> Any:
    """What one run of the demo saw."""
    done = subprocess.run(
        [PLIMSOLL, "demo", "--once", "--json", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/never_touched"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def test_all_that_was_promised_was_seen(seen: Any) -> None:
    assert seen["succeeded"] is True
    assert seen["failure"] is None
    assert len(seen["promises"]) >= 10
    assert all(promise["kept"] for promise in seen["promises"])


def test_health_factors_are_the_contracts_to_the_last_digit(seen: Any) -> None:
    readings = [position for scene in seen["scenes"] for position in scene["positions"]]
    assert len(readings) >= 28
    for reading in readings:
        assert reading["health_factor"] == reading["health_factor_on_chain"]
    lowest = min(Decimal(reading["health_factor"]) for reading in readings)
    assert lowest < 1


def test_every_alert_has_receipts_and_comes_out_the_same_again(seen: Any) -> None:
    told = sorted((alert["user"], alert["type"]) for alert in seen["alerts"])
    assert told == [
        ("alice", "health_factor_critical"),
        ("alice", "health_factor_low"),
        ("alice", "price_move"),
        ("bob", "health_factor_critical"),
        ("bob", "health_factor_low"),
        ("bob", "position_liquidated"),
    ]
    for alert in seen["alerts"]:
        assert alert["reproduced"] is True
        delivered = {one["channel"] for one in alert["deliveries"] if one["receipt"]}
        assert delivered == set(alert["channels"])
    assert seen["replay"]["identical"] is True
    assert seen["replay"]["differences"] == []


def test_who_acted_is_safe_and_who_did_not_was_liquidated(seen: Any) -> None:
    last = {position["name"]: position for position in seen["positions"]}
    assert last["alice"]["status"] == "safe, repaid"
    assert last["bob"]["status"] == "liquidated"
    signalled = seen["liquidation"]["signalled"]
    assert signalled["transaction_hash"] == seen["liquidation"]["transaction_hash"]
