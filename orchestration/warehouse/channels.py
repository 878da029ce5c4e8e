"""The ways by which an alert reaches people: the log always, a signed webhook and e-mail where the environment
names them.

A way takes what an alert says as JSON would have it, and raises when it was not taken: `Refused` where the
other side answered and did not want this one, anything else where it was not reached at all. Keys and passwords
come from the environment and are in no error's text. What is told, and what waits, is `alerts`'s.
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
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from orchestration.errors import EXIT_USAGE, LedgerError

LOG = logging.getLogger("chipledger.alerts")
SECONDS = 10.0

Said = dict[str, Any]


class Refused(LedgerError):
    """The receiver was reached and did not take this alert; it may take another."""


def named() -> dict[str, Callable[[Said], None]]:
    """The ways that there are here, by name."""
    ways: dict[str, Callable[[Said], None]] = {"log": _log}
    if os.environ.get("CHIPLEDGER_WEBHOOK_URL"):
        ways["webhook"] = _webhook
    if os.environ.get("CHIPLEDGER_SMTP_HOST") and os.environ.get("CHIPLEDGER_MAIL_TO"):
        ways["e-mail"] = _mail
    return ways


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What a receiver recomputes: HMAC-SHA256 over `<timestamp>.<body>`."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _log(said: Said) -> None:
    level = logging.INFO if said["kind"] == "digest" else logging.WARNING
    LOG.log(level, "%s: %s", said["title"], "; ".join(said["lines"]), extra={"alert": said})


def _webhook(said: Said) -> None:
    secret = os.environ.get("CHIPLEDGER_WEBHOOK_SECRET")
    if not secret:
        raise LedgerError("CHIPLEDGER_WEBHOOK_SECRET is not set; alerts are not sent unsigned", EXIT_USAGE)
    import httpx

    sent_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    body = json.dumps({**said, "sent_at": sent_at}, ensure_ascii=False).encode()
    timestamp = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "x-chipledger-timestamp": timestamp,
        "x-chipledger-signature": f"sha256={signature(secret, timestamp, body)}",
    }
    url = os.environ["CHIPLEDGER_WEBHOOK_URL"]
    answer = httpx.post(url, content=body, headers=headers, timeout=SECONDS, follow_redirects=False)
    if not answer.is_success:
        raise Refused(f"the receiver answered {answer.status_code}")


def _mail(said: Said) -> None:
    message = EmailMessage()
    message["Subject"] = " ".join(f"[chipledger] {said['title']}".split())
    message["From"] = os.environ.get("CHIPLEDGER_MAIL_FROM") or "chipledger@localhost"
    message["To"] = os.environ["CHIPLEDGER_MAIL_TO"]
    about = [f"{name} {said[f'{name}_id']}" for name in ("build", "run") if said[f"{name}_id"]]
    message.set_content("\n".join([*said["lines"], "", *about]) + "\n")
    user, password = os.environ.get("CHIPLEDGER_SMTP_USER"), os.environ.get("CHIPLEDGER_SMTP_PASSWORD")
    with smtplib.SMTP(os.environ["CHIPLEDGER_SMTP_HOST"], _port(user), timeout=SECONDS) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif user:
            raise LedgerError("the mail server offers no encryption; the password is not sent in the clear")
        if user:
            server.login(user, password or "")
        try:
            server.send_message(message)
        except smtplib.SMTPDataError as error:
            raise Refused(f"the mail server answered {error.smtp_code}") from error


def _port(user: str | None) -> int:
    text = os.environ.get("CHIPLEDGER_SMTP_PORT") or ("587" if user else "25")
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise LedgerError(f"CHIPLEDGER_SMTP_PORT is {text!r}; expected a port's number such as 587", EXIT_USAGE)
    return int(text)
