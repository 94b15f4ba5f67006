#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The HTML report of 64 CPUs and 1500 intervals in a real Chromium, with names that would like to be markup.

The counts are invented (tests/browser/page.c), the page is the tool's own. tests/vm/views/report.t looks at one of a
real run.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/browser"))
from browser import (Browser, Truth, check_alone, check_colours, check_drawings, check_filters,
                     check_keyboard, check_points, check_sums, check_width)
from guest import done, ok

HOSTILE = "<img src=x onerror=alert(2)>"
CPUS, INTERVALS = 64, 1500


def check_text(browser):
    ok(browser.find("#about").text.startswith("</script><script>alert(1)</script>.jsonl"),
       "the file's name is text", browser.find("#about").text)
    ok(HOSTILE in browser.find("#vipis").text, "a vIPI's name is text")
    ok(HOSTILE in browser.find("#events").text and "<b>a command</b>" in browser.find("#events").text,
       "an event is text", browser.find("#events").text)
    ok(browser.run("return document.querySelectorAll('img, b').length") == 0, "none of them is an element")


def check_events(browser):
    marks = browser.run("""
        return [...document.querySelectorAll("#rates .mark")].map((mark) => [mark.getAttribute("class"),
            Number(mark.getAttribute("x")), Number(mark.getAttribute("width"))])""")
    storm = next((mark for mark in marks if "storm" in mark[0]), None)
    left, right = browser.run("""
        const axis = document.querySelector("#rates .axis");
        return [axis.x1.baseVal.value, axis.x2.baseVal.value]""")
    quarter = left + (right - left) / 4
    ok(len(marks) == 2 and storm and abs(storm[1] - quarter) < 3 and abs(storm[2] - (right - left) / 12) < 3,
       "events stand where they happened", marks, left, right)
    browser.choose("cpu", 1)
    text = browser.find("#events").text
    ok("storm" in text and "stuck" not in text, "events follow the CPU that is chosen", text)
    browser.choose("cpu", None)


def check_latency(browser, page, directory):
    """The page draws latency when it is there: as counts by bucket, for each CPU and vIPI."""
    ok("Not measured" in browser.find("#latency").text, "latency: says that it was not measured")
    data = {"buckets": [100, 200, 400, 800, 1600],
            "cpus": {"3": {"0": {"raised": [[0, 50], [1, 40]], "masked": [[3, 7]], "untimed": 5},
                           "1": {"raised": [[3, 9]], "masked": [], "untimed": 1}},
                     "5": {"0": {"raised": [[4, 1]], "masked": [], "untimed": 0}}}}
    measured = directory / "latency.html"
    text = page.read_text()
    measured.write_text(text.replace('"latency":null', f'"latency":{json.dumps(data)}', 1))
    browser.open(measured)
    expected = {"raised timed": 100, "raised p50": 150, "raised p90": 300, "raised p99": 1200, "raised max <": None,
                "raised not timed": 6, "masked timed": 7, "masked p50": 1200, "masked p90": 1200, "masked p99": 1200,
                "masked max <": 1600, "masked not timed": None}
    ok(browser.waited() == expected, "latency: of all", browser.waited())
    browser.choose("cpu", 3)
    browser.choose("vipi", 0)
    expected |= {"raised timed": 90, "raised p50": 150, "raised p99": 300, "raised max <": 400, "raised not timed": 5}
    ok(browser.waited() == expected, "latency: of a CPU and vIPI", browser.waited())
    bars = browser.run("""
        return [...document.querySelectorAll("#latency rect")].map((bar) => bar.getBoundingClientRect().height)""")
    ok(len(bars) == 3 and abs(bars[1] / bars[0] - .8) < .01, "latency: bars as high as they are many", bars)


def check_doubt(browser, page, directory):
    """A page whose points do not make its totals says so."""
    ok(browser.find("#doubts").text == "", "nothing is doubted", browser.find("#doubts").text)
    start, middle, series = page.read_text().partition('"series":[\n[0,0,0,[')
    first, comma, rest = series.partition(",")
    wrong = directory / "wrong.html"
    wrong.write_text(f"{start}{middle}{int(first) + 1}{comma}{rest}")
    browser.open(wrong)
    ok("do not add up" in browser.find("#doubts").text, "points that do not add up are doubted")


def check_fold(browser, directory):
    """On 100 CPUs the matrix shows the busiest, and the rest as one; nothing of it is lost."""
    truth, page = make(directory, 100, 3)
    browser.open(page)
    shown = browser.run("""
        return [...document.querySelectorAll("#matrix .cell")].reduce((sum, cell) => sum + Number(cell.dataset.sent), 0)""")
    rows = "return [...document.querySelectorAll('#matrix [data-key^=matrix-row]')].map((row) => row.dataset.cpu)"
    kept = browser.run(rows)
    ok(len(kept) == 63 and shown == truth.sums()["sent"], "100 CPUs: 63 and the rest have all sends", kept, shown)
    other = next(cpu for cpu in truth.cpus if cpu not in kept)
    browser.choose("cpu", other)
    check_sums(browser, truth, int(other), None, f"CPU {other} of the rest")
    ok(other in browser.run(rows), "100 CPUs: one of the rest is there when it is chosen")


def make(directory, cpus, intervals):
    """A page, and what it should show."""
    subprocess.run([ROOT / "build/tests/browser/page", str(cpus), str(intervals), directory / f"{cpus}.html",
                    directory / f"{cpus}.json"], check=True)
    return Truth(json.loads((directory / f"{cpus}.json").read_text())), directory / f"{cpus}.html"


with tempfile.TemporaryDirectory() as name:
    made = pathlib.Path(name)
    truth, page = make(made, CPUS, INTERVALS)
    with Browser() as chromium:
        chromium.open(page)
        run = check_points(chromium, truth)
        ok(len(run["cpus"]) == CPUS and run["intervals"] == INTERVALS and 300 <= len(run["times"]) <= 600,
           "64 CPUs, 1500 intervals in at most 600 points", len(run["times"]))
        check_drawings(chromium, truth)
        check_text(chromium)
        check_events(chromium)
        check_filters(chromium, truth, 21)
        check_keyboard(chromium, truth)
        check_colours(chromium)
        check_width(chromium)
        check_alone(chromium, page)
        chromium.open(page)
        check_latency(chromium, page, made)
        check_doubt(chromium, page, made)
        check_fold(chromium, made)
done()
