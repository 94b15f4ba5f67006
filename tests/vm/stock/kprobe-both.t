#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The same sends, watched through tracepoints and through kprobes at once: the same numbers. Behind what ftrace has at
the entry of a function; at the entry; in a kernel with neither BTF nor symbols of variables."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from both import check_both
from guest import done

check_both("patched", "sbi", "kprobe")
check_both("nobtf", "sbi", "kprobe")
check_both("linux-7.2", "aclint", "kprobe")
done()
