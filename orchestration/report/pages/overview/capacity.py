"""Shares of chip-making capacity, by edition, with the years in which two economies may cross."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Figure, Missing, Row, Traced
from orchestration.report.ledger import Ledger

_FILLS: tuple[tuple[str, charts.Spec], ...] = (
    ("!datum.is_forecast", {"filled": True}),
    ("datum.is_forecast", {"fill": "var(--paper)"}),
)
# A mark at the highest share stays below the top of its chart.
_ROOM = 1.05
_CAPACITY = Traced("fct_capacity_share", ("edition_id", "scope", "economy_iso3", "year"))


def capacity(ledger: Ledger) -> list[Row | Missing]:
    scopes = ledger.ask(
        """
        select scope, source_id
        from marts.fct_capacity_share
        group by scope, source_id
        having count(distinct year) > 1
        -- What crosses comes first.
        order by (scope, source_id) in (
            select (scope, source_id) from marts.fct_capacity_crossover where crossover_status = 'ok'
        ) desc, scope, source_id
        """
    )
    found = [_capacity_of(ledger, str(scope), str(source)) for scope, source in scopes.rows]
    if not found:
        return [Missing("Capacity", "No table of capacity shares with more than one year is held.")]
    return [Row(found[start : start + 2]) for start in range(0, len(found), 2)]


def _capacity_of(ledger: Ledger, scope: str, source: str) -> Figure:
    quoted = scope.replace("'", "''")
    answer = ledger.ask(
        f"""
        select
            share.year, economy.economy_name, share.printed, share.share_pct,
            share.share_pct - share.half_unit as share_low_pct,
            share.share_pct + share.half_unit as share_high_pct, share.is_forecast, share.kind,
            replace(replace(share.edition_label, '~', 'about '), '..', ' to ') as edition_label,
            share.edition_date, share.edition_id, share.scope, share.source_id,
            share.economy_iso3, share.read_at
        from marts.fct_capacity_share as share
        join marts.dim_economy as economy on share.economy_iso3 = economy.economy_iso3
        where share.scope = '{quoted}' and share.source_id = '{source}'
        order by share.edition_date, share.economy_iso3, share.year
        """
    )
    crossings = ledger.ask(
        f"""
        select crossover_year_low, crossover_year, crossover_year_high, edition_id,
            one.economy_name as economy, other.economy_name as other_economy, method
        from marts.fct_capacity_crossover as crossing
        join marts.dim_economy as one on crossing.economy_iso3 = one.economy_iso3
        join marts.dim_economy as other on crossing.other_economy_iso3 = other.economy_iso3
        where scope = '{quoted}' and source_id = '{source}' and crossover_status = 'ok'
        order by edition_id, economy, other_economy
        """
    )
    producer = ledger.one(f"select min(producer) as name from meta.releases where source_id = '{source}'")[
        "name"
    ]
    rows = answer.records()
    names = sorted({row["economy_name"] for row in rows})
    editions = list(dict.fromkeys(str(row["edition_label"]) for row in rows))
    years = sorted({int(row["year"]) for row in rows})
    x: charts.Spec = {
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [years[0] - 0.3, years[-1] + 0.3], "nice": False},
        "axis": {"format": "d", "values": list(range(years[0], years[-1] + 1))},
    }
    tooltip = charts.tips(
        economy_name="Economy", year="Year", printed="Printed, %", kind="Kind", edition_label="Edition",
        source_id="Source", edition_id="Release",
    )  # fmt: skip
    dashes: charts.Spec = {
        "scale": {"domain": editions, "range": [[1, 0], [6, 4], [2, 2], [8, 2, 2, 2]][: len(editions)]}
    }
    edition: charts.Spec = {"field": "edition_label", "type": "nominal", "title": "edition", **dashes}
    edition["legend"] = {"symbolSize": 900, "offset": 14}
    if len(editions) == 1:
        edition["legend"] = None
    layers: list[charts.Spec] = [
        {
            "data": {"name": "crossings"},
            "mark": {"type": "rect"},
            "encoding": {
                "x": {"field": "crossover_year_low", **x},
                "x2": {"field": "crossover_year_high"},
                "y": {"value": 0},
                "y2": {"value": "height"},
                "color": {"value": "var(--mark)"},
                "detail": {"field": "edition_id"},
                "tooltip": charts.tips(
                    crossover_year_low="Crossover, earliest",
                    crossover_year="Crossover of the straight lines",
                    crossover_year_high="Crossover, latest", method="Method", edition_id="Release",
                ),
            },
        },
        {"mark": {"type": "line", "strokeWidth": 1.5}, "encoding": {"strokeDash": edition}},
        {
            "mark": {"type": "rule", "strokeWidth": 18, "opacity": 0.35},
            "encoding": {
                "y": {"field": "share_low_pct", "type": "quantitative"},
                "y2": {"field": "share_high_pct"},
            },
        },
        *[
            {
                "transform": [{"filter": test}],
                "mark": charts.Spec(type="point", size=80, opacity=1, cursor="pointer", strokeWidth=2) | fill,
                "encoding": {"shape": charts.shape("economy_name", names), "tooltip": tooltip},
            }
            for test, fill in _FILLS
        ],
    ]  # fmt: skip
    spec = charts.chart(
        260,
        encoding={
            "x": {"field": "year", **x},
            "y": {"field": "share_pct", "type": "quantitative", "title": "% of capacity",
                  "scale": {"domain": [0, _ROOM * max(float(row["share_high_pct"]) for row in rows)],
                            "nice": True}},
            "color": charts.colour("economy_name", names),
            "detail": {"field": "edition_id"},
        },
        layer=layers if crossings else layers[1:],
    )  # fmt: skip
    kinds = text.count(len(editions), "edition")
    caption = [
        f"Shares of chip-making capacity by {producer}, {kinds}: {text.listed(editions)}. Hollow: forecast.",
        "A share stands for half of its last printed digit each way: the pale bar behind its point. A line "
        "joins two printed years of an edition; no year between them is printed.",
        f"{text.releases(row['edition_id'] for row in rows)} The table says where each was read.",
    ]
    for row in crossings.records():
        caption.append(
            f"Shaded: if shares move in straight lines, {row['economy']} and {row['other_economy']} cross "
            f"between {text.number(row['crossover_year_low'], 2)} and "
            f"{text.number(row['crossover_year_high'], 2)}; the printed shares themselves cross at "
            f"{text.number(row['crossover_year'], 2)}."
        )
    if not crossings:
        caption.append(
            "No two economies cross between the printed years of an edition."
            if len(names) > 1
            else "One economy is held: none can cross it."
        )
    ends = "; ".join(f"{row['economy_name']} {row['year']}: {row['printed']} %" for row in rows)
    return Figure(
        "capacity_" + "".join(c if c.isalnum() else "_" for c in f"{source}_{scope}").lower(),
        scope[:1].upper() + scope[1:],
        caption,
        answer,
        alt=f"Points by year. {ends}.",
        spec=spec,
        more={"crossings": crossings} if crossings else {},
        shown=("edition_label", "economy_name", "year", "printed", "share_low_pct", "share_high_pct",
               "is_forecast", "kind", "read_at"),
        traced=_CAPACITY,
    )  # fmt: skip
