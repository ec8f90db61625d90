"""A steady mixture of requests: python -m benchmarks.soak_client PORT SECONDS REQUESTS_PER_SECOND CODES.

Each thread sends at moments fixed beforehand, so that a slow answer makes the next one late instead of unseen, and
takes a new connection every so often, so that every server process gets its share. CODES is a JSON file of item codes.
"""

import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

THREADS: Final = 8
REQUESTS_OF_A_CONNECTION: Final = 40
PATIENCE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request, how often of a hundred it is sent, and what it is answered."""

    share: int
    method: str
    path: str
    status: int = 200
    codes: int = 0
    """How many items its body asks for."""


KINDS: Final = (
    Kind(55, "POST", "/api/predict", codes=1),
    Kind(8, "POST", "/api/predict", codes=20),
    Kind(4, "POST", "/api/items/routings", codes=5),
    Kind(5, "GET", "/api/items?search=ITEM0&limit=20"),
    Kind(5, "GET", "/health"),
    Kind(3, "GET", "/metrics"),
    Kind(3, "GET", "/api/quality/current"),
    Kind(3, "GET", "/api/quality/history"),
    Kind(3, "GET", "/api/models"),
    Kind(3, "GET", "/api/training/jobs"),
    Kind(2, "GET", "/api/logs?source=quality"),
    Kind(2, "GET", "/api/system"),
    Kind(2, "POST", "/api/predict", 422),
    Kind(2, "GET", "/api/models/version_20000101000000_g000999", 404),
)


@dataclass
class Sent:
    """What has been sent and answered; each thread has its own."""

    milliseconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Sender:
    """One thread's connection and its dice."""

    def __init__(self, port: int, codes: Sequence[str], seed: int) -> None:
        self.sent = Sent()
        self._port, self._codes = port, codes
        self._dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self._connection = self._connect()

    def send_until(self, begun: float, end: float, every: float) -> None:
        """Send at moments `every` seconds apart, from the first to the last."""
        due, number = begun, 0
        while due < end:
            time.sleep(max(0.0, due - time.perf_counter()))
            if number % REQUESTS_OF_A_CONNECTION == 0:
                self._renew()
            self._send(due)
            due, number = due + every, number + 1
        self._connection.close()

    def _send(self, due: float) -> None:
        kind = self._dice.choices(KINDS, [each.share for each in KINDS])[0]
        body = json.dumps({"item_codes": self._dice.sample(self._codes, kind.codes)}) if kind.method == "POST" else None
        try:
            self._connection.request(kind.method, kind.path, body, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.sent.wrong.append(f"{kind.method} {kind.path}: {type(error).__name__}: {error}")
            self._renew()
            return
        if answer.status != kind.status:
            self.sent.wrong.append(f"{kind.method} {kind.path}: {answer.status} {said[:200]!r}")
        self.sent.kinds[f"{kind.method} {kind.path.partition('?')[0]} → {answer.status}"] += 1
        self.sent.milliseconds.append(1000 * (time.perf_counter() - due))

    def _renew(self) -> None:
        self._connection.close()
        self._connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)


def main() -> int:
    """Send until the time is over, and print what came of it as one line of JSON."""
    port, seconds, per_second = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    codes: list[str] = json.loads(Path(sys.argv[4]).read_text(encoding="utf-8"))
    senders = [Sender(port, codes, number) for number in range(THREADS)]
    begun, every = time.perf_counter(), THREADS / per_second
    threads = [
        threading.Thread(target=each.send_until, args=(begun + every * number / THREADS, begun + seconds, every))
        for number, each in enumerate(senders)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(_figures([each.sent for each in senders], time.perf_counter() - begun)))
    return 0


def _figures(sent: Sequence[Sent], wall_seconds: float) -> dict[str, object]:
    milliseconds = [value for each in sent for value in each.milliseconds]
    wrong = [said for each in sent for said in each.wrong]
    return {
        "requests": len(milliseconds),
        "per_second": len(milliseconds) / wall_seconds,
        "p50": float(np.percentile(milliseconds, 50)),
        "p99": float(np.percentile(milliseconds, 99)),
        "wrong": len(wrong),
        "examples": wrong[:10],
        "kinds": dict(sum((each.kinds for each in sent), Counter()).most_common()),
    }


if __name__ == "__main__":
    sys.exit(main())
