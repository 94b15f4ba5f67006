#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""The same sends, watched through tracepoints and through fentry at once: the same numbers."""
import sys

sys.path.append(f"{sys.path[0]}/..")
from both import check_both
from guest import done

check_both("patched", "sbi", "fentry")
done()
