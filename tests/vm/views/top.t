#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""top in a real terminal: keys, sizes, Ctrl-Z; and the terminal is left as it was."""
import re
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import BALANCED, VIPIS, Run, done, ok

COLUMNS = {"sends": 0, "raised": 1, "coal%": 2, "masked": 3, "handled": 4}
# What the terminal of tmux says of itself: alternate screen, cursor, keypad.
TAKEN, GIVEN_BACK = "1 0 1", "0 1 0"
AUDIT = re.compile(rf"""watched for \d+\.\d{{3}} s
audit: {BALANCED}
  raised (\d+) \+ masked (\d+) \+ carried in (\d+) = handled (\d+) \+ still pending (\d+)
  0 events missed
  handled matches the kernel's own counts(?: \(to within \d+ handled while reading\))?
  parent IPIs were not compared: --verify compares them""")


class Page:
    """A screen of top: .lines, .heading, .rows as (name, [cell, ...])."""

    def __init__(self, run, name):
        self.name = name
        *lines, self.state = run.file(name).splitlines()
        self.lines = [line.rstrip() for line in lines]
        self.text = "\n".join(self.lines)
        at = next((i for i, line in enumerate(self.lines) if "raised/s" in line and i > 2), None)
        self.heading = self.lines[at] if at else ""
        self.rows = []
        for line in self.lines[at + 1:] if at else []:
            match = re.match(r"(CPU \d+|\s*\d+ -> \d+|[A-Z_]+) +([\d.-].*)$", line)
            if match:
                self.rows.append((match.group(1).strip(), match.group(2).split()))

    def ok(self, good, what):
        ok(good, f"{self.name}: {what}", *self.lines)

    def numbers(self, column):
        """a column of all rows; what is no number is below all"""
        return [-1.0 if cells[COLUMNS[column]] == "-" else number(cells[COLUMNS[column]])
                for _, cells in self.rows]

    def frozen(self):
        """what does not move while it is paused, except the pane and the order"""
        return sorted(map(str, self.rows)), self.lines[:3]


def number(text):
    return float(text[:-1]) * 1000 ** " kMGTPE".index(text[-1]) if text[-1].isalpha() else float(text)


def cpus_of(name):
    return [int(cpu) for cpu in name.split(" -> ")]


def check_panes(page):
    page("quit-shown").ok(sorted(name for name, _ in page("quit-shown").rows) ==
                          [f"CPU {cpu}" for cpu in range(4)], "a row for each CPU")
    page("quit-shown").ok(page("quit-shown").state == TAKEN, f"the terminal is taken: {TAKEN}")
    page("senders").ok("most to" in page("senders").heading and
                       "handled/s" not in page("senders").heading, "what senders have")
    page("vipis").ok(sorted(name for name, _ in page("vipis").rows) == sorted(VIPIS),
                     "a row for each vIPI")
    # Of the same instant, so the sums must agree: the head and the rows, to half a digit.
    for name in ("quit-shown", "senders", "vipis", "pairs", "by-name"):
        total = float(re.search(r"total: ([\d.]+) sends/s", page(name).text).group(1))
        sends = page(name).numbers("sends")
        page(name).ok(any(sends) and abs(sum(sends) - total) <= 0.05 * (len(sends) + 1) + 1e-6,
                      "rows add up to the total")


def check_order(page):
    for name in ("quit-shown", "senders", "vipis", "pairs"):
        sends = page(name).numbers("sends")
        page(name).ok(sends == sorted(sends, reverse=True), "most sends first")
    raised = page("by-raised").numbers("raised")
    page("by-raised").ok(raised == sorted(raised, reverse=True), "most raised first")
    names = [cpus_of(name) for name, _ in page("by-name").rows]
    page("by-name").ok(len(names) > 2 and names == sorted(names), "by name")
    page("by-name-reversed").ok([cpus_of(name) for name, _ in page("by-name-reversed").rows] ==
                                names[::-1], "the other way round")


def check_pause(page):
    for one, *others in (("paused", "still-paused"),
                         ("pairs", "by-raised", "by-name", "by-name-reversed")):
        for name in others:
            page(name).ok(page(name).frozen() == page(one).frozen(), "the same while paused")
    page("on").ok("PAUSED" not in page("on").text and page("on").lines[0] != page("paused").lines[0],
                  "goes on")


def check_filters(page):
    page("prompt").ok(page("prompt").lines[-1].endswith("empty: all): call_func") and
                      page("prompt").state == "1 1 1", "what is typed, and the cursor")
    page("one-vipi-row").ok([name for name, _ in page("one-vipi-row").rows] == ["CALL_FUNC"],
                            "only that vIPI")
    page("no-vipi").ok("no vIPI 'nonsense': RESCHEDULE, CALL_FUNC" in page("no-vipi").lines[-1],
                       "says which there are")
    pairs = [cpus_of(name) for name, _ in page("one-cpu").rows]
    page("one-cpu").ok(pairs and all(3 in pair for pair in pairs), "only pairs with CPU 3")
    page("no-cpu").ok("CPUs 3" in page("no-cpu").text, "the old filter stays")
    page("all-again").ok(" CPUs 3" not in page("all-again").text, "no filter, after an escape")
    page("TERM-shown").ok("vIPI CALL_FUNC  CPUs 2-3" in page("TERM-shown").text, "as options")


def check_interval(page):
    was = float(re.search(r"every 0.2 s  \(this one ([\d.]+) s\)", page("shorter").text).group(1))
    page("shorter").ok(0.2 <= was < 0.5, "the interval is measured, and new at once")
    page("longer").ok("every 1 s" in page("longer").text, "longer")
    page("help").ok(page("help").lines[-1] == "any key: back" and
                    "scroll" in page("help").text, "help")


def check_sizes(page):
    for name, lines, columns in (("large", 40, 140), ("narrow", 12, 60), ("back", 30, 100)):
        drawn = page(name)
        drawn.ok(len(drawn.lines) == lines and drawn.lines[-1].startswith("? help") and
                 all(len(line) <= columns for line in drawn.lines), f"{columns} x {lines}")
        drawn.ok(len(drawn.rows) == 4 and drawn.text.count("stuck: none") == 1 and
                 drawn.text.count("[1 targets]") == 1, "drawn once, with all rows")
    page("tiny").ok(page("tiny").lines[0] == "too small" and not any(page("tiny").lines[1:]),
                    "says so, and nothing else")
    page("narrow").ok("coal%" in page("narrow").heading and
                      "handled/s" not in page("narrow").heading, "columns that fit, whole")


def check_ends(page, run):
    modes = run.file("modes")
    for name in ("stopped", "quit", "TERM", "HUP", "undescribed"):
        page(name).ok(page(name).state == GIVEN_BACK, "screen, cursor and keypad are given back")
        ok(modes and run.file(f"{name}.modes") == modes, f"{name}: the terminal's modes, too",
           modes, run.file(f"{name}.modes"))
        if name != "stopped":
            match = AUDIT.search(page(name).text)
            page(name).ok(match and sum(map(int, match.groups()[:3])) ==
                          sum(map(int, match.groups()[3:])), "the audit of the run")
    page("recording").ok(page("recording").state == GIVEN_BACK and "watched for" not in page("recording").text,
                         "q gives the screen back while the rest is read, and Ctrl-C ends that")
    ok(run.file("recording.modes") == modes, "recording: the terminal's modes, too", run.file("recording.modes"))
    page("stopped").ok("raised/s" not in page("stopped").text, "Ctrl-Z gives the screen back")
    page("continued").ok(page("continued").state.startswith("1 0") and len(page("continued").rows) == 4,
                         "fg draws it again")


def check_errors(page, run):
    """the messages, in their order, and their statuses; that of `top | cat` is cat's"""
    statuses = re.findall(r"^status (\d+)$", page("statuses").text, re.MULTILINE)
    ok(statuses == list("3033322"), "exit statuses of errors", statuses)
    messages = [
        "top needs a terminal; for a file or a pipe, use ipimux-trace stat",
        "top needs a terminal; for a file or a pipe, use ipimux-trace stat",
        "top cannot use the terminal 'nonsense': set TERM to its name, or TERMINFO to the folder that"
        " describes it, or use ipimux-trace stat",
        "top cannot use the terminal 'dumb': set TERM to its name, or TERMINFO to the folder that"
        " describes it, or use ipimux-trace stat",
        "top needs to know the terminal, but TERM is not set: set TERM, or use ipimux-trace stat",
        "no vIPI '99': this machine has " + ", ".join(VIPIS),
        "CPU list '8': this machine has CPUs 0-3",
    ]
    got = run.file("errors").splitlines()
    for i, message in enumerate(messages):
        ok(got[i:i + 1] == [f"ipimux-trace: {message}"], f"says: {message}", *got)
    ok(len(got) == len(messages), "and nothing else", *got)


def check_undescribed(page):
    for name in ("undescribed-shown", "vt220-shown"):
        page(name).ok(page(name).state.startswith("1 0") and len(page(name).rows) == 4 and
                      page(name).lines[-1].startswith("? help"), "drawn without terminfo")


def check_matrix(run):
    colours = re.compile(r"\x1b\[[0-9;]*m")
    shown, plain = run.file("matrix"), run.file("matrix-plain")
    # tmux has 256 colours. The first table has rates, the second one counts.
    cells = re.findall(r"(\x1b\[48;5;\d+m) +([\d.]+)\x1b", shown.split("summary")[0])
    hottest = max(cells, key=lambda cell: float(cell[1]), default=("", ""))
    ok(hottest[0] == "\x1b[48;5;220m", "matrix: the largest cell is the hottest", repr(shown))
    ok(not colours.search(plain) and "audit: balanced" in plain, "matrix: NO_COLOR", repr(plain))
    narrow = run.file("matrix-narrow")
    ok(re.search(r"^sender +\d +\d others +total$", narrow, re.MULTILINE),
       "matrix: folded to the width of the terminal", narrow)


result = Run("top.sh", tracers=True, timeout=200)
if result.ok("a guest ran"):
    kept = set(path.name for path in result.out.iterdir() if "." not in path.name)
    pages = {name: Page(result, name) for name in kept - {"modes", "errors"}}
    get = pages.__getitem__
    for check in (check_panes, check_order, check_pause, check_filters, check_interval,
                  check_sizes, check_undescribed):
        check(get)
    check_ends(get, result)
    check_errors(get, result)
    check_matrix(result)
done()
