"""A chart as SVG: bars on a logarithmic scale, readable in light and in dark.

Rates of queues lie a factor of a hundred apart; on a linear scale all but one would be a dot.
So each bar says its number beside it, and the scale says that it is logarithmic.
"""

import math
from xml.sax.saxutils import escape

WIDTH, LABEL, RIGHT = 760, 214, 84
BAR, GAP, PAIR_GAP = 15, 4, 18
TOP, BOTTOM = 76, 36
FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"
STYLE = """<style>
text { fill: #1f2328 } .dim { fill: #59636e } .line { stroke: #d1d9e0 }
.one { fill: #0969da } .two { fill: #8cb8ee } .theirs.one { fill: #6e7781 } .theirs.two { fill: #b7bec6 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .dim { fill: #9198a1 } .line { stroke: #3d444d }
.one { fill: #4493f8 } .two { fill: #24508f } .theirs.one { fill: #9198a1 } .theirs.two { fill: #565d66 }
}
</style>"""


def decades(values):
    """The powers of ten that hold all values: (from, to), at least one decade apart."""
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def text(x, y, words, more=""):
    return f"<text x='{x:.1f}' y='{y:.1f}' {more}>{escape(words)}</text>"


def chart(title, subtitle, series, rows, number):
    """`series`: the names of the two bars of a row; `rows`: (label, is_ours, (value, value)),
    None for a bar that is not there; `number` words a value."""
    values = [v for _, _, pair in rows for v in pair if v]
    low, high = decades(values)
    plot = WIDTH - LABEL - RIGHT
    row_height = 2 * BAR + GAP + PAIR_GAP
    bottom = TOP + len(rows) * row_height
    height = bottom + BOTTOM

    def across(value):
        return plot * (math.log10(value) - low) / (high - low)

    out = [f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height}' "
           f"viewBox='0 0 {WIDTH} {height}' role='img' {FONT} font-size='13'>",
           f"<title>{escape(title)}</title>", STYLE,
           text(0, 18, title, "font-size='16' font-weight='600'"),
           text(0, 38, subtitle, "class='dim'")]
    for i, name in enumerate(series):
        x = LABEL + i * 190
        out.append(f"<rect class='{('one', 'two')[i]}' x='{x}' y='50' width='11' height='11'/>")
        out.append(text(x + 17, 60, name, "class='dim'"))
    for power in range(low, high + 1):
        x = LABEL + across(10 ** power)
        out.append(f"<line class='line' x1='{x:.1f}' y1='{TOP}' x2='{x:.1f}' y2='{bottom}'/>")
        out.append(text(x, bottom + 18, f"{10 ** power:,}", "class='dim' text-anchor='middle'"))
    for i, (label, is_ours, pair) in enumerate(rows):
        y = TOP + PAIR_GAP / 2 + i * row_height
        weight = " font-weight='600'" if is_ours else ""
        out.append(text(LABEL - 10, y + BAR + GAP / 2 + 4.5, label, f"text-anchor='end'{weight}"))
        for j, value in enumerate(pair):
            at = y + j * (BAR + GAP)
            if not value:
                out.append(text(LABEL + 6, at + 12, "no such thing", "class='dim' font-size='12'"))
                continue
            kind = ("one", "two")[j] + ("" if is_ours else " theirs")
            out.append(f"<rect class='{kind}' x='{LABEL}' y='{at:.1f}' "
                       f"width='{max(across(value), 1):.1f}' height='{BAR}'/>")
            out.append(text(LABEL + across(value) + 6, at + 12, number(value)))
    out.append("</svg>\n")
    return "\n".join(out)
