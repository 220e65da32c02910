"""Whoever is forgotten is forgotten in the archive too, whose files nobody touches."""

from tests.examples import AT, registered, wallet
from tests.integration.archive.shelf import Shelf
from tests.integration.postgres.partitions import use_small_partitions

from adapters.system.clock import SystemClock
from application.audit.forgetting.forget_user import ForgetUser
from application.shared.ports import Place
from domain.identity.events import EmailVerified
from domain.identity.user import User
from domain.shared.forgotten import FORGOTTEN

MAILBOX = "ada@mailbox.example"


async def mailboxes(shelf: Shelf) -> list[str]:
    async with shelf.database.begin(None) as work:
        facts = await work.facts.after(Place(0), limit=100)
    return [one.fact.email for one in facts if isinstance(one.fact, EmailVerified)]


async def archived_user(shelf: Shelf) -> User:
    """Register Ada, and put what tells of her mailbox into a file."""
    use_small_partitions(shelf.admin_url, 10)
    change = registered("ada")
    async with shelf.database.begin(None) as work:
        await work.users.record(change)
        await work.users.record(change := change.state.reach_by_email(MAILBOX, at=AT))
    await shelf.write(9, 9)
    await shelf.seal()
    assert await shelf.archive() == ["events_from_1", "events_from_11"]
    return change.state


async def test_a_mailbox_in_an_archived_file_reads_forgotten_and_the_file_verifies(shelf: Shelf) -> None:
    user = await archived_user(shelf)
    files = {path: path.read_bytes() for path in shelf.path.rglob("*") if path.is_file()}
    assert not any(MAILBOX.encode() in content for content in files.values())
    assert await mailboxes(shelf) == [MAILBOX]
    done = await ForgetUser(shelf.database.begin, SystemClock())(user.id)
    assert (done.facts.sealed, done.facts.complete) == (2, True)
    assert await mailboxes(shelf) == [FORGOTTEN]
    assert {path: path.read_bytes() for path in files} == files
    await shelf.seal()
    assert (await shelf.verify()).untouched


async def test_a_file_that_is_gone_keeps_nobody_from_being_forgotten(shelf: Shelf) -> None:
    user = await archived_user(shelf)
    for path in shelf.path.rglob("*.parquet"):
        path.unlink()
    done = await ForgetUser(shelf.database.begin, SystemClock())(user.id)
    assert not done.facts.complete
    assert done.user.wallet_address == wallet("ada")
