"""Starts probes: which hosts, servers and stacks there are, and one process for each of them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import table
from .wire import Request, exchange

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
KEYS = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
START_SECONDS = 60.0

#: What stands where. "between" is between the two stations, "around" outside of both; the first is the outermost.
PLAIN: dict[str, Any] = {
    "between": [],
    "around": [],
    "session": "between",
    "debug": False,
    "mount": "",
    "inner": True,
    "outer": True,
    "eyot": True,
    # Below: what few hosts have. A second set of islands below /second; a path that FastAPI's constructor gets; the
    # place of @fastify/view; a route that takes every path, and comes first.
    "second": False,
    "root_path": "",
    "view": "",
    "catch_all": False,
}
STACKS: dict[str, dict[str, Any]] = {
    "bare": {},
    "debug": {"debug": True},
    "mounted": {"mount": "/base"},
    "limiter": {"between": ["limiter"]},
    "error page": {"between": ["error page"]},
    "timeout": {"between": ["timeout"]},
    "recover": {"between": ["recover"]},
    "cache": {"between": ["cache"]},
    "gzip between": {"between": ["gzip"]},
    "gzip around": {"around": ["gzip"]},
    "toolbar between": {"between": ["toolbar"]},
    "toolbar around": {"around": ["toolbar"]},
    "csp between": {"between": ["csp"]},
    "language between": {"between": ["language"]},
    "proxy": {"around": ["proxy"]},
    "root path": {"root_path": "/base"},
    "two sets": {"second": True},
    "view first": {"view": "first"},
    "view last": {"view": "last"},
    "catch-all": {"catch_all": True},
    "session outside": {"session": "outside"},
    "no inner": {"inner": False},
    "no outer": {"outer": False},
    "without eyot": {"eyot": False, "inner": False, "outer": False},
}


@dataclass(frozen=True)
class Host:
    """A host under one server: `flask`, or `flask@waitress` for all but its first server."""

    name: str
    host: str
    server: str
    command: str
    language: str
    cannot: dict[str, str] = field(default_factory=dict)
    http2: bool = False
    #: What rows may be about alone: the gateway, the framework.
    speaks: Sequence[str] = ()
    #: Whether the short run has it.
    always: bool = True

    def why_not(self, row: table.Row, stack: str) -> str | None:
        """Why a row is not run here; None if it is."""
        for need in (row.name, f"stack: {stack}", *row.needs):
            if need in self.cannot:
                return self.cannot[need]
        if row.only and row.only not in self.speaks:
            return f"about {row.only} alone"
        if row.adds and "@" in self.name:
            return "how the app starts does not depend on the server: it is asked under the host's first one"
        if row.only_http2 and not self.http2:
            return "a form of HTTP/2, which this server does not speak here"
        if self.http2 and (row.http1 or (isinstance(row.ask, Request) and row.ask.raw)):
            return "bytes of HTTP/1, which HTTP/2 has no form for"
        return None


def hosts() -> list[Host]:
    """All hosts, as `hosts.toml` has them."""
    written = tomllib.loads((HERE / "hosts.toml").read_text())
    return [
        Host(
            name=name if server == host["servers"][0] else f"{name}@{server}",
            host=name,
            server=server,
            command=written["servers"][server].replace("{app}", host["app"]),
            language=host["language"],
            cannot={**host.get("cannot", {}), **host.get(f"cannot-{server}", {})},
            http2=server.endswith("h2"),
            speaks=tuple(host.get("speaks", ())),
            always=server == host["servers"][0] or server in host.get("always", ()),
        )
        for name, host in written["hosts"].items()
        for server in host["servers"]
    ]


class NotStarted(Exception):
    """A probe that did not start, with the reason; `printed` is all that it wrote."""

    def __init__(self, why: str, printed: str = "") -> None:
        super().__init__(f"{why}: {printed[-2000:]}" if printed else why)
        self.printed = printed

    @property
    def last_line(self) -> str:
        """What the process said last of an error; without one, what it said last."""
        lines = [line.strip() for line in self.printed.splitlines() if line.strip() and "ResourceWarning" not in line]
        errors = [line for line in lines if re.match(r"panic: |[\w.]*(Error|Exception|InvalidKey)\b.*: ", line)]
        return (errors or lines or [str(self)])[-1]


class Probe:
    """One running probe."""

    def __init__(self, host: Host, stack: str, adds: dict[str, Any] | None = None) -> None:
        self.host = host
        self.stack = {**PLAIN, **STACKS[stack], "name": stack}
        self._adds = adds or {}
        self.mount = self.stack["mount"]
        self.port = free_port()
        self._twin: Probe | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="conformance-"))
        self._process = self._started()
        try:
            self._wait()
        except NotStarted:
            self.stop()
            raise

    def _started(self) -> subprocess.Popen[bytes]:
        described = self._folder / "description.json"
        described.write_text(json.dumps(description(self.stack, self._adds)))
        environment = {
            **os.environ,
            "PROBE": str(described),
            "PORT": str(self.port),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": f"{ROOT / 'bindings/python/python'}:{HERE / 'probes/python'}",
            "NODE_ENV": "development" if self.stack["debug"] else "production",
        }
        for name in ("EYOT_KEYS", "EYOT_KEYS_FILE"):
            environment.pop(name, None)
        self._log = open(self._folder / "log", "wb")  # noqa: SIM115 - it lives as long as the process
        command = self.host.command.replace("{port}", str(self.port)).split()
        folder = HERE / "probes" / self.host.language
        try:
            return subprocess.Popen(
                command, cwd=folder, env=environment, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
            )
        except OSError as error:
            self._log.close()
            raise NotStarted(str(error)) from error

    def _wait(self) -> None:
        end, failures = time.monotonic() + START_SECONDS, 0
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise NotStarted(f"ended with {self._process.returncode}", self.printed())
            try:
                response = self.ask(Request(f"{self.mount}/_live"))
                failures += response.status >= 500
                if failures > 3:
                    raise NotStarted(f"answers with {response.status}: {response.text[:300]}", self.printed())
                if response.status == 200:
                    self.ask(Request(f"{self.mount}/_events"))
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise NotStarted("does not answer", self.printed())

    def ask(self, request: Request) -> Any:
        """Ask in the way of this host's server."""
        if self.host.http2 and request.raw is None:
            from .wire import exchange_h2

            return exchange_h2(self.port, request)
        return exchange(self.port, request)

    def twin(self) -> Probe:
        """The same app without eyot; started when it is first asked for, and stopped with this one."""
        self._twin = self._twin or Probe(self.host, "without eyot")
        return self._twin

    def printed(self) -> str:
        """What the process has written so far."""
        return (self._folder / "log").read_text(errors="replace")

    def stop(self) -> None:
        """End it, with what it started."""
        if self._twin:
            self._twin.stop()
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        except ProcessLookupError:
            pass
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def description(stack: dict[str, Any], adds: dict[str, Any]) -> dict[str, Any]:
    """What a probe starts from; `adds` is what one row has for itself."""
    plain = {
        "stack": stack,
        "routes": table.ROUTES,
        "islands": table.ISLANDS,
        # Of the second set of islands, below /second.
        "second": table.SECOND,
        # Policies by patterns that no route of these has; only for hosts with a table of policies.
        "patterns": {},
        # What the probe does wrong on purpose, by name.
        "mistakes": [],
        "layout": table.LAYOUT,
        "files": str(HERE / "probes/files"),
        "keys": KEYS,
        "secret": "a secret of the probes, long enough: 0123456789",
        "options": table.OPTIONS,
    }
    return plain | {name: plain[name] | value if isinstance(value, dict) else value for name, value in adds.items()}
