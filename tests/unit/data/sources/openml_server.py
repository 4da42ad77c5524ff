"""A loopback server that serves OpenML's JSON and gzipped ARFF."""

from __future__ import annotations

import gzip
import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

ARFF = """@RELATION crabs
@ATTRIBUTE FL NUMERIC
@ATTRIBUTE sex {Female,Male}
@ATTRIBUTE count INTEGER
@ATTRIBUTE species {Blue,Orange}
@DATA
8.1,Male,1,Blue
8.8,Female,2,Blue
9.2,Male,3,Blue
9.6,Female,4,Orange
10.1,Male,5,Orange
10.8,Female,6,Orange
"""
COLUMNS = (("FL", "numeric"), ("sex", "nominal"), ("count", "numeric"), ("species", "nominal"))


class OpenMLServer:
    """Serves data set 61 on a free port; ``requests`` counts the requests.

    ``description``: merged into that of the set. ``targets``: names of its target columns.
    ``status``: the response to every request, if set.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.description: dict[str, Any] = {}
        self.targets: tuple[str, ...] = ("species",)
        self.status: int | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                status, body = outer.answer(self.path)
                packed = gzip.compress(body)
                self.send_response(status)
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(packed)))
                self.end_headers()
                self.wfile.write(packed)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """Stop listening; calling it twice does no harm."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def answer(self, path: str) -> tuple[int, bytes]:
        if self.status is not None:
            return self.status, b"{}"
        if path == "/data/v1/download/1/crabs.arff":
            return 200, ARFF.encode()
        api = {
            "/api/v1/json/data/61": {"data_set_description": self._description()},
            "/api/v1/json/data/features/61": {"data_features": {"feature": self._features()}},
            "/api/v1/json/data/qualities/61": {
                "data_qualities": {"quality": [{"name": "NumberOfInstances", "value": "6.0"}]}
            },
        }
        if path in api:
            return 200, json.dumps(api[path]).encode()
        return 412, b'{"error": {"code": "111", "message": "Unknown dataset"}}'

    def _description(self) -> dict[str, Any]:
        return {
            "id": "61",
            "name": "crabs",
            "version": "1",
            "description": "Crabs.",
            "format": "ARFF",
            "status": "active",
            "url": f"{self.url}/data/v1/download/1/crabs.arff",
            "md5_checksum": hashlib.md5(ARFF.encode(), usedforsecurity=False).hexdigest(),
            **self.description,
        }

    def _features(self) -> list[dict[str, str]]:
        return [
            {
                "index": str(index),
                "name": name,
                "data_type": kind,
                "is_target": str(name in self.targets).lower(),
                "is_ignore": "false",
                "is_row_identifier": "false",
                "number_of_missing_values": "0",
            }
            for index, (name, kind) in enumerate(COLUMNS)
        ]
