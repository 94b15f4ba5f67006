# SPDX-License-Identifier: GPL-2.0-only
"""What tracing the multiplexer costs, in guest instructions an event; and proof that each tracer traced.

Boots guests under -icount, where a nanosecond of guest time is an instruction. Knows nothing about goals.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]

# As guest.sh has them.
VIPI, VIPI_NAME = 7, "KGDB_ROUNDUP"
PATHS = ["raised", "coalesced", "masked", "kick"]
EVENTS = ["send", "process", "unmask"]

# Those that keep every event have to keep, and print, all of them.
MANY, FEW = 10000, 1000


class Failed(Exception):
    """A guest that did not run, or a tracer that did not trace what it should have."""


class Tally:
    """How many events of our vIPI there were, from the lines of guest.sh."""

    def __init__(self, runs):
        self.events = dict.fromkeys(EVENTS, 0)
        # In the order of bpf/ipimux.h.
        self.outcomes = dict.fromkeys(["raised", "coalesced", "masked", "coalesced_while_masked"], 0)
        for path, count, parts in runs:
            # What is sent before each part, and handled after it.
            firsts = parts if path in ("coalesced", "masked") else 0
            first, each = {"raised": ("raised", "raised"), "kick": ("masked", "masked"),
                           "coalesced": ("raised", "coalesced"),
                           "masked": ("masked", "coalesced_while_masked")}[path]
            self.outcomes[first] += firsts
            self.outcomes[each] += count
            self.events["send"] += count + firsts
            self.events["process"] += firsts if firsts else count
            self.events["unmask"] += {"masked": firsts, "kick": count}.get(path, 0)


def compare(tracer, what, got, expected, others=0):
    if not expected <= got <= expected + others:
        room = f" to {expected + others}" if others else ""
        raise Failed(f"{tracer}: it counted {got} {what}, there were {expected}{room}")


def check_nothing(tracer, files, tally, proof, others):
    pass


def check_floor(tracer, files, tally, proof, others):
    before, after = ([int(word) for word in line.split()[1::2]]
                     for line in files[tracer].splitlines()[-2:])
    for event, first, last in zip(EVENTS, before, after):
        compare(tracer, f"runs of the program on {event}", last - first, proof.events[event], others)


def check_ipimux_trace(tracer, files, tally, proof, others):
    summary = json.loads(files[tracer].splitlines()[-1])
    ours = summary["cpus"]["0"]["vipis"][VIPI_NAME]
    if summary["missed"]:
        raise Failed(f"{tracer}: it missed {summary['missed']} events")
    for outcome, expected in tally.outcomes.items():
        compare(tracer, f"{outcome} sends", ours["sent"][outcome], expected)
    compare(tracer, "handled", ours["handled"], tally.events["process"])
    compare(tracer, "unmasks", ours["unmasks"], tally.events["unmask"])


def check_latency(tracer, files, tally, proof, others):
    """The same, and each that was handled was timed, by the kind of its wait."""
    check_ipimux_trace(tracer, files, tally, proof, others)
    waits = json.loads(files[tracer].splitlines()[-1])["cpus"]["0"]["vipis"][VIPI_NAME]["waits"]
    compare(tracer, "raised and timed", waits["raised"]["timed"], tally.outcomes["raised"])
    compare(tracer, "masked and timed", waits["masked"]["timed"], tally.outcomes["masked"])
    compare(tracer, "not timed", waits["untimed"], 0)


def check_latency_16(tracer, files, tally, proof, others):
    """The same: of those that set the bit each 16th was timed, and the others were not."""
    check_ipimux_trace(tracer, files, tally, proof, others)
    waits = json.loads(files[tracer].splitlines()[-1])["cpus"]["0"]["vipis"][VIPI_NAME]["waits"]
    sets = tally.outcomes["raised"] + tally.outcomes["masked"]
    compare(tracer, "timed", waits["raised"]["timed"] + waits["masked"]["timed"], sets // 16)
    compare(tracer, "not timed", waits["untimed"], sets - sets // 16)


def check_fentry_latency(tracer, files, tally, proof, others):
    """The same, where only what was raised can be timed."""
    check_ipimux_trace(tracer, files, tally, proof, others)
    waits = json.loads(files[tracer].splitlines()[-1])["cpus"]["0"]["vipis"][VIPI_NAME]["waits"]
    compare(tracer, "raised and timed", waits["raised"]["timed"], tally.outcomes["raised"])
    compare(tracer, "not timed", waits["untimed"], tally.outcomes["masked"])


def check_storm(tracer, files, tally, proof, others):
    """It has no row for a vIPI, but its audit counts all there are; and it saw no storm."""
    lines = [json.loads(line) for line in files[tracer].splitlines()]
    audit = lines[-1]["audit"]
    compare(tracer, "storms", len(lines) - 2, 0)
    compare(tracer, "handled", audit["handled"], tally.events["process"], others)
    compare(tracer, "sends that set a bit", audit["raised"] + audit["masked"],
            tally.outcomes["raised"] + tally.outcomes["masked"], others)


def check_perf_stat(tracer, files, tally, proof, others):
    rows = [line.split(",") for line in files[f"{tracer}.errors"].splitlines()]
    counts = {row[2]: row[0] for row in rows if len(row) > 2}
    for event in EVENTS:
        compare(tracer, event, int(counts.get(f"ipi_mux:ipi_mux_{event}", -1)), tally.events[event],
                others)


def check_entries(tracer, files, tally, proof, others):
    """Every event is in the trace: none was too much for the buffer, none was not traced."""
    counts = {event: 0 for event in EVENTS}
    for line in files[f"{tracer}.events"].splitlines():
        count, event, *words = line.split()
        words = [int(word, 0) for word in words]
        # A process may handle others with ours: those that tracing itself makes.
        if (words[0] & words[1]) >> VIPI & 1 if event == "process" else words[0] == VIPI:
            counts[event] += int(count)
    for event in EVENTS:
        compare(tracer, f"{event} events", counts[event], tally.events[event])


def check_bpftrace(tracer, files, tally, proof, others):
    counts = {event: 0 for event in EVENTS}
    outcomes = dict.fromkeys(tally.outcomes, 0)
    for name, keys, count in re.findall(r"^@(\w+)\[([\d, ]+)\]: (\d+)$", files[tracer], re.M):
        keys = [int(key) for key in keys.split(", ")]
        if name == "send" and keys[2] == VIPI:
            outcomes[list(outcomes)[keys[3]]] += int(count)
        elif name == "unmask" and keys[1] == VIPI or name == "process" and keys[1] >> VIPI & 1:
            counts[name] += int(count)
    for outcome, expected in tally.outcomes.items():
        compare(tracer, f"{outcome} sends", outcomes[outcome], expected)
    for event in ("process", "unmask"):
        compare(tracer, event, counts[event], tally.events[event])


class Tracer:
    def __init__(self, what, check, count=MANY, kernel="patched", foreign=False):
        self.what = what            # in a table
        self.check = check          # raises Failed when the tracer did not trace
        self.count = count          # events of a run
        self.kernel = kernel
        self.foreign = foreign      # needs vm/run --tracers


TRACERS = {
    "stock": Tracer("kernel without the tracepoints", check_nothing, kernel="stock"),
    "instrumented": Tracer("the kernel's own mux, tracepoints off", check_nothing, kernel="instrumented"),
    "off": Tracer("tracepoints off", check_nothing),
    "empty": Tracer("empty BPF programs: the floor", check_floor),
    "clock": Tracer("BPF programs that read the clock", check_floor),
    "ipimux-trace": Tracer("ipimux-trace stat", check_ipimux_trace),
    "latency": Tracer("ipimux-trace stat --latency", check_latency),
    "latency-16": Tracer("ipimux-trace stat --latency=16", check_latency_16),
    "verify": Tracer("ipimux-trace stat --verify", check_ipimux_trace),
    "storm": Tracer("ipimux-trace storm, in quiet time", check_storm),
    "fentry": Tracer("ipimux-trace stat --via fentry", check_ipimux_trace, kernel="stock"),
    "fentry-latency": Tracer("the same with --latency", check_fentry_latency, kernel="stock"),
    "kprobe": Tracer("ipimux-trace stat --via kprobe", check_ipimux_trace, kernel="stock"),
    "perf-stat": Tracer("perf stat", check_perf_stat, foreign=True),
    "ftrace": Tracer("ftrace", check_entries, FEW),
    "trace-cmd": Tracer("trace-cmd record", check_entries, FEW, foreign=True),
    "perf-record": Tracer("perf record", check_entries, FEW, foreign=True),
    "bpftrace": Tracer("bpftrace, the same counts", check_bpftrace, FEW, foreign=True),
}


def call(*command):
    """What it prints; its errors go where ours go."""
    result = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise Failed(f"{' '.join(map(str, command))}: status {result.returncode}")
    return result.stdout.strip()


def stimulus(kernel):
    """The module for @kernel, built if its source or the kernel is another than last time."""
    directory = pathlib.Path("build/kmod", kernel)
    module = ROOT / directory / "ipimux-stimulus.ko"
    stamp = ROOT / directory / "built-from"
    inputs = [call("vm/build-kernel", kernel)]
    for source in sorted((ROOT / "tests/kmod").iterdir()):
        inputs.append(f"{source.name} {hashlib.sha256(source.read_bytes()).hexdigest()}")
    if not module.exists() or not stamp.exists() or stamp.read_text() != "\n".join(inputs):
        call("vm/build-module", kernel, "tests/kmod", directory)
        stamp.write_text("\n".join(inputs))
    return module


class Guest:
    """One boot: .runs[tracer][path] = [instructions an event, one a repetition], all proven."""

    def __init__(self, names, repeat, progress):
        tracers = [TRACERS[name] for name in names]
        kernel = tracers[0].kernel
        self.names = names
        self.progress = progress
        self.runs = {name: {path: [] for path in PATHS} for name in names}
        self.loop = None
        self.lines = []
        self.seen = {name: {"run": [], "proof": []} for name in names}
        with tempfile.TemporaryDirectory() as out:
            # Four CPUs, of which one is up: programs are made for the number that there may be.
            command = ["vm/run", "--icount", "--cpus", "4", "--append", "maxcpus=1",
                       "--kernel", kernel, "--timeout", "1800", "--out", out, "--add", "tests/vm/lib.sh", "--add", "bench/count.bt",
                       "--add", stimulus(kernel), "--add", "build/bench/floor:/usr/bin/floor",
                       *(["--tracers"] if any(tracer.foreign for tracer in tracers) else []),
                       "bench/guest.sh", str(repeat),
                       *(f"{name}={tracer.count}" for name, tracer in zip(names, tracers))]
            self.boot([str(word) for word in command])
            self.files = {path.name: path.read_text(errors="replace")
                          for path in pathlib.Path(out).iterdir()}
        for name in names:
            self.check(name, repeat)

    def boot(self, command):
        # The guest's clock runs ahead of the host's: tar would warn of that.
        with tempfile.TemporaryFile("w+") as errors, \
             subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=errors, text=True) as process:
            for line in process.stdout:
                self.lines.append(line)
                self.read(line.split())
            status = process.wait()
            errors.seek(0)
            if status:
                raise Failed(f"{' '.join(command)}: status {status}\n{''.join(self.lines[-5:])}"
                             f"{errors.read()}")

    def read(self, words):
        if words[:1] == ["#"]:
            self.progress(TRACERS[words[1]].what)
        elif words[:1] == ["loop"]:
            self.loop = int(words[2]) / MANY
        elif len(words) == 8 and words[0] in ("run", "proof"):
            kind, name, path = words[:3]
            total, _, _, count, parts = map(int, words[3:])
            self.seen[name][kind].append((path, count, parts))
            if kind == "run":
                self.runs[name][path].append(total / TRACERS[name].count - self.loop)

    def check(self, name, repeat):
        for path in PATHS:
            if len(self.runs[name][path]) != repeat:
                raise Failed(f"{name}: {len(self.runs[name][path])} of {repeat} runs of {path}")
        # What other vIPIs there were meanwhile, and each of those may be sent, unmasked, processed.
        others = self.handled(f"{name}.after") - self.handled(f"{name}.before")
        TRACERS[name].check(name, self.files, Tally(self.seen[name]["run"]),
                            Tally(self.seen[name]["proof"]), others)

    def handled(self, file):
        counts = {int(vipi): sum(map(int, by_cpu.split(","))) for vipi, by_cpu in
                  (line.split() for line in self.files[file].splitlines())}
        return sum(counts.values()) - counts[VIPI]


def measure(names, repeat=3, progress=lambda text: None):
    """Measures the tracers @names, and off; {path: {tracer: figures}} as docs/overhead.md says."""
    names = [name for name in TRACERS if name in names or name == "off"]
    guests = []
    for kernel in ("stock", "instrumented"):
        chosen = [name for name in names if TRACERS[name].kernel == kernel]
        if chosen:
            guests.append(Guest(chosen, repeat, progress))
    ours = [name for name in names if TRACERS[name].kernel == "patched"]
    foreign = [name for name in ours if TRACERS[name].foreign]
    # A guest without the foreign tracers is quicker to boot; off has to be the same in both.
    guests.append(Guest([name for name in ours if name not in foreign], repeat, progress))
    if foreign:
        guests.append(Guest(["off", *foreign], repeat, progress))
    return figures(guests)


def figures(guests):
    runs = {}
    for guest in guests:
        for name in guest.names:
            runs.setdefault(name, []).append(guest.runs[name])
    result = {}
    for path in PATHS:
        off = [mean(boot[path]) for boot in runs["off"]]
        # Several boots, one figure: else nothing here can be compared.
        if max(off) - min(off) > 0.5:
            raise Failed(f"tracepoints off, {path}: {off} instructions in boots of one kernel")
        result[path] = {}
        for name, boots in runs.items():
            values = [value for boot in boots for value in boot[path]]
            result[path][name] = {
                "absolute": round(mean(values), 2),
                "instructions": round(mean(values) - mean(off), 2),
                "spread": round(max(values) - min(values), 2),
            }
        floor = result[path].get("empty")
        for figure in result[path].values():
            figure["over_floor"] = round(figure["instructions"] / floor["instructions"], 3) if floor else None
    return result


def mean(values):
    return sum(values) / len(values)
