"""Whoever is asked to end, ends: what was under way is answered and stored, and nothing is stored by halves."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from app.ledger import open_ledger
from app.ledger.checking import check
from tests.serving import POLEMOS, ROOT, Service, start

pytestmark = pytest.mark.processes

SENTENCE = "Ardania accused Beloria over the shelling in Kesh. Beloria denied it."


def settings(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLEMOS_")}
    return {**kept, "POLEMOS_LEDGER": f"sqlite:///{folder / 'ledger.sqlite'}", "POLEMOS_EXTRACTOR": "rules", **more}


def stories(count: int) -> list[dict[str, str]]:
    return [{"title": f"Story {n}", "text": f"{SENTENCE} It was report {n}."} for n in range(count)]


def served(folder: Path) -> Service:
    service = start(environment=settings(folder), log=folder / "log")
    service.wait(120)
    return service


def no_longer_listens(service: Service) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", service.port), timeout=1):
            return False
    except OSError:
        return True


def wait_until(what: object, service: Service) -> None:
    assert callable(what)
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until, service.log.read_text() if service.log else ""
        time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_articles_that_are_being_handed_in_are_stored_and_answered(tmp_path: Path, how: signal.Signals) -> None:
    service = served(tmp_path)
    body = json.dumps(stories(12)).encode()
    head = (
        f"POST /articles HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    with socket.create_connection(("127.0.0.1", service.port), timeout=120) as line:
        line.sendall(f"{head}\r\n\r\n".encode() + body[:400])
        # The request has come in before another that was sent later is answered.
        assert httpx.get(f"{service.url}/health", timeout=60, trust_env=False).status_code == 200
        service.process.send_signal(how)
        wait_until(lambda: no_longer_listens(service), service)
        assert service.process.poll() is None, "it did not wait for the rest"
        line.sendall(body[400:])
        answer = b""
        while chunk := line.recv(65_536):
            answer += chunk
    status, _, rest = answer.partition(b"\r\n")
    assert status == b"HTTP/1.1 200 OK", answer
    told = json.loads(rest.partition(b"\r\n\r\n")[2])
    assert (told["added"], told["revision"]) == (12, 1)
    assert service.process.wait(90) == 0
    with closing(open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as ledger:
        assert ledger.counts().articles == 12
        assert list(check(ledger)) == []
        ((row, _),) = ledger.audit()
        assert (row.door, row.detail["article"]) == ("http", 12)


def test_a_body_that_never_comes_is_given_up_and_nothing_of_it_stored(tmp_path: Path) -> None:
    service = served(tmp_path)
    with socket.create_connection(("127.0.0.1", service.port), timeout=120) as line:
        line.sendall(b"POST /articles HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999\r\n\r\n[")
        assert httpx.get(f"{service.url}/health", timeout=60, trust_env=False).status_code == 200
        service.process.terminate()
        wait_until(lambda: no_longer_listens(service), service)
    assert service.process.wait(90) == 0
    with closing(open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as ledger:
        assert (ledger.revision, ledger.audit()) == (0, [])


def test_streams_and_idle_lines_do_not_keep_it(tmp_path: Path) -> None:
    service = served(tmp_path)
    told: list[str] = []
    begun = threading.Event()

    def listen() -> None:
        # The line ends in the middle of an answer that has no end.
        stream = httpx.stream("GET", f"{service.url}/stream", timeout=120, trust_env=False)
        with suppress(httpx.RemoteProtocolError), stream as answer:
            for line in answer.iter_lines():
                told.append(line)
                begun.set()

    listener = threading.Thread(target=listen)
    listener.start()
    assert begun.wait(60)
    with httpx.Client(trust_env=False) as idle:
        assert idle.get(f"{service.url}/health", timeout=60).status_code == 200
        service.process.terminate()
        assert service.process.wait(60) == 0
    listener.join(60)
    assert not listener.is_alive()
    assert told[0] == "retry: 3000"
    assert service.log is not None
    assert "Traceback" not in service.log.read_text()


@pytest.mark.parametrize(("how", "workers"), [(signal.SIGTERM, 1), (signal.SIGINT, 2)])
def test_ingest_stores_what_it_has_read_and_goes_on_from_there(
    tmp_path: Path, how: signal.Signals, workers: int
) -> None:
    path, count = tmp_path / "stories.jsonl", 260
    path.write_text("".join(json.dumps(story) + "\n" for story in stories(count)))
    command = [POLEMOS, "ingest", str(path), "--workers", str(workers)]
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    environment = settings(tmp_path)
    with closing(open_ledger(url)) as ledger:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 120
        while ledger.revision == 0:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(how)
        _, told = process.communicate(timeout=120)
        assert process.returncode == 128 + how, told
        assert "what was read is stored" in told
        assert "Traceback" not in told
        held = ledger.counts().articles
        assert 64 <= held < count
        assert f"{held} articles read" in told
        assert list(check(ledger)) == []
        again = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert again.returncode == 0
        assert f"{count - held} articles read, {held} already known" in again.stderr
        assert ledger.counts().articles == count


def test_ingest_that_waits_for_input_ends_at_once(tmp_path: Path) -> None:
    code = "import sys; sys.argv[1:] = ['ingest', '-']\nfrom app.cli import main\nmain()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=settings(tmp_path), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(b'{"title": "One", "text": "')
    process.stdin.flush()
    # It waits for the rest once it has taken the beginning out of the pipe.
    until = time.monotonic() + 120
    while unread(process.stdin.fileno()):
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    told = process.stderr.read().decode() if process.stderr is not None else ""
    assert process.wait(60) == 128 + signal.SIGTERM, told
    assert "Traceback" not in told
    with closing(open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as ledger:
        assert ledger.revision == 0


def unread(number: int) -> int:
    """Bytes of a pipe that nobody has taken out of it yet."""
    import array
    import fcntl
    import termios

    found = array.array("i", [0])
    fcntl.ioctl(number, termios.FIONREAD, found)
    return found[0]
