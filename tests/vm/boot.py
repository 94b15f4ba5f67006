# SPDX-License-Identifier: GPL-2.0-only
"""A plain QEMU boot of an initramfs with hardly more than an init, and what its console says as KTAP.

Knows nothing of vm/run, nor of what is tested.
"""
import pathlib
import re
import subprocess
import tempfile

from guest import HERE, ROOT

# Shown in docs/ci.md, line for line; the firmware is that of QEMU 8 and later, see vm/run.
QEMU = ["qemu-system-riscv64 -M virt -smp 4 -m 512M -nographic -no-reboot",
        "-kernel Image -initrd initramfs.cpio -append 'console=ttyS0 panic=-1'"]
# s; several times what it takes on a busy host
PATIENCE = 100
SILENCE = 40


def output_of(*command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


def initramfs(directory, init, add):
    """The archive; @add: files that go into the top."""
    sysroot = output_of(ROOT / "vm/build-sysroot")
    files = pathlib.Path(directory, "files")
    for name in ("bin", "proc", "sys", "dev"):
        (files / name).mkdir(parents=True)
    (files / "bin/busybox").symlink_to(f"{sysroot}/usr/bin/busybox")
    (files / "bin/ipimux-trace").symlink_to(ROOT / "build/ipimux-trace")
    (files / "init").symlink_to(HERE / init)
    for name in add:
        (files / pathlib.Path(name).name).symlink_to(name)
    names = "\n".join(sorted(str(path.relative_to(files)) for path in files.rglob("*")))
    with open(f"{directory}/initramfs.cpio", "wb") as archive:
        subprocess.run(["cpio", "--quiet", "-o", "-L", "-H", "newc", "--owner=0:0"], cwd=files,
                       input=names.encode(), stdout=archive, check=True)
    return sysroot


def boot(kernel, init, add=()):
    """What the console said, as lines, and whether QEMU ended by itself."""
    with tempfile.TemporaryDirectory() as directory:
        sysroot = initramfs(directory, init, add)
        image = output_of(ROOT / "vm/build-kernel", kernel) + "/Image"
        pathlib.Path(directory, "Image").symlink_to(image)
        firmware = f"{sysroot}/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin"
        command = " ".join([*QEMU, "-bios", firmware])
        for _ in range(3):
            console, status = run(command, directory)
            if "Linux version" in console:
                break
        return [line.rstrip("\r") for line in console.split("\n")], status == 0


def run(command, directory):
    """What it said, and its exit status. QEMU 7.2 now and then hangs before the kernel's first word, see vm/README.md:
    then it is ended early."""
    path = pathlib.Path(directory, "console")
    with open(path, "wb") as file, \
            subprocess.Popen(f"exec timeout {PATIENCE} {command}", shell=True, cwd=directory, stdin=subprocess.DEVNULL,
                             stdout=file, stderr=subprocess.STDOUT) as process:
        try:
            process.wait(SILENCE)
        except subprocess.TimeoutExpired:
            if b"Linux version" not in path.read_bytes():
                process.terminate()
    return path.read_text(errors="replace"), process.returncode


class Ktap:
    """A KTAP document: .tests {name: (good, directive or diagnostic)}, .notes {name: lines before it}.

    Strict: everything has to be as the kernel's documentation of KTAP 1 has it. Raises ValueError.
    """

    def __init__(self, lines):
        self.tests, self.notes, self.skipped = {}, {}, None
        if not lines or lines[0] != "KTAP version 1":
            raise ValueError(f"no version line: {lines[:1]}")
        plan = re.fullmatch(r"1\.\.(\d+)(?: # SKIP (.+))?", lines[1]) if len(lines) > 1 else None
        if not plan or (plan[1] == "0") != bool(plan[2]):
            raise ValueError(f"no plan: {lines[1:2]}")
        self.skipped = plan[2]
        notes = []
        for line in lines[2:]:
            result = re.fullmatch(r"(ok|not ok) (\d+) ([A-Za-z0-9_.-]+)(?: # (.+))?", line)
            if line.startswith("#"):
                notes.append(line)
            elif not result:
                raise ValueError(f"neither result nor diagnostic: '{line}'")
            else:
                self._add(*result.groups(), notes)
                notes = []
        if len(self.tests) != int(plan[1]):
            raise ValueError(f"{plan[1]} planned, {len(self.tests)} there")
        if notes:
            raise ValueError(f"diagnostics of no test: {notes}")

    def _add(self, result, number, name, why, notes):
        if int(number) != len(self.tests) + 1 or name in self.tests:
            raise ValueError(f"{number} {name}: out of order, or twice")
        self.tests[name] = (result == "ok", why or "")
        self.notes[name] = "\n".join(notes)

    def failed(self):
        return {name: why for name, (good, why) in self.tests.items() if not good}


def ktap_in(lines):
    """The last KTAP document in @lines, after which there are lines that are none of it.

    Lines of the kernel's, with a timestamp, may be between."""
    start = max((i for i, line in enumerate(lines) if line == "KTAP version 1"), default=None)
    if start is None:
        raise ValueError("no KTAP")
    end = start + 1
    while end < len(lines) and re.match(r"1\.\.|#|ok |not ok |\[ *\d+\.\d+\] ", lines[end]):
        end += 1
    return Ktap([line for line in lines[start:end] if not line.startswith("[")])
