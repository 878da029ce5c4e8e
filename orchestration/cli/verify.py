"""`chipledger verify`: hashes, contracts, and raw files against the published build. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from orchestration.cli import show
from orchestration.errors import EXIT_BUILD_FAILED, EXIT_OK, LedgerError
from orchestration.warehouse import builds, verify
from orchestration.warehouse.settings import Settings


def run() -> int:
    """Prints one line a part and one sentence a finding; exit 1 if there is any."""
    settings = Settings.from_environment()
    record = builds.current(settings)
    if record is None:
        raise LedgerError(f"nothing is published in {settings.home} yet; run `chipledger refresh` first")
    bad = _part("files of the builds kept", lambda: verify.kept_files(settings))
    with verify.open_current(settings) as connection:
        bad += _part("contracts of the marts", lambda: verify.contracts(connection))
        bad += _part("rows in the books", lambda: verify.accounts(connection))
        bad += _part("raw files against the build", lambda: verify.raw(settings, connection))
    show.console.print(f"build {record.build_id}: {'all is well' if not bad else f'{bad} findings'}")
    return EXIT_BUILD_FAILED if bad else EXIT_OK


def _part(name: str, look: Callable[[], Iterator[str]]) -> int:
    found = list(look())
    show.console.print(f"{name:<30} {'ok' if not found else f'{len(found)} findings'}")
    for sentence in found:
        show.fail(sentence)
    return len(found)
