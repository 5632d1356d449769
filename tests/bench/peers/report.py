"""What `make bench` writes: medians of the rounds, the section of docs/benchmarks.md, the chart.

A round is a dictionary: the name of a system -> its figures in that round.  Ratios are taken
within a round, takt by the other, because what disturbs a machine disturbs a whole round; only
then comes the median.  Nothing here measures, so tests/tools/test_bench_peers.py can pretend.
"""

import statistics

TAKT = "takt"
TAKT_NODE = "takt, client in Node"
BEGIN = "<!-- make bench writes from here -->"
END = "<!-- to here -->"

# figure -> (its heading, what it is)
RATES = {
    "submit_per_s": "submits/s",
    "lifecycle_per_s": "lives/s",
    "submit_batch_per_s": "submits/s in hundreds",
    "lifecycle_batch_per_s": "lives/s in hundreds",
}


class Malformed(Exception):
    """The document has not the two markers, once each, in their order."""


# --- Figures over the rounds ---

def median(rounds, system, figure):
    """(the median, the least, the most) of the rounds that have it, or None."""
    values = [r[system][figure] for r in rounds if figure in r.get(system, {})]
    return (statistics.median(values), min(values), max(values)) if values else None


def ratio(rounds, system, figure, by=TAKT):
    """takt by the system, within each round; the median, least and most, or None."""
    pairs = [(r[by][figure], r[system][figure]) for r in rounds
             if figure in r.get(by, {}) and r.get(system, {}).get(figure)]
    values = [mine / theirs for mine, theirs in pairs]
    return (statistics.median(values), min(values), max(values)) if values else None


def systems_of(rounds):
    """The names, in the order of their first coming."""
    return list(dict.fromkeys(name for r in rounds for name in r))


def others_of(rounds):
    return [name for name in systems_of(rounds) if name not in (TAKT, TAKT_NODE)]


# --- Words ---

def number(value):
    """Three digits that matter: 64,900 and 0.32 and 18.4."""
    if value == 0:
        return "0"
    if value >= 1000:
        step = 10 ** (len(str(int(value))) - 3)
        return f"{round(value / step) * step:,}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def times(found):
    return "-" if found is None else f"{number(found[0])} ×"


def both_times(rounds, name, figure):
    """The ratio, and in brackets that of takt when it is asked by Node as the others are."""
    found = times(ratio(rounds, name, figure))
    by_node = ratio(rounds, name, figure, TAKT_NODE)
    return found if by_node is None else f"{found} ({times(by_node)})"


def rate(found):
    return "-" if found is None else number(found[0])


def span(found):
    return "-" if found is None else f"{number(found[1])}-{number(found[2])}"


def milliseconds(found):
    return "-" if found is None else number(found[0] / 1000)


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "|".join("---" for _ in heads) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


# --- The section ---

def ratio_table(rounds):
    rows = [[name, *(both_times(rounds, name, f) for f in RATES)] for name in others_of(rounds)]
    return table(["takt ÷ peer (asked by Node too)", *RATES.values()], rows)


def rate_table(rounds):
    rows = []
    for name in systems_of(rounds):
        cells = [median(rounds, name, f) for f in RATES]
        rows.append([name, *(rate(c) if c is None else f"{rate(c)} ({span(c)})" for c in cells)])
    return table(["median (least-most)", *RATES.values()], rows)


def other_table(rounds):
    rows = []
    for name in systems_of(rounds):
        p50 = median(rounds, name, "dispatch_p50_us")
        p99 = median(rounds, name, "dispatch_p99_us")
        memory = median(rounds, name, "memory_kb")
        if not (p50 or memory):
            continue
        rows.append([name, milliseconds(p50), milliseconds(p99),
                     "-" if memory is None else number(memory[0] / 1024)])
    return table(["", "dispatch p50, ms", "dispatch p99, ms", "memory, MB"], rows)


def listed(words):
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def slower_rates(rounds, name, by):
    found = {heading: ratio(rounds, name, f, by) for f, heading in RATES.items()}
    return [f"{heading} ({times(r)})" for heading, r in found.items() if r and r[0] < 1]


def less(rounds, figure):
    """The others whose figure is less than takt's own, where less is better."""
    mine = median(rounds, TAKT_NODE, figure)
    found = {n: median(rounds, n, figure) for n in others_of(rounds)}
    return [f"{n} ({number(v[0] / mine[0])} of takt's)" for n, v in found.items()
            if mine and v and v[0] < mine[0]]


def losses(rounds):
    """Where takt is behind, in sentences: no reader should have to find them."""
    said = []
    for by, words in ((TAKT, "Faster than takt"), (TAKT_NODE, "Faster when Node asks both")):
        for name in others_of(rounds):
            behind = slower_rates(rounds, name, by)
            said += [f"- {words}: {name}, at {listed(behind)}."] if behind else []
    for figure, words in (("dispatch_p50_us", "A waiting worker has its task sooner, in the "
                           "median"), ("dispatch_p99_us", "The same in the 99th percentile"),
                          ("memory_kb", "Less memory")):
        better = less(rounds, figure)
        said += [f"- {words}: {listed(better)}."] if better else []
    return "\n".join(said) if said else "- Nowhere among these figures, this time."


def section(result):
    """The whole text between the markers.  `result`: rounds, systems, machine, left_out, when."""
    rounds = result["rounds"]
    systems = table(["system", "version", "client", "what makes it durable"],
                    [[s["name"], s["version"], s["client"], s["durable"]]
                     for s in result["systems"]])
    left_out = "".join(f"\nLeft out: {name}, because {why}.\n"
                       for name, why in result["left_out"].items())
    return f"""
{ratio_table(rounds)}

![Lives of tasks a second, one task a request, takt and others](benchmarks.svg)

{rate_table(rounds)}

{other_table(rounds)}

Where takt is behind in this run:

{losses(rounds)}

{systems}
{left_out}
Measured on {result["when"]}: {result["machine"]}. {len(rounds)} round{"s"[:len(rounds) > 1]}; {result["load"]}.
The disk alone: {result["disk"]}.
"""


def replace_section(document, text):
    """The document with `text` between the markers."""
    if document.count(BEGIN) != 1 or document.count(END) != 1:
        raise Malformed(f"the document needs one line {BEGIN!r} and one line {END!r}")
    before, _, rest = document.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise Malformed(f"{END!r} stands before {BEGIN!r}")
    return f"{before}{BEGIN}\n{text.strip()}\n{END}{after}"
