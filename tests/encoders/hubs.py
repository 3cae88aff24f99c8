"""A model hub of one's own on this machine: the part of the real one's protocol that a download needs."""

import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """Where it listens, and what it was asked for."""

    address: str
    asked: list[str] = field(default_factory=list)

    @property
    def fetched(self) -> set[str]:
        """The names of the files it gave."""
        return {
            line.rpartition("/")[2] for line in self.asked if line.startswith("GET") and "resolve" in line
        }


@contextlib.contextmanager
def hub(model: str, folder: Path) -> Iterator[Hub]:
    """Offers a folder as `model` at REVISION."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, with_body: bool) -> None:
            found.asked.append(f"{self.command} {self.path}")
            path = self.path.partition("?")[0]
            body, headers = self._content(path)
            self.send_response(200 if body is not None else 404)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            if with_body:
                self.wfile.write(body or b"")

        def _content(self, path: str) -> tuple[bytes | None, dict[str, str]]:
            start = f"/{model}/resolve/{REVISION}/"
            if path == f"/api/models/{model}/tree/{REVISION}":
                listed = [
                    {"type": "file", "path": name, "size": len(content), "oid": _oid(content)}
                    for name, content in files.items()
                ]
                return json.dumps(listed).encode(), {"Content-Type": "application/json"}
            if path.startswith(start) and (name := path.removeprefix(start)) in files:
                return files[name], {"ETag": f'"{_oid(files[name])}"', "X-Repo-Commit": REVISION}
            if path == "/":
                return b"hello", {}
            return None, {"X-Error-Code": "RevisionNotFound"}

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    found = Hub(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()
