"""Tells people: to the log always, to a webhook and by e-mail where the environment names them.

An alert that cannot be sent never fails a refresh; it is said in the log. Keys and passwords come from the
environment and are never printed. What is worth an alert is `digest`'s; how a run failed, its caller's.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import os
import smtplib
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.warehouse.digest import Finding
from orchestration.warehouse.files import write_whole
from orchestration.warehouse.settings import Settings

LOG = logging.getLogger("chipledger.alerts")
SECONDS = 10.0
# Findings that are alerts by themselves; the digest has all of them.
_ALARMING = {
    "revision": "large revision",
    "coverage": "coverage shrank",
    "late": "a source is late",
    "held_back": "a file is held back",
}


@dataclass(frozen=True)
class Alert:
    """kind: failure, contract, revision, coverage, late, held_back or digest; lines: one sentence each."""

    kind: str
    title: str
    lines: tuple[str, ...]
    build_id: str | None = None
    run_id: str | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "product": "chipledger",
            "kind": self.kind,
            "title": self.title,
            "lines": list(self.lines),
            "build_id": self.build_id,
            "run_id": self.run_id,
            "sent_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        }


def of_findings(found: Iterable[Finding], build_id: str, run_id: str | None) -> list[Alert]:
    """One alert per alarming kind, then the digest of everything, if there is anything."""
    found = list(found)
    alerts = []
    for kind, title in _ALARMING.items():
        lines = tuple(item.message for item in found if item.kind == kind)
        if lines:
            alerts.append(Alert(kind, title, lines, build_id, run_id))
    if found:
        lines = tuple(item.message for item in found)
        alerts.append(Alert("digest", f"what build {build_id} changed", lines, build_id, run_id))
    return alerts


def of_failure(sentences: Iterable[str], is_contract: bool, run_id: str | None) -> Alert:
    kind, title = ("contract", "a contract or test failed") if is_contract else ("failure", "refresh failed")
    return Alert(kind, f"{title}; nothing was published", tuple(sentences), None, run_id)


def send(alert: Alert) -> list[str]:
    """Sends to every channel; returns what could not be sent, one sentence each, and logs it."""
    level = logging.INFO if alert.kind == "digest" else logging.WARNING
    LOG.log(level, "%s: %s", alert.title, "; ".join(alert.lines), extra={"alert": alert.as_json()})
    problems = []
    for name, channel in (("webhook", _webhook), ("e-mail", _mail)):
        try:
            channel(alert)
        except Exception as error:
            # The address may hold a key: only the kind of the error is told.
            reason = str(error) if isinstance(error, LedgerError) else type(error).__name__
            problems.append(f"the {name} alert {alert.kind!r} was not sent: {reason}")
            LOG.error("%s", problems[-1])
    return problems


def new_only(settings: Settings, found: Iterable[Finding]) -> list[Finding]:
    """Findings without those of late sources that were told already: said once per source and period."""
    path = settings.work_dir / "told.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    found = list(found)
    fresh = [item for item in found if item.kind != "late" or told.get(item.subject) != item.after]
    now = {item.subject: item.after for item in found if item.kind == "late"}
    if now != told and settings.work_dir.is_dir():
        write_whole(path, json.dumps(now))
    return fresh


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a receiver recomputes: HMAC-SHA256 over `<timestamp>.<body>`."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _webhook(alert: Alert) -> None:
    url = os.environ.get("CHIPLEDGER_WEBHOOK_URL")
    if not url:
        return
    secret = os.environ.get("CHIPLEDGER_WEBHOOK_SECRET")
    if not secret:
        raise LedgerError("CHIPLEDGER_WEBHOOK_SECRET is not set; alerts are not sent unsigned", EXIT_USAGE)
    import httpx

    body = json.dumps(alert.as_json(), ensure_ascii=False).encode()
    timestamp = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "x-chipledger-timestamp": timestamp,
        "x-chipledger-signature": f"sha256={signature(secret, timestamp, body)}",
    }
    answer = httpx.post(url, content=body, headers=headers, timeout=SECONDS, follow_redirects=False)
    if not answer.is_success:
        raise LedgerError(f"the receiver answered {answer.status_code}")


def _mail(alert: Alert) -> None:
    host, to = os.environ.get("CHIPLEDGER_SMTP_HOST"), os.environ.get("CHIPLEDGER_MAIL_TO")
    if not host or not to:
        return
    message = EmailMessage()
    message["Subject"] = " ".join(f"[chipledger] {alert.title}".split())
    message["From"] = os.environ.get("CHIPLEDGER_MAIL_FROM") or "chipledger@localhost"
    message["To"] = to
    about = [f"build {alert.build_id}"] if alert.build_id else []
    about += [f"run {alert.run_id}"] if alert.run_id else []
    message.set_content("\n".join([*alert.lines, "", *about]) + "\n")
    user, password = os.environ.get("CHIPLEDGER_SMTP_USER"), os.environ.get("CHIPLEDGER_SMTP_PASSWORD")
    port = int(os.environ.get("CHIPLEDGER_SMTP_PORT", "587" if user else "25"))
    with smtplib.SMTP(host, port, timeout=SECONDS) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif user:
            raise LedgerError("the mail server offers no encryption; the password is not sent in the clear")
        if user:
            server.login(user, password or "")
        server.send_message(message)
