import os
import re
import stat
import sys
import tempfile
from pathlib import Path

from adapters.postgres.embedded.account import Account

PORT = 5432  # part of the socket's name only: no server of ours listens on a network
LONGEST = 107 if sys.platform == "linux" else 103  # bytes of a socket's path
LIST_SIGNS = re.compile("[,:\"']|^@")  # libpq and the server read several addresses in these
SHORT_PLACE = Path("/", "tmp")
LINK = "socket"


def socket_folder(home: Path, account: Account) -> Path:
    """Return the account's private folder for the socket, made where it is missing.

    It is `run` in the home, or behind the link `socket` where that path is too long for a socket.
    """
    near = home / "run"
    if _fits(near):
        if not near.is_dir():
            near.mkdir(mode=0o700)
            account.own(near)
        return near
    link = home / LINK
    if link.is_symlink() and _private(link.readlink(), account):
        return link.readlink()
    far = Path(tempfile.mkdtemp(prefix="plimsoll-", dir=SHORT_PLACE))
    account.own(far)
    link.unlink(missing_ok=True)
    link.symlink_to(far)
    return far


def remove_far_socket_folder(home: Path) -> None:
    """Remove the folder behind the link, if its server left it clean."""
    link = home / LINK
    if link.is_symlink():
        far = link.readlink()
        if far.is_dir():
            if any(far.iterdir()):
                return
            far.rmdir()
        link.unlink()


def _fits(folder: Path) -> bool:
    longest = len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock"))
    return longest <= LONGEST and not LIST_SIGNS.search(str(folder))


def _private(folder: Path, account: Account) -> bool:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return (
        found.st_uid == account.uid and stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    )
