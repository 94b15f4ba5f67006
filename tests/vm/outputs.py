# SPDX-License-Identifier: GPL-2.0-only
"""What commands in a guest wrote, what they said, and how they ended, as tests/vm/places/outputs.sh leaves it."""
from guest import HERE, ROOT, Run, ok

GONE = "its reader is gone"
NO_SPACE = "No space left on device"

# Hundredths of a second. Half of one is waited for; the rest is for an emulated machine on a busy host, which has
# programs to detach, too.
SOON = 200


class Outputs(Run):
    """A script that ran in a guest: .statuses and .times (of those that were told to end) by name."""

    def __init__(self, script, *left_out):
        """@left_out: names that the script leaves out; these are not looked at."""
        self.left_out = left_out
        super().__init__(script, *left_out, timeout=500, cpus=2,
                         add=[HERE / "outputs.sh"] + [f"{ROOT}/build/tests/guest/{name}:/usr/bin/{name}"
                                                      for name in ("bpf-objects", "terminal")])
        self.statuses, self.times = (self.numbers(file) for file in ("statuses", "times"))

    def numbers(self, file):
        return {name: int(number) for name, number in map(str.split, self.file(file).splitlines())}

    def said(self, name):
        return self.file(f"{name}.errors")

    def check_error(self, name, message, status=3):
        """It ended with @status and one line, which is @message."""
        if name in self.left_out:
            return
        ok(self.statuses.get(name) == status and self.said(name) == f"ipimux-trace: {message}\n",
           f"{name}: status {status}, '{message}'", self.statuses.get(name), self.said(name), self.file(name))

    def check_quiet(self, name, status=0):
        if name in self.left_out:
            return
        ok(self.statuses.get(name) == status and self.said(name) == "", f"{name}: status {status}, and quiet",
           self.statuses.get(name), self.said(name))

    def check_end(self, least):
        """At @least so many were told to end and did; all that were started are gone."""
        late = {name: time for name, time in self.times.items() if time > SOON}
        ok(len(self.times) >= least and not late, f"each within {SOON / 100:g} s, the latest after "
           f"{max(self.times.values(), default=0) / 100:g} s", late, self.times)
        ok(self.file("objects-after") == self.file("objects-before") != "", "nothing is left in the kernel",
           self.file("objects-before"), self.file("objects-after"))
