import errno
import socket
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from domain.shared.chain import ChainId
from domain.shared.errors import Conflict
from entrypoints.cli.demo.parts import Parts
from entrypoints.settings import ChainSettings, HttpSettings, Settings, SmtpSettings, TelegramSettings

FIRST_PORT = 8000
_PORTS_TRIED = 100
_HOST = "127.0.0.1"


class DemoSettings(Settings):
    """The settings of the demo: nothing that the environment says can lead it to somebody's own data."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is handed over, and nothing else."""
        return (init_settings,)


def demo_settings(own: Settings, folder: Path, port: int, parts: Parts) -> Settings:
    """Return settings for the parts that were started; programs and packages are where the person's own say."""
    chain = ChainSettings(
        rpc_url=SecretStr(parts.node.url),
        ws_url=SecretStr(parts.node.ws_url),
        market=parts.market.provider,
        interval=10,
        poll=0.5,
    )
    return DemoSettings(
        data_dir=folder,
        durable=False,
        pg_bin=own.pg_bin,
        node_modules=own.node_modules,
        chains={ChainId(parts.node.chain_id): chain},
        http=HttpSettings(host=_HOST, port=port),
        telegram=TelegramSettings(
            token=SecretStr(parts.bot.token), api_url=parts.bot.url, bot_name="plimsoll_local_bot"
        ),
        smtp=SmtpSettings(
            host=parts.mailbox.host,
            port=parts.mailbox.port,
            sender="Plimsoll <plimsoll@plimsoll.test>",
            ca_file=parts.mailbox.ca_file,
        ),
    )


def free_port(wanted: int | None) -> int:
    """Return the port that was asked for, or else the first free one from 8000 on; raises Conflict."""
    if wanted is not None and wanted != 0:
        if not _free(wanted):
            raise Conflict(f"Port {wanted} is taken, or not allowed: choose another with --port (0 for any).")
        return wanted
    candidates = (0,) if wanted == 0 else range(FIRST_PORT, FIRST_PORT + _PORTS_TRIED)
    for port in candidates:
        found = _free(port)
        if found:
            return found
    raise Conflict(f"No port from {FIRST_PORT} to {candidates[-1]} is free: choose another with --port.")


def _free(port: int) -> int | None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return None
            raise
        return int(listener.getsockname()[1])
