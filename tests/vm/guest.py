# SPDX-License-Identifier: GPL-2.0-only
"""What the tests in guests share: run a script in one, say the results as TAP.

Knows nothing about what is tested. A test finds this, and what else some of them share, in the folder above its own.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Of the test that runs, with its scripts for guests.
HERE = pathlib.Path(sys.path[0])

# The vIPIs of RISC-V in the order of their numbers, as arch/riscv/kernel/smp.c
# has them: the truth that the tool's own names are compared with.
VIPIS = ["RESCHEDULE", "CALL_FUNC", "CPU_STOP", "CPU_CRASH_STOP",
         "IRQ_WORK", "TIMER", "CPU_BACKTRACE", "KGDB_ROUNDUP"]

# Is this `make check ALL=1`, every combination, or `make check`, each part of one somewhere?
ALL = bool(os.environ.get("ALL"))

_results = 0


def ok(good, what, *why):
    """One TAP line; @why goes to where prove shows it, if it is not good. Returns @good."""
    global _results
    _results += 1
    print(f"{'ok' if good else 'not ok'} {_results} - {what}", flush=True)
    if not good:
        for line in [f"failed: {what}", *why]:
            for part in str(line).splitlines():
                print(f"# {part}", file=sys.stderr, flush=True)
    return good


def done():
    """The plan, last: a test that dies before has none and fails."""
    print(f"1..{_results}")


def stimulus(kernel="patched"):
    """The stimulus module (tests/kmod) for this guest kernel."""
    return f"{ROOT}/build/kmod/{kernel}/ipimux-stimulus.ko"


def need_kernel(kernel):
    """Skips all of this test where @kernel's source cannot be fetched."""
    result = subprocess.run([ROOT / "vm/build-kernel", kernel], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True)
    if result.returncode == 77:
        print(f"1..0 # SKIP {result.stderr.strip().splitlines()[-1]}")
        sys.exit(0)


def for_all(why):
    """Leaves all of this test to `make check ALL=1`. @why: which other tests have, together, what is in it."""
    if not ALL:
        print(f"1..0 # SKIP left to make check ALL=1: {why}")
        sys.exit(0)


def left_out(what):
    """Says what of this test is left to `make check ALL=1`: a line that prove counts as skipped."""
    global _results
    if not ALL:
        _results += 1
        print(f"ok {_results} - {what} # SKIP left to make check ALL=1", flush=True)


class Absent(int):
    """What is absent where zeros are left out: 0, or an object without anything."""

    def __getitem__(self, key):
        return Absent()

    def __iter__(self):
        return iter(())

    def __eq__(self, other):
        return other == {} or super().__eq__(other)

    __hash__ = int.__hash__
    items = keys = values = lambda self: ()

    def get(self, key, default=None):
        return default


class Sparse(dict):
    """Counts, of which those that are 0 are left out."""

    def __init__(self, counts):
        super().__init__((key, Sparse(value) if isinstance(value, dict) else value) for key, value in counts.items())

    def __missing__(self, key):
        return Absent()


# What comes of a send, as in the JSON.
OUTCOMES = ["raised", "coalesced", "masked", "coalesced_while_masked"]


def all_outcomes(sends):
    """All of them, also those that are 0."""
    return {outcome: sends[outcome] for outcome in OUTCOMES}


def is_of_the_edge(entry):
    """Is it of what nobody could see at an edge, in traffic, or on a host that has no time for its guest? What was
    handled while the kernel's own counts were read: tests compare what was handled with those counts themselves. One
    process whose parent IPI was on its way at the start."""
    return entry["finding"] == "not_compared" or \
        (entry["finding"], entry["number"], entry["reason"]) == ("uncompared_raises", 1, None)


def excuses(audit):
    """The entries that say what is not proved, except those of the edges."""
    return [entry for entry in audit["entries"] if entry["verdict"] == "except" and not is_of_the_edge(entry)]


def only_last_words(audit, cycles):
    """Does the audit excuse only the last sends of CPUs that go offline, two for each time that one did?

    A CALL_FUNC to the first CPU online; and RCU's wake-up, one, too, or, in newer kernels, a wake-up on any CPU. Through
    fentry events may be missed: what was, may be any vIPI, and where a CPU went offline the audit can name that instead.
    And outcomes may be uncertain: what the balance is off by because of these is guessed, and no more than they are.
    """
    guesses = [entry for entry in excuses(audit) if entry["finding"] == "guessed"]
    if sum(entry["number"] for entry in guesses) > audit.get("uncertain", 0):
        return False
    excused = [entry for entry in excuses(audit) if entry not in guesses]
    most = 2 * cycles + (audit["missed"] or 0)
    return audit["verdict"] in ("balanced", "except") and sum(entry["number"] for entry in excused) <= most and all(
        entry["finding"] == "not_seen" and (audit["missed"] or entry["reason"] == "offline" and
                                            entry["vipi"] in ("CALL_FUNC", "RESCHEDULE"))
        for entry in excused)


# A verdict in words, as balances().
UNCOMPARED = r"\d+ (?:(?:parent IPIs )?not compared|events? missed)"
BALANCED = rf"balanced(?:, except {UNCOMPARED}(?:, {UNCOMPARED})*)?"


def balances(audit, exact=(), but=()):
    """Does it balance, except for entries @but, and is each of the vIPIs in @exact compared with the kernel's counts?"""
    return audit["verdict"] in ("balanced", "except") and all(entry in but for entry in excuses(audit)) and not any(
        entry["finding"] == "not_compared" and entry["vipi"] in exact for entry in audit["entries"])


def say(text):
    print(f"# {text}", flush=True)


class Run:
    """A script, beside the test, that ran in a guest: .status, .output, and .file(name) for what it left in /out.

    Tests say cpus=2 where the number does not matter. A start through fentry stops the machine some 50 times, each time
    until all CPUs have come: of four on a host of two this takes twice the CPU time of two.
    """

    def __init__(self, script, *args, add=(), **options):
        self._directory = tempfile.TemporaryDirectory()
        self.out = pathlib.Path(self._directory.name)
        command = [ROOT / "vm/run", "--out", self.out, "--add", ROOT / "tests/vm/lib.sh"]
        for name in ("membarrier", "signals"):
            command += ["--add", f"{ROOT}/build/tests/guest/{name}:/usr/bin/{name}"]
        for item in add:
            command += ["--add", item]
        # A kernel without the multiplexer is one without SMP.
        if options.get("kernel") == "nomux":
            options.pop("cpus", None)
        for option, value in options.items():
            command += [f"--{option}"] if value is True else [f"--{option}", str(value)]
        command += [HERE / script, *args]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.status = result.returncode
        self.output = result.stdout
        self.errors = result.stderr

    def ok(self, what):
        """The script was content, and so was the guest's kernel."""
        return ok(self.status == 0, what, f"status {self.status}", self.output, self.errors)

    def file(self, name):
        path = self.out / name
        return path.read_text() if path.exists() else ""

    def json_lines(self, name):
        lines = [json.loads(line) for line in self.file(name).splitlines()]
        for line in lines:
            if isinstance(line.get("cpus"), dict):
                line["cpus"] = {cpu: Sparse(counts) for cpu, counts in line["cpus"].items()}
        return lines

    def unix_time(self, uptime):
        """Of an uptime in the guest, from what read_clock of lib.sh left in the file clock."""
        time, at = map(float, self.file("clock").split())
        return float(uptime) - at + time

    def compare_handled(self, cpus, prefix=""):
        """What the tool counted as handled, against /sys/kernel/irq/*/per_cpu_count.

        The script left the kernel's counts from inside the tool's window and from
        around it, in inside-before, inside-after, around-before and around-after, all of them behind @prefix.
        Returns what is wrong, and for how many counts the two leave no room.
        """
        around = [self.kernel_counts(f"{prefix}around-{edge}") for edge in ("before", "after")]
        inside = [self.kernel_counts(f"{prefix}inside-{edge}") for edge in ("before", "after")]
        wrong, exact = [], 0
        for vipi in VIPIS:
            for cpu in range(len(around[0][vipi])):
                least = inside[1][vipi][cpu] - inside[0][vipi][cpu]
                most = around[1][vipi][cpu] - around[0][vipi][cpu]
                handled = cpus[str(cpu)]["vipis"][vipi]["handled"]
                exact += least == most
                if not least <= handled <= most:
                    wrong.append(f"CPU {cpu} {vipi}: {handled}, kernel {least} to {most}")
        return wrong, exact

    def kernel_counts(self, name):
        """{vIPI: [handled by CPU 0, 1, ...]} from what count_vipis of lib.sh wrote."""
        counts = {}
        for line in self.file(name).splitlines():
            vipi, per_cpu = line.split()
            counts[VIPIS[int(vipi)]] = [int(count) for count in per_cpu.split(",")]
        return counts
