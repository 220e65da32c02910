from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.notify.mail_server import Encryption
from domain.shared.chain import Address, ChainId, address
from domain.shared.errors import Invalid

AAVE_V3_ADDRESSES_PROVIDERS = {
    1: "0x2f39d218133afab8f2b819b1066c7e434ad94e9e",
    10: "0xa97684ead0e402dc232d5a977953df7ecbab3cdb",
    137: "0xa97684ead0e402dc232d5a977953df7ecbab3cdb",
    8453: "0xe20fcbdbffc4dd138ce8b2e6fbb6cb49777ad64d",
    42161: "0xa97684ead0e402dc232d5a977953df7ecbab3cdb",
    43114: "0xa97684ead0e402dc232d5a977953df7ecbab3cdb",
}
"""Where Aave published its v3 main markets, by chain id (Ethereum, OP, Polygon, Base, Arbitrum, Avalanche)."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _node_modules() -> Path:
    """Return the folder of the npm packages: here, or where Plimsoll's own checkout is."""
    here, checkout = Path("node_modules"), Path(__file__).parents[2] / "node_modules"
    return checkout if checkout.is_dir() and not here.is_dir() else here


class ChainSettings(_Section):
    """How to reach a chain. URLs may hold keys, so they are never shown."""

    rpc_url: SecretStr
    ws_url: SecretStr | None = None
    market: str | None = None
    interval: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    poll: Annotated[float, Field(gt=0, le=3_600)] = 2.0
    timeout: Annotated[float, Field(gt=0, le=120)] = 10.0

    def market_on(self, chain_id: ChainId) -> Address:
        """Return the market to read: the configured one, else the one that Aave published for this chain."""
        found = self.market or AAVE_V3_ADDRESSES_PROVIDERS.get(chain_id)
        if found is None:
            raise Invalid(
                f"Plimsoll does not know an Aave v3 market on chain {chain_id}. "
                f"Set PLIMSOLL_CHAINS__{chain_id}__MARKET to the address of the market's pool or addresses provider."
            )
        return address(found)


class HttpSettings(_Section):
    """Where the HTTP API listens, and under which URL people know it (sign-in messages name that one)."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    public_url: AnyHttpUrl | None = None
    session_days: Annotated[int, Field(ge=1, le=90)] = 7

    @property
    def session_life(self) -> timedelta:
        """How long a sign-in lasts."""
        return timedelta(days=self.session_days)


class TelegramSettings(_Section):
    """The bot that speaks for Plimsoll."""

    token: SecretStr
    api_url: str = "https://api.telegram.org"
    bot_name: str = ""


class SmtpSettings(_Section):
    """The mail server that takes Plimsoll's messages, over STARTTLS unless another encryption is named."""

    host: str
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    username: str | None = None
    password: SecretStr | None = None
    sender: str
    encryption: Encryption = Encryption.STARTTLS
    ca_file: Path | None = None


class Settings(BaseSettings):
    """What the environment (or a file `.env`) says. Every name begins with PLIMSOLL_, but for DATABASE_URL."""

    model_config = SettingsConfigDict(
        env_prefix="PLIMSOLL_",
        env_nested_delimiter="__",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    database_url: SecretStr | None = Field(
        None, validation_alias=AliasChoices("DATABASE_URL", "database_url")
    )
    app_database_url: SecretStr | None = None
    worker_database_url: SecretStr | None = None
    data_dir: Path = Path("~/.plimsoll")
    durable: bool = True
    pg_bin: Path | None = None
    node_modules: Path = Field(default_factory=_node_modules)
    chains: dict[ChainId, ChainSettings] = {}
    http: HttpSettings = HttpSettings()
    telegram: TelegramSettings | None = None
    smtp: SmtpSettings | None = None
    seal_key_file: Path | None = None
    seal_key: SecretStr | None = None
    seal_anchor_file: Path | None = None
    seal_tsa_url: SecretStr | None = None
    seal_tsa_roots_file: Path | None = None
    seal_tsa_dir: Path | None = None
    archive_dir: Path | None = None
    secret_keys_file: Path | None = None
    secret_keys: SecretStr | None = None
    jobs_at_once: Annotated[int, Field(ge=1, le=64)] = 4
    pool_size: Annotated[int, Field(ge=1, le=200)] = 10
    log_level: str = "info"
    log_json: bool = False

    @property
    def swagger(self) -> Path:
        """Where the npm package lies that renders the API's description."""
        return self.node_modules / "swagger-ui-dist"

    @property
    def archive_folder(self) -> Path:
        """Where archived parts of the log are read from: in the data directory, unless another folder is named."""
        return (self.archive_dir or self.data_dir / "archive").expanduser().absolute()

    @property
    def has_bot(self) -> bool:
        """Say whether a Telegram bot speaks for Plimsoll."""
        return self.telegram is not None

    @property
    def bot_name(self) -> str | None:
        """The Telegram bot's user name, for links to it."""
        return (self.telegram.bot_name or None) if self.telegram else None
