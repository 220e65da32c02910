from application.audit.forgetting.rotate_keys import RotateKeys
from entrypoints.cli.audit.ledger import ledger
from entrypoints.cli.running import run
from entrypoints.cli.terminal import console, print_json


def rotate_keys(*, as_json: bool) -> None:
    """Encrypt every user's key by the newest master key; raises RingLacksKey, WrongKey and NoSecretKeys."""
    newest, count = run(_rotate())
    if as_json:
        print_json({"key": newest, "wrapped_anew": count})
    elif count:
        console().print(
            f"{count} keys are encrypted by {newest!r} now; older keys may leave the ring.", style="good"
        )
    else:
        console().print(f"Every key is encrypted by {newest!r} already.", style="good")


async def _rotate() -> tuple[str | None, int]:
    async with ledger() as container:
        ring = container.secrets()
        count = await RotateKeys(container.begin())()
        return None if ring is None else ring.newest, count
