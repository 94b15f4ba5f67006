#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The completions in a real bash and a real zsh: each command's options as the tool has them and no other,
and what options take. The shells see the /proc/interrupts of a RISC-V machine of four CPUs."""
import pathlib
import re
import tempfile

import tool
from guest import VIPIS, done, ok
from shell import ALL, TAB, Shell

INTERRUPTS = """\
           CPU0       CPU1       CPU2       CPU3
 10:       1303       1317       1255       1270 RISC-V INTC   5 Edge      riscv-timer
 12:          3          0          0          0 SiFive PLIC   8 Edge      virtio0
IPI0:        35         51         44         17  Rescheduling interrupts
IPI1:       422        520        502        515  Function call interrupts
IPI2:         0          0          0          0  CPU stop interrupts
IPI3:         0          0          0          0  CPU stop (for crash dump) interrupts
IPI4:         1          0          2          0  IRQ work interrupts
IPI5:         0          0          0          0  Timer broadcast interrupts
IPI6:         0          0          0          0  CPU backtrace interrupts
IPI7:         0          0          0          0  KGDB roundup interrupts
"""
CPUS = ["0", "1", "2", "3"]


def set_of(words):
    # zsh takes the = of an option back when a space follows; bash leaves it there.
    return {word.rstrip("=") for word in words}


AWAITED = set_of(tool.names(tool.AWAITED))


def check_options(shell, kind, commands):
    for command in commands:
        real = set_of(tool.names(tool.options(command)))
        given = set_of(shell(f"{command} -{ALL}")[1:]) - (AWAITED - real)
        ok(real and given == real, f"{kind}: {command}: its options and no other",
           f"not offered: {sorted(real - given)}", f"only there: {sorted(given - real)}")
    real = set_of(tool.names(tool.options("stat"))) | {"-h", "-V", "--version"}
    given = set_of(shell(f"-{ALL}")) - (AWAITED - real)
    ok(given == real, f"{kind}: without a command those of stat and the tool's own", given ^ real)


def check(kind, line, *expected):
    """What the tool is called with after @line was typed."""
    arguments = shell(line)
    ok(arguments == list(expected), f"{kind}: {line.replace(ALL, '<all>').replace(TAB, '<Tab>')}",
       f"not {arguments}")


def check_values(kind):
    check(kind, f"stat --js{TAB}", "stat", "--json")
    check(kind, f"--ver{TAB}s{TAB}", "--version")
    check(kind, f"trace --form{TAB}ch{TAB}", "trace", "--format=chrome")
    check(kind, f"trace --format {ALL}", "trace", "--format", "chrome", "json", "text")
    check(kind, f"-c {ALL}", "-c", *CPUS)
    check(kind, f"stat --cpu=3{TAB}", "stat", "--cpu=3")
    check(kind, f"trace -c 2,3{TAB}", "trace", "-c", "2,3")
    check(kind, f"matrix --vipi {ALL}", "matrix", "--vipi", *sorted(VIPIS))
    check(kind, f"stat --via={ALL}", "stat", *(["--via=auto", "fentry", "kprobe", "tracepoint"] if kind == "bash" else
                                              ["--via=auto", "--via=fentry", "--via=kprobe", "--via=tracepoint"]))
    check(kind, f"top --vipi=RES{TAB}", "top", "--vipi=RESCHEDULE")
    check(kind, f"trace --vipi TIMER,CA{TAB}", "trace", "--vipi", "TIMER,CALL_FUNC")
    check(kind, f"latency -i ni{TAB}", "latency", "-i", "night.zst")
    check(kind, f"--input=ni{TAB}", "--input=night.zst")
    check(kind, f"report --html ni{TAB}", "report", "--html", "night.zst")
    check(kind, f"record -l ni{TAB}", "record", "-l", "night.zst")
    # A number, which nobody knows.
    check(kind, f"storm --rate {TAB}5", "storm", "--rate", "5")
    check(kind, f"stat ni{TAB}", "stat", "ni")
    # What is behind it is not ours.
    check(kind, f"check --min-sends 1 -- mkfi{TAB}", "check", "--min-sends", "1", "--", "mkfifo")


commands = tool.commands()
for kind, file in ("bash", "ipimux-trace.bash"), ("zsh", "_ipimux-trace"):
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "night.zst").touch()
        shell = Shell(kind, tool.ROOT / "completion" / file, directory, INTERRUPTS)
        awaited = AWAITED - set(commands)
        for line in "", "help ":
            given = shell(f"{line}{ALL}")[line.count(" "):]
            ok(set(given) - awaited == set(commands), f"{kind}: {line}<all>: the commands", given)
        check_options(shell, kind, [command for command in commands if command != "help"])
        check_values(kind)
        shell.close()
# What the shells know of names is what the tool knows.
table = re.findall(r'\{ "(.* interrupts)",\s+"(\w+)" \}', (tool.ROOT / "src/machine/machine.c").read_text())
for _, file in ("bash", "ipimux-trace.bash"), ("zsh", "_ipimux-trace"):
    text = (tool.ROOT / "completion" / file).read_text()
    known = re.findall(r"""["'](.* interrupts)["'],? ["']?(\w+)""", text)
    ok(table and known == table, f"{file}: the vIPIs' names", known, table)
done()
