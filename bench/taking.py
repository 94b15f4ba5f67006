# SPDX-License-Identifier: GPL-2.0-only
"""What the tool itself takes: how soon the first table is there, memory, CPU time for an interval, measured in guests."""
from overhead import Failed, call

# Under icount a CPU second is a billion instructions, whatever the host has to do; without, it is one of
# a busy host that emulates.
GUESTS = {
    "icount, 1 CPU": (["--icount"], 1),
    "icount, 8 CPUs, 1 online": (["--icount", "--cpus", "8", "--append", "maxcpus=1"], 1),
    "icount, 64 CPUs, 1 online": (["--icount", "--cpus", "64", "--append", "maxcpus=1"], 1),
    "4 CPUs": (["--cpus", "4"], 5),
    "64 CPUs": (["--cpus", "64"], 10),
}
INTERVAL = 0.1      # of the guest's script, s


# Which kernels are watched in which ways.
WHOLE = {"patched": ["tracepoint"], "stock": ["fentry", "kprobe"]}


def measure_whole():
    """{way in: [seconds from start to end of a run without its interval, three times]}, under icount."""
    result = {}
    for kernel, ways in WHOLE.items():
        output = call("vm/run", "--kernel", kernel, "--icount", "--cpus", "4", "--append", "maxcpus=1",
                      "--add", "tests/vm/lib.sh", "bench/whole.sh", str(INTERVAL), *ways)
        for kind, via, start, end in map(str.split, output.splitlines()):
            result.setdefault(via, []).append(round(float(end) - float(start) - INTERVAL, 2))
    if {via: len(runs) for via, runs in result.items()} != {via: 3 for ways in WHOLE.values() for via in ways}:
        raise Failed(f"not all ways in were measured: {result}")
    return result


def measure(options, seconds):
    output = call("vm/run", *options, "--timeout", "900", "--add", "tests/vm/lib.sh",
                  "--add", "build/bench/cputime:/usr/bin/cputime", "bench/running.sh", str(seconds))
    result = {"start": [], "memory": {}, "interval": {"table": [], "json": []},
              "vipis": {"without": [], "with": []}}
    for kind, *words in map(str.split, output.splitlines()):
        if kind == "start":
            result["start"].append(round(float(words[1]) - float(words[0]) - INTERVAL, 2))
        elif kind == "memory":
            result["memory"][words[0]] = int(words[1])
        elif kind == "interval":
            intervals = int(words[3]) - int(words[1])
            runtime = float(words[4]) - float(words[2])
            result["interval"][words[0]].append(round(runtime / intervals, 4))
        elif kind == "vipis":
            result["vipis"][words[0]].append(round((int(words[3]) - int(words[2])) / float(words[1]), 1))
    if len(result["start"]) != 3 or not all(len(runs) == 2 for runs in result["interval"].values()):
        raise Failed(f"{options}: not all was measured:\n{output}")
    return result
