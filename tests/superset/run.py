"""Imports deploy/superset into a real Superset over its REST API and asks for the data of every chart.

Run by `make superset-test`, which installs Superset into an environment of its own and names it:
`python tests/superset/run.py SUPERSET_ENVIRONMENT`. It is no part of `make test`: the install is large.
A build is published in between; a chart must show it.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    TESTS = Path(__file__).resolve().parents[1]
    sys.path += [str(TESTS), str(TESTS / "serving")]

import duckdb
import httpx
import live
import stress
from helpers import ROOT, run_cli

BUNDLE = ROOT / "deploy" / "superset"
ADMIN = "admin"


def bundle(port: int) -> bytes:
    """The folder as a zip, with this test's port in the database's address."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(BUNDLE.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8").replace(":6432/", f":{port}/")
            archive.writestr(f"superset/{path.relative_to(BUNDLE)}", text)
    return packed.getvalue()


def start(environment: Path, folder: Path, password: str) -> tuple[subprocess.Popen[bytes], str]:
    """Superset with a database of its own in `folder`; returns its process and address."""
    (folder / "superset_config.py").write_text(
        f"SECRET_KEY = '{secrets.token_hex(32)}'\n"
        f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{folder}/superset.db'\n"
        "WTF_CSRF_ENABLED = False\nTALISMAN_ENABLED = False\n"
    )
    programs = environment.resolve() / "bin"
    settings = {
        **os.environ,
        "SUPERSET_CONFIG_PATH": str(folder / "superset_config.py"),
        "SUPERSET_HOME": str(folder),
        "FLASK_APP": "superset.app:create_app()",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    person = ["--username", ADMIN, "--firstname", "A", "--lastname", "B", "--email", "a@example.org"]
    steps = (["db", "upgrade"], ["fab", "create-admin", *person, "--password", password], ["init"])
    for step in steps:
        done = subprocess.run(
            [str(programs / "superset"), *step], env=settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"superset {step[0]}: {done.stderr[-2000:]}")
    port = live.free_port()
    process = subprocess.Popen(
        [
            str(programs / "gunicorn"),
            "-b",
            f"127.0.0.1:{port}",
            "--timeout",
            "120",
            "superset.app:create_app()",
        ],
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "gunicorn.log").open("wb"),
    )
    return process, f"http://127.0.0.1:{port}"


def client(address: str, password: str) -> httpx.Client:
    """A logged-in client, once the server answers."""
    deadline = time.monotonic() + 120
    while True:
        try:
            if httpx.get(f"{address}/health").status_code == 200:
                break
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise SystemExit("Superset does not answer")
        time.sleep(1)
    who = {"username": ADMIN, "password": password, "provider": "db", "refresh": False}
    token = httpx.post(f"{address}/api/v1/security/login", json=who).raise_for_status().json()["access_token"]
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=120)


def charts(superset: httpx.Client) -> dict[str, int]:
    found = superset.get("/api/v1/chart/").raise_for_status().json()["result"]
    return {item["slice_name"]: item["id"] for item in found}


def data(superset: httpx.Client, chart: int) -> list[dict[str, Any]]:
    answer = superset.get(f"/api/v1/chart/{chart}/data/", params={"force": "true"})
    if answer.status_code != 200:
        raise SystemExit(f"chart {chart}: {answer.text[:500]}")
    return list(answer.json()["result"][0]["data"])


def check(superset: httpx.Client, endpoint: live.Live) -> None:
    passwords = json.dumps({"databases/Chip_Ledger.yaml": live.PASSWORD})
    superset.post(
        "/api/v1/dashboard/import/",
        files={"formData": ("superset.zip", bundle(endpoint.port), "application/zip")},
        data={"passwords": passwords, "overwrite": "true"},
    ).raise_for_status()
    (dashboard,) = superset.get("/api/v1/dashboard/").raise_for_status().json()["result"]
    assert dashboard["dashboard_title"] == "Chip Ledger"
    ids = charts(superset)
    assert len(ids) == len(list((BUNDLE / "charts").glob("*.yaml")))
    with duckdb.connect(str(endpoint.home / "current" / "chipledger.duckdb"), read_only=True) as file:
        counted = file.execute("select verdict, count(*) from marts.fct_claim_verdict group by 1").fetchall()
        ((growth,),) = file.execute(
            "select growth_yoy_pct from marts.fct_trade_growth_yearly where source_id = 'gacc' "
            "and flow = 'X' and product_id = 'integrated_circuits' and partner_iso3 = 'WLD' "
            "and basis = 'usd' and vintage = 'first' and year = 2024"
        ).fetchall()
    verdicts = dict(counted)
    for name, chart in ids.items():
        rows = data(superset, chart)
        assert rows, name
        print(f"{name}: {len(rows)} rows")
    assert {row["verdict"]: row["claims"] for row in data(superset, ids["Claims by verdict"])} == verdicts
    shown = data(superset, ids["China's chip exports: growth as printed and as computed"])
    (row,) = [row for row in shown if row["year"] == 2024]
    assert abs(row["growth_yoy"] - growth) < 1e-9, (row, growth)
    # A build with another verdict for every claim: the next question must show it.
    with duckdb.connect(str(endpoint.home / "work" / "chipledger.duckdb")) as draft:
        draft.execute("update marts.fct_claim_verdict set verdict = 'pending'")
    stress.publish_all(endpoint.home, endpoint.owner_url, 1, 1)
    after = data(superset, ids["Claims by verdict"])
    assert after == [{"verdict": "pending", "claims": sum(verdicts.values())}], after
    print("a published build shows at the next question")


def main() -> int:
    environment = Path(sys.argv[1])
    password = secrets.token_urlsafe(16)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(os.environ.get("CHIPLEDGER_HOME") or folder / "home")
        if not (source / "current").exists():
            built = run_cli("refresh", env={"CHIPLEDGER_HOME": str(source)}, timeout=1800)
            if built.returncode:
                raise SystemExit(built.stderr)
        with live.copied_home(source) as home, live.served(home, seconds=60) as endpoint:
            process, address = start(environment, folder, password)
            try:
                with client(address, password) as superset:
                    check(superset, endpoint)
            finally:
                process.terminate()
                process.wait(30)
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
