#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The guest kernel's multiplexer has the instructions that tests/litmus/riscv-*.litmus prove something of.

Reads the built kernel, starts no guest.
"""
import re
import subprocess
import sys

sys.path.append(f"{sys.path[0]}/..")
from guest import ROOT, done, ok

# The order in the program; what is no fence and no atomic is left out.
EXPECTED = {
    "ipi_mux_mask": ["amoand.w"],
    "ipi_mux_unmask": ["amoor.w", "fence rw,rw"],
    "ipi_mux_send_mask": ["fence rw,w", "amoor.w", "fence rw,rw"],
    "ipi_mux_process": ["amoand.w.aqrl"],
}

kernel = subprocess.run([ROOT / "vm/build-kernel", "patched"], check=True, text=True,
                        stdout=subprocess.PIPE).stdout.strip()


def instructions(function):
    dump = subprocess.run(["riscv64-linux-gnu-objdump", "-d", "--no-show-raw-insn",
                           f"--disassemble={function}", f"{kernel}/vmlinux"],
                          check=True, text=True, stdout=subprocess.PIPE).stdout
    lines = re.findall(r"^f[0-9a-f]+:\s+(.*)$", dump, re.MULTILINE)
    return [re.sub(r"\s+", " ", line) for line in lines]


for function, expected in EXPECTED.items():
    code = instructions(function)
    found = [line if line.startswith("fence") else line.split()[0]
             for line in code if re.match(r"fence|amo|lr\.|sc\.", line)]
    ok(found == expected, f"{function}: {', '.join(expected)}", f"found: {', '.join(found)}")

send = "\n".join(instructions("ipi_mux_send_mask"))
ok(re.search(r"^amoor\.w (\w+),.*?^and (\w+),\1,.*?^bnez \2,.*?^jalr", send, re.MULTILINE | re.DOTALL),
   "ipi_mux_send_mask: the raise depends on what the OR found", send)
done()
