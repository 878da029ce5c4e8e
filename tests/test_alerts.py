"""Who is told what, and how often: by a webhook and by mail, each to a server of the tests' own.

Also servers that refuse, break off or are away: nothing told is lost, nothing secret is said.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import run_cli
from receivers import PostOffice, Web, certificate, post_office

from orchestration.scope import EVERYTHING
from orchestration.warehouse import alerts, attempts, digest
from orchestration.warehouse.settings import Settings

ALERT = alerts.Alert("revision", "large revision", ("chips were revised by +6.0 %",), "b1", "run-1")
SECRET = "s3cret-word"


def late(end: str, source: str = "gacc_express") -> digest.Finding:
    return digest.Finding("late", source, None, end, f"{source} is late: {end}")


def is_late(*ends: str) -> digest.News:
    """News of a build that changed nothing: who is late."""
    return digest.News("b1", {}, [late(end) for end in ends])


def shrank(*build_ids: str) -> digest.News:
    """News of builds, the last being current, each of which lost rows."""
    found = {name: [digest.Finding("coverage", "gacc", "9", "8", f"{name} has 8 rows")] for name in build_ids}
    return digest.News(build_ids[-1], found, [])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "raw", tmp_path / "home")


@pytest.fixture
def hook(receiver: Web, monkeypatch: pytest.MonkeyPatch) -> Web:
    monkeypatch.setenv("CHIPLEDGER_WEBHOOK_URL", f"{receiver.url}/{SECRET}")
    monkeypatch.setenv("CHIPLEDGER_WEBHOOK_SECRET", SECRET)
    return receiver


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with post_office() as opened:
        _write_to(opened, monkeypatch)
        yield opened


def _write_to(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPLEDGER_SMTP_HOST", "localhost" if office.certificate else "127.0.0.1")
    monkeypatch.setenv("CHIPLEDGER_SMTP_PORT", str(office.port))
    monkeypatch.setenv("CHIPLEDGER_MAIL_TO", "ops@example.org")


def kinds(receiver: Web) -> list[str]:
    return [json.loads(body)["kind"] for _, body in receiver.got]


def test_a_webhook_gets_signed_json(settings: Settings, hook: Web) -> None:
    assert alerts.send(settings, ALERT) == []
    ((headers, body),) = hook.got
    said = json.loads(body)
    assert (said["kind"], said["lines"], said["build_id"]) == ("revision", list(ALERT.lines), "b1")
    assert said["raised_at"] <= said["sent_at"]
    signed = headers["x-chipledger-timestamp"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-chipledger-signature"] == f"sha256={expected}"
    assert alerts.send(settings, ALERT) == [] and len(hook.got) == 2


def test_a_late_source_is_told_once_per_period(settings: Settings, hook: Web) -> None:
    for _ in range(2):
        assert alerts.send_news(settings, is_late("2026-01-31")) == []
    assert kinds(hook) == ["late", "digest"]
    alerts.send_news(settings, is_late("2026-02-28"))
    assert kinds(hook) == ["late", "digest", "late"]
    # In time, then late again with the same data: worth a word.
    alerts.send_news(settings, is_late())
    alerts.send_news(settings, is_late("2026-02-28"))
    assert len(hook.got) == 4


def test_a_build_is_told_once_also_by_a_later_refresh(settings: Settings, hook: Web) -> None:
    def told() -> list[tuple[str, str]]:
        said = [json.loads(body) for _, body in hook.got]
        return [(alert["kind"], alert["build_id"]) for alert in said]

    # Of builds before the first that is told there is nothing to catch up with.
    alerts.send_news(settings, shrank("b1", "b2"), "run-2")
    assert told() == [("coverage", "b2"), ("digest", "b2")]
    alerts.send_news(settings, shrank("b1", "b2"))
    assert len(hook.got) == 2
    # The refresh that published b3 died behind the flip; so did that of b4, and the next finds nothing to do.
    alerts.send_news(settings, shrank("b1", "b2", "b3", "b4"))
    assert told()[2:] == [("coverage", "b3"), ("digest", "b3"), ("coverage", "b4"), ("digest", "b4")]
    # Gone back to an earlier one: that is no news.
    alerts.send_news(settings, shrank("b1", "b2"))
    assert len(hook.got) == 6


@pytest.mark.parametrize("answer", [500, 401, 302])
def test_what_a_receiver_did_not_take_goes_out_with_the_next(
    settings: Settings, hook: Web, office: PostOffice, answer: int
) -> None:
    hook.answer = answer
    news = replace(shrank("b1"), late=[late("2026-01-31")])
    (problem,) = alerts.send_news(settings, news, "run-1")
    assert problem == (
        f"3 webhook alerts were not sent: the receiver answered {answer}; they wait for the next"
    )
    assert len(office.got) == 3
    hook.answer, hook.got[:] = 204, []
    # Nothing is new, and still: the webhook has not been told, the mail has.
    assert alerts.send_news(settings, news) == []
    assert kinds(hook) == ["coverage", "late", "digest"]
    assert len(office.got) == 3
    assert alerts.send_news(settings, news) == []
    assert len(hook.got) == 3


def test_a_way_that_is_set_up_later_is_told_how_things_stand(
    settings: Settings, office: PostOffice, receiver: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts.send_news(settings, is_late("2026-01-31"))
    monkeypatch.setenv("CHIPLEDGER_WEBHOOK_URL", receiver.url)
    monkeypatch.setenv("CHIPLEDGER_WEBHOOK_SECRET", SECRET)
    alerts.send_news(settings, is_late("2026-01-31"))
    assert kinds(receiver) == ["late", "digest"] and len(office.got) == 2


def test_what_waits_is_bounded_and_what_is_given_up_is_said(
    settings: Settings, hook: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "MOST_WAITING", 2)
    hook.answer = 500
    for number in range(3):
        problems = alerts.send(settings, alerts.Alert("failure", str(number), ("x",)))
    assert problems[-1] == "1 webhook alerts are given up: more than 2 wait"
    hook.answer, hook.got[:] = 204, []
    alerts.send(settings, ALERT)
    assert [json.loads(body)["title"] for _, body in hook.got] == ["1", "2", "large revision"]


def test_books_that_cannot_be_written_or_read_stop_no_alert(
    settings: Settings, hook: Web, caplog: pytest.LogCaptureFixture
) -> None:
    settings.home.write_text("a file where a folder should be")
    assert alerts.send(settings, ALERT) == []
    settings.home.unlink()
    settings.work_dir.mkdir(parents=True)
    for damage in ("{", "[]", '{"webhook": 1}', '{"gacc_express": "2026-01-31"}'):
        (settings.work_dir / "told.json").write_text(damage)
        assert alerts.send_news(settings, is_late("2026-01-31")) == []
    assert kinds(hook) == ["revision", *["late", "digest"] * 4]


def test_an_alert_that_cannot_be_sent_is_told_without_its_keys(
    settings: Settings, hook: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("CHIPLEDGER_WEBHOOK_SECRET")
    with caplog.at_level(logging.INFO, "chipledger"):
        (problem,) = alerts.send(settings, ALERT)
        assert "CHIPLEDGER_WEBHOOK_SECRET is not set; alerts are not sent unsigned" in problem
        assert hook.got == []
        monkeypatch.setenv("CHIPLEDGER_WEBHOOK_SECRET", SECRET)
        monkeypatch.setenv("CHIPLEDGER_WEBHOOK_URL", f"http://key:{SECRET}@127.0.0.1:1/")
        (problem,) = alerts.send(settings, ALERT)
        assert problem == "2 webhook alerts were not sent: ConnectError; they wait for the next"
    assert SECRET not in caplog.text
    assert SECRET not in (settings.work_dir / "told.json").read_text()


def test_an_e_mail_says_what_happened(settings: Settings, office: PostOffice) -> None:
    assert alerts.send(settings, ALERT) == []
    (message,) = office.got
    for line in (
        "Subject: [chipledger] large revision",
        "To: ops@example.org",
        "chips were revised by +6.0 %",
        "run run-1",
    ):
        assert line in message
    assert office.how == [(False, None)]


def test_a_password_is_not_sent_in_the_clear(
    settings: Settings, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIPLEDGER_SMTP_USER", "me")
    monkeypatch.setenv("CHIPLEDGER_SMTP_PASSWORD", SECRET)
    (problem,) = alerts.send(settings, ALERT)
    assert "no encryption" in problem and SECRET not in problem
    assert office.got == []


@pytest.fixture
def safe_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """One that asks for a password, over STARTTLS; its certificate is one that this machine trusts."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    with post_office(certificate(tmp_path)) as opened:
        _write_to(opened, monkeypatch)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        monkeypatch.setenv("CHIPLEDGER_SMTP_USER", "me")
        monkeypatch.setenv("CHIPLEDGER_SMTP_PASSWORD", SECRET)
        yield opened


def test_a_password_goes_over_an_encrypted_line(settings: Settings, safe_office: PostOffice) -> None:
    assert alerts.send(settings, ALERT) == []
    assert safe_office.how == [(True, "me")]


def test_a_mail_server_that_refuses_is_told_and_asked_again(
    settings: Settings, safe_office: PostOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIPLEDGER_SMTP_PASSWORD", "wrong-" + SECRET)
    (problem,) = alerts.send(settings, ALERT)
    assert "SMTPAuthenticationError" in problem and SECRET not in problem
    monkeypatch.setenv("CHIPLEDGER_SMTP_PASSWORD", SECRET)
    safe_office.data_answer = b"452 the box is full"
    (problem,) = alerts.send(settings, ALERT)
    assert problem == "2 e-mail alerts were not sent: the mail server answered 452; they wait for the next"
    safe_office.data_answer = b"250 taken"
    # A certificate that nobody vouches for: no password, no mail.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nothing.pem"))
    (problem,) = alerts.send(settings, ALERT)
    assert "SSLCertVerificationError" in problem and safe_office.got == []
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    assert alerts.send(settings, ALERT) == []
    assert len(safe_office.got) == 4


def test_a_refresh_that_dies_before_its_job_is_told(tmp_path: Path, hook: Web) -> None:
    env = {
        "CHIPLEDGER_HOME": str(tmp_path / "home"),
        "CHIPLEDGER_WEBHOOK_URL": hook.url,
        "CHIPLEDGER_WEBHOOK_SECRET": SECRET,
    }
    (tmp_path / "home").write_text("a file where a folder should be")
    assert run_cli("refresh", env=env).returncode == 1
    ((_, body),) = hook.got
    assert json.loads(body)["kind"] == "failure" and "cannot write to" in body.decode()
    assert run_cli("refresh", "--since", "never", env=env).returncode == 2
    assert len(hook.got) == 1


def test_a_refresh_that_was_killed_is_told_by_the_next_and_a_told_one_is_not(settings: Settings) -> None:
    assert attempts.untold(settings) is None
    attempts.begin(settings, EVERYTHING)
    assert "did not end" in str(attempts.untold(settings))
    attempts.mark_told(settings)
    assert attempts.untold(settings) is None and attempts.unfinished(settings) is not None
    # Of a run that Dagster's daemon watches, the daemon tells.
    attempts.begin(settings, EVERYTHING, is_told=True)
    assert attempts.untold(settings) is None
