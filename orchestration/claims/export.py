"""Verdicts as documents for other programs: ClaimReview JSON-LD and PROV-JSON.

What belongs here: the shape of the two formats. What does not: reading the published file, judging.

* ClaimReview: https://schema.org/ClaimReview, with the properties that Google's documentation of fact
  checks calls required (claimReviewed, reviewRating with alternateName, url). Our verdicts are words and
  no scale, so a rating has no number.
* PROV-JSON: https://www.w3.org/submissions/prov-json/. A verdict is an entity, derived from the claim and
  from each source record used; records belong to files, named by sha256, files to releases.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from orchestration.warehouse.files import sha256_in

Record = Mapping[str, Any]

NAMESPACE = "urn:chipledger:"
NAME = "Chip Ledger"


def claim_reviews(verdicts: Iterable[Record], reviewed_on: dt.date, base_url: str = "") -> dict[str, Any]:
    """One ClaimReview per verdict, as one JSON-LD graph.

    A record has claim_id, printed, in_own_words, verdict, reason, and of the article title, producer,
    author, article_url, article_date and article_date_basis. `base_url` is where the reviews are
    shown; without it a review is named by an URN.
    """
    graph = [_claim_review(item, reviewed_on, base_url) for item in verdicts]
    return {"@context": "https://schema.org", "@graph": graph}


def _claim_review(item: Record, reviewed_on: dt.date, base_url: str) -> dict[str, Any]:
    name = f"{NAMESPACE}claim:{item['claim_id']}"
    claim: dict[str, Any] = {
        "@type": "Claim",
        "@id": name,
        "appearance": {
            "@type": "Article",
            "headline": item["title"],
            "url": item["article_url"],
            "publisher": {"@type": "Organization", "name": item["producer"]},
        },
        "author": {"@type": "Organization", "name": item["producer"]},
    }
    published = _printed_date(item["article_date"], item["article_date_basis"])
    if published:
        claim["datePublished"] = published
    said = item["in_own_words"]
    return {
        "@type": "ClaimReview",
        "@id": f"{NAMESPACE}review:{item['claim_id']}",
        "url": f"{base_url}#{item['claim_id']}" if base_url else f"{NAMESPACE}review:{item['claim_id']}",
        "datePublished": reviewed_on.isoformat(),
        "author": {"@type": "Organization", "name": NAME},
        "claimReviewed": f"{said} (printed: {item['printed']})" if item["printed"] else said,
        "itemReviewed": claim,
        "reviewRating": {
            "@type": "Rating",
            "alternateName": item["verdict"].replace("_", " "),
            "ratingExplanation": item["reason"],
        },
    }


def _printed_date(day: dt.date | None, basis: str | None) -> str | None:
    """The date as exactly as it was printed: a day, a month or a year."""
    if day is None:
        return None
    return day.isoformat()[: {"printed_month": 7, "printed_year": 4}.get(basis or "", 10)]


def provenance(verdicts: Iterable[Record], inputs: Iterable[Record], build: Record) -> dict[str, Any]:
    """The verdicts with all they were derived from, as PROV-JSON.

    A verdict has claim_id, definition_id, verdict, reason, formula_id, snapshot_id, raw_row (of the claim),
    article_id and article_url; an input has claim_id, definition_id, input_role, input_subject, value,
    release_id, released_at, snapshot_id and raw_row; `build` has build_id and built_at.
    """
    document = _Provenance(build)
    for item in verdicts:
        document.add_verdict(item)
    for item in inputs:
        document.add_input(item)
    return document.as_json()


class _Provenance:
    """A PROV document in the making; the same record, file or release is written once."""

    def __init__(self, build: Record) -> None:
        self._entities: dict[str, dict[str, Any]] = {}
        self._relations: dict[str, dict[str, dict[str, Any]]] = {}
        self._activity = f"cl:build/{build['build_id']}"
        self._built_at = build["built_at"].isoformat()

    def add_verdict(self, item: Record) -> None:
        verdict, record = self._name(item), self._record(item)
        self._entities[verdict] = {
            "prov:type": _name("cl:Verdict"),
            "prov:value": item["verdict"],
            "cl:definition": item["definition_id"],
            "cl:formula": item["formula_id"],
            "cl:reason": item["reason"],
        }
        if item["article_url"]:
            article = f"cl:article/{item['article_id']}"
            self._entities[article] = {
                "prov:type": _name("cl:Article"),
                "prov:location": {"$": item["article_url"], "type": "xsd:anyURI"},
            }
            quoted = {"prov:type": _name("prov:Quotation")}
            self._relate("wasDerivedFrom", {"generatedEntity": record, "usedEntity": article}, quoted)
        self._relate(
            "wasGeneratedBy", {"entity": verdict, "activity": self._activity}, {"prov:time": self._built_at}
        )
        self._relate("wasDerivedFrom", {"generatedEntity": verdict, "usedEntity": record})

    def add_input(self, item: Record) -> None:
        record = self._record(item)
        release = f"cl:release/{item['release_id']}"
        self._entities[release] = {
            "prov:type": [_name("cl:Release"), _name("prov:Collection")],
            "cl:releasedAt": {"$": item["released_at"].isoformat(), "type": "xsd:date"},
        }
        self._relate(
            "hadMember", {"collection": release, "entity": f"cl:file/{sha256_in(item['snapshot_id'])}"}
        )
        said = {"cl:role": item["input_role"], "cl:subject": item["input_subject"]}
        if item["value"] is not None:
            said["cl:value"] = {"$": format(item["value"], "f"), "type": "xsd:decimal"}
        self._relate("wasDerivedFrom", {"generatedEntity": self._name(item), "usedEntity": record}, said)
        self._relate("used", {"activity": self._activity, "entity": record})

    def as_json(self) -> dict[str, Any]:
        return {
            "prefix": {"cl": NAMESPACE, "prov": "http://www.w3.org/ns/prov#"},
            "entity": self._entities,
            "activity": {self._activity: {"prov:endTime": self._built_at}},
            "agent": {"cl:chipledger": {"prov:type": _name("prov:SoftwareAgent"), "prov:label": NAME}},
            "wasAssociatedWith": {
                "_:wasAssociatedWith1": {"prov:activity": self._activity, "prov:agent": "cl:chipledger"}
            },
            **self._relations,
        }

    def _name(self, item: Record) -> str:
        """A qualified name has no brackets or colons: those of a definition are written as %28 and so on."""
        definition = str(item["definition_id"]).replace(" ", "_").replace(",", "").replace("'", "")
        return f"cl:verdict/{item['claim_id']}/{quote(definition, safe='/')}"

    def _record(self, item: Record) -> str:
        """The entity of one record of a file, with the file that it is part of."""
        sha256 = sha256_in(item["snapshot_id"])
        file, record = f"cl:file/{sha256}", f"cl:file/{sha256}/line/{item['raw_row']}"
        self._entities.setdefault(file, {"prov:type": _name("prov:Collection"), "cl:sha256": sha256})
        if record not in self._entities:
            self._entities[record] = {"prov:type": _name("cl:Record"), "cl:line": int(item["raw_row"])}
            self._relate("hadMember", {"collection": file, "entity": record})
        return record

    def _relate(self, kind: str, ends: dict[str, str], more: Mapping[str, Any] | None = None) -> None:
        relations = self._relations.setdefault(kind, {})
        relation = {f"prov:{end}": name for end, name in ends.items()} | dict(more or {})
        if relation not in relations.values():
            relations[f"_:{kind}{len(relations) + 1}"] = relation


def _name(value: str) -> dict[str, str]:
    """A name as a value, as PROV-JSON types it."""
    return {"$": value, "type": "prov:QUALIFIED_NAME"}
