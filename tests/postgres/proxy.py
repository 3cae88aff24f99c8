"""A proxy before a Postgres that drops connections in the middle of what the server says."""

import contextlib
import socket
import threading
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict


class CuttingProxy:
    """Listens on loopback; connection n is dropped after `cuts[n]` bytes from the server (None: never).

    Connections after the last one of `cuts` pass. `connections` counts them.
    """

    def __init__(self, server: str, cuts: list[int | None]):
        parts = conninfo_to_dict(server)
        self._host, self._port = str(parts.get("host") or "localhost"), int(str(parts.get("port") or 5432))
        self._cuts = cuts
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> "CuttingProxy":
        return self

    def __exit__(self, *_: Any) -> None:
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                number, self.connections = self.connections, self.connections + 1
                cut = self._cuts[number] if number < len(self._cuts) else None
                server = self._upstream()
                threading.Thread(target=_pump, args=(client, server, None), daemon=True).start()
                threading.Thread(target=_pump, args=(server, client, cut), daemon=True).start()

    def _upstream(self) -> socket.socket:
        if self._host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(Path(self._host) / f".s.PGSQL.{self._port}"))
            return server
        return socket.create_connection((self._host, self._port))


def _pump(source: socket.socket, target: socket.socket, budget: int | None) -> None:
    """Pass bytes on until either side ends or the budget is spent; then drop both."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if budget is not None:
                data = data[: max(budget, 0)]
                budget -= len(data)
            target.sendall(data)
            if budget is not None and budget <= 0:
                break
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
