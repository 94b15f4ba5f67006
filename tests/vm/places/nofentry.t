#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""A kernel that has BTF and no fentry: which option it lacks, where that is the way in."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from errors import CANNOT, USAGE, check
from guest import done, need_kernel

need_kernel("linux-7.2")
check("linux-7.2", {
    "ipimux-trace --via fentry": (CANNOT, "cannot be traced: the kernel has no fentry (for riscv, Linux 6.8 or later "
                                  "with CONFIG_FUNCTION_TRACER and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)"),
    "ipimux-trace attach --pin --via fentry": (CANNOT, "cannot be traced: the kernel has no fentry"),
    "ipimux-trace attach --pin --via kprobe": (USAGE, "counters are left running at the tracepoints or through fentry, "
                                               "not by kprobe"),
    "ipimux-trace attach --pin --via x": (USAGE, "--via 'x' is not auto, tracepoint, fentry or kprobe"),
})
done()
