"""The portable-SQL lint: every rule refuses its bad example and accepts its good one.

Belongs here: the rules, a whole model that passes, and the command line. Does not belong here:
whether the project's own models pass (the build runs the lint on the compiled project).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.lint.portable_sql.check import check_sql
from orchestration.lint.portable_sql.command import main
from orchestration.lint.portable_sql.rules import RULES

REALISTIC_MODEL = """
with flows as (
    select
        reporter_iso3,
        hs_code,
        cast(date_trunc('month', period_start_date) as date) as month_start_date,
        value_usd
    from "chipledger"."staging"."stg_comtrade__flow"
    where valuation = 'fob' and regexp_full_match(hs_code, '[0-9]{6}')
),

months as (
    select m.month_start_date
    from (values (date '2024-01-01'), (date '2024-02-01')) as m(month_start_date)
),

monthly as (
    select
        f.reporter_iso3,
        months.month_start_date,
        sum(f.value_usd) as value_usd,
        sum(f.value_usd) filter (where f.hs_code = '854231') as processors_usd,
        count(*) as flow_count
    from flows as f
    inner join months on f.month_start_date = months.month_start_date
    group by f.reporter_iso3, months.month_start_date
),

ranked as (
    select
        monthly.*,
        lag(value_usd) over (
            partition by reporter_iso3 order by month_start_date asc nulls last
        ) as previous_usd,
        row_number() over (
            partition by month_start_date
            order by value_usd desc nulls last, reporter_iso3 nulls last
        ) as place
    from monthly
),

shares as (
    select
        ranked.*,
        100.0e0 * cast(processors_usd as double) / nullif(cast(value_usd as double), 0)
            as share_raw,
        case
            when previous_usd > 0
                then (cast(value_usd as double) / nullif(cast(previous_usd as double), 0) - 1.0e0)
                    * 100.0e0
        end as growth_raw
    from ranked
),

final as (
    select
        reporter_iso3,
        cast(month_start_date + interval '1' month as date) as next_month_date,
        cast(value_usd as decimal(38,2)) as value_usd,
        cast(
            cast(cast(floor(share_raw * 1000 + 0.5) as bigint) as decimal(18,0))
            * cast(0.001 as decimal(4,3)) as decimal(21,3)
        ) as share_pct,
        cast(
            cast(cast(floor(growth_raw * 1000 + 0.5) as bigint) as decimal(18,0))
            * cast(0.001 as decimal(4,3)) as decimal(21,3)
        ) as growth_yoy_pct,
        cast(place as bigint) as place,
        cast(flow_count as bigint) as flow_count,
        cast(reporter_iso3 || '-' || hs_group as string) as series_id,
        month_start_date
    from shares
    cross join (values ('8542')) as g(hs_group)
)

select * from final
"""

A, B = "cast(a as double)", "cast(b as double)"
LATER = "select c.x from c"

# (rule, what must be in the message, bad, good)
EXAMPLES: list[tuple[int, str, str, str]] = [
    (1, "double to decimal", f"select cast({A} as decimal(18,2)) as x from t",
     "select cast(cast(floor(cast(a as double) * 1000 + 0.5) as bigint) as decimal(18,0)) as x"
     " from t"),
    (1, "double to decimal", f"select cast({A} / nullif({B}, 0) as decimal(18,2)) as x from t",
     f"select cast(case when {A} > 1e0 then 1 else 0 end as decimal(18,2)) as x from t"),
    (1, "double to decimal", "select cast(ln(a) as decimal(18,2)) as x from t",
     "select cast(a as decimal(18,2)) as x from t"),
    (1, "double to decimal",
     f"with c as (select {A} as x from t), d as (select c.* from c)"
     " select cast(d.x as decimal(18,2)) as x from d",
     f"with c as (select {A} as x, y from t) select cast(c.y as decimal(18,2)) as y from c"),
    (1, "double to decimal",
     f"with c as (select y as x from t union all select {A} as x from t)"
     " select cast(x as decimal(18,2)) as x from c",
     "with c as (select y as x from t union all select z as x from t)"
     " select cast(x as decimal(18,2)) as x from c"),
    (1, "double to decimal",
     f"select cast(case when a > 0 then {A} end as decimal(18,2)) as x from t",
     f"select cast(case {A} when 1e0 then b end as decimal(18,2)) as x from t"),
    (1, "double to decimal", f"select cast((select {A} from u) as decimal(18,2)) as x from t",
     f"select cast((select max(c) from u group by {A}) as decimal(18,2)) as x from t"),
    (1, "double to decimal", f"select cast(min({A}) over (partition by b) as decimal(18,2)) as x"
     " from t",
     f"select cast(min(b) over (partition by {A}) as decimal(18,2)) as x from t"),
    (1, "round()", "select cast(round(-cast(a as decimal(9,4)) * b) as decimal(18,2)) as x from t",
     "select cast(round(-sum(cast(a as decimal(9,4))) * 100, 2) as decimal(18,2)) as x from t"),
    (1, "round()", "select cast(round(a, 2) as decimal(18,2)) as x from t",
     "select cast(round(cast(a as decimal(18,4)), 2) as decimal(18,2)) as x from t"),
    (2, "numerator", f"select cast(a / nullif({B}, 0) as double) as x from t",
     f"select cast(({A} - 1.0e0) * 100 / nullif({B}, 0) as double) as x from t"),
    (2, "denominator of / is not visibly",
     f"select cast({A} / nullif(b, 0) as double) as x from t",
     f"select cast({A} / cast(nullif(b, 0) as double) as double) as x from t"),
    (2, "denominator of / is not visibly", f"select cast({A} / 100 as double) as x from t",
     f"select cast({A} / 100.0e0 as double) as x from t"),
    (2, "can be zero", f"select cast({A} / {B} as double) as x from t",
     f"select cast({A} / nullif({B}, 0) as double) as x from t"),
    (2, "can be zero", f"select cast({A} / nullif({B}, 1) as double) as x from t",
     f"select cast({A} / nullif({B}, 0e0) as double) as x from t"),
    (2, "can be zero", f"select cast({A} / (nullif({B}, 0) * 0e0) as double) as x from t",
     f"select cast({A} / (nullif({B}, cast(0 as double)) * 100.0e0) as double) as x from t"),
    (2, "numerator", f"select cast(coalesce({A}, b) / 2e0 as double) as x from t",
     f"select cast(coalesce({A}, 0) / 2e0 as double) as x from t"),
    (3, "sum() of a double", f"select cast(sum({A}) as double) as x from t",
     "select cast(sum(a) as double) as x from t"),
    (3, "sum() of a double",
     f"with c as (select {A} as x from t) select cast(sum(x) as double) as y from c",
     f"with c as (select {A} as x, y from t) select cast(sum(y) as double) as y from c"),
    (3, "avg()", "select cast(avg(a) as double) as x from t",
     "select cast(cast(sum(a) as double) / nullif(cast(count(a) as double), 0) as double) as x"
     " from t"),
    (3, "stddev_samp()", "select cast(stddev_samp(a) as double) as x from t",
     "select cast(max(a) as double) as x from t"),
    (4, "not cast", "with final as (select a || b as x from t) select * from final",
     "with final as (select cast(a || b as string) as x, b as y from t) select * from final"),
    (4, "not cast", "select 'wits' as source from t",
     "select cast('wits' as string) as source from t"),
    (4, "not cast", "select a from t union all select b || c as a from t",
     "select a from t union all select cast(b || c as string) as a from t"),
    (4, "not cast", "(select a || b as a from t) union all (select b from u)",
     "(select a from t) union all (select b from u)"),
    (4, "select *", "with final as (select * from t) select * from final",
     "with final as (select a from t) select * from final"),
    (4, "select *", "select t.* from t", "select t.a from t"),
    (4, "select *", "with final as (select a from t) select * from final inner join u on a = b",
     "with final as (select a from t) select final.* from final where a > 1"),
    (4, "without a name", "select cast(a as bigint) from t",
     "select cast(a as bigint) as x from t"),
    (4, "fraction to an integer", f"select cast({A} as bigint) as x from t",
     f"select cast(floor({A}) as bigint) as x from t"),
    (4, "fraction to an integer", "select cast(cast(a as decimal(18,2)) as bigint) as x from t",
     "select cast(cast(a as decimal(18,0)) as bigint) as x from t"),
    (4, "fraction to an integer", "select cast(a * 0.5 as integer) as x from t",
     "select cast(ceil(a * 0.5) as integer) as x from t"),
    (5, "median()", "select cast(median(a) as double) as x from t",
     "select cast(min(a) as double) as x from t"),
    (5, "percentile_cont()",
     "select cast(percentile_cont(0.5) within group (order by a nulls last) as double) as x from t",
     "select percentile_cont from t"),
    (5, "quantile_disc()", "select cast(quantile_disc(a, 0.5) as bigint) as x from t",
     "select cast('median(a)' as string) as x from t"),
    (5, "approx_count_distinct()", "select cast(approx_count_distinct(a) as bigint) as x from t",
     "select cast(count(distinct a) as bigint) as x from t"),
    (6, "order by item", "select a from t order by a desc",
     "select a from t order by a desc nulls last limit 3"),
    (6, "order by item", "select a from t order by a nulls last, b",
     "select a from t order by coalesce(a, b) nulls last, b nulls first"),
    (6, "order by item",
     "select cast(sum(a) over (order by b rows between 1 preceding and current row) as bigint)"
     " as x from t",
     "select cast(sum(a) over (order by b nulls last rows between 1 preceding and current row)"
     " as bigint) as x from t"),
    (6, "order by item", "select a from t order by a, b nulls last",
     "select a from t order by a nulls first, b nulls last"),
    (6, "order by item", "select a from t order by a nulls last, groups",
     "select a from t order by groups nulls last, a nulls last"),
    (6, "without an order", "select cast(row_number() over (partition by a) as bigint) as x from t",
     "select cast(row_number() over (partition by a order by b nulls last) as bigint) as x from t"),
    (6, "without an order",
     "select cast(lag(a) over w as bigint) as x from t window w as (partition by b)",
     "select cast(lag(a) over w as bigint) as x from t"
     " window w as (partition by b order by c nulls last)"),
    (7, "date_trunc", "select cast(a as date) as x from t where date_trunc('month', d) = e",
     "select cast(a as date) as x from t where cast(date_trunc('month', d) as date) = e"),
    (7, "date_trunc", "select cast(date_trunc('month', cast(d as date)) as timestamp) as x from t",
     "select cast((date_trunc('month', cast(d as date))) as date) as x from t"),
    (7, "interval", "select a from t where d + interval '1' month > e",
     "select a from t where cast(d + interval '1' month - interval '1' day as date) > e"),
    (7, "interval", "select cast(date_add(d, interval 1 month) as string) as x from t",
     "select cast(cast(d as timestamp) + interval '1' hour as timestamp) as x from t"),
    (7, "interval", "select cast(d + interval '1' month as timestamp) as x from t",
     "select cast(d + interval '1' month as date) as x from t"),
    (7, "generate_series()", "select cast(g as bigint) as x from generate_series(1, 12) as s(g)",
     "select cast(g as bigint) as x from (values (1), (2)) as s(g)"),
    (7, "unnest()", "select cast(unnest(a) as bigint) as x from t",
     "select cast(sum(a) over (order by b nulls last range between 1 preceding and current row)"
     " as bigint) as x from t"),
    (8, "::", "select a::bigint as x from t", "select cast(a as bigint) as x from t"),
    (8, "try_cast", "select try_cast(a as bigint) as x from t",
     "select cast(case when regexp_full_match(a, '[0-9]+') then cast(a as bigint) end as bigint)"
     " as x from t"),
    (8, "::", "select cast('x' as string) as x from t where b::date = c",
     "select cast('a::date try_cast(' as string) as x from t -- a::date"),
    (9, "string_agg()",
     "select cast(string_agg(a, ',' order by a nulls last) as string) as x from t",
     "select cast(max(a) as string) as x from t"),
    (9, "list()", "select cast(list(a) as string) as x from t", "select a as list from t"),
    (10, "QUALIFY",
     "select a from t qualify row_number() over (order by a nulls last) = 1",
     "with c as (select a, row_number() over (order by a nulls last) as place from t)"
     " select a from c where place = 1"),
    (10, "GROUP BY ALL", "select a, cast(sum(b) as bigint) as x from t group by all",
     "select a, cast(sum(b) as bigint) as x from t group by a"),
    (10, "ORDER BY ALL", "select a from t order by all nulls last",
     "select a from t order by a nulls last"),
    (10, "alias y", "select cast(a + 1 as bigint) as y, cast(y + 1 as bigint) as z from t",
     "select cast(a + 1 as bigint) as y, cast(t.y + 1 as bigint) as z from t"),
    (10, "alias y", "select cast(a + 1 as bigint) as y from t where y > 1",
     "select cast(y + 1 as bigint) as y from t where y > 1"),
    (10, "alias y", "select cast(a + 1 as bigint) as y from t group by y",
     "select y, cast(max(a) as bigint) as z from t group by y"),
    (10, "alias y",
     "select b as y, cast(sum(a) over (partition by y) as bigint) as z from t",
     "select b as y, cast((select max(u.y) from u) as bigint) as z from t"),
    (10, "integer division", "select cast(a // b as bigint) as x from t",
     "select cast('a // b' as string) as x from t"),
    (10, "integer division", "select cast(a div b as bigint) as x from t",
     "select cast('a div b' as string) as x from t"),
    (10, "double-quoted", 'select "a" from t', 'select a from "db"."s"."t" as u'),
    (10, "double-quoted", 'select a as "Value" from t', "select a as value from t"),
    (10, "2 arguments", "select cast(regexp_replace(a, '^x') as string) as x from t",
     "select cast(regexp_replace(a, '^x', '') as string) as x from t"),
    (10, "options", "select cast(regexp_replace(a, '^x', '', 'g') as string) as x from t",
     "select cast(replace(a, 'x', '') as string) as x from t"),
    (10, "can match twice", "select cast(regexp_replace(a, 'x', '') as string) as x from t",
     "select cast(regexp_replace(a, '^[0-9]+', '') as string) as x from t"),
    (10, "IGNORE NULLS",
     "select cast(lag(a ignore nulls) over (order by b nulls last) as bigint) as x from t",
     "select cast(any_value(a) as bigint) as x from t"),
    (10, "hash()", "select cast(hash(a) as string) as x from t",
     "select cast(md5(a) as string) as x from t"),
    (10, "recursive", f"with recursive c as (select x from t) {LATER}",
     f"with c as (select x from t) {LATER}"),
    (10, "PIVOT", "with c as (select * from t pivot (sum(a) for b in ('x', 'y')))" + LATER,
     "with c as (select sum(case when b = 'x' then a end) as x from t)" + LATER),
    (10, "UNPIVOT", "with c as (select * from t unpivot (x for b in (c, d)))" + LATER,
     "with c as (select c as x from t union all select d as x from t)" + LATER),
    (10, "concat()", "select cast(concat(a, b) as string) as x from t",
     "select cast(a || b as string) as x from t"),
    (10, "DISTINCT ON", "select distinct on (a) a, b from t", "select distinct a, b from t"),
    (10, "EXCLUDE", "with c as (select * exclude (y) from t)" + LATER,
     "with c as (select * from t)" + LATER),
    (10, "REPLACE", "with c as (select * replace (y as x) from t)" + LATER,
     "with c as (select y as x from t)" + LATER),
    (10, "struct", "with c as (select {'k': 1} as x from t)" + LATER,
     "with c as (select 1 as x from t)" + LATER),
    (10, "list literal", "with c as (select [1, 2] as x from t)" + LATER,
     "select a from t where a in (1, 2)"),
    (10, "subscript", "select cast(a[1] as bigint) as x from t",
     "select cast(a as bigint) as x from t"),
    (10, "ILIKE", "select a from t where a ilike 'x%'", "select a from t where lower(a) like 'x%'"),
    (10, "GLOB", "select a from t where a glob 'x*'", "select a from t where a like 'x%'"),
    (10, "starts with FROM", "with c as (from t select x)" + LATER,
     "select cast(extract(year from d) as bigint) as x from t where (a is distinct from b)"),
    (10, "starts with FROM", "with c as (select x from t) from c select x",
     "with c as (select count(*) from t) select x from u"),
    (10, "starts with FROM", "select x from t union all from t select x",
     "select x from t union all select x from u"),
    (10, "position", "select a, cast(sum(b) as bigint) as x from t group by 1",
     "select a, cast(sum(b) as bigint) as x from t group by a, c"),
    (10, "SAMPLE", "select a from t using sample 10%", "select a from t limit 10"),
    (10, "SAMPLE", "select a from t tablesample (10 rows)", "select a from t limit 10"),
    (10, "BY NAME", "select a from t union all by name select a from u",
     "select a from t union all select a from u"),
    (10, "ASOF", "select t.a from t asof join u on t.a >= u.a",
     "select t.a from t inner join u on t.a >= u.a"),
    (10, "SEMI", "select t.a from t semi join u on t.a = u.a",
     "select t.a from t where exists (select 1 from u where u.a = t.a)"),
    (10, "ANTI", "select t.a from t anti join u on t.a = u.a",
     "select t.a from t left join u on t.a = u.a where u.a is null"),
    (10, "lambda", "with c as (select list_transform(y, lambda v: v + 1) as x from t)" + LATER,
     "with c as (select y + 1 as x from t)" + LATER),
    (10, "->", "select cast(a -> 'k' as string) as x from t", "select a from t where a > 1"),
    (10, "->>", "select cast(a ->> 'k' as string) as x from t", "select a from t where a >= 1"),
    (10, "map literal", "select cast(map([1], [2]) as string) as x from t",
     "select a as map from t"),
    (10, "comprehension", "select cast([v for v in a] as string) as x from t",
     "select a as v from t"),
    (10, "COLUMNS", "select columns('x.*') from t", "select columns from t"),
    (12, "hugeint", "select cast(a as hugeint) as x from t",
     "select cast(a as bigint) as x, cast(b as string) as y, cast(c as string) as z,"
     " cast(d as integer) as d, cast(e as double) as e, cast(f as date) as f,"
     " cast(g as timestamp) as g, cast(h as boolean) as h from t"),
    (12, "type decimal in", "select cast(a as decimal) as x from t",
     "select cast(a as decimal(38,10)) as x from t"),
    (12, "decimal(39,2)", "select cast(a as decimal(39,2)) as x from t",
     "select cast(a as decimal(38,2)) as x from t"),
    (12, "timestamptz", "select cast(a as timestamptz) as x from t",
     "select cast(a as timestamp) as x from t"),
    (12, "varchar(3)", "select cast(case when b then a end as varchar(3)) as x from t",
     "select cast(case when cast(b as boolean) then a end as string) as x from t"),
]  # fmt: skip
IDS = [f"R{rule}-{text}-{at}" for at, (rule, text, _, _) in enumerate(EXAMPLES)]


def found(sql: str, **options: Any) -> list[tuple[int, str]]:
    return [(v.rule, v.message) for v in check_sql(sql, "m.sql", **options)]


@pytest.mark.parametrize(("rule", "text", "bad", "good"), EXAMPLES, ids=IDS)
def test_rule_refuses_bad(rule: int, text: str, bad: str, good: str) -> None:
    assert any(number == rule and text in message for number, message in found(bad)), found(bad)


@pytest.mark.parametrize(("rule", "text", "bad", "good"), EXAMPLES, ids=IDS)
def test_rule_accepts_good(rule: int, text: str, bad: str, good: str) -> None:
    assert found(good) == []


def test_every_rule_has_an_example() -> None:
    assert {rule for rule, _, _, _ in EXAMPLES} == set(RULES)


def documented_examples() -> dict[int, tuple[str, str]]:
    text = (Path(__file__).parents[1] / "docs" / "portable-sql.md").read_text("utf-8")
    block = r"^## (\d+)\. (?:(?!^## ).)*?^```sql\n-- bad\n(.*?)^-- good\n(.*?)^```"
    return {
        int(number): (bad, good) for number, bad, good in re.findall(block, text, re.DOTALL | re.MULTILINE)
    }


def test_documentation_has_twelve_rules() -> None:
    assert sorted(documented_examples()) == list(range(1, 13))


@pytest.mark.parametrize("rule", sorted(RULES))
def test_documented_example_is_true(rule: int) -> None:
    bad, good = documented_examples()[rule]
    assert rule in {number for number, _ in found(bad)}
    assert found(good) == []


def test_realistic_model_passes() -> None:
    assert found(REALISTIC_MODEL) == []


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("cast(place as bigint)", "place", []),
        ("cast(month_start_date + interval '1' month as date)", "month_start_date", []),
        ("cast(month_start_date + interval '1' month as date)",
         "month_start_date + interval '1' month", [4, 7]),
        ("nullif(cast(previous_usd as double), 0)", "cast(previous_usd as double)", [2]),
        ("asc nulls last", "asc", [6]),
        ("cast(place as bigint)", "place + 1", [4]),
        ("cast(cast(floor(share_raw * 1000 + 0.5) as bigint) as decimal(18,0))",
         "cast(share_raw as decimal(18,0))", [1]),
        ("cast(flow_count as bigint)", "cast(growth_raw as bigint)", [4]),
    ],
)  # fmt: skip
def test_realistic_model_with_one_change(old: str, new: str, rules: list[int]) -> None:
    before, after = REALISTIC_MODEL.split(old)
    line = before.count("\n") + 1
    violations = check_sql(before + new + after, "m.sql")
    assert [(v.rule, v.line) for v in violations] == [(rule, line) for rule in rules]


@pytest.mark.parametrize(
    ("sql", "line", "text"),
    [
        ("select a\nfrom t\nwhere (", 3, "does not parse as duckdb"),
        ("select 'a", 1, "does not parse as duckdb"),
        ("", 1, "0 statements"),
        ("-- only a comment", 1, "0 statements"),
        ("select 1 as a; select 2 as a", 1, "2 statements"),
        ("create table x as select 1 as a", 1, "create statement"),
        ("show tables", 1, "show statement"),
        ("select cast(map {'k': 1} as string) as x from t", 1, "does not parse as spark"),
    ],
)
def test_unparsable_text_is_one_violation(sql: str, line: int, text: str) -> None:
    (violation,) = check_sql(sql, "m.sql")
    assert (violation.rule, violation.line) == (0, line)
    assert text in violation.message


@pytest.mark.parametrize(
    "sql",
    [
        "select cast(string_agg(a, ',' order by a nulls last) as string) as x from t",
        "select cast(regexp_replace(a, 'x', '', 'g') as string) as x from t",
    ],
)
def test_allowed_functions_opens_one_macro(sql: str) -> None:
    assert found(sql) != []
    assert found(sql, allowed_functions=["STRING_AGG", "regexp_replace"]) == []


def test_rules_limits_the_check() -> None:
    sql = "select avg(a)::bigint as x from t"
    assert {rule for rule, _ in found(sql)} >= {3, 8}
    assert {rule for rule, _ in found(sql, rules={8})} == {8}


def write(path: Path, sql: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sql)
    return path


def test_cli_clean_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "models" / "a.sql", REALISTIC_MODEL)
    write(tmp_path / "models" / "marts" / "b.sql", "select a from t")
    assert main([str(tmp_path / "models")]) == 0
    assert capsys.readouterr().out == "2 models, 0 violations\n"


def test_cli_prints_path_line_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "a.sql", "select a\nfrom t\norder by a")
    assert main([str(file)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"{file}:3: R6: ")
    assert out[1] == "1 models, 1 violation"


def test_cli_tests_keep_rules_8_and_10_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compiled = tmp_path / "tests" / "target" / "compiled" / "chip_ledger"
    write(compiled / "models" / "a.sql", "select a from t")
    write(compiled / "models" / "a.yml" / "unique_a.sql", "select count(*) as n from t")
    singular = write(compiled / "tests" / "assert_x.sql", "select avg(a) as x from t")
    assert main([str(compiled)]) == 0
    assert capsys.readouterr().out == "1 models, 0 violations (2 tests checked too)\n"
    assert main([str(singular)]) == 0
    write(singular, "select a::date as x from t")
    write(compiled / "models" / "a.sql", "select avg(a) as x from t")
    assert main([str(compiled)]) == 1
    out = capsys.readouterr().out
    assert "R8" in out
    assert "R3" in out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("empty", "no .sql file here"),
        ("missing", "no such file or folder"),
        ("empty/readme.md", "no .sql file here"),
    ],
)
def test_cli_nothing_to_check_is_usage_error(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "empty" / "readme.md", "no sql")
    assert main([str(tmp_path / name)]) == 2
    assert f"{name}: {text}" in capsys.readouterr().err


def test_cli_without_arguments_is_usage_error() -> None:
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2


def node(kind: str, path: str, **more: Any) -> dict[str, Any]:
    return {"resource_type": kind, "original_file_path": path, "language": "sql", **more}


def write_manifest(project: Path, *nodes: dict[str, Any], adapter: str = "duckdb") -> Path:
    content = {
        "metadata": {"adapter_type": adapter},
        "nodes": {str(at): each for at, each in enumerate(nodes)},
    }
    return write(project / "target" / "manifest.json", json.dumps(content))


def test_manifest_reads_code_files_and_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "target" / "compiled" / "b.sql", "select a\nfrom t\norder by a")
    manifest = write_manifest(
        tmp_path,
        node("model", "models/a.sql", compiled_code="select avg(a) as x from t"),
        node("model", "models/b.sql", compiled_path="target/compiled/b.sql"),
        node("model", "models/c.sql"),
        node("model", "models/d.py", language="python"),
        node("test", "tests/e.sql", compiled_code="select avg(a)::bigint as x from t"),
        node("test", "models/f.yml", compiled_code="select a::int from t", test_metadata={"n": 1}),
        node("seed", "seeds/g.csv"),
    )
    assert main(["--manifest", str(manifest)]) == 1
    out = capsys.readouterr().out
    rules = {line.split(": ")[0] + line.split(": ")[1] for line in out.splitlines()[:-1]}
    assert rules == {
        "models/a.sql:1R3",
        "models/a.sql:1R4",
        "models/b.sql:3R6",
        "models/c.sql:1R0",
        "tests/e.sql:1R8",
    }
    assert out.splitlines()[-1] == "3 models, 5 violations (1 tests checked too)"


def test_manifest_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = write_manifest(tmp_path, node("model", "m.sql", compiled_code=REALISTIC_MODEL))
    assert main(["--manifest", str(manifest)]) == 0
    assert capsys.readouterr().out == "1 models, 0 violations\n"


def test_manifest_of_no_use_is_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = write(tmp_path / "broken.json", "{")
    no_models = write_manifest(tmp_path / "a", node("seed", "seeds/a.csv"))
    model = node("model", "m.sql", compiled_code="select a from t")
    for_spark = write_manifest(tmp_path / "b", model, adapter="spark")
    for manifest in (broken, tmp_path / "missing.json", no_models, for_spark):
        assert main(["--manifest", str(manifest)]) == 2
        assert str(manifest) in capsys.readouterr().err
