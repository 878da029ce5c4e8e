"""The floor of a refresh: the same bulk files to the same flow, growth and share tables, by hand.

One connection, one query per table, no contracts, no tests, no quarantine, no lineage to check, nothing
published. It says how much of a refresh's time is the engine's work that no pipeline could leave out.
Run as `python benchmarks/floor.py RAW DATABASE`; RAW holds reference/ and the bulk files.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

MEMORY_LIMIT = "2GB"

FLOW = """
create table flow as
with lines as (
    select * from read_csv('{files}', delim = '\t', quote = '', header = true,
        filename = true, compression = 'gzip', nullstr = '', columns = {{
            'datasetCode': 'varchar', 'typeCode': 'varchar', 'freqCode': 'varchar', 'refPeriodId': 'varchar',
            'refYear': 'smallint', 'refMonth': 'varchar', 'period': 'integer', 'reporterCode': 'varchar',
            'flowCode': 'varchar', 'partnerCode': 'varchar', 'partner2Code': 'varchar',
            'classificationCode': 'varchar', 'classificationSearchCode': 'varchar',
            'isOriginalClassification': 'varchar', 'cmdCode': 'varchar', 'customsCode': 'varchar',
            'mosCode': 'varchar', 'motCode': 'varchar', 'qtyUnitCode': 'varchar', 'qty': 'decimal(24,4)',
            'isQtyEstimated': 'boolean', 'altQtyUnitCode': 'varchar', 'altQty': 'decimal(24,4)',
            'isAltQtyEstimated': 'boolean', 'netWgt': 'decimal(24,4)', 'isNetWgtEstimated': 'boolean',
            'grossWgt': 'varchar', 'isGrossWgtEstimated': 'varchar', 'cifvalue': 'varchar',
            'fobvalue': 'varchar', 'primaryValue': 'decimal(24,4)', 'legacyEstimationFlag': 'varchar',
            'isReported': 'varchar', 'isAggregate': 'varchar'
        }})
),
latest as (
    select filename, row_number() over (
        partition by regexp_replace(filename, '\\[.*', '') order by filename desc) as age
    from (select file as filename from glob('{files}'))
),
areas as (
    select comtrade_code as code, economy_iso3
    from read_csv('{raw}/reference/economies.csv', all_varchar = true)
    where comtrade_code is not null
    union all
    select comtrade_code, economy_iso3
    from read_csv('{raw}/reference/comtrade_code_aliases.csv', all_varchar = true)
),
products as (
    select hs_edition, hs_code, product_id, scope
    from read_csv('{raw}/reference/product_groups.csv', all_varchar = true)
)
select 'comtrade' as source_id, reporters.economy_iso3 as reporter_iso3,
    partners.economy_iso3 as partner_iso3, flowCode as flow, cmdCode as hs_code,
    classificationCode as hs_edition, product_id, scope as product_scope,
    'A' as period_grain, make_date(period, 1, 1) as period_start_date,
    make_date(period, 12, 31) as period_end_date,
    period as year, primaryValue as value_usd,
    case when qtyUnitCode <> '-1' then qty end as quantity,
    case when qtyUnitCode = '5' then 'items' when qtyUnitCode = '8' then 'kg' end as quantity_unit,
    nullif(netWgt, 0) as net_weight_kg, isQtyEstimated or isNetWgtEstimated as is_estimated,
    case when flowCode in ('X', 'RX') then 'fob' else 'cif' end as valuation, age = 1 as is_latest,
    lines.filename
from lines join latest using (filename)
join areas as reporters on reporterCode = reporters.code join areas as partners on partnerCode = partners.code
left join products on classificationCode = products.hs_edition and cmdCode = products.hs_code
where partner2Code = '0' and motCode = '0' and customsCode = 'C00' and mosCode = '0'
"""
PRODUCT = """
create table product_flow as
with sums as (
    select reporter_iso3, partner_iso3, flow, product_id, product_scope, hs_edition, year,
        sum(value_usd) as value_usd,
        count(*) as codes, min(length(hs_code)) as digits
    from flow where is_latest and product_id is not null group by all
),
expected as (select product_id, product_scope, hs_edition, count(distinct hs_code) as codes
             from (select product_id, scope as product_scope, hs_edition, hs_code
                   from read_csv('{raw}/reference/product_groups.csv', all_varchar = true)) group by all)
select * exclude (codes, digits)
from sums join expected using (product_id, product_scope, hs_edition, codes)
qualify row_number() over (
    partition by reporter_iso3, partner_iso3, flow, product_id, year order by digits) = 1
"""
GROWTH = """
create table growth as
select now.*, base.value_usd as base_value,
    100 * (now.value_usd::double / nullif(base.value_usd::double, 0) - 1) as growth_yoy_pct
from product_flow as now left join product_flow as base
on now.reporter_iso3 = base.reporter_iso3 and now.partner_iso3 = base.partner_iso3 and now.flow = base.flow
and now.product_id = base.product_id and now.year = base.year + 1
"""
SHARE = """
create table share as
select *,
    100 * value_usd::double / sum(value_usd) over (partition by flow, product_id, year)::double as share_pct
from product_flow where partner_iso3 = 'WLD'
"""


def run(raw: Path, database: Path) -> int:
    """Builds the tables; returns the number of flows."""
    files = raw / "customs" / "comtrade" / "*" / "*.gz"
    with duckdb.connect(str(database), config={"memory_limit": MEMORY_LIMIT}) as connection:
        for query in (FLOW, PRODUCT, GROWTH, SHARE):
            connection.execute(query.format(files=files, raw=raw))
        connection.execute("checkpoint")
        return int(connection.execute("select count(*) from flow").fetchall()[0][0])


if __name__ == "__main__":
    print(f"{run(Path(sys.argv[1]), Path(sys.argv[2])):,} flows")
