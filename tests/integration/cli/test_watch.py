import json
import os
import signal
import subprocess
from decimal import Decimal

import pytest
from tests.fixtures.chain import LocalMarket
from tests.integration.cli.conftest import PLIMSOLL, Run

from adapters.devchain.aave_market import AaveMarket
from adapters.devchain.chain import Chain
from adapters.devchain.keys import address_of
from adapters.devchain.plan import PositionPlan
from adapters.devchain.treasury import Treasury
from adapters.devchain.wallet import Wallet
from adapters.evm.eip55 import checksummed
from domain.shared.chain import ChainId
from domain.shared.money import scaled

SOMEBODY = "0x52908400098527886E0F7030069857D2E4169EE7"
MISTYPED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"
NOBODY_ANSWERS = {"PLIMSOLL_CHAINS__1__RPC_URL": "http://127.0.0.1:1/v3/secret-key"}


@pytest.fixture
def node(local_market: LocalMarket) -> dict[str, str]:
    prefix = f"PLIMSOLL_CHAINS__{local_market.node.chain_id}__"
    return {f"{prefix}RPC_URL": local_market.node.url, f"{prefix}MARKET": local_market.market.provider}


def test_what_is_no_address_is_refused(plimsoll: Run) -> None:
    plimsoll("watch", "0x1234").refuses_with("'0x1234' is not an address")


def test_a_mistyped_address_is_caught_by_its_checksum(plimsoll: Run) -> None:
    plimsoll("watch", MISTYPED.replace("5aA", "5AA")).refuses_with("checksum", "mistyped")


def test_no_chain_at_all_says_which_variable_to_set(plimsoll: Run) -> None:
    plimsoll("watch", SOMEBODY).refuses_with("No chain is configured", "PLIMSOLL_CHAINS__1__RPC_URL")


def test_another_chain_than_the_configured_says_which_variable_to_set(plimsoll: Run) -> None:
    ran = plimsoll("watch", SOMEBODY, "--chain", "10", **NOBODY_ANSWERS)
    ran.refuses_with("Chain 10 is not configured", "PLIMSOLL_CHAINS__10__RPC_URL")


def test_a_node_that_is_down_is_said_to_be_without_its_url(plimsoll: Run) -> None:
    ran = plimsoll("watch", SOMEBODY, **NOBODY_ANSWERS)
    ran.refuses_with("The node of chain 1 cannot be reached")
    assert "secret-key" not in ran.err


def test_a_node_of_another_chain_is_refused(plimsoll: Run, local_market: LocalMarket) -> None:
    ran = plimsoll("watch", SOMEBODY, "--once", PLIMSOLL_CHAINS__1__RPC_URL=local_market.node.url)
    ran.refuses_with("chain 1", str(local_market.node.chain_id))


def test_a_wrong_setting_is_named_without_its_value(plimsoll: Run) -> None:
    ran = plimsoll("watch", SOMEBODY, PLIMSOLL_HTTP__PORT="top-secret", **NOBODY_ANSWERS)
    ran.refuses_with("PLIMSOLL_HTTP__PORT")
    assert "top-secret" not in ran.err


async def test_a_position_is_shown_as_the_contract_has_it(
    plimsoll: Run, node: dict[str, str], chain: Chain, market: AaveMarket, treasury: Treasury
) -> None:
    wallet = address_of("watched on the command line")
    plan = PositionPlan(wallet=wallet, supplies={"WETH": Decimal(3)}, borrows={"USDC": Decimal(2_000)})
    await treasury.open_positions([plan])
    account = await Wallet(chain, market, wallet).account()
    ran = plimsoll("watch", checksummed(wallet), address_of("no position"), "--once", "--json", **node)
    assert ran.status == 0, ran
    known, none = (json.loads(line) for line in ran.out.splitlines())
    assert Decimal(known["health_factor"]) == scaled(account.health_factor, 18)
    assert known["chain_id"] == ChainId(market.chain_id)
    assert none["status"] == "none"
    drawn = plimsoll("watch", wallet, "--once", **node)
    assert drawn.status == 0
    assert checksummed(wallet) in drawn.out
    assert "Liquidation at" in drawn.out


def _as_in_a_terminal() -> None:
    """Heed Ctrl-C again: a shell that runs the suite in the background has its children ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_the_watch_in_good_order(node: dict[str, str]) -> None:
    command = [str(PLIMSOLL), "watch", SOMEBODY, "--json", "--interval", "0.2"]
    with subprocess.Popen(
        command,
        env={**os.environ, **node},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_as_in_a_terminal,  # noqa: PLW1509 - one system call
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["status"] == "none"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
