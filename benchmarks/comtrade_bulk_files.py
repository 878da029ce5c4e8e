"""Writes made-up UN Comtrade bulk files (.tsv.gz) of any size, the same for the same seed.

Run as `python benchmarks/comtrade_bulk_files.py FOLDER [--rows N] [--files N] [--seed N]`. One file is
one reporter and year: six-digit codes by partner and flow, their sums at four and two digits and in
TOTAL, the World beside the partners, and some breakdowns by transport, as the real files have them.
The figures are drawn by a generator of random numbers: they are nobody's trade.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
FIRST_YEAR = 2017
YEARS = 5
EDITION = "H5"
FLOWS = ("X", "M")
# Sums by code levels and partners, and breakdowns, per row of six digits: measured on the files made.
ROWS_PER_BASE_ROW = 2.35

_COLUMNS = """
    'C-A' as datasetCode, 'C' as typeCode, 'A' as freqCode, year || '0101' as refPeriodId, year as refYear,
    '52' as refMonth, year as period, reporter as reporterCode, flow as flowCode, partner as partnerCode,
    0 as partner2Code, 'H5' as classificationCode, 'HS' as classificationSearchCode,
    'true' as isOriginalClassification, code as cmdCode, 'C00' as customsCode, 0 as mosCode,
    transport as motCode,
    case when length(code) = 6 then '5' else '-1' end as qtyUnitCode,
    case when length(code) = 6 then quantity else 0 end as qty, 'false' as isQtyEstimated,
    '8' as altQtyUnitCode, weight as altQty, 'false' as isAltQtyEstimated, weight as netWgt,
    'false' as isNetWgtEstimated, 0 as grossWgt, 'false' as isGrossWgtEstimated,
    case flow when 'M' then value end as cifvalue, case flow when 'X' then value end as fobvalue,
    value as primaryValue, '0' as legacyEstimationFlag, 'false' as isReported, 'true' as isAggregate
"""


def write(
    folder: Path, rows: int, files: int, *, seed: int = 1, released: str = "2024-06-01", first: int = 0
) -> list[Path]:
    """Writes `files` files with about `rows` rows in all; returns their paths.

    first: number of the first file: file n is always the same reporter and year. A later `released`
    with another seed is a revision: every value moves by up to one per cent and some rows are gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    reporters, partners, codes = _lists()
    written = []
    with duckdb.connect() as connection:
        connection.execute("create table codes (code varchar)")
        connection.executemany("insert into codes values (?)", [[code] for code in codes])
        connection.execute("create table partners (partner varchar)")
        connection.executemany("insert into partners values (?)", [[code] for code in partners])
        for number in range(first, first + files):
            reporter = reporters[number // YEARS]
            year = FIRST_YEAR + number % YEARS
            base = rows / files / ROWS_PER_BASE_ROW
            share = base / (len(partners) * len(codes) * len(FLOWS))
            path = folder / f"COMTRADE-FINAL-CA{int(reporter):03d}{year}{EDITION}[{released}].gz"
            connection.execute(_query(reporter, year, share, seed, path))
            written.append(path)
    return written


def _query(reporter: str, year: int, share: float, seed: int, path: Path) -> str:
    """SQL that writes one file. hash() draws: the same row of the same seed has the same figures."""
    draw = "hash(code, partner, flow, '{}', {}) ::double / 18446744073709551616"
    place = f"{reporter}.{year}"
    return f"""
    copy (
        with base as (
            select code, partner, flow,
                (exp(4 + 12 * {draw.format(place, "'value'")})
                 * (1 + 0.01 * {draw.format(place, seed)}))::decimal(18, 3) as value,
                (1 + floor(10000 * {draw.format(place, "'quantity'")}))::bigint as quantity,
                (1 + 5000 * {draw.format(place, "'weight'")})::decimal(18, 3) as weight
            from codes, partners, (select unnest(['X', 'M']) as flow)
            where partner <> '{reporter}' and {draw.format(place, "'held'")} < {share}
            and {draw.format(place, f"'withdrawn {seed}'")} > 0.001
        ),
        levels as (
            select flow, coalesce(partner, '0') as partner,
                coalesce(level_6, level_4, level_2, 'TOTAL') as code,
                sum(value) as value, sum(quantity) as quantity, sum(weight) as weight
            from (select *, code as level_6, code[:4] as level_4, code[:2] as level_2 from base)
            group by grouping sets (
                (flow, partner, level_6), (flow, partner, level_4), (flow, partner, level_2), (flow, partner),
                (flow, level_6), (flow, level_4), (flow, level_2), (flow)
            )
        ),
        every as (
            select *, 0 as transport from levels
            union all
            select *, 1000 as transport from levels
            where length(code) = 6 and partner <> '0' and hash(code, partner, 'air') % 20 = 0
        )
        select {_COLUMNS}
        from (select *, '{reporter}' as reporter, '{year}' as year from every)
        order by flow, code, partner::integer, transport
    ) to '{path}' (format csv, delimiter '\t', header true, quote '', escape '', compression gzip)
    """


def _lists() -> tuple[list[str], list[str], list[str]]:
    """Reporters and partners that the reference table knows, and six-digit codes: real ones of chips,
    made-up ones of other chapters."""
    with (PROJECT / "raw" / "reference" / "economies.csv").open(encoding="utf-8") as stream:
        economies = [
            row
            for row in csv.DictReader(stream)
            if row["comtrade_code"] and row["is_group"] != "true" and not row["valid_to"]
        ]
    areas = sorted({row["comtrade_code"] for row in economies}, key=int)[:230]
    with (PROJECT / "raw" / "reference" / "product_groups.csv").open(encoding="utf-8") as stream:
        chips = {row["hs_code"] for row in csv.DictReader(stream) if len(row["hs_code"]) == 6}
    others = {
        f"{chapter:02d}{heading:02d}{item:02d}"
        for chapter in range(1, 98) if chapter not in (77, 85)
        for heading in range(1, 13) for item in (10, 20, 30, 90)
    }  # fmt: skip
    return areas, areas, sorted(chips | others)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--released", default="2024-06-01")
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    paths = write(
        chosen.folder,
        chosen.rows,
        chosen.files,
        seed=chosen.seed,
        released=chosen.released,
        first=chosen.first,
    )
    print(f"{len(paths)} files, {sum(path.stat().st_size for path in paths):,} bytes in {chosen.folder}")


if __name__ == "__main__":
    main()
