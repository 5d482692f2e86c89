"""HTTP as it is on the wire: requests written byte by byte, responses read with what is wrong about them.

A client library would repair or refuse much of what the suite has to send and to see: two lengths, a body that stops
in the middle, a header twice. So this one keeps everything.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 20.0

Headers = list[tuple[str, str]]


@dataclass
class Request:
    """What is asked. ``raw`` stands for all of it: bytes that no client would send; ``{host}`` in it is replaced."""

    path: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    raw: bytes | None = None
    #: Over HTTP/2: header fields as they are, which a client would not send; and whether the body ends.
    fields: Sequence[tuple[str, str]] = ()
    ends: bool = True
    #: The client closes after this many bytes of the answer's body, or after so many seconds without a byte.
    leaves_after: int | None = None


@dataclass
class Response:
    """What came back, and whether it ended as it should."""

    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    #: (seconds since the request, bytes) of each read of the body.
    times: list[tuple[float, int]] = field(default_factory=list)
    #: The end that the head promises came: the length is right, or the last chunk was there.
    complete: bool = False
    seconds: float = 0.0
    #: Responses after this one, on the same connection.
    rest: list[Response] = field(default_factory=list)

    def get(self, name: str) -> str | None:
        """The values of a header, joined as a cache would; None where it is not there."""
        found = self.all(name)
        return ", ".join(found) if found else None

    def all(self, name: str) -> list[str]:
        """Each value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def __str__(self) -> str:
        head = "\n".join(f"{name}: {value}" for name, value in self.headers)
        ending = "" if self.complete else "\n-- and then it was cut --"
        return f"{self.status}\n{head}\n\n{self.text[:1500]}{ending}"


def exchange(port: int, request: Request) -> Response:
    """Ask over HTTP/1.1, on a connection of its own."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A server may answer and go before it has read everything.
        with contextlib.suppress(OSError):
            connection.sendall(written(port, request))
        return Reader(connection, request, started).read()


def written(port: int, request: Request) -> bytes:
    """The request as it goes out."""
    host = f"127.0.0.1:{port}"
    if request.raw is not None:
        return request.raw.replace(b"{host}", host.encode())
    headers = {"Host": host, "Connection": "close", **request.headers}
    if request.body is not None and not any(name.lower() == "content-length" for name in headers):
        headers["Content-Length"] = str(len(request.body))
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (request.body or b"")


class Reader:
    """Reads responses off one connection."""

    def __init__(self, connection: socket.socket, request: Request, started: float) -> None:
        self._connection = connection
        self._request = request
        self._started = started
        self._buffer = b""
        self._ended = False

    def read(self) -> Response:
        """The first response, with those that follow it."""
        first = self._one()
        while self._buffer.startswith(b"HTTP/") or (self._request.raw is not None and self._more() and self._buffer):
            first.rest.append(self._one())
        return first

    def _one(self) -> Response:
        response = Response()
        try:
            self._head(response)
            while 100 <= response.status < 200 and response.status != 101:
                response = Response()
                self._head(response)
            self._body(response)
        except (OSError, EOFError):
            pass
        response.seconds = time.monotonic() - self._started
        return response

    def _head(self, response: Response) -> None:
        lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        response.status = int(lines[0].split(" ")[1])
        for line in lines[1:]:
            name, _, value = line.partition(":")
            response.headers.append((name, value.strip()))

    def _body(self, response: Response) -> None:
        if self._request.method == "HEAD" or response.status in (204, 304):
            response.complete = True
            return
        if "chunked" in (response.get("Transfer-Encoding") or "").lower():
            while size := int(self._until(b"\r\n").split(b";")[0], 16):
                self._take(response, size)
                self._until(b"\r\n")
            self._until(b"\r\n")
            response.complete = True
        elif lengths := response.all("Content-Length"):
            self._take(response, int(lengths[0]))
            response.complete = True
        else:
            while not self._ended:
                self._take(response, max(1, len(self._buffer)), partly=True)
            response.complete = True

    def _take(self, response: Response, size: int, partly: bool = False) -> None:
        while size:
            if not self._buffer and not self._more():
                if partly:
                    return
                raise EOFError
            part, self._buffer = self._buffer[:size], self._buffer[size:]
            response.body += part
            response.times.append((time.monotonic() - self._started, len(part)))
            size -= len(part)
            if self._request.leaves_after is not None and len(response.body) >= self._request.leaves_after:
                raise EOFError

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            if not self._more():
                raise EOFError
        part, _, self._buffer = self._buffer.partition(mark)
        return part

    def _more(self) -> bool:
        if self._ended:
            return False
        try:
            data = self._connection.recv(65536)
        except OSError:
            data = b""
        self._ended = not data
        self._buffer += data
        return bool(data)


def exchange_h2(port: int, request: Request) -> Response:
    """Ask over HTTP/2, with prior knowledge and without TLS."""
    return exchange_h2_at_once(port, [request])[0]


def exchange_h2_at_once(port: int, requests: list[Request]) -> list[Response]:
    """Ask all of these on one connection, each on a stream of its own, before the first answer is read."""
    import h2.config
    import h2.connection
    import h2.exceptions

    started = time.monotonic()
    # What is sent is the suite's business, right or wrong.
    config = h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
    client = h2.connection.H2Connection(config)
    streams: dict[int, Stream] = {}
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        client.initiate_connection()
        for request in requests:
            number = client.get_next_available_stream_id()
            streams[number] = Stream(request, request.body)
            client.send_headers(number, list(_h2_head(port, request)), end_stream=request.body is None)
        # What is wrong may end the connection, and with it all that was asked on it.
        with contextlib.suppress(OSError, h2.exceptions.ProtocolError):
            while True:
                for number, stream in streams.items():
                    _h2_send(client, number, stream)
                connection.sendall(client.data_to_send())
                if all(stream.has_ended for stream in streams.values()) or not (data := _received(connection)):
                    break
                _h2_read(client, streams, data, started)
    for stream in streams.values():
        stream.response.seconds = time.monotonic() - started
    return [stream.response for stream in streams.values()]


@dataclass
class Stream:
    """One request over HTTP/2, what is left of its body, and what has come back."""

    request: Request
    left: bytes | None
    response: Response = field(default_factory=Response)
    is_closed: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is waited for."""
        wanted = self.request.leaves_after
        return self.is_closed or (wanted is not None and len(self.response.body) >= wanted)


def _h2_send(client: Any, number: int, stream: Stream) -> None:
    """Send as much of the body as the window takes."""
    while stream.left is not None and not stream.is_closed:
        left = stream.left
        size = min(len(left), client.local_flow_control_window(number), client.max_outbound_frame_size)
        if left and not size:
            return
        stream.left = left[size:] if size < len(left) else None
        client.send_data(number, left[:size], end_stream=stream.left is None and stream.request.ends)


def _h2_read(client: Any, streams: dict[int, Stream], data: bytes, started: float) -> None:
    """Read what came."""
    import h2.events

    for event in client.receive_data(data):
        if isinstance(event, h2.events.ConnectionTerminated):
            for stream in streams.values():
                stream.is_closed = True
        stream = streams.get(getattr(event, "stream_id", None) or 0)
        if stream is None:
            continue
        if isinstance(event, h2.events.ResponseReceived):
            pairs = [(_text(name), _text(value)) for name, value in event.headers]
            stream.response.status = int(dict(pairs)[":status"])
            stream.response.headers = [pair for pair in pairs if not pair[0].startswith(":")]
        elif isinstance(event, h2.events.DataReceived):
            stream.response.body += event.data
            stream.response.times.append((time.monotonic() - started, len(event.data)))
            client.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.response.complete = stream.is_closed = True
        elif isinstance(event, h2.events.StreamReset):
            stream.is_closed = True


def _h2_head(port: int, request: Request) -> Iterable[tuple[str, str]]:
    yield ":method", request.method
    yield ":scheme", "http"
    yield ":authority", request.headers.get("Host", f"127.0.0.1:{port}")
    yield ":path", request.path
    for name, value in request.headers.items():
        if name.lower() not in ("host", "connection", "transfer-encoding"):
            yield name.lower(), value
    if request.body is not None and request.ends and not any(name == "content-length" for name, _ in request.fields):
        yield "content-length", str(len(request.body))
    yield from request.fields


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except OSError:
        return b""


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
