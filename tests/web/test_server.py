"""The door, met as a hostile or clumsy client would: over raw sockets."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from sandbox.web.server import Front, ServerThread, listen
from sandbox.wire import Answer, Delayed, Request, Response


class Echo:
    """Answers with what it was asked, and counts."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def respond(self, request: Request) -> Answer:
        self.asked.append(request)
        if request.path == "/slow":
            return Delayed(0.5, lambda: Response(200, (), b"slow"))
        if request.path == "/cut":
            return Response(200, (), b"never seen", "connection")
        if request.path == "/half":
            return Response(200, (), b"0123456789", "half_body")
        status = 413 if request.too_large else 200
        return Response(status, (("X-Path", request.path),), request.body or b"-")


def no_pages(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"page ", environ["PATH_INFO"].encode()]


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(echo: Echo) -> Iterator[ServerThread]:
    running = ServerThread(Front(echo, no_pages, waits=False), listen("127.0.0.1", 0)).start()
    yield running
    running.stop()


def connect(server: ServerThread) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    connection.settimeout(5)
    return connection


def talk(server: ServerThread, raw: bytes) -> bytes:
    """Send, say that this was all, and read to the end."""
    with connect(server) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(raw)
        return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    return received


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


CLOSE = b"Host: a\r\nConnection: close\r\n\r\n"


def test_the_path_arrives_as_it_stood_on_the_wire(server, echo):
    talk(server, b"GET /a%2Fb//c/%0A/../x?q=%20&r HTTP/1.1\r\n" + CLOSE)
    assert (echo.asked[0].path, echo.asked[0].query) == ("/a%2Fb//c/%0A/../x", "q=%20&r")


def test_several_requests_on_one_connection_are_answered_in_order(server, echo):
    many = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(20))
    answer = talk(server, many + b"GET /last HTTP/1.1\r\n" + CLOSE)
    assert [request.path for request in echo.asked] == [*(f"/{n}" for n in range(20)), "/last"]
    assert answer.count(b"HTTP/1.1 200 OK") == 21
    assert answer.index(b"X-Path: /3\r") < answer.index(b"X-Path: /4\r")


def test_a_pipelined_request_waits_for_the_slow_one_before_it(server, echo):
    answer = talk(server, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\n" + CLOSE)
    assert answer.index(b"slow") < answer.index(b"X-Path: /next")


def test_a_slow_answer_holds_up_nobody_else(server):
    waiting = connect(server)
    waiting.sendall(b"GET /slow HTTP/1.1\r\n" + CLOSE)
    began = time.perf_counter()
    assert status_of(talk(server, b"GET /quick HTTP/1.1\r\n" + CLOSE)) == 200
    assert time.perf_counter() - began < 0.4
    assert b"slow" in read_all(waiting)
    waiting.close()


def test_thirty_two_half_sent_bodies_hold_up_nobody_else(server):
    half = [connect(server) for _ in range(32)]
    for one in half:
        one.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
    assert status_of(talk(server, b"GET /quick HTTP/1.1\r\n" + CLOSE)) == 200
    for one in half:
        one.close()


@pytest.mark.parametrize(
    "cut_off",
    [
        b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
        b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"GET /x HTTP/1.1\r\nHost: a\r\n",
    ],
)
def test_what_did_not_arrive_whole_does_nothing(server, echo, cut_off):
    with connect(server) as connection:
        connection.sendall(cut_off)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""
    assert echo.asked == []


def test_a_chunked_body_arrives_put_together(server, echo):
    talk(
        server,
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + CLOSE + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    )
    assert echo.asked[0].body == b"abcde"


@pytest.mark.parametrize(
    "framing", [b"Content-Length: %d\r\n" % (200 * 2**20), b"Transfer-Encoding: chunked\r\n"]
)
def test_a_huge_body_is_refused_after_its_first_megabyte(server, echo, framing):
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n" if b"chunked" in framing else b"x" * 2**20
    with connect(server) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n")
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(4):
                connection.sendall(chunk)
        assert status_of(read_all(connection)) == 413
    assert [(request.too_large, request.body) for request in echo.asked] == [(True, b"")]


@pytest.mark.parametrize(
    "raw",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /x HTTP/9.9\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /x HTTP/1.1\r\nBad Header: 1\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_not_http_is_refused_in_the_envelope(server, echo, raw):
    answer = talk(server, raw)
    assert status_of(answer) == 400
    assert b'"code":"validation_error"' in answer
    assert b"Bardge-Request-Id: req_" in answer
    assert echo.asked == []
    assert answer.count(b"Bardge-Request-Id: ") == 1


@pytest.mark.parametrize("method", ["BREW", "get", "M-X!"])
def test_any_word_may_be_a_method(server, echo, method):
    answer = talk(server, f"{method} /pot HTTP/1.1\r\nContent-Length: 3\r\n".encode() + CLOSE + b"cup")
    assert status_of(answer) == 200
    assert [(one.method, one.path, one.body) for one in echo.asked] == [(method, "/pot", b"cup")]


OFFER = b"Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        [b"POST /x HTTP/1.1\r\n" + OFFER + b"Content-Length: 5\r\n\r\nabcde"],
        [b"POST /x HTTP/1.1\r\n" + OFFER + b"Content-Length: 5\r\n\r\n", b"ab", b"cde"],
        [b"POST /x HTTP/1.1\r\n" + OFFER[:60], OFFER[60:] + b"Content-Length: 5\r\n\r\nabcd", b"e"],
        [b"POST /x HTTP/1.1\r\n" + OFFER + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"],
    ],
)
def test_an_offer_to_speak_http_2_is_not_taken_up_and_costs_nothing(server, echo, sent):
    with connect(server) as connection:
        for piece in sent:
            connection.sendall(piece)
            time.sleep(0.02)
        connection.sendall(b"GET /offering HTTP/1.1\r\n" + OFFER + b"\r\nGET /last HTTP/1.1\r\n" + CLOSE)
        answers = read_all(connection)
    assert [(one.path, one.body) for one in echo.asked] == [
        ("/x", b"abcde"),
        ("/offering", b""),
        ("/last", b""),
    ]
    assert answers.count(b"HTTP/1.1 200 OK") == answers.count(b"HTTP/1.1 ") == 3
    assert "upgrade" not in echo.asked[0].headers


def test_no_number_of_offers_in_one_breath_is_too_many(server, echo):
    answers = talk(
        server, (b"GET /x HTTP/1.1\r\n" + OFFER + b"\r\n") * 1_500 + b"GET /x HTTP/1.1\r\n" + CLOSE
    )
    assert answers.count(b"HTTP/1.1 200 OK") == len(echo.asked) == 1_501


@pytest.mark.parametrize(
    "raw", [b"X: " + b"a" * 70_000 + b"\r\n", b"".join(b"X-%d: 1\r\n" % n for n in range(200))]
)
def test_too_much_head_is_refused(server, echo, raw):
    assert status_of(talk(server, b"GET /x HTTP/1.1\r\n" + raw + CLOSE)) == 431
    assert echo.asked == []


def test_a_cut_connection_carries_no_byte(server):
    assert talk(server, b"GET /cut HTTP/1.1\r\n" + CLOSE) == b""


def test_half_a_body_ends_in_the_middle(server):
    answer = talk(server, b"GET /half HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"Content-Length: 10" in answer
    assert answer.endswith(b"01234")


def test_head_has_the_length_and_not_the_body(server):
    answer = talk(server, b"HEAD /x HTTP/1.1\r\n" + CLOSE)
    assert b"Content-Length: 1\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_a_client_that_asks_first_is_told_to_continue(server, echo):
    with connect(server) as connection:
        connection.sendall(b"POST /x HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n" + CLOSE)
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"abc")
        assert status_of(read_all(connection)) == 200
    assert echo.asked[0].body == b"abc"


def test_doubled_headers_reach_the_gateway_as_one_that_fits_nothing(server, echo):
    talk(server, b"GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n")
    assert echo.asked[0].headers["host"] == "a, b"


def test_pages_are_answered_beside_the_api(server, echo):
    assert talk(server, b"GET /_sandbox/console HTTP/1.1\r\n" + CLOSE).endswith(b"page /_sandbox/console")
    assert echo.asked == []


def test_stopping_finishes_what_is_running(echo):
    running = ServerThread(Front(echo, no_pages, waits=False), listen("127.0.0.1", 0)).start()
    slow, idle = connect(running), connect(running)
    slow.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(0.1)
    stopper = threading.Thread(target=running.stop)
    stopper.start()
    assert b"slow" in read_all(slow)
    assert read_all(idle) == b""
    stopper.join(5)
    assert not stopper.is_alive()
    for connection in (slow, idle):
        connection.close()
