"""The quick start of the guide, followed as it is printed in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs/django.md"
# What a visitor does, with Django's own client: `manage.py shell` runs it.
VISIT = """
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
from eyot.django.test import ask, assemble, assert_shell
from html.parser import HTMLParser
import re
client = Client(enforce_csrf_checks=True)
page = client.get("/")
assert_shell(page)
assert "<p>" in page.text and "0 in the cart" not in page.text
whole = assemble(client, page)
assert "0 in the cart" in whole, whole
token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', whole)[1]
assert client.post("/add").status_code == 403
assert client.post("/add", {"csrfmiddlewaretoken": token}).status_code == 302
assert client.get("/").content == page.content
assert "1 in the cart" in assemble(client, client.get("/"))
assert ask(client, "CartCount").text == "1 in the cart"
print("visited")
"""


def blocks() -> Iterator[tuple[str, str]]:
    """Return language and text of the blocks of the quick start."""
    start = GUIDE.read_text().partition("## Quick start")[2].partition("\n## ")[0]
    yield from re.findall(r"```(\w+)\n(.*?)```", start, re.DOTALL)


def run(folder: Path, *command: str, stdin: str = "") -> str:
    """Run a command of the guide; its output."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    environment["PYTHONPATH"] = str(Path(__file__).parents[1] / "python")
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_quick_start_runs_as_it_is_printed(tmp_path: Path) -> None:
    for language, text in blocks():
        if language == "sh":
            for line in text.splitlines():
                program, _, rest = line.partition(" ")
                if program == "django-admin":
                    run(tmp_path, "-m", "django", *rest.split())
                elif program == "python" and "runserver" not in rest:
                    run(tmp_path, *rest.split())
            continue
        named = re.match(r"(?:# |\{# )(\S+)", text)
        assert named, text
        file = tmp_path / named[1]
        file.parent.mkdir(exist_ok=True)
        # The settings are added to, everything else is a file of its own.
        written = file.read_text() + "\n" if file.name == "settings.py" else ""
        file.write_text(written + text)
    assert "no issues" in run(tmp_path, "manage.py", "check")
    assert "CartCount" in run(tmp_path, "manage.py", "eyot_islands")
    assert "/: sound" in run(tmp_path, "manage.py", "eyot_audit")
    assert "visited" in run(tmp_path, "manage.py", "shell", stdin=VISIT)
