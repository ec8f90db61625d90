"""What each step of a long piece of work costs, from the progress that it reports."""

import re
import threading
import time
from dataclasses import dataclass
from typing import Final, Self

import psutil

SAMPLE_SECONDS: Final = 0.02
READING: Final = ("opening the plant", "reading items", "reading routings", "reading work_orders", "plant read")
"""The steps of a training that read the plant."""


@dataclass(slots=True)
class Stage:
    """The cost of one step, or of several of the same name in a row."""

    name: str
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_megabytes: float = 0.0


class StageWatch:
    """A progress report that keeps wall and CPU seconds and the highest resident memory of every step."""

    def __init__(self, first: str) -> None:
        self.stages = [Stage(first)]
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._mark = (time.perf_counter(), time.process_time())
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._ended.set()
        self._sampler.join()

    def report(self, _share: float, step: str) -> None:
        """Begin a step unless it is going on; its name ends where a count in it begins."""
        name = re.sub(r"[:\s]*\d.*", "", step)
        if name != self.stages[-1].name:
            self._close()
            self.stages.append(Stage(name))

    def _close(self) -> None:
        now = (time.perf_counter(), time.process_time())
        stage = self.stages[-1]
        stage.wall_seconds += now[0] - self._mark[0]
        stage.cpu_seconds += now[1] - self._mark[1]
        self._mark = now

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            stage = self.stages[-1]
            stage.peak_megabytes = max(stage.peak_megabytes, self._process.memory_info().rss / 1e6)
