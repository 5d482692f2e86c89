"""What all Python probes share: the description that they start from, what they say, and what they note.

A probe is an app in which every answer is described from outside: the suite writes the description, this module reads
it, and each probe sends what `said` returns in its framework's ordinary way.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import os
import secrets
import sys
import threading
import time
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

DESCRIPTION: dict[str, Any] = json.loads(Path(os.environ["PROBE"]).read_text())
STACK: dict[str, Any] = DESCRIPTION["stack"]
ROUTES: dict[str, dict[str, Any]] = DESCRIPTION["routes"]
ISLANDS: dict[str, dict[str, Any]] = DESCRIPTION["islands"]
FILES = Path(DESCRIPTION["files"])
LAYOUT: str = DESCRIPTION["layout"]
SECOND: dict[str, dict[str, Any]] = DESCRIPTION["second"] if STACK["second"] else {"routes": {}, "islands": {}}
SECRET: str = DESCRIPTION["secret"]
HTML = "text/html; charset=utf-8"
#: What a layer says of scripts, on every answer.
CSP = "default-src 'self'"


@dataclass
class TypedProps:
    """The props of the island `Typed`."""

    sku: str


def registered(says: dict[str, Any]) -> dict[str, Any]:
    """What an island's registration gets beside its name."""
    return {**says.get("options", {}), **({"props": TypedProps} if says.get("typed") else {})}


class Failure(Exception):
    """What a view that fails raises."""


class Events(logging.Handler):
    """What has happened since it was last asked for: eyot's log, refusals, and what the app's handlers saw."""

    def __init__(self) -> None:
        super().__init__()
        self._lock2 = threading.Lock()
        self._live = 0
        self.clear()

    def clear(self) -> None:
        self._noted: dict[str, list[Any]] = {"log": [], "refusals": [], "runs": []}

    def emit(self, record: logging.LogRecord) -> None:
        self._noted["log"].append({"level": record.levelname.lower(), "text": record.getMessage()})

    def event(self, event: Any) -> None:
        """Note a refusal, which is what has a status."""
        if event.island == "HookRaises":
            raise Failure("in the hook")
        if event.status is not None:
            refusal = {"reason": event.code, "status": event.status, "island": event.island}
            self._noted["refusals"].append(refusal)

    def run(self, facts: dict[str, Any]) -> None:
        """Note one run of a handler."""
        self._noted["runs"].append({key: facts[key] for key in ("path", "method", "target", "headers")})

    def living(self, by: int) -> None:
        with self._lock2:
            self._live += by

    def taken(self) -> str:
        """All of it as JSON; then it is forgotten."""
        noted = json.dumps(self._noted)
        self.clear()
        return noted

    def live(self) -> str:
        return str(self._live)


events = Events()
logging.getLogger("eyot").addHandler(events)
logging.getLogger("eyot").setLevel(logging.INFO)


def options() -> dict[str, Any]:
    """What eyot's own options are, of those that the description has."""
    known = dict(DESCRIPTION["options"])
    if "deadline" in known:
        known["deadline"] = f"{known['deadline'] // 1000}s"
    return {**known, "keys": DESCRIPTION["keys"], "on_event": events.event}


def mistaken(island: Any) -> None:
    """Do wrong what the description says, with the decorator of this app."""
    if "island without parentheses" in DESCRIPTION["mistakes"]:

        @island
        def answer(*_: Any) -> str:
            return "never"


def facts_of(method: str, path: str, query: str, headers: dict[str, str], session: Any = None) -> dict[str, Any]:
    """What an answer may show of its request. ``session`` is a mapping that may be written."""
    target = path + (f"?{query}" if query else "")
    return {"method": method, "path": path, "target": target, "query": query, "headers": headers, "session": session}


def said(says: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """What to answer now: the description with the facts filled in, its session written, and its ranges honoured."""
    events.run(facts)
    if "wait" in says:
        time.sleep(says["wait"] / 1000)
    return settled(says, facts)


def settled(says: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """As `said`, for what has waited already."""
    if "raise" in says:
        raise Failure(says["raise"])
    for name, value in says.get("session", {}).items():
        facts["session"][name] = filled(value, facts)
    answer = {"status": 200, "type": HTML, "headers": [], **says}
    answer["headers"] = [tuple(header) for header in answer["headers"]]
    if "text" in says:
        answer["text"] = filled(says["text"], facts)
    if "pieces" in says:
        answer["pieces"] = [filled(piece, facts) for piece in says["pieces"]]
    if "redirect" in says:
        answer["redirect"] = filled(says["redirect"], facts)
    if "base64" in says:
        answer["bytes"] = base64.b64decode(says["base64"])
    if says.get("ranges") and facts["headers"].get("range"):
        return part_of(answer, facts["headers"]["range"])
    return answer


def part_of(answer: dict[str, Any], wanted: str) -> dict[str, Any]:
    """What an app answers that honours ranges."""
    data = answer["text"].encode()
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    end = int(last or len(data) - 1) + 1
    told = ("Content-Range", f"bytes {first}-{end - 1}/{len(data)}")
    return {**answer, "status": 206, "text": data[int(first) : end].decode(), "headers": [*answer["headers"], told]}


def filled(text: str, facts: dict[str, Any]) -> str:
    """The text with what stands between per cent signs in it replaced."""
    if "%" not in text:
        return text
    session = facts["session"]
    for name in ("method", "path", "target"):
        text = text.replace(f"%{name}%", html.escape(facts[name]))
    text = text.replace("%imports%", "django.test" if "django.test" in sys.modules else "no test client")
    text = text.replace("%page%", html.escape(getattr(facts.get("page"), "path", "none")))
    for name in ("cookie", "authorization", "accept-encoding"):
        text = text.replace(f"%{name}%", html.escape(facts["headers"].get(name, "none")))
    for name, values in parse_qs(facts["query"]).items():
        text = text.replace(f"%query.{name}%", html.escape(values[0]))
    if "%props%" in text:
        props = facts.get("props")
        text = text.replace("%props%", html.escape(json.dumps(asdict(props) if is_dataclass(props) else props)))
    if "%user%" in text:
        text = text.replace("%user%", html.escape(str(session.get("user", "nobody"))))
    if "%csrf%" in text:
        if "csrf" not in session:
            session["csrf"] = secrets.token_hex(16)
        text = text.replace("%csrf%", session["csrf"])
    return text
