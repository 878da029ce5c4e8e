"""The report in a real browser: Debian's chromium, by playwright. Where none is installed, those tests skip.

Every expected number comes from the published file by a route of its own, or from `chipledger`.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from helpers import RAW, built_once, run_cli
from markupsafe import escape
from playwright.sync_api import Browser, Download, Page, TimeoutError, sync_playwright

from orchestration.report import text
from orchestration.report.figures import Missing
from orchestration.report.ledger import Ledger
from orchestration.report.pages import PAGES, mirror_gaps, overview
from orchestration.report.picture import draw
from orchestration.warehouse.lineage import PARENTS, trace, trace_rows
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings

PAGE_IDS = ("index", "claims", "revisions", "mirror-gaps", "sources", "dictionary", "changes")
# How long a page may take to do what it is asked: a machine with other work is slow, and no test is of speed.
PATIENCE_MS = 180_000
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def site(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the shared build, written once for all workers by the command, in a copy of its folder."""

    def build(folder: Path) -> str:
        shutil.copytree(home / "current", folder / "current", symlinks=False)
        done = run_cli("report", env={"CHIPLEDGER_HOME": str(folder)})
        return "" if done.returncode == 0 else f"report: exit {done.returncode}: {done.stderr}"

    return built_once(tmp_path_factory, "report", build) / "current" / "site"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine; `apt-get install chromium` brings it")
    with sync_playwright() as playwright:
        # A sandbox needs rights that a container's root does not have; only our own files are opened.
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE_MS
        )
        yield opened
        opened.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """One browser for all tests of a worker; pages, a process each, are closed after the test."""
    yield chromium
    for context in chromium.contexts:
        context.close()


def opened(browser: Browser, site: Path, page_id: str, **context: object) -> tuple[Page, list[str]]:
    """The page, drawn, and everything wrong that it said: console, exceptions, requests off the disk."""
    said: list[str] = []
    page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"exception: {error}"))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:", "blob:")) else said.append(request.url)
        ),
    )
    page.goto((site / f"{page_id}.html").as_uri())
    page.wait_for_selector("html[data-drawn]")
    return page, said


def downloaded(page: Page, name: str) -> str:
    """The CSV of one figure, as its button gives it. Chromium now and then starts no download for a click
    on a busy machine, so the button is clicked once more after a while."""

    def click(patience_ms: int) -> Download:
        with page.expect_download(timeout=patience_ms) as started:
            page.click(f"button[data-csv={name}]")
        return started.value

    try:
        found = click(20_000)
    except TimeoutError:
        found = click(PATIENCE_MS)
    return Path(found.path()).read_text(encoding="utf-8")


def in_the_pages(site: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(site.glob("*.html"))}


def test_site_is_small_whole_and_asks_no_network(site: Path) -> None:
    assert set(in_the_pages(site)) == set(PAGE_IDS) and len(PAGES) == len(PAGE_IDS)
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 3_000_000
    for name, html in in_the_pages(site).items():
        markup = html.split('<script type="application/json"', 1)[0]
        fetched = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]*)"', markup)
        assert all(not link.startswith(("http", "//")) for link in fetched), name
    assert not list(site.parent.glob(".site.*"))


def test_same_build_gives_the_same_site(site: Path, tmp_path: Path) -> None:
    shutil.copytree(site.parent, tmp_path / "current", ignore=shutil.ignore_patterns("site"))
    done = run_cli("report", env={"CHIPLEDGER_HOME": str(tmp_path)})
    assert done.returncode == 0 and in_the_pages(tmp_path / "current" / "site") == in_the_pages(site)


def test_report_without_a_build_says_so(tmp_path: Path) -> None:
    done = run_cli("report", env={"CHIPLEDGER_HOME": str(tmp_path)})
    assert done.returncode == 1 and "chipledger refresh" in done.stderr


def test_refresh_writes_the_report_when_asked(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "current", tmp_path / "current", ignore=shutil.ignore_patterns("site"))
    asked = {"CHIPLEDGER_HOME": str(tmp_path)}
    done = run_cli("refresh", env=asked)
    assert "Nothing changed" in done.stdout and not (tmp_path / "current" / "site").exists()
    done = run_cli("refresh", env={**asked, "CHIPLEDGER_REPORT": "1"})
    assert done.returncode == 0 and (tmp_path / "current" / "site" / "index.html").is_file()


def test_many_rows_are_traced_as_one_is(published: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Every mart with parents: two rows traced together give what `trace` gives for each."""
    names = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
    ).fetchall()
    tried = 0
    for (table,) in names:
        columns = [
            str(row[0])
            for row in connection.execute(
                "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ? "
                "order by column_index",
                [table],
            ).fetchall()
        ]
        if table not in PARENTS and not {"snapshot_id", "raw_row"} <= set(columns):
            continue
        rows = connection.execute(f"select * from marts.{table} order by all limit 2").fetchall()
        together = trace_rows(connection, RAW, table, columns, rows)
        for row, found in zip(rows, together, strict=True):
            filters = [f"{c}={_text(v)}" for c, v in zip(columns, row, strict=True) if v is not None]
            if len([1 for other in rows if other == row]) > 1:
                continue
            alone = trace(connection, RAW, table, filters)
            if len(alone.rows) == 1:
                tried += 1
                assert [cell for _, cell in found] == list(alone.cells), (table, row)
    assert tried >= 20


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("page_id", PAGE_IDS)
def test_page_draws_without_a_word_on_the_console(browser: Browser, site: Path, page_id: str) -> None:
    page, said = opened(browser, site, page_id)
    assert said == []
    for place in page.query_selector_all("[data-chart]"):
        name = place.get_attribute("data-chart")
        marks = place.query_selector_all("g.mark-rect path, g.mark-symbol path, g.mark-rule line")
        assert marks, f"{name} has no marks"
        assert len(place.get_attribute("aria-label") or "") > 20, f"{name} has no text for who cannot see it"


@pytest.mark.parametrize("page_id", PAGE_IDS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_layout_fits_and_is_accessible(
    browser: Browser, site: Path, page_id: str, width: int, scheme: str
) -> None:
    page, _ = opened(browser, site, page_id, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    cut = page.evaluate(
        "[...document.querySelectorAll('[data-chart]')].filter((each) => "
        "[...each.querySelectorAll('svg text')].some((said) => getComputedStyle(said).opacity !== '0' && ("
        "said.getBoundingClientRect().right > each.getBoundingClientRect().right + 4 || "
        "said.getBoundingClientRect().left < each.getBoundingClientRect().left - 4)))"
        ".map((each) => each.dataset.chart)"
    )
    assert cut == [], "words of these charts run out of them"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    shade = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3
    assert shade < 60 if scheme == "dark" else shade > 200
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    broken = [(item["id"], [node["target"] for node in item["nodes"]][:3]) for item in found]
    assert broken == []


@pytest.mark.parametrize("page_id", PAGE_IDS)
def test_csv_is_what_the_shown_sql_gives(browser: Browser, site: Path, page_id: str) -> None:
    page, _ = opened(browser, site, page_id)
    buttons = page.query_selector_all("button[data-csv]")
    assert buttons or page_id == "mirror-gaps"
    for name in [str(button.get_attribute("data-csv")) for button in buttons]:
        given = downloaded(page, name)
        sql = page.inner_text(f"#{name} pre.sql") or page.text_content(f"#{name} pre.sql")
        with open_published(Settings(RAW, site.parent.parent)) as connection:
            cursor = connection.execute(str(page.text_content(f"#{name} pre.sql")))
            written = io.StringIO()
            writer = csv.writer(written, lineterminator="\n")
            writer.writerow([item[0] for item in cursor.description or []])
            writer.writerows(cursor.fetchall())
        assert given == written.getvalue(), (name, sql)


def test_csv_of_exports_holds_the_printed_values(browser: Browser, site: Path) -> None:
    """Against raw/ itself: the yearly dollar values that customs announced are what the CSV has."""
    page, _ = opened(browser, site, "index")
    rows = list(csv.DictReader(downloaded(page, "yearly_usd").splitlines()))
    shown = {int(row["year"]): Decimal(row["value"]) for row in rows if row["vintage"] == "first"}
    # README starts with these two.
    assert (shown[2024], shown[2023]) == (Decimal("159499000000"), Decimal("135973000000"))
    raw: dict[int, set[Decimal]] = {}
    for path in sorted((RAW / "customs" / "gacc").rglob("announced.csv")):
        for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            key = (line["commodity"], line["flow"], line["period_type"], line["measure"], line["unit"])
            if key == ("integrated_circuits", "X", "annual", "value", "100m USD") and line[
                "vintage"
            ].startswith("as_first_published"):
                raw.setdefault(int(line["period"]), set()).add(Decimal(line["value"]) * 10**8)
    assert len(raw) > 5 and all(shown[year] in values for year, values in raw.items())


def test_click_on_a_mark_opens_the_same_trace_as_the_command(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "index")
    bars = page.query_selector_all("[data-chart=yearly_usd] g.mark-rect path[d]")
    assert bars
    bars[-1].click(force=True)
    page.wait_for_selector("dialog[open]")
    shown = page.inner_text("#trace-body")
    command = next(line for line in shown.splitlines() if line.startswith("chipledger trace "))
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    arguments = command.removeprefix("chipledger ").split()
    done = run_cli(*arguments, env={"CHIPLEDGER_HOME": str(site.parent.parent)})
    assert done.returncode == 0, done.stderr
    places = re.findall(r"^[^:\n]+: (\S+, line \d+)", done.stdout, re.MULTILINE)
    assert places and all(place in shown for place in places)


def test_keyboard_alone_reaches_a_trace(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "index")
    page.focus(".tile button")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.focus("#yearly_usd summary")
    page.keyboard.press("Enter")
    page.focus("#yearly_usd button[data-trace]")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")


def test_first_screen_answers_the_headline(browser: Browser, site: Path) -> None:
    """$160B and 17.4 %: who says so, in which release? One screen of a laptop, two of a phone."""
    for width, height in ((1280, 720), (375, 1334)):
        page, _ = opened(browser, site, "index", viewport={"width": width, "height": height})
        cards = page.query_selector_all(".headline")
        said = [card.inner_text().replace("\u00a0", " ") for card in cards]
        value, growth = said
        assert "$160B" in value and "159.499 bn USD" in value and "consistent double rounding" in value
        # The values above, rounded once.
        assert "Safe to write: 159.5 bn USD." in value
        assert (
            "Safe to write: 17.3 % by the values printed, or 17.4 % as the source itself prints it." in growth
        )
        assert "17.4%" in growth and "17.302 %" in growth and "explained by revision" in growth
        # The source's own figure, by a route of its own: customs print 17.4 as well.
        assert "prints 17.4 % itself" in growth and "135.973 bn USD in gacc/2024-01-14" in growth
        assert all("gacc/2025-01-14" in text and "General Administration of Customs" in text for text in said)
        assert all((box := card.bounding_box()) and box["y"] + box["height"] <= height for card in cards)
        page.click(".headline button >> nth=1")
        assert "claim_id=B-2" in page.inner_text("dialog[open]")


def test_change_after_events_is_one_row_per_series_and_no_effect(
    browser: Browser, site: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    page, _ = opened(browser, site, "index")
    rows = list(csv.DictReader(downloaded(page, "windows").splitlines()))
    held = connection.execute(
        "select event_id, basis, window_releases, change_after_pct from marts.fct_policy_event_window "
        "where product_id = 'integrated_circuits' and control_product_id = 'none' "
        "and source_id = 'gacc' and flow = 'X' and change_after_pct is not null"
    ).fetchall()
    drawn = [
        (row["event_id"], row["basis"], int(row["window_releases"]), float(row["change_after_pct"]))
        for row in rows
    ]
    assert sorted(drawn) == sorted(held) and len(drawn) >= 10
    said = page.inner_text("#windows figcaption")
    assert "Change after" in page.inner_text("#windows h3") and "is not its effect" in said
    assert len(page.query_selector_all("#windows g.mark-symbol.role-mark path")) == len(drawn)


def test_paper_has_charts_of_its_width_and_no_cut_heads(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "sources", viewport={"width": 1280, "height": 800})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelector('[data-chart] svg').viewBox.baseVal.width") <= 720
    assert page.evaluate("getComputedStyle(document.querySelector('thead th')).whiteSpace") == "normal"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.evaluate("document.querySelector('[data-chart] svg').viewBox.baseVal.width") > 900


def test_theme_button_and_print(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "index", color_scheme="light")
    page.click("#theme")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.is_visible("nav") and page.is_visible("[data-chart=yearly_usd] svg")


def test_page_reads_without_scripts(browser: Browser, site: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((site / "claims.html").as_uri())
    assert page.is_visible("#B-2") and "17.4%" in page.inner_text("#B-2")
    page.goto((site / "sources.html").as_uri())
    assert page.is_visible("#held table")


@pytest.mark.parametrize("page_id", ["index", "claims", "revisions", "mirror-gaps"])
def test_words_in_charts_do_not_lie_on_each_other(browser: Browser, site: Path, page_id: str) -> None:
    """Labels of one axis, and the numbers of events, on a wide screen and on a phone."""
    for width in (1280, 375):
        page, _ = opened(browser, site, page_id, viewport={"width": width, "height": 800})
        touching = page.evaluate(
            "[...document.querySelectorAll('.role-axis-label, .role-mark.mark-text')].flatMap((group) => {"
            "  const boxes = [...group.querySelectorAll('text')]"
            "    .filter((each) => getComputedStyle(each).opacity !== '0' && each.textContent)"
            "    .map((each) => [each.textContent, each.getBoundingClientRect()]);"
            "  return boxes.flatMap(([one, a], at) => boxes.slice(at + 1)"
            "    .filter(([, b]) => a.left < b.right - 2 && b.left < a.right - 2"
            "      && a.top < b.bottom - 4 && b.top < a.bottom - 4).map(([two]) => one + ' | ' + two)); })"
        )
        assert touching == [], (page_id, width)


@pytest.mark.parametrize("page_id", ["index", "claims", "revisions", "mirror-gaps", "sources"])
def test_a_legend_names_only_what_is_drawn(browser: Browser, site: Path, page_id: str) -> None:
    """A symbol has the colour of a mark, or where it has none of its own the shape of one; dashes aside."""
    page, _ = opened(browser, site, page_id)
    unseen = page.evaluate(
        "[...document.querySelectorAll('[data-chart]')].flatMap((place) => {"
        "  const paint = (each) => ['fill', 'stroke'].map((name) => each.getAttribute(name));"
        "  const marks = [...place.querySelectorAll('.role-mark path, .role-mark line')];"
        "  const colours = new Set(marks.flatMap(paint));"
        "  const shape = (each) => each.getAttribute('d').replace(/[-0-9.e,]+/g, '');"
        "  const shapes = new Set([...place.querySelectorAll('.mark-symbol.role-mark path')].map(shape));"
        "  return [...place.querySelectorAll('.role-legend-symbol path')].filter((each) => {"
        "    const own = paint(each).filter((one) => /^var\\(--c/.test(one));"
        "    return own.length ? !own.some((one) => colours.has(one))"
        "      : !shapes.has(shape(each)) && shape(each) !== 'ML';"
        "  }).map(() => place.dataset.chart); })"
    )
    assert unseen == []


def test_every_event_has_its_number_on_the_line_and_in_the_table(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "index", viewport={"width": 1280, "height": 800})
    drawn = page.eval_on_selector_all("#growth .mark-text text", "each => each.map(one => one.textContent)")
    listed = page.eval_on_selector_all(
        "#events tbody tr", "rows => rows.map(row => row.cells[0].textContent)"
    )
    assert len(listed) > 15 and set(listed) <= set(drawn)


def test_a_wide_bar_of_two_months_stands_at_their_mean(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "index")
    for basis in ("cny", "quantity"):
        rows = list(csv.DictReader(downloaded(page, f"monthly_{basis}").splitlines()))
        both = [row for row in rows if row["period_grain"] == "JF"]
        assert both and len(both) < len(rows)
        for row in rows:
            months = 2 if row["period_grain"] == "JF" else 1
            assert abs(Decimal(row["mean_of_months"]) * months - Decimal(row["value"])) <= Decimal("0.0001")


def test_bases_drawn_are_those_that_no_rounding_explains(
    browser: Browser, site: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    page, _ = opened(browser, site, "revisions")
    drawn = page.query_selector_all("[data-chart=implied] g.mark-symbol.role-mark path")
    found = connection.execute(
        "select count(*) from marts.fct_implied_revision "
        "where (implied_revision_low_pct > 0 or implied_revision_high_pct < 0) "
        "and not base_value between implied_base_low and implied_base_high "
        "and (period_grain <> 'YTD' or month(period_end_date) not in (1, 2, 12))"
    ).fetchone()
    assert found and len(drawn) == found[0] > 10


def test_tables_speak_words_and_keep_the_name_of_the_column(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "index")
    head = page.eval_on_selector_all(
        "#yearly_usd thead th", "each => each.map(one => [one.textContent, one.title.split(':')[0]])"
    )
    assert ["growth on the year, %", "growth_yoy_pct"] in head


@pytest.mark.parametrize(
    ("column", "words"),
    [("growth_yoy_pct", "growth on the year, %"), ("value_usd", "value, USD"), ("reporter_iso3", "reporter"),
     ("usd", "usd"), ("event_id", "event")],
)  # fmt: skip
def test_heading(column: str, words: str) -> None:
    assert text.heading(column) == words


@pytest.mark.parametrize(
    ("ids", "sentence"),
    [(["gacc/2025-01-14", None], "Release: gacc/2025-01-14."),
     (["gacc/2025-01-14", "gacc/2024-01-14"], "Releases: 2, from gacc/2024-01-14 to gacc/2025-01-14."),
     # A run from one source to another would be no span of days.
     (["gacc/2026-03-10", "comtrade/2026-11-22", "gacc/2025-05-09"],
      "Releases: comtrade/2026-11-22; 2, from gacc/2025-05-09 to gacc/2026-03-10.")],
)  # fmt: skip
def test_releases(ids: list[str | None], sentence: str) -> None:
    assert text.releases(ids) == sentence


@pytest.mark.parametrize(("value", "words"), [("17.25", "17.3"), ("-2.45", "−2.5"), ("1234.96", "1,235")])
def test_a_number_is_rounded_half_up(value: str, words: str) -> None:
    assert text.number(Decimal(value), 1) == words


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [("flow", "X", "exports"), ("basis", "quantity", "items"), ("growth_status", "no_base", "no base"),
     ("source_id", "ai_accelerators", "ai_accelerators"),
     ("release_id", "gacc/2025-01-14", "gacc/2025-01-14")],
)  # fmt: skip
def test_codes_are_words_and_names_are_not(column: str, value: str, words: str) -> None:
    assert text.cell(value, column) == words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("growth of -0.13 to -0.04 %; ok", "Growth of −0.13 to −0.04 %; ok."),
     ("47 % in the edition of ~2024-10..2025-01", "47 % in the edition of about 2024-10 to 2025-01."),
     ("print in gacc/2025-01-14. more", "Print in gacc/2025-01-14. More."),
     ("usgs/2025-01-31, no_base", "usgs/2025-01-31, no base.")],
)  # fmt: skip
def test_sentence(words: str, sentence: str) -> None:
    assert text.sentence(words).replace("\u00a0", " ") == sentence


def test_addresses_are_links_and_nothing_else_is(site: Path) -> None:
    sources = in_the_pages(site)["sources"]
    assert '<a href="https://techovedas.com/' in sources and ">techovedas.com</a>" in sources
    assert "<code>economy_iso3</code>" in in_the_pages(site)["dictionary"]


def test_dictionary_says_what_each_table_holds(site: Path, connection: duckdb.DuckDBPyConnection) -> None:
    html = in_the_pages(site)["dictionary"]
    plain = re.sub("</?code>", "", html)
    comments = connection.execute(
        "select comment from duckdb_tables() where schema_name in ('marts', 'meta')"
    ).fetchall()
    assert len(comments) > 50 and all(
        str(escape(comment.replace("`", ""))) in plain for (comment,) in comments
    )


def test_search_narrows_the_dictionary(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "dictionary")
    page.fill("#find", "implied_base_low")
    shown = page.eval_on_selector_all(
        ".definition tbody tr", "rows => rows.filter(r => r.offsetParent).map(r => r.cells[0].textContent)"
    )
    assert "implied_base_low" in shown and "economy_name" not in shown


def test_every_verdict_is_a_card(site: Path, connection: duckdb.DuckDBPyConnection) -> None:
    html = in_the_pages(site)["claims"]
    for claim, reason in connection.execute(
        "select claim_id, reason from marts.fct_claim_verdict where is_intended"
    ).fetchall():
        assert f'id="{claim}"' in html and str(escape(text.sentence(reason))) in html


def test_tooltip_says_value_unit_source_and_release(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site, "index")
    place = page.locator("[data-chart=yearly_usd] g.mark-rect path[d]").first
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    for step in (0, 2):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + step)
    said = page.inner_text("#vg-tooltip-element.visible")
    assert "bn USD" in said and "gacc" in said and "Release" in said and "null" not in said


@pytest.mark.parametrize(("page_id", "chart"), [("mirror-gaps", "two_sources"), ("index", "windows")])
def test_tooltip_of_a_row_of_several_releases_names_those_of_its_trace(
    browser: Browser, site: Path, page_id: str, chart: str
) -> None:
    page, _ = opened(browser, site, page_id)
    place = page.locator(f"[data-chart={chart}] g.mark-symbol.role-mark path").last
    place.scroll_into_view_if_needed()
    place.hover(force=True)
    place.dispatch_event("mousemove")
    said = page.inner_text("#vg-tooltip-element.visible")
    place.click(force=True)
    traced = sorted(set(re.findall(r"release (\S+) of", page.inner_text("#trace-body"))))
    assert len(traced) > 1 and traced[0] in said and traced[-1] in said


def test_an_event_line_says_its_day_and_is_no_source_of_a_growth(browser: Browser, site: Path) -> None:
    page, said = opened(browser, site, "index")
    lines = page.query_selector_all("#growth g.layer_0_marks > *")
    assert len(lines) > 15
    for line in lines:
        line.dispatch_event("click")
    assert page.query_selector("dialog[open]") is None
    lines[-1].hover(force=True)
    shown = page.inner_text("#vg-tooltip-element.visible")
    assert re.search(r"Event\s+20\d\d-\d\d-\d\d", shown), shown
    assert said == []


def test_a_picture_of_a_claim_opens_the_trace_of_its_card(browser: Browser, site: Path) -> None:
    page, said = opened(browser, site, "claims")
    page.query_selector_all("#B-2 .chart g.mark-symbol path")[-1].dispatch_event("click")
    assert "claim_id=B-2" in page.inner_text("dialog[open]") and said == []
    assert page.query_selector("#B-23 .chart") is None, "its only source is the article itself"


@pytest.fixture
def emptied(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file's tables without the rows of marts: made for these tests."""
    with duckdb.connect() as copy:
        copy.execute(f"attach '{published}' as published (read_only)")
        copy.execute("copy from database published to memory (schema)")
        for (name,) in copy.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'published' and schema_name = 'meta'"
        ).fetchall():
            copy.execute(f"insert into memory.meta.{name} from published.meta.{name}")
        copy.execute("detach published")
        yield copy


def test_pages_of_an_empty_warehouse_say_what_is_missing(emptied: duckdb.DuckDBPyConnection) -> None:
    pages = {page.page_id: page for page in (make(Ledger(emptied, RAW)) for make in PAGES)}
    for page_id in ("index", "claims", "revisions", "mirror-gaps"):
        missing = [block for block in pages[page_id].blocks if isinstance(block, Missing)]
        assert missing and all(len(block.why) > 10 for block in missing), page_id


def test_mirror_gaps_are_drawn_and_split_when_both_sides_are_held(
    emptied: duckdb.DuckDBPyConnection, published: Path
) -> None:
    """One trade made up here: the exporter says 100 bn USD, the importer 110; Hong Kong's part not known."""
    emptied.execute(
        "insert into marts.fct_mirror_gap by name select 'integrated_circuits' as product_id, 'CHN' as "
        "exporter_iso3, 'KOR' as importer_iso3, 2020 as year, 100e9 as exporter_value_usd, 110e9 as "
        "importer_value_usd, 10e9 as gap_usd, 0.0953 as gap_log, 9.52 as gap_symmetric_pct, 'both' as "
        "reconciled_basis, 'ok' as mirror_status, 'ok' as timing_status, -0.01 as timing_log_low, "
        "0.02 as timing_log_high, 'no_hong_kong_data' as hong_kong_status, 0.0 as cif_margin_log_low, "
        "0.1 as cif_margin_log_high, -0.0247 as unexplained_log_low, 0.1053 as unexplained_log_high"
    )
    emptied.execute(f"attach '{published}' as held (read_only)")
    emptied.execute("insert into marts.dim_economy select * from held.marts.dim_economy")
    sides, split = mirror_gaps.page(Ledger(emptied, RAW)).figures()
    assert "100 bn USD against 110 bn USD" in sides.alt
    assert draw(sides).count('class="mark-symbol role-mark') == 2
    ranges = {row["part"]: (row["low_log_pct"], row["high_log_pct"]) for row in split.answer.records()}
    assert ranges["through Hong Kong"] == (None, None) and "1 part not known" in " ".join(split.caption)
    # A choice from each range and the unexplained add up to the gap.
    known = [ranges[part] for part in ("freight and insurance", "under way at new year")]
    (gap, _), (low, high) = ranges["gap"], ranges["unexplained"]
    assert abs(low + sum(high for _, high in known) - gap) < 1e-9
    assert abs(high + sum(low for low, _ in known) - gap) < 1e-9
    assert "not known" in draw(split)


def test_a_pair_that_trades_in_two_products_has_a_line_for_each(
    emptied: duckdb.DuckDBPyConnection, published: Path
) -> None:
    """Trades made up here: one pair in two products, held from both sides in two years."""
    emptied.execute(
        "insert into marts.fct_mirror_gap by name select product_id, 'CHN' as exporter_iso3, 'KOR' as "
        "importer_iso3, year, 100e9 as exporter_value_usd, 110e9 as importer_value_usd, 10e9 as gap_usd, "
        "9.52 as gap_symmetric_pct, 110e9 as reconciled_value_usd, 'both' as reconciled_basis, "
        "'ok' as mirror_status, 'ok' as timing_status, 'ok' as hong_kong_status "
        "from unnest(['integrated_circuits', 'semiconductor_devices']) as a(product_id), "
        "unnest([2020, 2021]) as b(year)"
    )
    emptied.execute(f"attach '{published}' as held (read_only)")
    emptied.execute("insert into marts.dim_economy select * from held.marts.dim_economy")
    by_year = next(
        each for each in mirror_gaps.page(Ledger(emptied, RAW)).figures() if each.figure_id == "gap_by_year"
    )
    assert "The 2 largest trades" in by_year.caption[0]
    drawn = draw(by_year)
    assert ">China to Rep. of Korea, integrated circuits<" in drawn
    assert ">China to Rep. of Korea, semiconductor devices<" in drawn


def test_picture_says_what_the_numbers_of_its_events_are(connection: duckdb.DuckDBPyConnection) -> None:
    figure = next(
        each for each in overview.page(Ledger(connection, RAW)).figures() if each.figure_id == "growth"
    )
    drawn = draw(figure)
    events = connection.execute(
        "select date_precision, cast(event_date as varchar), title from marts.dim_policy_event "
        "order by event_date, event_id"
    ).fetchall()
    for number, (precision, day, title) in enumerate(events, 1):
        assert (
            str(escape(f">{number}  {day[:7] if precision == 'month' else day}  {title[:30]}"))[4:] in drawn
        )


def test_no_number_is_typed_into_the_pages() -> None:
    """Words between quotes in pages and templates hold no figure; years and values come from queries."""
    folder = Path(__file__).resolve().parents[1] / "orchestration" / "report"
    said = subprocess.run(
        ["grep", "-rnE", r"[0-9]{4}|[0-9]+\.[0-9]+ ?(bn|%)", str(folder / "pages")],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    allowed = ("4380", "HS 8542")
    found = [line for line in said.splitlines() if not any(word in line for word in allowed)]
    assert found == []
