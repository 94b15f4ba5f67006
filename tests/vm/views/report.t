#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The HTML report of a real run: its numbers are the kernel's, and in Chromium they are shown as they are."""
import json
import re
import sys

sys.path += [f"{sys.path[0]}/..", f"{sys.path[0]}/../../browser"]
from browser import (Browser, Truth, check_alone, check_drawings, check_filters, check_keyboard,
                     check_points)
from guest import BALANCED, VIPIS, Run, balances, done, ok


def block_of(page):
    """The data of a page."""
    return json.loads(re.search('<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


def check_errors(run):
    def outcome(name):
        return run.file(name).splitlines()

    ok(outcome("no-file")[-1:] == ["2"] and "--html FILE" in outcome("no-file")[0], "no --html: status 2 and why",
       outcome("no-file"))
    ok(outcome("no-directory") == ["ipimux-trace: cannot write '/none/page.html': No such file or directory", "3"],
       "a file that cannot be made: status 3 and why", outcome("no-directory"))
    ok(outcome("full") == ["ipimux-trace: cannot write '/dev/full': No space left on device", "3"],
       "a full disk: status 3 and why", outcome("full"))
    ok(outcome("null") == ["0"], "no file at all: fine", outcome("null"))


def shown_handled(browser, truth):
    """{CPU: {"vipis": {vIPI: {"handled": number}}}} as the page shows it, CPU by CPU."""
    shown = {}
    for cpu in truth.cpus:
        browser.choose("cpu", cpu)
        table = browser.table("vipis")
        shown[cpu] = {"vipis": {vipi: {"handled": table[vipi]["handled"][0]} for vipi in VIPIS}}
    browser.choose("cpu", None)
    return shown


def check_run(browser, run):
    block, live = block_of(run.file("page.html")), block_of(run.file("live.html"))
    summary = run.json_lines("run.jsonl")[-1]
    audit, truth = summary["audit"], Truth(summary)
    ok(live["run"].pop("source") is None and block["run"].pop("source") == "/tmp/run.jsonl" and live == block,
       "the page of the recording is that of the live run")
    ok(block["run"]["vipis"] == VIPIS, "vIPIs by name")
    browser.open(run.out / "page.html")
    sums = browser.sums()
    ok(balances(audit) and re.fullmatch(BALANCED, browser.find("[data-sum=audit]").text), "the audit balances",
       audit)
    ok(sums["raised"] == audit["raised"] and sums["handled"] == audit["handled"], "the sums are the audit's", sums, audit)
    wrong, exact = run.compare_handled(shown_handled(browser, truth))
    ok(not wrong and exact >= 16, f"handled as the kernel counted, {exact} counts exactly", *wrong)
    sent = truth.pair(1, 3, "CALL_FUNC")[0]
    ok(4000 <= sent < 4100, "4000 memory barriers are 4000 sends of a pair", sent)
    waits = browser.waited()
    ok(waits["raised timed"] > 4000 and waits["raised timed"] + waits.get("masked timed", 0) +
       waits["raised not timed"] == sums["handled"], "what waited is what was handled", waits, sums)
    check_points(browser, truth)
    check_drawings(browser, truth)
    check_filters(browser, truth, 1)
    check_keyboard(browser, truth)
    check_alone(browser, run.out / "page.html")


def check_cut(browser, run):
    """A recording without its end has no audit, and says so."""
    browser.open(run.out / "cut.html")
    ok(browser.find("[data-sum=audit]").text == "not judged" and "ends before the run did" in browser.find("#audit").text,
       "cut off: no audit", browser.find("#audit").text)
    complaints = browser.complaints()
    ok(not complaints, "cut off: nothing in the console", *complaints)


def check_some(browser, run):
    """With -c: those CPUs, and what others sent them."""
    browser.open(run.out / "some.html")
    ok("CPUs 1,3 of 0-3" in browser.find("#about").text, "-c: says which CPUs", browser.find("#about").text)
    ok(set(browser.table("cpus")) == {"1", "3", "total"}, "-c: rows of those")
    touching = block_of(run.file("some.html"))["traffic"]
    ok(any(row[:2] == [1, 3] for row in touching) and all({row[0], row[1]} & {1, 3} for row in touching), "-c: pairs with those", touching)
    ok(browser.sums()["sent"] == sum(sum(row[3:]) for row in touching if row[0] in (1, 3)),
       "-c: the sum is theirs", browser.sums())
    ok(browser.find("#doubts").text == "", "-c: nothing is doubted")
    complaints = browser.complaints()
    ok(not complaints, "-c: nothing in the console", *complaints)


ran = Run("report.sh")
if ran.ok("a guest ran"):
    check_errors(ran)
    with Browser() as chromium:
        check_run(chromium, ran)
        check_cut(chromium, ran)
        check_some(chromium, ran)
done()
