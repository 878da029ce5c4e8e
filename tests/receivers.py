"""Servers of the tests' own that take alerts and traces: HTTP and mail, on loopback, broken where asked."""

from __future__ import annotations

import base64
import http.server
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Web:
    """A receiver of posts. `answer` is the status that it gives from now on."""

    url: str = ""
    answer: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def web() -> Iterator[Web]:
    said = Web()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            said.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(said.answer)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        said.url = f"http://127.0.0.1:{server.server_port}"
        yield said
        server.shutdown()


@dataclass
class PostOffice:
    """A mail server: as much of RFC 5321, 3207 and 4954 as one message needs. With a certificate it offers
    STARTTLS, and asks for this user and password. `data_answer` is what it says to a message."""

    port: int = 0
    certificate: Path | None = None
    login: tuple[str, str] = ("me", "s3cret-word")
    data_answer: bytes = b"250 taken"
    got: list[str] = field(default_factory=list)
    # Of each message: whether it came encrypted, and as whom.
    how: list[tuple[bool, str | None]] = field(default_factory=list)


class _Session(socketserver.BaseRequestHandler):
    office: PostOffice

    def handle(self) -> None:
        encrypted, user = False, None
        self._speak(self.request)
        self._say(b"220 test")
        while line := self.stream.readline():
            word, _, rest = line.strip().partition(b" ")
            if word.upper() == b"EHLO" and self.office.certificate:
                self._say(b"250-test\r\n250 AUTH PLAIN" if encrypted else b"250-test\r\n250 STARTTLS")
            elif word.upper() == b"STARTTLS":
                self._say(b"220 go on")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(str(self.office.certificate))
                try:
                    self._speak(context.wrap_socket(self.request, server_side=True))
                except ssl.SSLError:
                    return
                encrypted = True
            elif word.upper() == b"AUTH":
                _, name, secret = base64.b64decode(rest.split()[1]).decode().split("\0")
                if (name, secret) != self.office.login:
                    self._say(b"535 no")
                    continue
                user = name
                self._say(b"235 welcome")
            elif word.upper() == b"DATA":
                self._say(b"354 go on")
                lines = []
                while (line := self.stream.readline()) not in (b".\r\n", b""):
                    lines.append(line.decode())
                if self.office.data_answer.startswith(b"2"):
                    self.office.got.append("".join(lines))
                    self.office.how.append((encrypted, user))
                self._say(self.office.data_answer)
            elif word.upper() == b"QUIT":
                self._say(b"221 bye")
                return
            else:
                self._say(b"250 ok")

    def _speak(self, connection: Any) -> None:
        self.connection = connection
        self.stream = connection.makefile("rb")

    def _say(self, line: bytes) -> None:
        self.connection.sendall(line + b"\r\n")


@contextmanager
def post_office(certificate: Path | None = None) -> Iterator[PostOffice]:
    office = PostOffice(certificate=certificate)
    handler = type("Handler", (_Session,), {"office": office})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        office.port = server.server_address[1]
        yield office
        server.shutdown()


def certificate(folder: Path) -> Path:
    """Key and certificate of localhost in one file, signed by itself."""
    path = folder / "server.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    name = "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
    subprocess.run([*command.split(), *name.split()], cwd=folder, check=True, capture_output=True)
    path.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return path
