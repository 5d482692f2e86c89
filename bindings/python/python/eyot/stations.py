"""What the two stations of one request tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._eyot import Pending, Policy, Reply


@dataclass(slots=True)
class Station:
    """What the outer station hands to the inner one, and what comes back."""

    pending: Pending | None = None
    body: bytes = b""
    policy: Policy | None = None
    # Set where the island is answered.
    is_opened: bool = False
    refusal: Reply | None = None
    shared: int | None = None
    page: bytes = b""
    # Set by the inner station for an island: the handler's own policies, before app-wide functions add the pages' one.
    own_policies: list[str] | None = None
    # Set by the inner station for a page with problems.
    is_faulty: bool = False

    @property
    def streams(self) -> bool:
        """Whether a streamed page goes out as it comes; else all of it is judged before its head leaves."""
        return self.policy is None or self.policy.streams

    @property
    def must_be_sound(self) -> bool:
        """Whether a stream is cut at its first fault: caches would keep what is found when its head has gone."""
        return self.policy is not None or self.shared is not None
