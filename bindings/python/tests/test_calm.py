"""What becomes of a panic in core, and which calls let other threads run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import eyot
import pytest
from eyot import _eyot
from flask import Flask
from gateways import ASKER, KEYS, PAGE, asked

HTML = [("Content-Type", "text/html")]
MARKED = [*HTML, (_eyot.MARK, "1")]
LARGE = b"<p>text</p>" * 1_000_000 + b"<Avatar server:defer />"
fail_next: Callable[[], None] | None = getattr(_eyot, "_fail_next", None)
checked = pytest.mark.skipif(fail_next is None, reason="this build has no way to make core panic")


@pytest.fixture
def islands() -> eyot.Islands:
    return eyot.Islands(KEYS, islands=["Avatar"])


def page_out(islands: eyot.Islands) -> eyot.WayOut:
    """Return the way out of a page that streams."""
    return islands.page("/p", eyot.Context, print)


def island(islands: eyot.Islands) -> eyot.Exchange:
    """Return an island that is asked for."""
    return asked(islands, islands.url("Avatar"), headers=list(ASKER.items()))


def judged() -> eyot.WayOut:
    """Return the way out of a page with a policy, whose body is awaited."""
    found = eyot.Islands(KEYS).arrive("GET", "/p", [], print, policy=eyot.Policy(cdn=60))
    assert isinstance(found, eyot.Exchange)
    out = found.out(eyot.Context, print)
    assert out.step(200, MARKED, "whole").kind == "collect"
    return out


CALLS: dict[str, Callable[[eyot.Islands], Callable[[], object]]] = {
    "split": lambda islands: lambda: islands.split(PAGE.encode()),
    "split_lenient": lambda islands: lambda: islands.split_lenient(PAGE.encode()),
    "split_with_diagnostics": lambda islands: lambda: islands.split_with_diagnostics(PAGE.encode()),
    "placeholder": lambda islands: lambda: islands.placeholder("Avatar"),
    "attributes": lambda islands: lambda: islands.attributes("Avatar"),
    "url": lambda islands: lambda: islands.url("Avatar"),
    "loader_tags": lambda islands: islands.loader_tags,
    "arrive": lambda islands: lambda: islands.arrive("GET", "/_server-islands/Avatar/x", [], print),
    "open": lambda islands: island(islands).open,
    "body": lambda islands: (lambda found: lambda: found.take_body(b"x", print))(island(islands)),
    "judge": lambda _: (lambda out: lambda: out.whole(200, MARKED, b""))(judged()),
    "step": lambda islands: lambda: page_out(islands).step(200, HTML, "whole"),
    "whole": lambda islands: lambda: page_out(islands).whole(200, HTML, PAGE.encode()),
    "push": lambda islands: lambda: page_out(islands).push(PAGE.encode()),
    "audit": lambda _: lambda: eyot.audit(b"<p>"),
    "large": lambda islands: lambda: islands.split(LARGE),
}


@checked
@pytest.mark.parametrize("call", CALLS)
def test_a_panic_in_core_is_an_error_that_handlers_of_exceptions_catch(call: str, islands: eyot.Islands) -> None:
    made = CALLS[call](islands)
    assert fail_next
    fail_next()
    with pytest.raises(eyot.Error, match="a fault of eyot's own") as caught:
        made()
    assert caught.value.code == "panic"
    # The next call is as ever.
    CALLS[call](islands)()


@checked
def test_a_panic_while_a_page_is_split_is_no_page_with_directives() -> None:
    from eyot.flask import Islands

    app = Flask(__name__)
    islands = Islands(app, keys=KEYS)
    islands.island("Avatar")(lambda island: "")

    @app.get("/p")
    def show() -> str:
        assert fail_next
        fail_next()
        return PAGE

    answer = app.test_client().get("/p")
    assert (answer.status_code, "server:" in answer.text) == (500, False)


def other_thread_ran_during(work: Callable[[], object]) -> bool:
    """Tell whether another thread, which waits for its turn, gets it before ``work`` is done."""
    begun, seen, done = threading.Event(), list[bool](), list[bool]()

    def look() -> None:
        begun.wait()
        seen.append(not done)

    before = sys.getswitchinterval()
    # Nobody is interrupted: only who gives up the GIL lets another run.
    sys.setswitchinterval(60)
    try:
        thread = threading.Thread(target=look)
        thread.start()
        begun.set()
        work()
        done.append(True)
    finally:
        sys.setswitchinterval(before)
    thread.join()
    return seen == [True]


def test_work_on_a_large_page_lets_other_threads_run(islands: eyot.Islands) -> None:
    out = judged()
    assert other_thread_ran_during(lambda: islands.split(LARGE))
    assert other_thread_ran_during(lambda: out.whole(200, MARKED, LARGE))


def test_work_on_a_small_page_is_done_at_once(islands: eyot.Islands) -> None:
    out, small = judged(), LARGE[:2048]
    assert not other_thread_ran_during(lambda: islands.split(small))
    assert not other_thread_ran_during(lambda: out.whole(200, MARKED, small))
