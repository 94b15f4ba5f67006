# SPDX-License-Identifier: GPL-2.0-only
"""A kernel without our tracepoints, watched through fentry or kprobes: as exact as with them.

What is expected of the stimulus is stimulus.py's; here it is that of one window, for it takes
seconds to attach there.
"""
import collections
import pathlib
import subprocess
import sys
import tempfile

from exact import CALLER, CALLS, PARENTS, SPINNER
from guest import ROOT, VIPIS, Run, balances, done, need_kernel, ok, say, stimulus
from stimulus import HOLDS, SENDS, check_window

# Of three CPUs that send to a fourth at once.
STORM = "storm 3 2 0,1,3 20000\n"
# What can be missed through fentry is in docs/stock.md. What is expected of the stimulus has to be there all the same.
# With the JIT off, or for pins, each program is there twice: seen was one event, in one of some twenty runs.
MISSED = 2
# With it on, each send in an interrupt that comes while another send is counted: seen were 1 to 3 of 65,000 sends.
SKIPPED = 15
# What comes in between two looks at a word.
PREDICTED = f"{STORM}{STORM}"
SEVERAL = 2000


def need_image(image):
    """Skips all of this test where the packages of @image cannot be fetched."""
    result = subprocess.run([ROOT / "vm/build-image", image], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True)
    if result.returncode == 77:
        print(f"1..0 # SKIP {result.stderr.strip().splitlines()[-1]}")
        sys.exit(0)


def commands(text):
    """For one window; without those that any CPU may run, whose senders nobody knows."""
    return "\n".join(line for line in text.split("\n") if line.startswith(("hold", "storm"))) + "\n"


def chosen(way):
    """What --via is told: fentry is chosen by itself."""
    return "auto" if way == "fentry" else way


def check_via(summary, how, entries, way="fentry"):
    """That way; at the entries alone, where batches are not known, or at entries and exits."""
    ok(summary["via"] == way, f"{how}: via {way}", summary["via"])
    batches = collections.Counter()
    for margin in summary["cpus"].values():
        batches.update(margin["batches"])
    ok(all(batch in ("0", "some") for batch in batches) if entries else "some" not in batches,
       f"{how}: at the {'entries alone' if entries else 'entries and exits'}", batches)
    say(f"{how}: {summary['uncertain']} outcomes uncertain, {summary['mispredicted']} not as the words "
        "foretold")


def check_prediction(run, how):
    """Without a look at the parent IPI, outcomes are guesses, and it says so."""
    summary = run.json_lines("predicted.jsonl")[-1]
    cell = summary["cpus"]["2"]["vipis"]["CPU_CRASH_STOP"]
    received = cell["received"]
    sends = sum(received.values())
    off = abs(received["raised"] + received["masked"] - cell["handled"])
    say(f"{how}, predicted only: {sends} sends, {received}, handled {cell['handled']}: raised is {off} off, "
        f"{cell['uncertain']} uncertain")
    ok(sends == 2 * 60000 and cell["uncertain"] == sends, f"{how}: predicted, every outcome is uncertain", cell)
    ok(off <= cell["uncertain"] and summary["audit"]["verdict"] in ("balanced", "except"),
       f"{how}: what it is off by is explained, the mux is not called wrong", summary["audit"])
    ok((summary["audit"]["verdict"] == "except") == any(
        entry["finding"] in ("guessed", "not_seen") for entry in summary["audit"]["entries"]),
       f"{how}: and said", summary["audit"])


def check_latency(run, how):
    """Waits are timed, the recording shows the same."""
    lines = run.json_lines("timed.jsonl")
    for name, margin in lines[-1]["cpus"].items():
        waits = margin["vipis"]["CPU_BACKTRACE"]["waits"]
        timed = waits.get("raised", {}).get("timed", 0)
        ok(timed + waits["untimed"] == margin["vipis"]["CPU_BACKTRACE"]["handled"],
           f"{how}: CPU {name}: timed and not timed are what was handled", margin["vipis"]["CPU_BACKTRACE"])
        if name == "3":
            ok(timed >= 990 and waits["raised"]["p50"] > 0, f"{how}: and they are timed", waits)
    ok(lines == run.json_lines("replayed.jsonl"), f"{how}: a recording shows what was live")
    hidden = run.file("hidden").split("\n")
    ok(hidden[-2] == "3" and "hides its symbols' addresses (sysctl kernel.kptr_restrict=1)" in hidden[0],
       f"{how}: says so where the kernel hides its addresses", *hidden)


def check_pinned(run, how, counted):
    """Left running with no process: counted the same, for a group to read, and gone without a trace."""
    how = f"{how}, pinned"
    summary = check_window(run, "pinned", counted, how, MISSED)
    check_via(summary, how, False)
    (_, group), (_, latency) = run.json_lines("pinned.group"), run.json_lines("pinned.latency")
    # What others send meanwhile is for others.
    rows = [[row for row in line["traffic"] if row[2] in ("CPU_BACKTRACE", "KGDB_ROUNDUP")]
            for line in (summary, group)]
    ok(summary["missed"] <= MISSED and group["missed"] is None and rows[0] == rows[1] != [],
       f"{how}: a group reads the same, except what was missed", *rows)
    cell = latency["cpus"]["3"]["vipis"]["CPU_BACKTRACE"]
    timed = sum(wait["timed"] for kind, wait in cell["waits"].items() if kind != "untimed")
    ok(timed > 0 and timed + cell["waits"]["untimed"] == cell["handled"], f"{how}: waits were timed", cell)
    pins = {name.removeprefix("counters_") for name in run.file("pinned.pins").split()
            if name.startswith("counters_")}
    ok(pins == {"traffic", "processed", "unmasked", "masked", "waits", "doubts", "cpus"},
       f"{how}: only counters can be read, no addresses of the kernel", pins)
    ok(run.file("pinned.left") == run.file("own"), f"{how}: detached, nothing is left",
       run.file("pinned.left"), run.file("own"))


def check_killed(run, how):
    """Killed while it attaches, or when it has: the kernel takes all of it away."""
    links = [int(line.split()[2]) for line in run.file("killed.at").splitlines()]
    say(f"{how}: links when killed: {links}")
    ok(links and max(links) > 0, f"{how}: killed when attached, too", links)
    ok(run.file("killed.left") == run.file("own"), f"{how}: killed, it leaves no program, map, link or BTF",
       run.file("killed.left"), run.file("own"))


def check_several(run, how, way):
    """One call sends to three CPUs. SBI does not say for which of them it raised; by kprobe that is seen."""
    summary = run.json_lines("timed.jsonl")[-1]
    cells = {cpu: summary["cpus"][str(cpu)]["vipis"]["KGDB_ROUNDUP"] for cpu in (1, 2, 3)}
    raised = {cpu: cell["received"]["raised"] for cpu, cell in cells.items()}
    handled = {cpu: cell["handled"] for cpu, cell in cells.items()}
    uncertain = {cpu: cell["uncertain"] for cpu, cell in cells.items()}
    say(f"{how}, {SEVERAL} calls to three CPUs: raised {raised}, handled {handled}, uncertain {uncertain}")
    ok(sum(sum(cell["received"].values()) for cell in cells.values()) == 3 * SEVERAL,
       f"{how}: to several: sends are exact", cells)
    ok(sum(raised.values()) == sum(handled.values()) > 0, f"{how}: to several: so is what all of them raised", cells)
    ok(all(abs(raised[cpu] - handled[cpu]) <= uncertain[cpu] for cpu in cells),
       f"{how}: to several: for which CPU is off by no more than is uncertain", cells)
    ok(way == "fentry" or not any(uncertain.values()) and raised == handled,
       f"{how}: to several: by kprobe for each CPU, difference 0", uncertain, raised, handled)
    ok(summary["audit"]["verdict"] in ("balanced", "except"), f"{how}: to several: the mux is not called wrong",
       summary["audit"])


def check_stimulus(machine, way="fentry"):
    """Every outcome on purpose, on our kernel that has the mux of Linux."""
    kernel, how = "stock", f"stock, {machine}, {way}"
    need_kernel(kernel)
    windows = {"all": commands(HOLDS + SENDS)}
    if machine == "imsic":
        windows |= {"killed": ""}
    if machine == "sbi":
        windows |= {"timed": f"send 6 3 1000\npost 7 1-3 {SEVERAL}\n"}
    if machine == "sbi" and way == "fentry":
        windows |= {"pinned": windows["all"], "predicted": PREDICTED}
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for name, text in windows.items():
            path = pathlib.Path(directory, name)
            path.write_text(("adopt 2-3,6-7\n" if name == "all" else "") + text)
            files.append(path)
        files.append(f"{ROOT}/build/tests/guest/bpf-objects:/usr/bin/bpf-objects")
        run = Run("stock.sh", chosen(way), *windows, add=[stimulus(kernel), *files], kernel=kernel, machine=machine,
                  timeout=300)
    if not run.ok(f"{how}: a guest ran"):
        say(run.output)
        return done()
    ok(PARENTS[machine] in run.file("parent"), f"{how}: its parent IPI is that", run.file("parent"))
    # Programs at breakpoints are not interrupted, so nothing is skipped.
    summary = check_window(run, "all", windows["all"], how, 0 if way == "kprobe" else SKIPPED)
    check_via(summary, how, True, way)
    storm = summary["cpus"]["2"]["vipis"]["CPU_CRASH_STOP"]
    say(f"{how}: three senders at once: {storm['received']}")
    ok(storm["received"]["coalesced"] > 0 and storm["uncertain"] == 0,
       f"{how}: three got in each other's way, and no outcome is uncertain", storm)
    if machine == "imsic":
        check_killed(run, how)
    if "pinned" in windows:
        check_pinned(run, how, windows["pinned"])
        check_prediction(run, how)
    if machine == "sbi":
        check_latency(run, how)
        check_several(run, how, way)
    return done()


def check_image(image, machine, jits, way="fentry"):
    """Debian's own kernel, with BPF's JIT off, as it comes, and on."""
    how = f"{image}, {machine}, {way}"
    need_image(image)
    run = Run("stock.sh", chosen(way), *jits, kernel=image, machine=machine, timeout=400)
    if not run.ok(f"{how}: a guest ran"):
        say(run.output)
        return done()
    say(run.file("version").strip())
    ok(PARENTS[machine] in run.file("parent"), f"{how}: its parent IPI is that", run.file("parent"))
    for jit in jits:
        check_membarriers(run, jit, f"{how}, JIT {jit}", way)
    return done()


def check_membarriers(run, jit, how, way):
    summary = run.json_lines(f"{jit}.jsonl")[-1]
    check_via(summary, how, jit == "on" or way == "kprobe", way)
    wrong, exact = run.compare_handled(summary["cpus"], f"{jit}.")
    ok(not wrong, f"{how}: handled is what the kernel counted, for each CPU and vIPI", *wrong)
    ok(exact >= 16, f"{how}: of 32 counts, {exact} are known exactly and met, difference 0")
    pair = [row for row in summary["traffic"] if row[:3] == [CALLER, SPINNER, "CALL_FUNC"]]
    say(f"{how}: {pair}")
    ok(len(pair) == 1 and sum(pair[0][3:]) >= CALLS, f"{how}: {CALLS} calls went from one to the other", pair)
    audit = summary["audit"]
    missed = [entry for entry in audit["entries"] if (entry["finding"], entry["reason"]) == ("not_seen", "missed")]
    ok(balances(audit, but=missed) and audit["unseen"] <= audit["missed"] <= SKIPPED and
       audit["raised"] + audit["masked"] + audit["carried_in"] + audit["unseen"] ==
       audit["handled"] + audit["still_pending"], f"{how}: the audit balances, {audit['missed']} missed", audit)
    ok(("JIT is off" in run.file(f"{jit}.errors")) == (jit == "off"), f"{how}: says what that costs",
       run.file(f"{jit}.errors"))
