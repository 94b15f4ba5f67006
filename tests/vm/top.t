#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""top in a real terminal: keys, sizes, Ctrl-Z; and the terminal is left as it was."""
import re

from guest import VIPIS, Run, done, ok

COLUMNS = {"sends": 0, "raised": 1, "coal%": 2, "masked": 3, "handled": 4}
# What the terminal of tmux says of itself: alternate screen, cursor, keypad.
TAKEN, GIVEN_BACK = "1 0 1", "0 1 0"
AUDIT = re.compile(r"""watched for \d+\.\d{3} s
audit: balanced
  raised (\d+) \+ masked (\d+) \+ carried in (\d+) = handled (\d+) \+ still pending (\d+)
  0 events missed
  handled compared with the kernel's own counts""")


class Page:
    """A screen of top: .lines, .heading, .rows as (name, [cell, ...])."""

    def __init__(self, run, name):
        self.name = name
        self.lines = [line.rstrip() for line in run.file(name).splitlines()]
        self.state = run.file(f"{name}.state").strip()
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
        """what does not move while it is paused, but for the pane and the order"""
        return sorted(map(str, self.rows)), self.lines[:3]


def number(text):
    return float(text[:-1]) * 1000 ** " kMGTPE".index(text[-1]) if text[-1].isalpha() else float(text)


def cpus_of(name):
    return [int(cpu) for cpu in name.split(" -> ")]


def check_panes(page):
    page("targets").ok(sorted(name for name, _ in page("targets").rows) ==
                       [f"CPU {cpu}" for cpu in range(4)], "a row for each CPU")
    page("targets").ok(page("targets").state == TAKEN, f"the terminal is taken: {TAKEN}")
    page("senders").ok("[2 senders]" in page("senders").text and
                       "most to" in page("senders").heading and
                       "handled/s" not in page("senders").heading, "what senders have")
    page("vipis").ok(sorted(name for name, _ in page("vipis").rows) == sorted(VIPIS),
                     "a row for each vIPI")
    for name in ("tab", "back-tab"):
        page(name).ok(True, "the next pane, the one before")
    # Of the same instant, so the sums must agree: the head and the rows, to half a digit.
    for name in ("targets", "senders", "vipis", "by-raised"):
        total = float(re.search(r"total: ([\d.]+) sends/s", page(name).text).group(1))
        rows = page(name).numbers("sends")
        page(name).ok(abs(sum(rows) - total) <= 0.05 * (len(rows) + 1), "rows add up to the total")


def check_order(page):
    for name in ("targets", "senders", "vipis", "paused"):
        sends = page(name).numbers("sends")
        page(name).ok(sends == sorted(sends, reverse=True) and any(sends), "most sends first")
    page("by-raised").ok(page("by-raised").numbers("raised") ==
                         sorted(page("by-raised").numbers("raised"), reverse=True),
                         "most raised first")
    names = [cpus_of(name) for name, _ in page("by-name").rows]
    page("by-name").ok(len(names) > 2 and names == sorted(names), "by name")
    page("by-name-reversed").ok([cpus_of(name) for name, _ in page("by-name-reversed").rows] ==
                                names[::-1], "the other way round")


def check_pause(page):
    paused = page("paused").frozen()
    for name in ("still-paused", "by-raised", "by-name", "by-name-reversed"):
        page(name).ok(page(name).frozen() == paused, "the same numbers while paused")
    page("on").ok("PAUSED" not in page("on").text and page("on").lines[0] != page("paused").lines[0],
                  "goes on")


def check_filters(page):
    page("prompt").ok(page("prompt").lines[-1].endswith("nothing: all): call_func") and
                      page("prompt").state == "1 1 1", "what is typed, and the cursor")
    page("one-vipi-row").ok([name for name, _ in page("one-vipi-row").rows] == ["CALL_FUNC"],
                            "only that vIPI")
    page("no-vipi").ok("no vIPI 'nonsense': RESCHEDULE, CALL_FUNC" in page("no-vipi").lines[-1],
                       "says which there are")
    pairs = [cpus_of(name) for name, _ in page("one-cpu").rows]
    page("one-cpu").ok(pairs and all(3 in pair for pair in pairs), "only pairs with CPU 3")
    page("no-cpu").ok("CPUs 3" in page("no-cpu").text, "the old filter stays")
    page("all-again").ok(" CPUs 3" not in page("all-again").text, "no filter, after an escape")
    page("options").ok("vIPI CALL_FUNC  CPUs 2-3" in page("options").text, "filters as options")


def check_interval(page):
    was = float(re.search(r"every 0.2 s  \(was ([\d.]+) s\)", page("shorter").text).group(1))
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
    for name in ("stopped", "quit", "TERM", "INT", "HUP", "QUIT", "interrupted", "undescribed-end"):
        page(name).ok(page(name).state == GIVEN_BACK, "screen, cursor and keypad are given back")
        ok(modes and run.file(f"{name}.modes") == modes, f"{name}: the terminal's modes, too",
           modes, run.file(f"{name}.modes"))
        if name != "stopped":
            match = AUDIT.search(page(name).text)
            page(name).ok(match and sum(map(int, match.groups()[:3])) ==
                          sum(map(int, match.groups()[3:])), "the audit of the run")
    page("stopped").ok("raised/s" not in page("stopped").text, "Ctrl-Z gives the screen back")
    page("continued").ok(page("continued").state == TAKEN and len(page("continued").rows) == 4,
                         "fg draws it again")


def check_errors(run):
    lines = [line.rstrip() for line in run.file("errors").splitlines()]
    got = " ".join(lines)
    expected = [
        "top needs a terminal; for a file or a pipe there is ipimux-trace stat status 3",
        "top needs a terminal; for a file or a pipe there is ipimux-trace stat status 0",
        "top cannot use the terminal 'nonsense': set TERM to what it is, or TERMINFO to where it is"
        " described; ipimux-trace stat needs neither status 3",
        "top cannot use the terminal 'dumb':",
        "top needs to know the terminal, and TERM is not set; ipimux-trace stat needs none status 3",
        "no vIPI '99': this machine has " + ", ".join(VIPIS) + " status 2",
        "CPU list '8': this machine has CPUs 0-3 status 2",
    ]
    for message in expected:
        ok(message in got, f"says: {message}", *lines)


def check_undescribed(page):
    for name in ("undescribed", "undescribed-vt220"):
        page(name).ok(page(name).state.startswith("1 0") and page(name).rows and
                      page(name).lines[-1].startswith("? help"), "drawn without a terminfo database")


result = Run("top.sh", tracers=True, timeout=200)
if result.ok("a guest ran"):
    pages = {path.name: Page(result, path.name) for path in result.out.iterdir()
             if (result.out / f"{path.name}.state").exists()}
    get = pages.__getitem__
    check_panes(get)
    check_order(get)
    check_pause(get)
    check_filters(get)
    check_interval(get)
    check_sizes(get)
    check_ends(get, result)
    check_errors(result)
    check_undescribed(get)
done()
