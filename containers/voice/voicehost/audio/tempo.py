"""Speech faster or slower at the same pitch."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

SLOWEST, FASTEST = 0.25, 4.0
# Beyond these one filter alone skips samples, or cannot; several in a row do better.
ONE_FILTER = (0.5, 2.0)
# Each filter gives a frame when the next one has come.
FRAME_SAMPLES = 2048
# The filters keep the last of what they got for themselves; it has to be silence.
TAIL_SECONDS = 0.25


class Tempo:
    """Takes mono samples of 16 bit as they come and gives them at `speed`, 0.25 to 4.

    As a whole they last exactly as long as they should. At speed 1 they pass unchanged. For one
    thread at a time.
    """

    def __init__(self, speed: float, sample_rate: int) -> None:
        self._speed = speed
        self._rate = sample_rate
        self._taken = self._given = 0
        self._graph = _graph(speed, sample_rate) if speed != 1.0 else None

    def add(self, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
        if self._graph is None or len(pcm) == 0:
            return pcm
        self._taken += len(pcm)
        for start in range(0, len(pcm), FRAME_SAMPLES):
            self._push(self._graph, pcm[start : start + FRAME_SAMPLES])
        done = _pulled(self._graph)
        self._given += len(done)
        return done

    def end(self) -> NDArray[np.int16]:
        """The rest."""
        if self._graph is None:
            return np.zeros(0, np.int16)
        left = round(self._taken / self._speed) - self._given
        tail = np.zeros(round(TAIL_SECONDS * max(1.0, self._speed) * self._rate), np.int16)
        self._push(self._graph, tail)
        self._graph.push(None)
        return _pulled(self._graph)[:left]

    def _push(self, graph: Graph, pcm: NDArray[np.int16]) -> None:
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self._rate
        graph.push(frame)


def at_speed(pcm: NDArray[np.int16], speed: float, sample_rate: int) -> NDArray[np.int16]:
    """A whole clip."""
    tempo = Tempo(speed, sample_rate)
    return np.concatenate([tempo.add(pcm), tempo.end()])


def factors(speed: float) -> list[float]:
    """What several filters in a row have to do for it, each within what one does well."""
    least, most = ONE_FILTER
    found: list[float] = []
    while not least <= speed <= most:
        found.append(most if speed > most else least)
        speed /= found[-1]
    return [*found, speed]


def _graph(speed: float, sample_rate: int) -> Graph:
    graph = Graph()
    links = [
        graph.add_abuffer(sample_rate=sample_rate, format="s16", layout="mono"),
        *(graph.add("atempo", repr(factor)) for factor in factors(speed)),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*links).configure()
    return graph


def _pulled(graph: Graph) -> NDArray[np.int16]:
    return np.concatenate([np.zeros(0, np.int16), *_frames(graph)])


def _frames(graph: Graph) -> Iterator[NDArray[np.int16]]:
    while True:
        try:
            frame = graph.pull()
        except (BlockingIOError, EOFError):
            return
        yield frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)
