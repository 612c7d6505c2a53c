"""A chart of a run, as SVG by hand: a bar for each contender in each workload, in powers of two of raw's rate.

A bar to the right of the line is faster or smaller than raw, one to the left is slower or larger. Colours are read from
the reader's own scheme, light or dark.
"""

from __future__ import annotations

import math
from html import escape

from benchmarks.measured import Outcome, Ratio, Run
from benchmarks.show import number

COLOURS = {
    "agentomatic-sql": ("#1a7f5a", "#3ecf8e"),
    "agentomatic": ("#b3541e", "#f0883e"),
    "openai-agents": ("#6e56cf", "#a899ff"),
    "langgraph": ("#0b69a3", "#58a6ff"),
    "raw-again": ("#8a8f98", "#8b949e"),
    "raw": ("#8a8f98", "#8b949e"),
}
"""For each contender one colour on light ground and one on dark."""

LEFT, WIDTH, RIGHT = 240, 440, 60
BAR, GAP, TOP = 11, 10, 62


def svg(run: Run, title: str) -> str:
    """The chart of a database's workloads."""
    names = [name for name in run.names() if any(_shown(outcome, name) for outcome in run.workloads.values())]
    ratios = [found.median for outcome in run.workloads.values() for name in names if (found := _shown(outcome, name))]
    scale = _Scale(ratios)
    groups: list[str] = []
    y = TOP
    for key, outcome in run.workloads.items():
        drawn = _group(key, outcome, names, scale, y)
        if drawn is not None:
            lines, y = drawn
            groups += lines
    width, height = LEFT + WIDTH + RIGHT, y + 8
    heading = f"{title}: rate relative to raw (inverse ratio for times and memory)"
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(heading)}">',
            f"<style>{_style(names)}</style>",
            f'<rect class="ground" width="{width}" height="{height}" rx="6"/>',
            f'<text class="title" x="8" y="20">{escape(heading)}</text>',
            *_legend(names),
            *scale.lines(TOP - 6, y),
            *groups,
            "</svg>",
            "",
        ]
    )


def _shown(outcome: Outcome, name: str) -> Ratio | None:
    """The ratio that is drawn; the yardstick's own is always 1."""
    return None if name == outcome.yardstick else outcome.ratio(name)


class _Scale:
    """From ratios to places, by their logarithm."""

    def __init__(self, ratios: list[float]) -> None:
        positive = [ratio for ratio in ratios if ratio > 0]
        self.low = min(-2, *(math.floor(math.log2(ratio)) for ratio in positive)) if positive else -2
        self.low = max(self.low, -8)  # whatever is slower still ends at the edge
        self.high = max(1, *(math.ceil(math.log2(ratio)) for ratio in positive)) if positive else 1

    def x(self, ratio: float) -> float:
        power = math.log2(ratio) if ratio > 0 else self.low
        place = (min(max(power, self.low), self.high) - self.low) / (self.high - self.low)
        return round(LEFT + place * WIDTH, 1)

    def lines(self, top: int, bottom: int) -> list[str]:
        """A line a power of two, the one of raw thicker."""
        drawn = []
        for power in range(self.low, self.high + 1):
            x, kind = self.x(2.0**power), "one" if power == 0 else "grid"
            label = f"{2**power}" if power >= 0 else f"1/{2**-power}"
            drawn.append(f'<line class="{kind}" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>')
            drawn.append(f'<text class="tick" x="{x}" y="{top - 3}">{label}</text>')
        return drawn


def _group(key: str, outcome: Outcome, names: list[str], scale: _Scale, y: int) -> tuple[list[str], int] | None:
    """The bars of a workload, and where the next one begins; None where there is nothing to compare."""
    found = [(name, ratio) for name in names if (ratio := _shown(outcome, name))]
    if not found:
        return None
    than = "" if outcome.yardstick == "raw" else f" (× {outcome.yardstick})"
    middle = y + len(found) * BAR / 2 + 3
    lines = [f'<text class="name" x="{LEFT - 10}" y="{middle:g}">{escape(key + than)}</text>']
    one = scale.x(1)
    for name, ratio in found:
        end = scale.x(ratio.median)
        left, width = min(one, end), max(abs(end - one), 1)
        wrong = outcome.contenders[name].wrong
        tip = f"{name}: {number(ratio.median)} [{number(ratio.least)} to {number(ratio.most)}]"
        tip += f"; wrong: {wrong}" if wrong else ""
        lines.append(
            f'<rect class="c{names.index(name)}" x="{left:g}" y="{y}" width="{width:g}" height="{BAR - 2}">'
            f"<title>{escape(tip)}</title></rect>"
        )
        # beside the bar's end; at the left edge there is no room but on its other side
        near_edge = end < LEFT + 34
        x, anchor = (end + 4, "start") if end >= one else (one + 4, "start") if near_edge else (end - 4, "end")
        mark = "!" if wrong else ""
        lines.append(
            f'<text class="value" x="{x:g}" y="{y + BAR - 3}" text-anchor="{anchor}">'
            f"{number(ratio.median)}{mark}</text>"
        )
        y += BAR
    return lines, y + GAP


def _legend(names: list[str]) -> list[str]:
    lines, x = [], 8
    for place, name in enumerate(names):
        lines.append(f'<rect class="c{place}" x="{x}" y="29" width="10" height="10"/>')
        lines.append(f'<text class="key" x="{x + 14}" y="38">{escape(name)}</text>')
        x += 30 + 7 * len(name)
    return lines


def _style(names: list[str]) -> str:
    """Colours for a light ground, and those for a dark one."""
    grounds = []
    # a ground of its own: a page may be dark where the reader's system is light
    for ground, (back, text, grid) in enumerate((("#ffffff", "#1f2328", "#d0d7de"), ("#0d1117", "#e6edf3", "#30363d"))):
        fills = "".join(f".c{place}{{fill:{COLOURS[name][ground]}}}" for place, name in enumerate(names))
        grounds.append(f".ground{{fill:{back}}}text{{fill:{text}}}.grid{{stroke:{grid}}}.one{{stroke:{text}}}{fills}")
    shapes = (
        "text{font:11px sans-serif}.title{font-size:14px;font-weight:bold}.name{text-anchor:end}"
        ".tick{text-anchor:middle;font-size:9px}.value{font-size:9px}.one{stroke-width:1.5}"
    )
    return f"{shapes}{grounds[0]}@media(prefers-color-scheme:dark){{{grounds[1]}}}"
