"""What the suite itself must do: say which probe did not start and why, and let nothing pass that it did not see."""

from __future__ import annotations

import argparse
import contextlib
import fnmatch
import io
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from . import known, mistakes, parity, probes, table
from .__main__ import load_rows, summed_up
from .probes import Host
from .run import GONE, NOT_STARTED, Outcome, is_broken, run_stack
from .table import Row, check, get, printed, status

#: A probe of a few lines: it answers `/_live` and `/_events`, and what is put in the place of ANSWER for all else.
SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{}' if self.path == '/_events' else b'0'
        if not self.path.startswith('/_'):
            ANSWER
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler).serve_forever()
"""
load_rows()
ROW = Row("row", "a row", "a reason", get(), [status(200)], "/")
ARGUMENTS = argparse.Namespace(host=["fake"], stack=None, row=None, all=False, verbose=False, write_parity=False)


def outcome(verdict: str, why: str = "", row: str = "row") -> Outcome:
    return Outcome(row, "fake", "bare", verdict, why)


class Suite(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.dict(table.ROWS, {"row": ROW, "other": ROW}))

    def host(self, program: str, **more: object) -> Host:
        script = self.folder / "probe.py"
        script.write_text(program)
        return Host("fake", "fake", "none", f"python {script}", "python", **more)  # type: ignore[arg-type]

    def outcomes(self, program: str, *rows: Row, **more: object) -> list[Outcome]:
        return run_stack(self.host(program, **more), "bare", rows or [ROW])

    def said(self, outcomes: list[Outcome], reasons: dict[known.Place, str]) -> tuple[int, str]:
        """How a run with these outcomes ends, and what it prints."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = summed_up(outcomes, reasons, 1.0, ARGUMENTS)
        return code, out.getvalue()

    def test_a_probe_that_ends_at_once_fails_all_of_its_rows_with_what_it_printed(self) -> None:
        found = self.outcomes("import sys; sys.exit('no such module: fake')", ROW, ROW)
        self.assertEqual([o.verdict for o in found], ["failed", "failed"])
        for o in found:
            self.assertTrue(o.why.startswith(f"{NOT_STARTED}: ended with 1: no such module: fake"), o.why)

    def test_a_probe_that_never_listens_is_given_up_with_what_it_printed(self) -> None:
        with mock.patch.object(probes, "START_SECONDS", 0.6):
            (found,) = self.outcomes("import time; print('waiting for a database', flush=True); time.sleep(60)")
        self.assertEqual(found.why, f"{NOT_STARTED}: does not answer: waiting for a database\n")

    def test_a_probe_that_answers_with_errors_alone_has_not_started(self) -> None:
        program = SERVER.replace("self.send_response(200)", "print('broken', flush=True); self.send_response(500)")
        (found,) = self.outcomes(program)
        self.assertTrue(found.why.startswith(f"{NOT_STARTED}: answers with 500: 0: broken"), found.why)

    def test_a_command_that_is_not_there_is_named(self) -> None:
        host = Host("fake", "fake", "none", "no-such-command", "python")
        (found,) = run_stack(host, "bare", [ROW])
        self.assertIn(NOT_STARTED, found.why)
        self.assertIn("no-such-command", found.why)

    def test_a_probe_that_ends_in_the_middle_fails_the_rows_that_follow_as_gone(self) -> None:
        ending = "print('out of memory', flush=True); os._exit(1)"
        first, second = self.outcomes(SERVER.replace("ANSWER", ending), ROW, ROW)
        self.assertEqual((first.verdict, second.verdict), ("failed", "failed"))
        self.assertTrue(second.why.startswith(f"{GONE}: out of memory"), second.why)

    def test_a_probe_that_is_not_there_is_no_known_failure_and_is_printed_by_host_and_stack(self) -> None:
        for why in (f"{NOT_STARTED}: no such module", f"{GONE}: out of memory"):
            broken = [outcome("failed", why), outcome("failed", why, "other")]
            self.assertTrue(all(is_broken(o) for o in broken))
            code, text = self.said(broken, {("row", "fake", "bare"): "known", ("other", "fake", "bare"): "known"})
            self.assertEqual(code, 1)
            self.assertIn(f"FAILED: fake, bare, 2 rows: {why}", text)

    def test_a_probe_that_is_not_there_is_never_written_to_the_list(self) -> None:
        with mock.patch.object(known, "FILE", self.folder / "known.toml"):
            known.write([outcome("failed", f"{NOT_STARTED}: x"), outcome("failed", "y", "other")], {}, ["row", "other"])
            self.assertEqual(list(known.read()), [("other", "fake", "bare")])

    def test_a_failure_that_is_listed_with_a_reason_does_not_fail_the_run(self) -> None:
        self.assertEqual(self.said([outcome("failed", "404")], {("row", "fake", "bare"): "not built yet"})[0], 0)

    def test_a_failure_that_is_not_listed_or_has_no_reason_fails_the_run(self) -> None:
        for reasons in ({}, {("row", "fake", "bare"): ""}, {("row", "fake", "debug"): "elsewhere"}):
            code, text = self.said([outcome("failed", "404")], reasons)
            self.assertEqual(code, 1)
            self.assertIn("fake, bare: 404", text)

    def test_a_row_that_passes_although_it_is_listed_fails_the_run(self) -> None:
        code, text = self.said([outcome("passed")], {("row", "fake", "bare"): "not built yet"})
        self.assertEqual(code, 1)
        self.assertIn("PASSED, but listed as a known failure: row on fake, bare", text)

    def test_a_row_is_skipped_with_the_host_s_reason_and_a_skip_without_one_cannot_be(self) -> None:
        (found,) = self.outcomes(SERVER, ROW, cannot={"row": "it has no such thing"})
        self.assertEqual((found.verdict, found.why), ("skipped", "it has no such thing"))
        self.assertIn("skipped: fake: stack bare: it has no such thing", self.said([found], {})[1])
        for host in probes.hosts():
            for need, why in host.cannot.items():
                self.assertTrue(why.strip(), f"{host.name}: {need}")

    def test_what_hosts_cannot_do_is_what_some_row_needs(self) -> None:
        needed = {need for row in table.ROWS.values() for need in (row.name, *row.needs)}
        needed |= {f"stack: {stack}" for stack in probes.STACKS}
        for host in probes.hosts():
            self.assertEqual(set(host.cannot) - needed, set(), host.name)

    def test_the_table_of_cases_names_rows_that_there_are_and_leaves_out_no_case(self) -> None:
        text = (probes.HERE / "README.md").read_text()
        lines = [line.split("|")[1:3] for line in text.splitlines() if re.match(r"\| [NPS][0-9]", line)]
        cases = {case.strip() for numbers, _ in lines for case in numbers.split(",")}
        known_cases = {f"{part}{n}" for part, last in (("N", 14), ("P", 10), ("S", 25)) for n in range(1, last + 1)}
        self.assertEqual(cases, known_cases)
        for _, held in lines:
            for name in re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)*-?\*?)`", held):
                if name not in ("assemble", "debug"):
                    self.assertTrue(fnmatch.filter(table.ROWS, name), name)

    def test_a_start_that_must_fail_passes_where_the_probe_says_the_mistake(self) -> None:
        row = Row("row", "", "", get(), [printed("Card Row")], "/", adds={"keys": None}, starts=False)
        refuses = self.outcomes("import sys; sys.exit('the name Card Row has a space')", row)
        silent = self.outcomes("import sys; sys.exit('failed')", row)
        takes = self.outcomes(SERVER.replace("ANSWER", "pass"), row)
        self.assertEqual([o.verdict for o in (*refuses, *silent, *takes)], ["passed", "failed", "failed"])

    def test_a_start_that_is_refused_for_what_one_row_adds_may_be_a_known_failure(self) -> None:
        row = Row("row", "", "", get(), [status(200)], "/", adds={"keys": None})
        (found,) = self.outcomes("import sys; sys.exit('KeyError: no key')", row)
        self.assertEqual((found.why, is_broken(found)), ("it must start: KeyError: no key", False))

    def test_a_row_whose_check_raises_fails_alone(self) -> None:
        row = Row("row", "", "", get(), [check("breaks", lambda s: s.nothing)], "/")
        broken, sound = self.outcomes(SERVER.replace("ANSWER", "pass"), row, ROW)
        self.assertEqual((broken.verdict, sound.verdict), ("failed", "passed"))

    def test_the_parity_table_shows_a_feature_that_fails_in_one_stack_as_missing(self) -> None:
        self.assertEqual(parity.cell([outcome("passed"), outcome("failed")]), "✗")
        self.assertEqual(parity.cell([outcome("passed"), outcome("skipped")]), "✓")
        self.assertEqual(parity.cell([outcome("skipped")]), "–")


class Mistakes(unittest.TestCase):
    """The table of what developers get wrong."""

    def test_every_host_answers_every_mistake(self) -> None:
        self.assertEqual(mistakes.faults(), [])

    def test_the_page_is_what_the_files_say(self) -> None:
        self.assertEqual(mistakes.FILE.read_text(), mistakes.page(), "run python -m suite.mistakes")


if __name__ == "__main__":
    unittest.main()
