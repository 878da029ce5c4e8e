"""`chipledger export`: the marts as files of other formats, with their description."""

from __future__ import annotations

from pathlib import Path

from orchestration.cli import show
from orchestration.errors import EXIT_OK, LedgerError
from orchestration.serving.export import DESCRIPTOR, export
from orchestration.warehouse import builds
from orchestration.warehouse.settings import Settings


def run(folder: Path, formats: tuple[str, ...]) -> int:
    """Writes the folder and says what is in it."""
    settings = Settings.from_environment()
    record = builds.current(settings)
    if record is None:
        raise LedgerError(f"nothing is published in {settings.home} yet; run `chipledger refresh` first")
    # The build by its own name: a refresh in between does not change what is read.
    path = settings.builds_dir / record.build_id / settings.published_path.name
    package = export(path, folder, formats)
    rows = sum(item["rowCount"] for item in package["resources"])
    size = sum(item["bytes"] for item in package["resources"])
    show.console.print(
        f"{folder}: {len(package['resources'])} files, {rows:,} rows, {size / 1e6:.1f} MB of build "
        f"{record.build_id}, described in {DESCRIPTOR}",
        soft_wrap=True,
    )
    return EXIT_OK
