#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""Every error: its exit status, and a message that says what to do, before any hint."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from errors import CANNOT, USAGE, check
from guest import done

check("patched", {
    "ipimux-trace 0": (USAGE, "INTERVAL '0' is not a positive number of seconds"),
    "ipimux-trace 1 0": (USAGE, "COUNT '0' is not a positive number"),
    "ipimux-trace stat -1": (USAGE, "invalid option -- '1'"),
    "ipimux-trace 1x": (USAGE, "INTERVAL '1x'"),
    "ipimux-trace nan": (USAGE, "no command 'nan'"),
    "ipimux-trace stat nan": (USAGE, "INTERVAL 'nan'"),
    "ipimux-trace 1 2.5": (USAGE, "COUNT '2.5'"),
    "ipimux-trace 1 2 3": (USAGE, "'3' is one argument too many"),
    "ipimux-trace 1 99999999999999999999": (USAGE, "COUNT '99999999999999999999'"),
    "ipimux-trace -c 3-1": (USAGE, "'3-1' is not a list of CPUs"),
    "ipimux-trace -c 2,9": (USAGE, "CPU list '2,9': this machine has CPU 0"),
    "ipimux-trace --latency=3": (USAGE, "--latency='3' is not a power of two from 1 to 256"),
    "ipimux-trace --latency=512": (USAGE, "--latency='512' is not a power of two from 1 to 256"),
    "ipimux-trace --latency=16 -i x": (USAGE, "--latency=N is for who counts: give N to the command that records"),
    "ipimux-trace --latency=16 --pinned x": (USAGE, "--latency=N is for who counts: give N to the command that attaches"),
    "ipimux-trace -c": (USAGE, "option requires an argument -- 'c'"),
    "ipimux-trace --nonsense": (USAGE, "unrecognized option '--nonsense'"),
    "ipimux-trace nonsense": (USAGE, "no command 'nonsense'; see ipimux-trace help"),
    "ipimux-trace help nonsense": (USAGE, "no command 'nonsense'; see ipimux-trace help"),
    "ipimux-trace trace x": (USAGE, "DURATION 'x' is not a positive number of seconds"),
    "ipimux-trace trace 1 2": (USAGE, "'2' is one argument too many"),
    "ipimux-trace storm --rate 0": (USAGE, "rate '0' is not a positive number of sends a second"),
    "ipimux-trace storm --rate 5/m": (USAGE, "rate '5/m' is not a positive number"),
    "ipimux-trace storm --for -1": (USAGE, "'-1' is not a positive number of seconds to sample"),
    "ipimux-trace storm --folded /no/such": (CANNOT, "cannot write '/no/such': No such file or directory"),
    "ipimux-trace stuck --threshold 0": (USAGE, "threshold '0' is not a positive number of seconds"),
    "su nobody -s /bin/sh -c ipimux-trace": (CANNOT, "no permission to trace: run as root"),
})
check("stock", {
    "ipimux-trace --via tracepoint": (CANNOT, "has no tracepoints: apply ipimux-trace's kernel-patch/"),
    "ipimux-trace --via x": (USAGE, "--via 'x' is not auto, tracepoint, fentry or kprobe"),
    "ipimux-trace --predict --latency": (CANNOT, "cannot time how long vIPIs wait: timing needs the tracepoints"),
    "ipimux-trace --latency=16": (CANNOT, "one wait in 16 is timed at the tracepoints only"),
    "ipimux-trace trace --via tracepoint": (CANNOT, "has no tracepoints: apply ipimux-trace's kernel-patch/"),
    "ipimux-trace trace --via x": (USAGE, "--via 'x' is not auto, tracepoint, fentry or kprobe"),
    "ipimux-trace trace --from-ftrace /no/such": (CANNOT, "cannot read /no/such: No such file or directory"),
    "ipimux-trace trace --from-ftrace /etc/passwd": (CANNOT, "/etc/passwd: no event of the multiplexer"),
    "ipimux-trace trace --from-ftrace - 1": (USAGE, "--from-ftrace traces nothing"),
})
check("nobtf", {
    "ipimux-trace --via fentry": (CANNOT, "cannot be traced: the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)"),
})
check("nobpf", {
    "ipimux-trace": (CANNOT, "no BPF in this kernel: it needs CONFIG_BPF_SYSCALL"),
    "ipimux-trace trace": (CANNOT, "no BPF in this kernel: it needs CONFIG_BPF_SYSCALL"),
})
check("nomux", {
    "ipimux-trace": (CANNOT, "no IPI multiplexer in this kernel"),
    "ipimux-trace trace": (CANNOT, "no IPI multiplexer in this kernel"),
})
done()
