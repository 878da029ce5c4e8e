"""Tells which layout a customs file has, or why it has none and which is nearest."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

from orchestration.sources import CUSTOMS
from orchestration.sources._workbook import kind_of, read_sheets
from orchestration.sources.layout import CodeList, CustomsLayout, FileRefused, Sample

# What every .xlsx workbook has among its parts.
WORKBOOK = "[Content_Types].xml"


def recognise(path: Path) -> CustomsLayout:
    """The one layout that the file fits. Raises FileRefused naming the nearest and what it misses, and
    CodeList for a source's list of codes."""
    if not path.is_file():
        raise FileRefused(f"{path.name} is no file; expected a customs file")
    sample = Sample.of(path)
    if not sample.size:
        raise FileRefused(f"{path.name} is empty; expected a customs file")
    scores = sorted(((layout.match(sample), layout) for layout in CUSTOMS), key=lambda item: -item[0].score)
    best, layout = scores[0]
    if listed := next((match.code_list for match, _ in scores if match.code_list), ""):
        raise CodeList(f"{path.name} is {listed} and holds no trade; it is not needed and not read")
    fitting = [other.layout_id for match, other in scores if match.score >= 1]
    if len(fitting) > 1:
        raise FileRefused(f"{path.name} fits more than one layout: {', '.join(fitting)}")
    if fitting:
        return layout
    members = _members(path)
    if members and WORKBOOK not in members:
        raise FileRefused(
            f"{path.name} has none of the known layouts: it is a .zip archive; unpack it and add its files"
        )
    if saved := _as_a_workbook(sample):
        raise FileRefused(f"{path.name} has none of the known layouts: {saved}")
    if best.score <= 0 and members:
        raise FileRefused(
            f"{path.name} has none of the known layouts: of workbooks, tables of China's customs and "
            "downloads of DataWeb are read; save others as CSV"
        )
    if saved := _saved_otherwise(sample):
        raise FileRefused(f"{path.name} has none of the known layouts: {saved}")
    if best.score <= 0 and (answered := _answered_instead(sample)):
        raise FileRefused(f"{path.name} has none of the known layouts: {answered}")
    if best.score <= 0:
        known = ", ".join(item.layout_id for item in CUSTOMS)
        raise FileRefused(f"{path.name} has none of the known layouts ({known})")
    raise FileRefused(
        f"{path.name} has none of the known layouts; the nearest is {layout.layout_id}, "
        f"but it misses {best.missing or 'some of its marks'}"
    )


def _saved_otherwise(sample: Sample) -> str:
    """What a program has changed when it saved a file of a known layout; empty where nothing is seen."""
    if sample.head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is text in UTF-16; save it as UTF-8"
    # Where commas are decimal signs, programs separate by semicolons; the numbers may have changed as well.
    changed = replace(sample, head=sample.head.replace(b";", b","))
    fitting = [layout.layout_id for layout in CUSTOMS if layout.match(changed).score >= 1]
    if sample.head.partition(b"\n")[0].count(b";") > 1 and fitting:
        return f"it is {fitting[0]} with semicolons between the values; save it with commas"
    return ""


# Where an API says why there are no data.
_REASON = re.compile(rb'"(?:message|error|detail|title)"\s*:\s*"([^"\\]{1,200})"', re.IGNORECASE)


def _answered_instead(sample: Sample) -> str:
    """What a service sent in place of data; empty where nothing is seen."""
    head = sample.head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:200].lower().startswith((b"<!doctype html", b"<html", b"<head")):
        return "it is a web page, as services send for a refused key or a wrong address; fetch it again"
    if head[:1] == b"{" and (found := _REASON.search(head)):
        said = found[1].decode("utf-8", "replace")
        return f"it is an answer without data that says {said!r}; mend the question and fetch it again"
    return ""


def _as_a_workbook(sample: Sample) -> str:
    """Which layout of text the workbook's header is of; empty where it is of none. Such workbooks are not
    read: cells hold a program's numbers, not the digits of the source, and no real one has been seen."""
    if kind_of(sample.head) not in ("xls", "xlsx"):
        return ""
    try:
        headers = [",".join(sheet.rows[0]) for sheet in read_sheets(sample.path, most_rows=1) if sheet.rows]
    except FileRefused:
        return ""
    for header in headers:
        as_text = replace(sample, head=f"{header}\n".encode())
        if fitting := [layout.layout_id for layout in CUSTOMS if layout.match(as_text).score >= 1]:
            return f"it is {fitting[0]} as a workbook, which is not read; download it as CSV"
    return ""


def _members(path: Path) -> list[str]:
    """Names in a .zip archive, which a workbook is too; empty for anything else."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except Exception:  # zipfile raises a dozen kinds on damaged bytes
        return []
