"""Puts the site into the current build's folder: written beside, then renamed, so no half site is seen."""

from __future__ import annotations

import importlib.metadata
import shutil
from importlib.resources import files
from pathlib import Path

import duckdb

from orchestration.errors import LedgerError
from orchestration.report.html import render
from orchestration.report.ledger import Ledger
from orchestration.report.pages import PAGES
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings

SITE = "site"
_ASSETS = ("report.css", "report.js")
_VEGA = "vega.js"


def write(settings: Settings) -> Path:
    """Writes the site of the current build and returns its index.html.

    The folder is `current/site/`. A site that is there is replaced; a reader's open page stays usable,
    because a page needs no other file once it is loaded.
    """
    folder = settings.current_link.resolve()
    partial, old, site = folder / ".site.partial", folder / ".site.old", folder / SITE
    for leftover in (partial, old):
        shutil.rmtree(leftover, ignore_errors=True)
    with open_published(settings) as connection:
        try:
            _fill(partial, Ledger(connection, settings.raw_root), settings)
        except duckdb.Error as error:
            shutil.rmtree(partial, ignore_errors=True)
            said = " ".join(str(error).split("\n\n")[0].split())
            raise LedgerError(f"the report cannot be written from this build: {said}") from error
    if site.exists():
        site.rename(old)
    partial.rename(site)
    shutil.rmtree(old, ignore_errors=True)
    return settings.current_link / SITE / "index.html"


def _fill(folder: Path, ledger: Ledger, settings: Settings) -> None:
    pages = [make(ledger) for make in PAGES]
    menu = [(f"{page.page_id}.html", page.title) for page in pages]
    assets = folder / "assets"
    assets.mkdir(parents=True)
    for page in pages:
        (folder / f"{page.page_id}.html").write_text(render(ledger, page, menu), encoding="utf-8")
    for name in _ASSETS:
        source = files("orchestration.report") / "templates" / name
        (assets / name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    shutil.copyfile(_vega(settings), assets / _VEGA)


def _vega(settings: Settings) -> Path:
    """Vega, Vega-Lite and Vega-Embed (BSD-3-Clause) as one script; bundled once, it takes seconds."""
    version = importlib.metadata.version("vl-convert-python")
    held = settings.work_dir / f"vega-{version}.js"
    if not held.is_file():
        import vl_convert

        held.parent.mkdir(parents=True, exist_ok=True)
        partial = held.with_suffix(".partial")
        notice = "/* Vega, Vega-Lite, Vega-Embed: UW Interactive Data Lab, BSD-3-Clause, vega.github.io */\n"
        partial.write_text(
            notice + vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"), encoding="utf-8"
        )
        partial.replace(held)
    return held
