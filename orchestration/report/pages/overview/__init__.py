"""Overview: China's chip exports, chips against phones, growth and events, shares of trade and capacity.

One module per section; this one has the page and the numbers at its top.
"""

from __future__ import annotations

from orchestration.report import text
from orchestration.report.figures import Block, Figure, Heading, Missing, Page, Row, Tile, Tiles
from orchestration.report.ledger import Ledger, day
from orchestration.report.pages.overview.capacity import capacity
from orchestration.report.pages.overview.exports import BASES, SERIES, monthly, yearly
from orchestration.report.pages.overview.growth import events, growth, windows
from orchestration.report.pages.overview.headlines import headlines
from orchestration.report.pages.overview.phones import phones
from orchestration.report.pages.overview.world_share import shares


def page(ledger: Ledger) -> Page:
    by_year = {basis: yearly(ledger, basis) for basis in BASES}
    blocks: list[Block] = [
        headlines(ledger),
        Tiles(_tiles(ledger, by_year["usd"])),
        Heading(
            "exports",
            "China's exports of integrated circuits",
            [
                "Values of China's customs. A gap is a period not held; nothing is filled in.",
                _newest(ledger),
            ],
        ),
        Row([item for item in by_year.values() if isinstance(item, Figure)]),
        *[item for item in by_year.values() if isinstance(item, Missing)],
        *[monthly(ledger, basis) for basis in ("cny", "quantity", "usd")],
        Heading("phones", "Integrated circuits against mobile phones"),
        phones(ledger),
        Heading("growth", "Growth and export-control events"),
        growth(ledger),
        events(ledger),
        windows(ledger),
        Heading(
            "share",
            "Share of exports, among the reporters held",
            [
                "No total of the world is held: the sum of a year is that over the reporters held of it, and "
                "what one economy re-exports is counted again."
            ],
        ),
        shares(ledger),
        Heading("capacity", "Shares of chip-making capacity"),
        *capacity(ledger),
    ]
    return Page(
        "index",
        "Overview",
        "Published figures of the semiconductor trade, with the release and cell that each came from.",
        blocks,
    )


def _newest(ledger: Ledger) -> str:
    """The newest period held, which may be none that the charts show."""
    row = ledger.one(
        "select period_start_date, period_end_date, basis, value, print_kind, release_id "
        f"from marts.fct_printed_figure where {SERIES} and measure = 'level' and is_used "
        "order by period_end_date desc, basis desc, released_at desc, raw_row limit 1"
    )
    if not row:
        return ""
    kind = ", a report of the customs figure" if row["print_kind"] == "secondary" else ""
    return (
        f"The newest period held is {row['period_start_date']} to {row['period_end_date']}: "
        f"{text.scaled(row['value'], text.UNITS[row['basis']])}, release {row['release_id']}{kind}."
    )


def _tiles(ledger: Ledger, yearly: Figure | Missing) -> list[Tile]:
    tiles: list[Tile] = []
    if isinstance(yearly, Figure):
        rows = [row for row in yearly.answer.records() if row["vintage"] == "latest"]
        last = rows[-1]
        place = yearly.answer.records().index(last)
        tiles.append(
            Tile(
                text.scaled(last["value"], "USD"),
                f"exports of integrated circuits, {last['year']}",
                f"China's customs, {last['release_id']}",
                yearly.figure_id,
                place,
            )
        )
        if last["growth_yoy_pct"] is not None:
            stated = last["published_growth_pct"]
            tiles.append(
                Tile(
                    f"{text.number(last['growth_yoy_pct'], 2)} %",
                    f"growth of {last['year']} from the printed values",
                    f"printed growth {text.number(stated, 2)} %: {text.said(last['published_growth_status'])}"
                    if stated is not None
                    else "no printed growth",
                    yearly.figure_id,
                    place,
                )
            )
    verdicts = ledger.one(
        "select count(*) as claims, count(*) filter (where verdict not in ('unverifiable', 'opinion', "
        "'pending')) as judged, count(distinct article_id) as articles from marts.fct_claim_verdict "
        "where is_intended"
    )
    held = ledger.one(
        "select sum(releases) as releases, count(*) as sources, max(newest_release) as newest, "
        "sum(files_held_back) as held_back from meta.sources"
    )
    tiles.append(
        Tile(
            f"{verdicts['judged']} of {verdicts['claims']}",
            "claims judged by the data held",
            f"from {text.count(verdicts['articles'], 'article')}",
        )
    )
    tiles.append(
        Tile(
            text.number(held["releases"]),
            f"releases held of {text.count(held['sources'], 'source')}",
            f"newest {day(held['newest'])}; {text.count(int(held['held_back']), 'file')} held back",
        )
    )
    return tiles
