"""Assets that Python computes from the series: working days and seasonal adjustment, into schema raw."""

from collections.abc import Callable

import dagster as dg
import duckdb

from orchestration.defs import steps
from orchestration.derive.calendar_months import build_calendar
from orchestration.derive.seasonal import build_seasonal
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.progress import step


def _derived(
    table: str, series: str, description: str, build: Callable[[duckdb.DuckDBPyConnection], int]
) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey(["raw", table]),
        deps=[dg.AssetKey(["intermediate", series])],
        pool=steps.WRITER,
        required_resource_keys=steps.NEEDS,
        group_name="raw",
        kinds={"python"},
        description=description,
    )
    def materialise(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with (
            steps.at_work(context) as settings,
            step("raw", table) as work,
            open_ledger(settings) as connection,
        ):
            work.rows = build(connection)
        return dg.MaterializeResult(metadata={"dagster/row_count": work.rows})

    return materialise


calendar_month = _derived(
    "calendar_month",
    "int_trade_series",
    "Working days of the months that series are held for, from the holidays library.",
    build_calendar,
)
seasonal_adjustment = _derived(
    "seasonal_adjustment",
    "int_monthly_slot",
    "Monthly trade with the world, seasonally adjusted where five years are held.",
    build_seasonal,
)
