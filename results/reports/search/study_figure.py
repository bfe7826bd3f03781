"""Found share against evaluations, as SVG and as a Vega-Lite specification."""

import json
import math

COLOURS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#555555", "#dd7722", "#88aa66", "#7766bb",
           "#cc4488", "#117755", "#aa7744"]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 460, 60, 250, 40, 50


def svg(points, title):
    """points: (series, evaluations, mean, low, high)."""
    names = list(dict.fromkeys(point[0] for point in points))
    budgets = sorted({point[1] for point in points})
    top = min(1.0, math.ceil(10 * max(point[4] for point in points)) / 10)
    span = math.log(budgets[-1] / budgets[0]) or 1

    def x(evaluations):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(evaluations / budgets[0]) / span

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/><title>{title}</title>',
             f'<text x="{LEFT}" y="22" font-size="14">{title}</text>']
    for i in range(round(10 * top) + 1):
        height = y(i / 10)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{height:.1f}" y2="{height:.1f}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{10 * i} %</text>')
    for budget in budgets:
        parts.append(f'<text x="{x(budget):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{budget}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">evaluations</text>')
    for i, name in enumerate(names):
        colour = COLOURS[i % len(COLOURS)]
        dashed = ' stroke-dasharray="5 3"' if "verdict" in name or name in ("random", "mcts, paper") else ""
        own = sorted(point[1:] for point in points if point[0] == name)
        line = " ".join(f"{x(budget):.1f},{y(mean):.1f}" for budget, mean, _, _ in own)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
        for budget, mean, low, high in own:
            parts.append(f'<circle cx="{x(budget):.1f}" cy="{y(mean):.1f}" r="3" fill="{colour}"><title>{name}, {budget} '
                         f"evaluations: {100 * mean:.1f} % ({100 * low:.1f}–{100 * high:.1f})</title></circle>")
        at = TOP + 18 * i
        parts.append(f'<line x1="{WIDTH - RIGHT + 20}" x2="{WIDTH - RIGHT + 45}" y1="{at}" y2="{at}" stroke="{colour}" '
                     f'stroke-width="2"{dashed}/><text x="{WIDTH - RIGHT + 52}" y="{at + 4}">{name}</text>')
    return "\n".join(parts) + "\n</svg>\n"


def vega_lite(points):
    values = [{"strategy": name, "evaluations": budget, "found": mean, "low": low, "high": high}
              for name, budget, mean, low, high in points]
    x = {"field": "evaluations", "type": "quantitative", "scale": {"type": "log"}}
    found = {"field": "found", "type": "quantitative", "axis": {"format": "%"}}
    low = {"field": "low", "type": "quantitative"}
    colour = {"field": "strategy", "type": "nominal", "sort": None}
    specification = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 600,
        "height": 400,
        "data": {"values": values},
        "layer": [
            {"mark": {"type": "line", "point": True, "tooltip": {"content": "data"}},
             "encoding": {"x": x, "y": found, "color": colour}},
            {"mark": {"type": "rule", "opacity": 0.4},
             "encoding": {"x": x, "y": low, "y2": {"field": "high"}, "color": colour}},
        ],
    }
    return json.dumps(specification, indent=1) + "\n"
