"""Draws the story as an SVG: three errors over time, what happened in the plant above, what the loop did below."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from itertools import pairwise
from typing import Final

from backend.cli.story.chronicle import Event, EventKind
from backend.cli.story.figures import SMOOTHED_DAYS, Span

WIDTH: Final = 960
HEIGHT: Final = 500
LEFT: Final = 58
RIGHT: Final = 815
TOP: Final = 92
BOTTOM: Final = 372
LANE: Final = 402
"""Where what the loop did is marked."""
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
INK: Final = "#1f2328"
QUIET: Final = "#59636e"
GRID: Final = "#e6e9ed"
LIVE: Final = "#0969da"
FROZEN: Final = "#bc4c00"
FLOOR: Final = "#818b98"
MARKS: Final = {
    EventKind.ALARM: ("#9a6700", "M0,-6 L6,5 L-6,5 Z", "alarm"),
    EventKind.PROMOTED: ("#1a7f37", "M-5,-5 H5 V5 H-5 Z", "retrained, promoted"),
    EventKind.REFUSED: ("#59636e", "M-5,-5 L5,5 M5,-5 L-5,5", "retrained, refused by the gate"),
    EventKind.ROLLED_BACK: ("#cf222e", "M0,6 L6,-5 L-6,-5 Z", "rolled back by the watch"),
    EventKind.REFRESHED: ("#b6c2d1", "M0,-5 V5", "refreshed"),
}
_CHARACTER: Final = 6.1
"""About the width of a letter at 12 pixels."""


@dataclass(frozen=True, slots=True)
class Scales:
    """From days and minutes to pixels."""

    days: int
    most: float

    def x(self, day: float) -> float:
        """Return where a day is."""
        return round(LEFT + (RIGHT - LEFT) * day / self.days, 1)

    def y(self, minutes: float) -> float:
        """Return where an error is."""
        return round(BOTTOM - (BOTTOM - TOP) * minutes / self.most, 1)


def draw(title: str, first_day: date, days: int, spans: Sequence[Span], events: Sequence[Event]) -> str:
    """Return the picture; `spans` are smoothed over a week, one per day that had work."""
    peak = max(max(one.live, one.frozen, one.floor) for one in spans)
    scales = Scales(days, peak * 1.06)
    parts = (
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 26, title, size=17, colour=INK, weight=600),
        _text(LEFT, 46, f"Mean absolute error of an operation's minutes, mean of {SMOOTHED_DAYS} days", colour=QUIET),
        *_grid(scales, first_day),
        *_plant(scales, [event for event in events if event.kind is EventKind.PLANT]),
        *_lines(scales, spans),
        *_marks(scales, events),
        *_legend({event.kind for event in events}),
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="{FONT}" font-size="12" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join((head, *parts, "</svg>", ""))


def _text(  # noqa: PLR0913 - what a text looks like
    x: float, y: float, text: str, *, size: int = 12, colour: str = INK, weight: int = 400, anchor: str = "start"
) -> str:
    look = f'font-size="{size}" fill="{colour}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(text)}</text>'


def _grid(scales: Scales, first_day: date) -> Iterable[str]:
    for minutes in _ticks(scales.most):
        y = scales.y(minutes)
        yield f'<path d="M{LEFT},{y} H{RIGHT}" stroke="{GRID}"/>'
        yield _text(LEFT - 8, y + 4, f"{minutes:g}", colour=QUIET, anchor="end")
    yield _text(LEFT - 8, TOP - 8, "minutes", colour=QUIET, anchor="end", size=11)
    for day, name in _months(first_day, scales.days):
        yield f'<path d="M{scales.x(day)},{BOTTOM} v5" stroke="{FLOOR}"/>'
        yield _text(scales.x(day) + 3, BOTTOM + 14, name, colour=QUIET, size=11)
    yield f'<path d="M{LEFT},{BOTTOM} H{RIGHT}" stroke="{FLOOR}"/>'


def _ticks(most: float) -> list[float]:
    """Return round numbers from 0 up, about five of them."""
    step = next(step for power in range(-3, 6) for base in (1, 2, 5) if (step := base * 10.0**power) * 6 >= most)
    return [step * count for count in range(int(most / step) + 1)]


def _months(first_day: date, days: int) -> Iterable[tuple[int, str]]:
    for number in range(1, days + 1):
        day = first_day + timedelta(days=number)
        if day.day == 1:
            yield number, f"{day:%b}" if day.month > 1 and number > 1 else f"{day:%b %Y}"


def _plant(scales: Scales, events: Sequence[Event]) -> Iterable[str]:
    for number, event in enumerate(events):
        x, y = scales.x(event.day), TOP - 24 + 14 * (number % 2)
        yield f'<path d="M{x},{y - 10} V{BOTTOM}" stroke="{INK}" stroke-dasharray="2 3" opacity="0.55"/>'
        fits = x + len(event.text) * _CHARACTER < WIDTH - 8
        yield _text(x + 5 if fits else x - 5, y, event.text, anchor="start" if fits else "end")


def _lines(scales: Scales, spans: Sequence[Span]) -> Iterable[str]:
    lines: tuple[tuple[str, str, Callable[[Span], float]], ...] = (
        (FLOOR, "noise floor", lambda one: one.floor),
        (FROZEN, "frozen model", lambda one: one.frozen),
        (LIVE, "live system", lambda one: one.live),
    )
    ends = _apart([scales.y(value(spans[-1])) for _, _, value in lines])
    for (colour, name, value), end in zip(lines, ends, strict=True):
        points = " ".join(f"{scales.x(one.last_day)},{scales.y(value(one))}" for one in spans)
        look = f'stroke="{colour}" stroke-width="{1.6 if colour == FLOOR else 2.2}" stroke-linejoin="round"'
        yield f'<polyline points="{points}" fill="none" {look}/>'
        yield _text(RIGHT + 8, end + 4, name, colour=colour, weight=600, size=13)


def _apart(heights: Sequence[float], least: float = 17) -> list[float]:
    """Return the heights moved up where labels would overlap."""
    moved = list(heights)
    lowest_first = sorted(range(len(heights)), key=lambda one: -heights[one])
    for below, above in pairwise(lowest_first):
        moved[above] = min(moved[above], moved[below] - least)
    return moved


def _marks(scales: Scales, events: Sequence[Event]) -> Iterable[str]:
    quiet_first = sorted(
        (event for event in events if event.kind in MARKS), key=lambda event: -list(MARKS).index(event.kind)
    )
    for event in quiet_first:
        yield _mark(scales.x(event.day), LANE, event.kind, event.text)


def _mark(x: float, y: float, kind: EventKind, told: str = "") -> str:
    colour, path, _ = MARKS[kind]
    look = f'fill="{colour if path.endswith("Z") else "none"}" stroke="{colour}" stroke-width="1.6"'
    title = f"<title>{escape(told)}</title>" if told else ""
    return f'<path transform="translate({x},{y})" d="{path}" {look}>{title}</path>'


def _legend(kinds: set[EventKind]) -> Iterable[str]:
    x = LEFT + 6.0
    for kind, (_, _, name) in MARKS.items():
        if kind in kinds:
            yield _mark(x, HEIGHT - 56, kind)
            yield _text(x + 11, HEIGHT - 52, name)
            x += 34 + len(name) * _CHARACTER
