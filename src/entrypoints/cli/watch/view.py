from decimal import Decimal

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.evm.eip55 import checksummed
from application.positions.read_wallet import Reading
from domain.positions.liquidation import LiquidationPrice
from domain.positions.position import Leg, LendingPosition, Unread
from domain.shared.chain import Block
from entrypoints.cli.figures import brink, colour_of, dollars, health, percent, share, tokens
from entrypoints.cli.watch.sighting import Sighting


def panel_of(sighting: Sighting) -> Panel:
    """Draw one wallet on one chain."""
    title = Text.assemble((checksummed(sighting.wallet), "bold"), (f" on chain {sighting.chain_id}", "quiet"))
    if not isinstance(sighting.seen, Reading):
        return _framed(_unknown(sighting.seen), title, "unknown", None)
    block = sighting.seen.block
    match sighting.seen.seen:
        case None:
            nothing = Text("Nothing is borrowed here, and nothing is used as collateral.")
            return _framed(nothing, title, "quiet", block)
        case Unread(reason=reason):
            return _framed(_unknown(reason), title, "unknown", block)
        case LendingPosition() as position:
            drawn = Group(_totals(position), "", _assets(position, sighting.seen.liquidation_prices))
            return _framed(drawn, title, colour_of(position.health_factor), block)


def _framed(content: RenderableType, title: Text, style: str, block: Block | None) -> Panel:
    subtitle = Text("no block could be read")
    if block is not None:
        subtitle = Text(f"block {block.number:,} · {block.hash[:10]}… · {block.time:%Y-%m-%d %H:%M:%S} UTC")
    return Panel(
        content,
        title=title,
        title_align="left",
        subtitle=subtitle,
        subtitle_align="right",
        border_style=style,
    )


def _unknown(reason: str) -> Text:
    return Text.assemble(("Unknown. ", "unknown"), reason)


def _totals(position: LendingPosition) -> Table:
    account, factor = position.account, position.health_factor
    grid = Table.grid(padding=(0, 3), expand=False)
    for _ in range(4):
        grid.add_column()
    grid.add_row(*(Text(word, "quiet") for word in ("Health factor", "Collateral", "Debt", "Loan to value")))
    ltv = share(account.total_debt, account.total_collateral)
    grid.add_row(
        Text(health(factor), f"bold {colour_of(factor)}" if factor is None else colour_of(factor)),
        Text(dollars(account.total_collateral)),
        Text(dollars(account.total_debt)),
        Text.assemble(ltv, (f" of {percent(account.ltv)}", "quiet")),
    )
    mode = f" · e-mode {position.emode.label}" if position.emode else ""
    line = Text(f"Liquidation from {percent(account.liquidation_threshold)}{mode}", "quiet")
    if factor is not None and factor.liquidatable:
        line = Text("Anybody may liquidate this position now.", "danger")
    outer = Table.grid()
    outer.add_row(grid)
    outer.add_row(line)
    return outer


def _assets(position: LendingPosition, prices: tuple[LiquidationPrice, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="quiet", pad_edge=False)
    table.add_column("Asset", style="bold", no_wrap=True)
    for title in ("Supplied", "Debt", "Price", "Liquidation at"):
        table.add_column(title, justify="right")
    by_asset = {one.asset: one for one in prices}
    for leg in position.legs:
        table.add_row(
            leg.reserve.symbol,
            _supplied(leg),
            tokens(leg.debt, leg.reserve.decimals) if leg.debt else "",
            dollars(leg.reserve.price),
            _line(leg, by_asset.get(leg.reserve.asset)),
        )
    return table


def _supplied(leg: Leg) -> Text:
    if not leg.supplied:
        return Text("")
    amount = tokens(leg.supplied, leg.reserve.decimals)
    return Text(amount) if leg.is_collateral else Text.assemble(amount, (" idle", "quiet"))


def _line(leg: Leg, price: LiquidationPrice | None) -> Text:
    if price is None:
        return Text("none", "quiet")
    change = Decimal(price.price - leg.reserve.price) * 100 / leg.reserve.price
    return Text.assemble(brink(price), (f" ({change:+.1f} %)", "quiet"))
