"""A real Varnish in front of the shop: one shell for all, islands for each, and a form on the cached page posts."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import TestCase
from urllib.parse import urlencode

SHOP = Path(__file__).parents[1]
VCL = SHOP.parent / "cdn" / "varnish.vcl"
ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Visitor:
    """Somebody with cookies of their own."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[http.client.HTTPResponse, str]:
        """Get a page, or post a form."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {**ASKER, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = urlencode(fields) if fields is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST" if body is not None else "GET", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer, text

    def island(self, shell: str, name: str) -> tuple[http.client.HTTPResponse, str]:
        """Get an island of a shell."""
        found = re.search(f'island="{name}" island-src="([^"]+)"', shell)
        assert found, name
        return self.ask(found[1])

    def sign_in(self, email: str, password: str) -> None:
        """Become a customer."""
        _, form = self.ask("/login")
        self.ask("/login", {"csrfmiddlewaretoken": field(form), "email": email, "password": password})


def field(text: str) -> str:
    """The value of the CSRF field."""
    found = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert found, text
    return found[1]


class VarnishTest(TestCase):
    """The shop under gunicorn, and `examples/cdn/varnish.vcl` before it."""

    @classmethod
    def setUpClass(cls) -> None:
        """Start both."""
        folder = Path(tempfile.mkdtemp())
        folder.chmod(0o755)  # Varnish reads its file as another user
        cls.addClassCleanup(shutil.rmtree, folder)
        backend, cls.port = free_port(), free_port()
        vcl = folder / "shop.vcl"
        vcl.write_text(VCL.read_text("utf-8").replace('"8000"', f'"{backend}"'), "utf-8")
        environment = {**os.environ, "PORT": str(backend), "BIND": "127.0.0.1", "SHOP_DB": str(folder / "shop.sqlite3")}
        cls.start(backend, [sys.executable, "-m", "gunicorn"], environment)
        varnishd = shutil.which("varnishd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        assert varnishd, "varnishd is not installed: .ci/setup installs it"
        address = f"127.0.0.1:{cls.port}"
        cls.start(
            cls.port, [varnishd, "-F", "-n", str(folder / "varnish"), "-a", address, "-f", str(vcl), "-s", "malloc,32m"]
        )

    @classmethod
    def start(cls, port: int, command: list[str], environment: dict[str, str] | None = None) -> None:
        """Start a server, and wait until it listens."""
        server = subprocess.Popen(
            command, cwd=SHOP, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        cls.addClassCleanup(cls.stop, server)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and server.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        server.kill()
        raise AssertionError(f"{command[0]} did not start: {server.communicate()[0]}")

    @staticmethod
    def stop(server: "subprocess.Popen[str]") -> None:
        """End a server, and what it wrote."""
        server.terminate()
        try:
            server.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.communicate()

    def visitor(self) -> Visitor:
        """Make a new visitor."""
        return Visitor(self.port)

    def test_the_second_visitor_gets_the_shell_of_the_first(self) -> None:
        """Although both have cookies."""
        ada, bram = self.visitor(), self.visitor()
        ada.sign_in("ada@example.com", "lock-keeper")
        bram.sign_in("bram@example.com", "weir-pool")
        first, shell = ada.ask("/p/kettle")
        second, same = bram.ask("/p/kettle")
        self.assertEqual([first.headers["X-Cache"], second.headers["X-Cache"]], ["MISS", "HIT"])
        self.assertEqual(shell, same)
        self.assertNotIn("Set-Cookie", second.headers)
        for visitor, name, price in (
            (ada, "Ada Lock", "£32.40"),
            (bram, "Bram Weir", "£27.00"),
            (ada, "Ada Lock", "£32.40"),
        ):
            avatar, text = visitor.island(shell, "Avatar")
            self.assertIn(name, text)
            self.assertEqual(
                [avatar.headers["X-Cache"], avatar.headers["Cache-Control"]], ["MISS", "private, no-store"]
            )
            self.assertIn(price, visitor.island(shell, "Price")[1])
        _, stranger = self.visitor().island(shell, "Avatar")
        self.assertIn("Sign in", stranger)

    def test_a_form_on_the_cached_page_posts(self) -> None:
        """With Django's CSRF protection on, from a copy that was made for somebody else."""
        self.visitor().ask("/p/paddle")
        visitor = self.visitor()
        answer, shell = visitor.ask("/p/paddle")
        self.assertEqual(answer.headers["X-Cache"], "HIT")
        data = {"sku": "paddle", "count": "2"}
        refused, _ = visitor.ask("/cart/add", data)
        self.assertEqual(refused.status, 403)
        _, island = visitor.island(shell, "CsrfField")
        accepted, _ = visitor.ask("/cart/add", {**data, "csrfmiddlewaretoken": field(island)})
        self.assertEqual((accepted.status, accepted.headers["Location"]), (303, "/cart"))
        self.assertIn('<span class="count some">2</span>', visitor.island(shell, "CartCount")[1])

    def test_what_is_shared_is_kept_and_what_is_refused_is_not(self) -> None:
        """The tide is the same for all; a refusal is nobody's to keep."""
        _, shell = self.visitor().ask("/p/rope")
        self.assertEqual(
            [self.visitor().island(shell, "Tide")[0].headers["X-Cache"] for _ in range(2)], ["MISS", "HIT"]
        )
        for _ in range(2):
            answer, _ = self.visitor().ask("/_server-islands/Avatar/AAAA")
            self.assertEqual((answer.status, answer.headers["X-Cache"]), (400, "MISS"))

    def test_pages_of_one_visitor_and_fresh_shells_are_not_kept(self) -> None:
        """The cart, and a shell that the loader asks for because its copy is stale."""
        for path in ("/cart", "/login", "/p/rope?island-fresh"):
            for _ in range(2):
                answer, _ = self.visitor().ask(path)
                self.assertEqual((answer.status, answer.headers["X-Cache"]), (200, "MISS"), path)

    def test_the_loader_is_kept(self) -> None:
        """It is a file."""
        answers = [self.visitor().ask("/_server-islands/loader.v1.js")[0] for _ in range(2)]
        self.assertEqual([answer.headers["X-Cache"] for answer in answers], ["MISS", "HIT"])
