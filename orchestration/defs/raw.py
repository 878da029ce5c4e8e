"""Assets of schema `raw`: one per raw table, each fed by its files, each with its contract as a check."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from orchestration.claims.readings import build_readings
from orchestration.sources import LAYOUTS
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.release import scan
from orchestration.warehouse import landing
from orchestration.warehouse.ledger import CheckResult, exclusive, first_row, open_ledger, record_checks
from orchestration.warehouse.progress import step
from orchestration.warehouse.settings import Settings

RELEASE = dg.AssetKey(["raw", "release"])
READINGS = dg.AssetKey(["raw", "claim_reading"])
SNAPSHOT = dg.AssetKey(["raw", "snapshot"])


def _table_key(layout: CsvLayout) -> dg.AssetKey:
    return dg.AssetKey(["raw", layout.raw_table])


def _files_key(layout: CsvLayout) -> dg.AssetKey:
    return dg.AssetKey(["files", layout.dataset_id])


FILES = [
    dg.AssetSpec(
        _files_key(layout),
        description=f"Files of {layout.dataset_id} below raw/. {layout.description}",
        group_name="files",
        kinds={"file"},
    )
    for layout in LAYOUTS
]


@dg.asset(
    key=RELEASE,
    group_name="raw",
    kinds={"duckdb"},
    description="Releases found below raw/, from each folder's source.yml; makes the raw tables ready.",
)
def releases() -> dg.MaterializeResult:
    settings = Settings.from_environment()
    with step("raw", "release") as work, exclusive(settings), open_ledger(settings) as connection:
        holdings = scan(settings.raw_root)
        landing.prepare_raw(connection, holdings)
        work.rows = len({file.release.release_id for file in holdings.files})
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": work.rows,
            "files": len(holdings.files),
            "refused": [refusal.message for refusal in holdings.refusals],
        }
    )


def _raw_asset(layout: CsvLayout) -> dg.AssetsDefinition:
    key = _table_key(layout)

    @dg.asset(
        key=key,
        deps=[RELEASE, _files_key(layout)],
        group_name="raw",
        kinds={"duckdb"},
        description=layout.description,
        check_specs=[
            dg.AssetCheckSpec(
                "raw_contract",
                asset=key,
                blocking=True,
                description="What is in the table obeys its contract; what does not is quarantined.",
            ),
            dg.AssetCheckSpec(
                "no_file_held_back",
                asset=key,
                description="Every file of this layout could be loaded.",
            ),
        ],
    )
    def land() -> Iterator[dg.MaterializeResult]:
        yield _land(layout, key)

    return land


def _land(layout: CsvLayout, key: dg.AssetKey) -> dg.MaterializeResult:
    settings = Settings.from_environment()
    with (
        step("raw", layout.raw_table) as work,
        exclusive(settings),
        open_ledger(settings) as connection,
    ):
        report = landing.land_dataset(connection, layout, scan(settings.raw_root))
        work.rows = report.rows
    reasons = [item.reason for item in report.held_back]
    quarantined = sum(item.rows_quarantined for item in report.landed if item.status == "loaded")
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            "dagster/row_count": report.rows,
            "files_loaded": sum(item.status == "loaded" for item in report.landed),
            "files_unchanged": report.unchanged,
            "files_held_back": len(reasons),
            "rows_quarantined": quarantined,
            "seconds": round(work.seconds, 3),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="raw_contract",
                passed=True,
                metadata={
                    "rows_quarantined": quarantined,
                    "rules_broken_by_quarantined_or_held_rows": [
                        finding.sentence() for finding in report.findings
                    ],
                },
            ),
            dg.AssetCheckResult(
                check_name="no_file_held_back",
                passed=not reasons,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"held_back": reasons},
            ),
        ],
    )


TABLES = [_raw_asset(layout) for layout in LAYOUTS]


@dg.asset(
    key=READINGS,
    deps=[dg.AssetKey(["raw", "article_claim"])],
    group_name="raw",
    kinds={"python"},
    description="Every plausible reading of every printed figure, as intervals.",
)
def claim_readings() -> dg.MaterializeResult:
    settings = Settings.from_environment()
    with step("raw", "claim_reading") as work, exclusive(settings), open_ledger(settings) as connection:
        work.rows, refusals = build_readings(connection)
    return dg.MaterializeResult(metadata={"dagster/row_count": work.rows, "unreadable_figures": refusals})


@dg.asset(
    key=SNAPSHOT,
    deps=[RELEASE, READINGS, *(_table_key(layout) for layout in LAYOUTS)],
    group_name="raw",
    kinds={"duckdb"},
    description="One row per file with its fate: rows read = loaded + quarantined + set aside.",
    check_specs=[
        dg.AssetCheckSpec(
            "nothing_lost",
            asset=SNAPSHOT,
            blocking=True,
            description="Each loaded file's rows are in its raw table, one by one accounted for.",
        )
    ],
)
def snapshots() -> dg.MaterializeResult:
    settings = Settings.from_environment()
    with step("raw", "snapshot") as work, exclusive(settings), open_ledger(settings) as connection:
        lost = landing.unbalanced(connection)
        results = landing.check_results(connection)
        results.append(
            CheckResult("raw.snapshot", "nothing_lost", not lost, "error", len(lost), "; ".join(lost))
        )
        record_checks(connection, "raw", results)
        row = first_row(connection, "select count(*) from raw.snapshot")
        work.rows = int(row[0]) if row else 0
    return dg.MaterializeResult(
        metadata={"dagster/row_count": work.rows},
        check_results=[
            dg.AssetCheckResult(check_name="nothing_lost", passed=not lost, metadata={"unbalanced": lost})
        ],
    )
