"""Runs rows against probes, in parallel, and compares what failed with what is known to fail."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from . import table
from .probes import Host, NotStarted, Probe
from .table import Row, Seen
from .wire import Request, Response

ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
#: What is never a known failure, since it hides all others: a probe that is not there.
NOT_STARTED = "the probe did not start"
GONE = "the probe has gone"
TOKEN_TYPE = "application/vnd.eyot.token"


@dataclass(frozen=True)
class Outcome:
    """What became of one row on one host and stack: `passed`, `failed` or `skipped`, and why."""

    row: str
    host: str
    stack: str
    verdict: str
    why: str = ""


def is_broken(outcome: Outcome) -> bool:
    """Whether there was no probe that could have answered."""
    return outcome.why.startswith((NOT_STARTED, GONE))


class Visit:
    """One row's visit at one probe: requests of the row's path, and of islands on its pages."""

    def __init__(self, probe: Probe, row: Row) -> None:
        self.probe = probe
        self.row = row
        self.before: list[Response] = []
        self.cookies: dict[str, str] = {}

    def ask(self, request: Request) -> Response:
        """Ask for the row's path, with the request's query; or for a whole path of the request's own."""
        path = request.path
        if not path.startswith("/"):
            path = f"{self.probe.mount}{self.row.path}{path}"
        headers = {name: value for name, value in request.headers.items() if value is not None}
        if self.cookies and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = replace(request, path=path, headers=headers)
        if sent.raw is not None:
            sent.raw = sent.raw.replace(b"{path}", f"{self.probe.mount}{self.row.path}".encode())
        response = self.probe.ask(sent)
        for cookie in response.all("Set-Cookie"):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        self.before.append(response)
        return response

    def get(self, path: str = "", **headers: str) -> Response:
        """A GET; a path of the app's own begins with a slash."""
        path = f"{self.probe.mount}{path}" if path.startswith("/") else path
        return self.ask(Request(path, headers={table.dashed(name): value for name, value in headers.items()}))

    def request_of(self, name: str, at: str, method: str, headers: dict[str, str | None]) -> Request:
        """The request that the loader sends for a placeholder of the page at this path."""
        url, token = placeholder(self.get(at).text, name)
        # What the page's own handler saw and logged is not the island's.
        self.probe.ask(Request(f"{self.probe.mount}/_events"))
        sent: dict[str, Any] = {**ASKER, **headers}
        if token is None and method == "POST":
            url, token = url.rsplit("/", 1)
        if token is not None:
            return Request(url, "POST", {"Content-Type": TOKEN_TYPE, **sent}, token.encode())
        return Request(url, method, sent)

    def live(self) -> int:
        """How many of the app's handlers are running."""
        return int(self.probe.ask(Request(f"{self.probe.mount}/_live")).text)

    def wait_for_handlers(self, before: int) -> None:
        """Wait until no more handlers run than before the client left.

        Some may: a stream that was cut in another row is a generator that Python has not collected yet.
        """
        if not self.until(lambda: self.live() <= before, 4):
            raise table.Failed(f"{self.live() - before} handler(s) still run, seconds after the client left")

    def until(self, holds: Any, seconds: float = 5.0) -> bool:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True


def placeholder(page: str, name: str) -> tuple[str, str | None]:
    """Where a placeholder asks, and the token that it posts."""
    tag = re.search(rf'<[^<>]*"([^"]*/_server-islands/{re.escape(name)}(?:/[^"]*)?)"[^<>]*>', page)
    if not tag:
        raise table.Failed(f"no placeholder of {name}: {page[:300]!r}")
    token = re.search(r'[a-z]+-token="([^"]+)"', tag[0])
    return html.unescape(tag[1]), token[1] if token else None


def seen_by(probe: Probe, row: Row) -> Seen:
    """Ask what the row asks, and fetch what the probe has noted meanwhile."""
    probe.ask(Request(f"{probe.mount}/_events"))
    visit, before = Visit(probe, row), len(probe.printed())
    response = visit.ask(row.ask) if isinstance(row.ask, Request) else row.ask(visit)
    noted = {"log": [], "runs": [], "refusals": []}
    for name, lines in json.loads(probe.ask(Request(f"{probe.mount}/_events")).text).items():
        noted[name] += lines
    printed = probe.printed()[before:]
    return Seen(response, noted["log"], noted["runs"], noted["refusals"], visit.before, printed)


def run_row(probe: Probe, row: Row) -> Outcome:
    """Run one row. A row that breaks is a failure like any other."""
    why: str | None = None
    try:
        if failures := table.judge(row, seen_by(probe, row)):
            why = "; ".join(failures)
    except ConnectionRefusedError:
        why = f"{GONE}: {probe.printed()[-600:]}"
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    name, stack = probe.host.name, probe.stack["name"]
    return Outcome(row.name, name, stack, "failed" if why else "passed", why or "")


def run_stack(host: Host, stack: str, rows: Sequence[Row]) -> list[Outcome]:
    """Run these rows: those with additions of their own each against a probe of its own, all others against one."""
    alone = [row for row in rows if row.adds and not host.why_not(row, stack)]
    together = [row for row in rows if row not in alone]
    return run_together(host, stack, together) + [run_alone(host, stack, row) for row in alone]


def run_alone(host: Host, stack: str, row: Row) -> Outcome:
    """Run a row against a probe of its own, which must not start where the row says so."""
    try:
        probe = Probe(host, stack, row.adds)
    except NotStarted as error:
        if row.starts:
            # What this row adds is refused, which is a failure like any other: rows without additions say what is broken.
            return Outcome(row.name, host.name, stack, "failed", f"it must start: {error.last_line}")
        failures = table.judge(row, Seen(Response(), [], [], [], printed=error.printed))
        return Outcome(row.name, host.name, stack, "failed" if failures else "passed", "; ".join(failures))
    try:
        if not row.starts:
            return Outcome(row.name, host.name, stack, "failed", "the probe started, as if nothing were wrong")
        return run_row(probe, row)
    finally:
        probe.stop()


def run_together(host: Host, stack: str, rows: Sequence[Row]) -> list[Outcome]:
    """Run these rows against one probe. If it does not start, all of them fail, and say why."""
    wanted, outcomes = [], []
    for row in rows:
        if why := host.why_not(row, stack):
            outcomes.append(Outcome(row.name, host.name, stack, "skipped", why))
        else:
            wanted.append(row)
    if not wanted:
        return outcomes
    try:
        probe = Probe(host, stack)
    except NotStarted as error:
        return outcomes + [not_started(row, host, stack, str(error)) for row in wanted]
    try:
        return outcomes + [run_row(probe, row) for row in wanted]
    finally:
        probe.stop()


def not_started(row: Row, host: Host, stack: str, why: str) -> Outcome:
    """What becomes of a row whose probe did not start: all is well where the stack is wrong, and eyot says so."""
    if row.or_no_start and re.search("station|eyot.E0|Middleware", why):
        return Outcome(row.name, host.name, stack, "passed")
    return Outcome(row.name, host.name, stack, "failed", f"{NOT_STARTED}: {why}")


def run_all(jobs: Sequence[tuple[Host, str, Sequence[Row]]], workers: int, told: Any) -> list[Outcome]:
    """Run all jobs, a few at a time; `told` is called after each."""
    lock = threading.Lock()
    outcomes: list[Outcome] = []

    def run(job: tuple[Host, str, Sequence[Row]]) -> None:
        started = time.monotonic()
        found = run_stack(*job)
        with lock:
            outcomes.extend(found)
            told(job[0].name, job[1], found, time.monotonic() - started)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, jobs))
    return outcomes
