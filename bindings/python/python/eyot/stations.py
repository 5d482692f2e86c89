"""What the two stations of one request tell each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._eyot import Outcome, Pending, Policy, Reply

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Station:
    """What the outer station hands to the inner one, and what comes back."""

    pending: Pending | None = None
    body: bytes = b""
    policy: Policy | None = None
    # The query that the app is to see, where the one that was sent has a part for the outer station.
    query: bytes | None = None
    # Set where the island is answered.
    is_opened: bool = False
    refusal: Reply | None = None
    shared: int | None = None
    page: bytes = b""
    # Set by the inner station for an island: the handler's own policies, before app-wide functions add the pages' one.
    own_policies: list[str] | None = None
    # Set by the outer station of Django: what ends the policy, where another view runs than the one that has it.
    take_off: Callable[[], None] | None = None
    # Set by the inner station for a page with problems.
    is_faulty: bool = False
    # What its log lines say is an error, a code and a text each.
    problems: list[tuple[str, str]] = field(default_factory=list)
    # Set by the outer station: what the leak guard found, a code and a text each.
    leaks: list[tuple[str, str]] = field(default_factory=list)

    def finish(
        self, pending: Pending, status: int, headers: Headers, body: bytes | None, *, foreign: bool | None = None
    ) -> Outcome | Reply:
        """Turn what came back for an island into what is sent; ``body`` is the whole body of a shared one.

        What is ``foreign`` is no island: by default, whatever came back although nothing opened its token.
        """
        foreign = not self.is_opened if foreign is None else foreign
        return pending.finish(status, headers, shared=self.shared, page=self.page, foreign=foreign, body=body)

    @property
    def streams(self) -> bool:
        """Whether a streamed page goes out as it comes; else all of it is judged before its head leaves."""
        return self.policy is None or self.policy.streams

    @property
    def must_be_sound(self) -> bool:
        """Whether a stream is cut at its first fault: caches would keep what is found when its head has gone."""
        return self.policy is not None or self.shared is not None
