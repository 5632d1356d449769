#!/usr/bin/python3
"""The clerk: knows the day's orders, and prices each."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "agents" / "python"))

import takt_agent  # noqa: E402


def orders(input, beat):
    return [{"number": n, "cents": 100 + 37 * n % 901} for n in range(1, input["count"] + 1)]


def price(input, beat):
    order = input["order"]
    return {"number": order["number"], "cents": round(order["cents"] * input["rate"])}


if __name__ == "__main__":
    takt_agent.run({"orders.list": orders, "orders.price": price}, f"clerk-{os.getpid()}")
