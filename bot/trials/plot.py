"""Curves of precision over days: a page or a picture of lines (HTML, SVG) by hand, or a PNG by matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from config.errors import ConfigError

Curves = Mapping[str, Sequence[tuple[float, float]]]
"""Name → (mean, standard error) a day."""

WIDTH, HEIGHT, MARGIN = 720, 400, 50
COLOURS: Final = ("#7a7a7a", "#d1495b", "#3a6ea5", "#66a182", "#edae49")
AROUND: Final = 2
"""Each point is the mean of its day and so many before and after it: single days are noisy."""


def kind_of(path: Path) -> str:
    """The ending of a path that can be drawn to. Raises ConfigError."""
    kind = path.suffix.lower()
    if kind not in (".png", ".svg", ".html"):
        raise ConfigError(f"--plot {path} is of no kind that can be drawn: let its name end in .html, .svg or .png.")
    if kind == ".png" and find_spec("matplotlib") is None:
        raise ConfigError(f"--plot {path} needs matplotlib, which is not here: let its name end in .html.")
    return kind


def draw(curves: Curves, path: Path, title: str) -> None:
    """Write the picture that the ending of the path asks for. Raises ConfigError."""
    kind = kind_of(path)
    smooth = {name: smoothed(curve) for name, curve in curves.items() if curve}
    try:
        if kind == ".png":
            _png(smooth, path, title)
            return
        lines = svg(smooth, title)
        page = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title>{lines}\n"
        path.write_text(page if kind == ".html" else lines, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--plot {path} cannot be written: {error.strerror}; name another file.") from error


def smoothed(curve: Sequence[tuple[float, float]]) -> list[float]:
    """Running means."""
    means = [mean for mean, _ in curve]
    near = [means[max(day - AROUND, 0) : day + AROUND + 1] for day in range(len(means))]
    return [sum(some) / len(some) for some in near]


def svg(curves: Mapping[str, Sequence[float]], title: str) -> str:
    """The picture as text."""
    top = max((value for curve in curves.values() for value in curve), default=0.0) or 1.0
    last = max((len(curve) for curve in curves.values()), default=1)

    def x(day: float) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN) * (day / max(last - 1, 1))

    def y(value: float) -> float:
        return HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value / top

    parts = [_text(MARGIN, 25, title, 15)]
    for step in range(5):
        value = top * step / 4
        parts.append(f'<path d="M{MARGIN} {y(value):.1f}H{WIDTH - MARGIN}" stroke="#ddd"/>')
        parts.append(_text(8, y(value) + 4, f"{value:.3f}"))
    for day in range(0, last, max(last // 10, 1)):
        parts.append(_text(x(day) - 4, HEIGHT - MARGIN + 18, str(day + 1)))
    parts.append(_text(WIDTH / 2 - 10, HEIGHT - 12, "day"))
    for place, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[place % len(COLOURS)]
        points = " ".join(f"{x(day):.1f},{y(value):.1f}" for day, value in enumerate(curve))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(MARGIN + 10, MARGIN + 14 * place, name, 12, colour))
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">{"".join(parts)}</svg>'


def _text(x: float, y: float, words: str, size: int = 11, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}">{escape(words)}</text>'


def _png(curves: Mapping[str, Sequence[float]], path: Path, title: str) -> None:
    from matplotlib.figure import Figure

    axes = (figure := Figure(figsize=(9, 5))).subplots()
    for name, curve in curves.items():
        axes.plot(range(1, len(curve) + 1), curve, label=name)
    axes.set(title=title, xlabel="day", ylim=(0, None))
    axes.legend()
    figure.savefig(path)
