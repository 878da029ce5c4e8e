"""Customs releases from files to marts without a whole refresh: landed as a refresh does, then the models
that matter, by dbt's own compiled SQL, on the ledger itself.

Belongs here: doing that. What the marts must say is the tests'. No dbt test, contract or publishing is run.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml
from helpers import RAW
from model_sql import Models

from orchestration.scope import EVERYTHING, Scope
from orchestration.sources import CUSTOMS, LAYOUTS
from orchestration.sources.layout import FLOW_COLUMNS
from orchestration.sources.release import scan
from orchestration.warehouse import as_of, corrections, customs, landing, snapshots
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.settings import Settings

SOURCE = {
    "producer": "made for a test", "title": "made for a test", "url": "none", "licence": "none",
    "citation": "none", "accessed_at": "2026-11-20", "released_at_basis": "printed",
}  # fmt: skip


def described(release: Path, name: str, dataset_id: str, asked: Mapping[str, Any] | None) -> None:
    """Names a file in the source.yml of its release, with what it was asked for."""
    path = release / "source.yml"
    facts = {"source_id": release.parent.name, "released_at": release.name[:10], **SOURCE, "files": {}}
    if path.exists():
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    facts["files"][name] = {"dataset_id": dataset_id} | ({"asked": dict(asked)} if asked else {})
    path.write_text(yaml.safe_dump(facts), encoding="utf-8")


# Marts that the functions as of a day read, beside what those depend on.
_READ_BY_FUNCTIONS = (
    "fct_trade_flow_release", "fct_printed_figure", "fct_product_flow_release", "dim_economy",
)  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """A raw folder with the reference tables only, and its ledger."""

    settings: Settings
    models: Models

    @classmethod
    def at(cls, folder: Path, models: Models) -> Desk:
        shutil.copytree(RAW / "reference", folder / "raw" / "reference")
        return cls(Settings(raw_root=folder / "raw", home=folder / "home"), models)

    def copy(self, folder: Path) -> Desk:
        shutil.copytree(self.settings.raw_root, folder / "raw")
        shutil.copytree(self.settings.home, folder / "home")
        return Desk(Settings(raw_root=folder / "raw", home=folder / "home"), self.models)

    def release(self, name: str) -> Path:
        """The folder of a release such as comtrade/2023-01-10, made where it is missing."""
        folder = self.settings.raw_root / "customs" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def land(self, scope: Scope = EVERYTHING) -> list[str]:
        """Lands what is new below raw/ and returns the reasons of what is held back."""
        self.settings.work_dir.mkdir(parents=True, exist_ok=True)
        holdings = scan(self.settings.raw_root, scope)
        reasons = [refusal.message for refusal in holdings.refusals]
        with open_ledger(self.settings) as connection:
            snapshots.prepare_raw(connection, holdings)
            corrections.prepare(connection, self.settings.raw_root, holdings)
            reports = [landing.land_dataset(connection, layout, holdings) for layout in LAYOUTS]
            reports += [
                customs.land_layout(connection, layout, holdings)
                for layout in CUSTOMS
                if layout.columns is FLOW_COLUMNS
            ]
            snapshots.drop_empty_releases(connection)
            lost = snapshots.unbalanced(connection)
            assert lost == [], lost
        return reasons + [item.reason for report in reports for item in report.held_back]

    @contextmanager
    def built(self, *names: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The ledger with these models and all that they read, and the functions as of a day over them."""
        with open_ledger(self.settings) as connection:
            for schema in ("ledger.staging", "ledger.intermediate", "chipledger.marts"):
                connection.execute(f"create schema if not exists {schema}")
            for name in self._in_order((*names, *_READ_BY_FUNCTIONS)):
                node = self.models.nodes[name]
                kind = "view" if node["config"]["materialized"] == "view" else "table"
                connection.execute(
                    f"create or replace {kind} {node['relation_name']} as {node['compiled_code']}"
                )
            connection.execute("use chipledger")
            for function in (as_of.FLOW, as_of.GROWTH, as_of.SHARE):
                connection.execute(function)
            yield connection

    def _in_order(self, names: tuple[str, ...]) -> list[str]:
        ordered: list[str] = []

        def visit(name: str) -> None:
            if name not in ordered:
                for parent in self.models.nodes[name]["depends_on"]["nodes"]:
                    kind, _, short = parent.split(".", 2)
                    if kind == "model":
                        visit(short)
                ordered.append(name)

        for name in names:
            visit(name)
        return ordered
