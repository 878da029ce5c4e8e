"""Every planted error of every layout is found by name, and no clean file is blamed; see tests/planted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from planted.case import CLEAN, KINDS, Case
from planted.judge import Court, court
from planted.mutate import mutated
from planted.plant import all_cases
from planted.traps import EVERYWHERE, LIMITS, PLANTED

from orchestration.sources import CUSTOMS
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused
from orchestration.sources.recognise import recognise

LAYOUT_IDS = [layout.layout_id for layout in CUSTOMS]


@pytest.fixture(scope="module")
def cases() -> dict[str, list[Case]]:
    """Written when a test asks: it takes seconds, which collecting the tests need not."""
    return all_cases()


@pytest.fixture(scope="module")
def judge() -> Iterator[Court]:
    with court() as opened:
        yield opened


# In `make test` two layouts stand for all; `make test-slow` and `make planted` judge every one.
QUICK = ("comtrade_portal", "gacc_express_table")


@pytest.mark.parametrize(
    "layout", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in LAYOUT_IDS]
)
def test_planted_errors_are_found_and_clean_files_are_not_blamed(
    judge: Court, cases: dict[str, list[Case]], layout: str
) -> None:
    verdicts = [judge.judge(case) for case in cases[layout]]
    wrong = [f"{item.case}: {item.by}: {item.said}" for item in verdicts if not item.is_right]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUT_IDS)
def test_damaged_files_give_rows_or_a_refusal_and_lose_nothing(
    tmp_path: Path, cases: dict[str, list[Case]], layout: str
) -> None:
    rand = random.Random(layout)
    clean = [case for case in cases[layout] if case.error == CLEAN]
    for _ in range(60):
        case = rand.choice(clean)
        path = tmp_path / case.name
        path.write_bytes(mutated(case.content, rand))
        try:
            found = recognise(path)
            with duckdb.connect() as connection:
                reading = found.read(connection, path, "incoming")
                (rows,) = connection.execute("select count(distinct raw_row) from incoming").fetchall()[0]
        except FileRefused as error:
            assert path.name in str(error) and "\n" not in str(error).strip()
            continue
        if found.columns is FLOW_COLUMNS:
            assert reading.records == rows + len(reading.malformed), path.read_bytes()[:500]


def test_every_layout_has_clean_files_and_the_errors_that_all_can_have(cases: dict[str, list[Case]]) -> None:
    assert list(cases) == LAYOUT_IDS
    for layout, made in cases.items():
        errors = {case.error for case in made}
        assert CLEAN in errors and errors <= {CLEAN, *KINDS}
        assert not set(EVERYWHERE) - errors, layout


def test_traps_that_are_said_to_be_planted_are_planted(cases: dict[str, list[Case]]) -> None:
    for layout in CUSTOMS:
        for start, error in PLANTED.get(layout.layout_id, {}).items():
            assert any(trap.startswith(start) for trap in layout.traps), (layout.layout_id, start)
            assert error in {case.error for case in cases[layout.layout_id]}, (layout.layout_id, error)
    assert {*PLANTED, *LIMITS} <= set(cases)


def test_the_same_seed_writes_the_same_rows(cases: dict[str, list[Case]]) -> None:
    text = {"comtrade_api", "comtrade_legacy", "baci", "gacc_query", "us_census", "taiwan_customs"}
    again = all_cases()
    assert [case for name in text for case in cases[name]] == [case for name in text for case in again[name]]


def test_a_wrong_number_that_lands_is_a_verdict_of_not_found(
    judge: Court, cases: dict[str, list[Case]]
) -> None:
    """The judge must see what it is for: a larger value without any contradiction in the file."""
    clean = cases["baci"][0]
    assert judge.judge(clean).is_right
    content = clean.content.replace(b".125,", b"0.125,", 1)
    verdict = judge.judge(Case("baci", "scale slip", "", clean.name, content))
    assert (verdict.is_right, verdict.by) == (False, "NOT")
