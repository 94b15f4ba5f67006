# SPDX-License-Identifier: GPL-2.0-only
"""The figures of docs/overhead.md, for tests that measure them again."""
import pathlib

OVERHEAD = pathlib.Path(__file__).resolve().parents[1] / "docs/overhead.md"

# What a tracer of bench/overhead.py is called there.
ROWS = {
    "stock": "kernel without the tracepoints",
    "empty": "empty BPF programs: the floor",
    "clock": "BPF programs that read the clock once",
    "ipimux-trace": "ipimux-trace stat",
    "latency": "ipimux-trace stat --latency",
    "latency-16": "ipimux-trace stat --latency=16",
    "fentry-latency": "ipimux-trace stat --via fentry --latency",
}


def row_of(label):
    """The cells behind @label, which stands in one row of one table."""
    rows = [[cell.strip().strip("*") for cell in line.strip("|").split("|")]
            for line in OVERHEAD.read_text().splitlines() if line.startswith("|")]
    found = [cells for first, *cells in rows if first.rstrip(" ¹²³⁴") == label]
    if len(found) != 1:
        raise KeyError(f"{OVERHEAD}: {len(found)} rows begin with '{label}'")
    return found[0]


def is_near(got, documented, least):
    """Is what was measured within 10 % of what is documented, or within @least?"""
    return abs(got - documented) <= max(abs(documented) / 10, least)
