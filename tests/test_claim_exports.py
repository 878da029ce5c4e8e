"""ClaimReview and PROV-JSON: that other programs can read them, and that they say what the marts say.

The required properties are those of https://developers.google.com/search/docs/appearance/structured-data/factcheck
and the types of https://schema.org/ClaimReview; PROV-JSON is read back with the package `prov`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from helpers import run_cli
from prov.model import ProvDerivation, ProvDocument, ProvEntity

B = "techovedas-160b-chip-exports"


def exported(home: Path, *arguments: str) -> Any:
    done = run_cli("claims", *arguments, env={"CHIPLEDGER_HOME": str(home)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def reviews(home: Path) -> list[dict[str, Any]]:
    document = exported(home, "--format", "claimreview")
    assert set(document) == {"@context", "@graph"} and document["@context"] == "https://schema.org"
    graph: list[dict[str, Any]] = document["@graph"]
    return graph


def test_reviews_have_the_required_properties(reviews: list[dict[str, Any]]) -> None:
    for review in reviews:
        assert review["@type"] == "ClaimReview"
        assert review["claimReviewed"].strip() and review["url"].strip()
        rating = review["reviewRating"]
        assert rating["@type"] == "Rating" and rating["alternateName"].strip()
        # Our verdicts are no scale; a number would be invented.
        assert "ratingValue" not in rating
        assert review["author"]["@type"] == "Organization" and review["author"]["name"]
        claim = review["itemReviewed"]
        assert claim["@type"] == "Claim" and claim["author"]["name"]
        assert claim["appearance"]["@type"] == "Article" and claim["appearance"]["url"].startswith("https://")
    assert len({review["@id"] for review in reviews}) == len(reviews)


def test_reviews_say_what_the_mart_says(
    reviews: list[dict[str, Any]], connection: duckdb.DuckDBPyConnection
) -> None:
    held = connection.execute(
        "select 'urn:chipledger:review:' || claim_id, replace(verdict, '_', ' '), reason "
        "from marts.fct_claim_verdict where is_intended"
    ).fetchall()
    said = [
        (item["@id"], item["reviewRating"]["alternateName"], item["reviewRating"]["ratingExplanation"])
        for item in reviews
    ]
    assert sorted(said) == sorted(held)


def test_date_is_no_more_exact_than_printed(reviews: list[dict[str, Any]]) -> None:
    dates = {item["@id"].split(":")[-1][0]: item["itemReviewed"]["datePublished"] for item in reviews}
    assert dates == {"A": "2025-09-25", "B": "2025-01"}


def test_base_url_names_the_page_of_the_reviews(home: Path) -> None:
    document = exported(home, "--format", "claimreview", "--base-url", "https://example.org/claims")
    assert document["@graph"][0]["url"] == "https://example.org/claims#A-1"


def test_provenance_reads_back_and_leads_to_the_source_records(
    home: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    text = json.dumps(exported(home, "--format", "prov", "--article", B))
    document = ProvDocument.deserialize(content=text, format="json")
    entities = {str(item.identifier): item for item in document.get_records(ProvEntity)}
    verdict = "cl:verdict/B-2/integrated_circuits_USD_first_print"
    assert "explained_by_revision" in {str(value) for value in entities[verdict].value}
    sources = {
        str(item.args[1]) for item in document.get_records(ProvDerivation) if str(item.args[0]) == verdict
    }
    held = connection.execute(
        "select 'cl:file/' || snapshot_id || '/line/' || raw_row from marts.fct_claim_input "
        "where claim_id = 'B-2' and definition_id = 'integrated_circuits, USD, first print' union "
        "select 'cl:file/' || snapshot_id || '/line/' || raw_row from marts.fct_claim_verdict "
        "where claim_id = 'B-2'"
    ).fetchall()
    assert sources == {name for (name,) in held} and len(sources) == 3
    # Nothing is referred to that is not an entity of the document.
    assert sources <= set(entities)
    (rows,) = connection.execute(
        f"select count(*) from marts.fct_claim_verdict where article_id = '{B}'"
    ).fetchall()
    assert sum(name.startswith("cl:verdict/") for name in entities) == rows[0]


def test_provenance_keeps_the_rules_of_names_and_collections(
    home: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """PROV-N, 3.7.1: brackets and colons do not stand in a name. What has members is a collection."""
    document = exported(home, "--format", "prov")
    names = {name for kind in ("entity", "activity", "agent") for name in document[kind]}
    assert [name for name in names if not re.fullmatch(r"cl:(?:[A-Za-z0-9_/.+-]|%[0-9A-F]{2})+", name)] == []
    ends = {"collection", "entity", "generatedEntity", "usedEntity", "activity", "agent"}
    relations = ("hadMember", "wasDerivedFrom", "wasGeneratedBy", "used", "wasAssociatedWith")
    used = {
        relation[f"prov:{end}"]
        for kind in relations
        for relation in document[kind].values()
        for end in ends
        if f"prov:{end}" in relation
    }
    assert used <= names
    for member in document["hadMember"].values():
        kinds = document["entity"][member["prov:collection"]]["prov:type"]
        listed = [kind["$"] for kind in (kinds if isinstance(kinds, list) else [kinds])]
        assert "prov:Collection" in listed
    (rows,) = connection.execute("select count(*) from marts.fct_claim_verdict").fetchall()
    assert sum(name.startswith("cl:verdict/") for name in names) == rows[0]
    assert len(ProvDocument.deserialize(content=json.dumps(document), format="json").get_records()) > rows[0]


def test_matrix_marks_one_definition_of_each_claim(home: Path) -> None:
    records = exported(home, "--format", "json", "--definitions", "--article", B)
    assert len(records) > 100
    assert sum(item["is_intended"] for item in records) == 31


def test_as_of_needs_a_day_that_is_one(home: Path) -> None:
    records = exported(home, "--format", "json", "--as-of", "2025-01-13", "--article", B)
    verdicts = {item["claim_id"]: item["verdict"] for item in records}
    assert (verdicts["B-17"], verdicts["B-13"]) == ("exact", "unverifiable")
    for wrong in (
        ("--as-of", "January"),
        ("--as-of", "2025-01-01", "--definitions"),
        ("--format", "prov", "--as-of", "2025-01-01"),
        ("--base-url", "https://example.org"),
    ):
        done = run_cli("claims", *wrong, env={"CHIPLEDGER_HOME": str(home)})
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr


def test_every_mart_feeds_the_exposure_of_the_published_file() -> None:
    """A mart added to the project is added to `bi_dataset` of exposures.yml too."""
    models = Path(__file__).resolve().parents[1] / "dbt_project" / "models"
    exposures = yaml.safe_load((models / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    (published,) = (item["depends_on"] for item in exposures if item["name"] == "bi_dataset")
    assert sorted(published) == sorted(f"ref('{path.stem}')" for path in (models / "marts").glob("*.sql"))
