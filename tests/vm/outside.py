# SPDX-License-Identifier: GPL-2.0-only
"""Single events, and who sends to a storm, seen from outside: as at the tracepoints, and on kernels without them."""
import collections
import pathlib
import tempfile

from guest import VIPIS, Run, ok, say, stimulus
from stock import MISSED
from traced import check_alternates, check_exact, check_in_order, events_of, is_adopted, vipis_of

# Behind those of traced.py, three CPUs that send to a fourth at once.
HAMMERED = "storm 3 2 0,1,3 2000\n"


def what_of(event):
    """All of an event that both ways must see alike; the other bits of its words may be of a moment later.

    Of several sends to a disabled vIPI at once, nobody outside sees which one set the bit.
    """
    bits = {"send": ("target", "command", "pid", "self"), "unmask": ("kick",), "mask": ("stays_pending",)}
    return (event["type"], *vipis_of(event), *(event[key] for key in bits.get(event["type"], ())),
            "masked" if "masked" in event.get("outcome", "") else event.get("outcome"))


def outcomes_of(events):
    """How many sends to each CPU came out how."""
    return collections.Counter((event["target"], event["vipi"], event["outcome"]) for event in events
                               if event["type"] == "send" and is_adopted(event))


def by_cpu(events):
    """What each CPU did with the stimulus' vIPIs, in its order; what it processed, apart.

    A send has its time from the function's begin or from the event, and an interrupt may come between the two.
    """
    cpus = collections.defaultdict(list)
    for event in events:
        if is_adopted(event):
            cpus[event["cpu"], event["type"] == "process"].append(what_of(event))
    return cpus


def check_both(run, how, way):
    """Event by event."""
    windows = [events_of(run.json_lines(f"trace.{via}")) for via in ("tracepoint", way)]
    ok(outcomes_of(windows[0]) == outcomes_of(windows[1]), f"{how}: both ways the same outcomes", *map(outcomes_of, windows))
    exact, seen = map(by_cpu, windows)
    wrong = []
    for key in exact.keys() | seen.keys():
        pairs = list(zip(exact[key], seen[key]))
        wrong += [(key, number, pair) for number, pair in enumerate(pairs) if pair[0] != pair[1]][:2]
        if len(exact[key]) != len(seen[key]):
            wrong.append((key, len(exact[key]), len(seen[key])))
    ok(not wrong, f"{how}: both ways the same {sum(map(len, exact.values()))} events, one by one", *wrong)


def check_handled(run, events, how):
    """Against the kernel's own counts, from inside and from around the window."""
    cpus = {str(cpu): {"vipis": {vipi: {"handled": 0} for vipi in VIPIS}} for cpu in range(4)}
    for event in events:
        for vipi in vipis_of(event) if event["type"] == "process" else ():
            cpus[str(event["cpu"])]["vipis"][vipi]["handled"] += 1
    wrong, exact = run.compare_handled(cpus)
    calls = cpus["2"]["vipis"]["CALL_FUNC"]["handled"]
    ok(not wrong and exact >= 16 and calls >= 50, f"{how}: what was processed is what the kernel has handled, {calls} "
       f"calls among it; {exact} of 32 counts leave no room", *wrong, calls)


def check_trace(run, how, commands, way, statuses):
    lines = run.json_lines(f"trace.{way}")
    events = events_of(lines)
    ok(lines[0]["via"] == way, f"{how}: via {way}", lines[0])
    ok(lines[-1]["lost"] == {} and lines[-1]["missed"] <= MISSED and statuses[f"trace.{way}"] == "0",
       f"{how}: nothing is lost, {lines[-1]['missed']} missed", lines[-1])
    check_in_order(lines, how)
    if commands:
        check_alternates(events, how)
        check_exact(events, how)
    else:
        check_handled(run, events, how)
    uncertain = [event for event in events if event.get("uncertain")]
    say(f"{how}: {len(events)} events, {len(uncertain)} sends uncertain")
    ok(not [event for event in uncertain if is_adopted(event) and "masked" not in event["outcome"]],
       f"{how}: no send of the stimulus to an enabled vIPI is uncertain", *uncertain[:3])
    ok(statuses["text"] == "0" and run.file("text").startswith("#     seconds"), f"{how}: as text", run.file("text.errors"))


def check_senders(run, how, via, command, function):
    started = [line for line in run.json_lines(f"storm.{via}") if line.get("event") == "started"]
    samples = [line["sample"] for line in started if "sample" in line]
    ok(samples, f"{how}: a storm, and who sends", *started)
    # There are others, of what an attach sends.
    firsts = [sample["senders"][0] for sample in samples if sample["senders"]]
    right = [first for first in firsts if first["command"].startswith(command) and
             any(frame.split()[0] == function for frame in first["stack"])]
    ok(right, f"{how}: {command}, in {function}()", *firsts)
    for first in right[:1]:
        frames = first["stack"]
        ok(frames[0] == "__ipi_send_mask" and not [frame for frame in frames if frame.startswith("bpf_")],
           f"{how}: the stack begins at the multiplexer's caller, without what traces it", frames)


def check_outside(kernel, machine, text, way, both=False):
    """@text: the stimulus' commands; "": a kernel that has none. @both: there are tracepoints, too."""
    how = f"{kernel}, {machine}, {way}"
    with tempfile.TemporaryDirectory() as directory:
        commands = pathlib.Path(directory, "commands")
        commands.write_text(text)
        add = [stimulus(kernel), commands] if text else []
        run = Run("outside-trace.sh", way, "commands" if text else "", kernel=kernel, machine=machine, add=add,
                  timeout=300)
    if not run.ok(f"{how}: a guest ran"):
        say(run.output)
        return
    statuses = dict(line.split() for line in run.file("statuses").splitlines())
    ok("refused" not in run.output, f"{how}: the stimulus did all", run.output)
    sender = ("ipimux-storm/0", "stimulus_call") if text else ("membarrier", "membarrier_private_expedited")
    check_senders(run, how, way, *sender)
    if both:
        check_senders(run, f"{how}, at the tracepoint", "tracepoint", *sender)
        check_both(run, how, way)
    else:
        check_trace(run, how, text, way, statuses)
