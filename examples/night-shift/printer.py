#!/usr/bin/python3
"""The printer: the report, unless it is broken."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "agents" / "python"))

import takt_agent  # noqa: E402


def report(input, beat):
    if input["is_printer_broken"]:
        raise takt_agent.Failed("the printer is on fire")
    total = input["total"]
    return f"{total['orders']} orders, {total['cents'] / 100:.2f} in all"


if __name__ == "__main__":
    takt_agent.run({"report.write": report}, f"printer-{os.getpid()}")
