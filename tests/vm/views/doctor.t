#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""doctor: what it says of a kernel is so, and it says "usable" where the tool runs and nowhere else."""
import json
import subprocess
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, VIPIS, Run, done, ok, say

USABLE, USAGE, CANNOT = 0, 2, 3


def look(run, name):
    """A doctor's JSON, which is one line, and nothing on stderr; its exit status is `usable`."""
    text = run.file(f"{name}.json")
    ok(text.count("\n") == 1 and not run.file(f"{name}.errors"), f"{name}: one line, no errors", text,
       run.file(f"{name}.errors"))
    report = json.loads(text)
    ok(int(run.file(f"{name}.status")) == (USABLE if report["usable"] else CANNOT),
       f"{name}: the exit status says the same", report["usable"], run.file(f"{name}.status"))
    return report


def states(report, state):
    return sorted(key for key, check in report["checks"].items() if check["state"] == state)


def check_guest(run, kernel, report):
    """What can be looked up in the guest."""
    ok(report["release"] == run.file("release").strip() and report["architecture"] == "riscv64",
       f"{kernel}: the release", report["release"])
    virqs = sorted(tuple(map(int, line.split())) for line in run.file("virqs").splitlines())
    ok(report["vipis"] == [{"vipi": vipi, "name": VIPIS[vipi], "virq": virq} for vipi, virq in virqs],
       f"{kernel}: {len(virqs)} vIPIs, their names and interrupts", report["vipis"], virqs)
    config = run.file("config")
    if config:
        wrong = [(option, value) for option, value in report["facts"]["options"].items()
                 if value != (f"\nCONFIG_{option}=y\n" in config)]
        ok(not wrong, f"{kernel}: the options of /proc/config.gz", wrong)
    else:
        ok(set(report["facts"]["options"].values()) == {None}, f"{kernel}: no configuration, no options",
           report["facts"]["options"])
    runs = run.file("stat.status").strip() == "0"
    say(f"{kernel}: stat ended with {run.file('stat.status').strip()}, usable: {report['usable']}")
    ok(report["usable"] == runs, f"{kernel}: it is usable if and only if stat runs", run.file("stat"))
    # What is missing is said, with what to do.
    missing = states(report, "missing")
    ok(bool(missing) != runs and all(report["checks"][key]["advice"] for key in missing),
       f"{kernel}: what is missing: {missing}", report["checks"])
    if kernel in ("patched", "nomux"):
        page = run.file("page.txt")
        ok(page.count("MISSING") == len(missing) and run.file("page.status") == run.file("root.status") and
           page.startswith("usable: through tracepoints\n" if runs else "not usable: "),
           f"{kernel}: and so says the page", page)


def check_parent(run, kernel, machine, report):
    """As the kernel said at boot, which it does not say for good."""
    parents = {"sbi": ("sbi", "firmware", "SBI IPI extension"), "imsic": ("imsic", "mux", "using interrupt"),
               "aclint": ("aclint-sswi", "mux", "using ACLINT SSWI")}
    parent, fences, words = parents[machine]
    ok((report["parent"], report["remote_fences"]) == (parent, fences) and words in run.file("parent"),
       f"{kernel}: parent {parent}, remote fences by the {fences}", report["parent"], run.file("parent"))
    ok(report["checks"]["remote_fences"]["state"] == ("note" if fences == "firmware" else "ok"),
       f"{kernel}: what follows from it", report["checks"])


def check_patched(run, report):
    ok(report["via"] == "tracepoint", "through the tracepoints", report["via"])
    ok(report["possible"] == report["online"] == [0, 1], "CPUs", report["possible"])
    ok(set(run.file("events").split()) >= {"ipi_mux_send", "ipi_mux_unmask", "ipi_mux_process"} and
       report["checks"]["tracepoints"]["state"] == "ok" and
       report["facts"]["tracefs"] == "/sys/kernel/tracing", "tracepoints", report["facts"])
    ok(report["facts"]["load_errno"] == 0 and
       report["facts"]["settings"]["net.core.bpf_jit_enable"] == 1, "BPF and JIT", report["facts"])
    for key in ("mux", "parent", "bpf", "capabilities", "jit", "btf", "ftrace", "raises", "symbols"):
        ok(report["checks"][key]["state"] == "ok", f"all there: {key}", report["checks"][key])

    nobody = look(run, "nobody")
    ok(not nobody["usable"] and states(nobody, "missing") == ["capabilities"] and
       "CAP_BPF and CAP_PERFMON" in nobody["checks"]["capabilities"]["advice"] and
       run.file("stat-nobody.status").strip() == "3", "nobody: capabilities are missing, only they", nobody)
    ok(nobody["checks"]["tracepoints"]["state"] == "ok" and nobody["vipis"] == report["vipis"] and
       nobody["parent"] == "sbi", "nobody sees the rest", nobody)

    less = look(run, "less")
    ok(less["usable"] and less["via"] == "tracepoint" and not less["ways"]["fentry"]["possible"] and
       {"ftrace", "symbols"} <= set(less["ways"]["fentry"]["missing"]),
       "ftrace off, addresses hidden: fentry is not possible, the tracepoints are", less["ways"])
    ok("kptr_restrict=1" in less["checks"]["symbols"]["advice"] and
       "ftrace_enabled=1" in less["checks"]["ftrace"]["advice"], "and what to do", less["checks"])
    ok(less["online"] == [0] and less["possible"] == [0, 1], "a CPU that is offline",
       less["online"])
    ok(less["facts"]["tracefs"] is None and less["checks"]["tracepoints"]["state"] == "ok",
       "tracepoints are found without tracefs", less["checks"]["tracepoints"])

    log, lie = look(run, "log"), look(run, "lie")
    ok(log["parent"] == "sbi" and log["remote_fences"] == "firmware", "the parent by the kernel's log", log)
    ok(lie["parent"] == "sbi", "what a program wrote to the log is not believed", lie)

    nosys = look(run, "nosys")
    ok(not nosys["usable"] and states(nosys, "missing") == ["mux"] and
       "mount /sys" in nosys["checks"]["mux"]["advice"] and nosys["parent"] is None, "no /sys", nosys)


def has_kernel(kernel):
    """Not where its source cannot be fetched."""
    result = subprocess.run([ROOT / "vm/build-kernel", kernel], stdin=subprocess.DEVNULL, capture_output=True)
    if result.returncode == 77:
        say(f"no {kernel}: its source cannot be fetched here")
    return result.returncode != 77


def check(kernel, machine):
    run = Run("doctor.sh", kernel=kernel, machine=machine, cpus=2)
    if not run.ok(f"a guest with kernel {kernel}, {machine}, ran"):
        return
    report = look(run, "root")
    check_guest(run, kernel, report)
    if kernel != "nomux":
        check_parent(run, kernel, machine, report)
    if kernel == "patched":
        check_patched(run, report)
        return
    if machine == "aclint":
        ok("MIPS' P8700" in report["checks"]["parent"]["fact"] and report["checks"]["raises"]["state"] == "ok",
           f"{kernel}: the device that vm/run puts into the device tree", report["checks"])
        return
    lacks = report["ways"]["tracepoint"]["missing"]
    if kernel == "nomux":
        ok("mux" in lacks and report["vipis"] == [] and report["parent"] is None, "nomux: no mux", report)
        ok(int(run.file("usage.status")) == USAGE, "wrong usage: status 2")
        ok(int(run.file("full.status")) == CANNOT and "No space left" in run.file("full"), "a full disk",
           run.file("full"))
        return
    if kernel == "nobpf":
        ok(lacks == ["bpf"] and not report["ways"]["fentry"]["possible"] and
           "CONFIG_BPF_SYSCALL" in report["checks"]["bpf"]["advice"], "nobpf: BPF is missing", report["ways"])
        return
    ok(lacks == ["tracepoints"] and report["ways"]["fentry"]["missing"] == [] and
       "kernel-patch/" in report["checks"]["tracepoints"]["advice"],
       "stock: no tracepoints; fentry lacks nothing", report["ways"])
    ok(report["ways"]["fentry"]["possible"] == report["ways"]["fentry"]["built"] == report["usable"],
       "stock: usable if this tool has fentry", report["ways"])
    off = run.file("stat-off").splitlines()
    ok(len(off) == 2 and "sysctl kernel.ftrace_enabled=1" in off[0] and off[1] == str(CANNOT),
       "stock, ftrace off: through fentry stat does not measure what it would not see", *off)
    summary, said = run.json_lines("kprobe.jsonl")[-1], run.file("kprobe.errors")
    ok(summary["via"] == "kprobe" and summary["audit"]["verdict"] == "balanced",
       "stock, ftrace off: by itself it takes kprobes", summary)
    ok("watched by kprobes" in said and "sysctl kernel.ftrace_enabled=1" in said, "and says why", said)
    off = look(run, "off")
    ok(off["usable"] and off["via"] == "kprobe" and off["ways"]["fentry"]["missing"] == ["ftrace"] and
       off["checks"]["ftrace"]["state"] == "note", "and so does doctor", off)


check("patched", "sbi")
check("stock", "imsic")
check("nobpf", "sbi")
check("nomux", "sbi")
if has_kernel("linux-7.2"):
    check("linux-7.2", "aclint")
done()
