"""`chipledger rollback BUILD`: points readers to an earlier build, after checking that it is whole."""

from __future__ import annotations

from orchestration.cli import show
from orchestration.cli.refresh import catch_up
from orchestration.errors import EXIT_OK, LedgerError
from orchestration.warehouse import builds, keep, verify
from orchestration.warehouse.ledger import exclusive
from orchestration.warehouse.publish import point_to
from orchestration.warehouse.settings import Settings


def run(wanted: str) -> int:
    """Flips `current`; the next refresh leaves it so until raw files or code change."""
    settings = Settings.from_environment()
    with exclusive(settings):
        name = keep.find(settings, wanted)
        before = builds.current(settings)
        if before and before.build_id == name:
            show.console.print(f"{name} is the current build already.")
            return EXIT_OK
        for sentence in verify.kept_files(settings):
            if sentence.startswith(f"build {name}:"):
                raise LedgerError(sentence)
        left = keep.newest_history(settings)
        point_to(settings, settings.builds_dir / name)
        keep.note_rollback(settings, name, left or name)
        try:
            catch_up(settings)
        except LedgerError as error:
            show.warn(f"readers of the file have the build; {error}")
    said = f" instead of {before.build_id}" if before else ""
    show.console.print(
        f"current is now {name}{said}; it stays until raw files or code change (or refresh --force)"
    )
    return EXIT_OK
