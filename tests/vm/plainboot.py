# SPDX-License-Identifier: GPL-2.0-only
"""A guest that is nothing but a kernel and the files of an initramfs: what a boot test in CI has.

What comes back is its serial console. Nothing of vm/guest is in it; does not judge.
"""
import pathlib
import re
import subprocess
import tempfile
import time

from guest import ROOT

# QEMU 7.2 now and then hangs before the kernel says a word, see vm/README.md.
TRIES, SILENT = 3, 40


def archive(files):
    """An initramfs (cpio, "newc") of {path: bytes}, all of them executable, in the order of paths."""
    entries = []
    directories = {str(parent) for path in files for parent in pathlib.PurePath(path.strip("/")).parents}
    for path in sorted(directories - {"."}):
        entries.append((path, 0o040755, b""))
    for path, data in sorted(files.items()):
        entries.append((path.strip("/"), 0o100755, data))
    entries.append(("TRAILER!!!", 0, b""))
    result = bytearray()
    for number, (path, mode, data) in enumerate(entries, 1):
        name = path.encode() + b"\0"
        fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        result += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        result += bytes(-len(result) % 4) + data
        result += bytes(-len(result) % 4)
    return bytes(result)


class Boot:
    """@files: {path in the guest: file here}; @append: for the kernel's command line.

    .console is all that was said, .lines that without the kernel's, .complaints what the kernel
    complained about, .off whether it powered off by itself.
    """

    def __init__(self, files, append, kernel="patched", cpus=2, memory=256, timeout=100):
        directory = subprocess.run([ROOT / "vm/build-kernel", kernel], check=True, capture_output=True,
                                   text=True).stdout.strip()
        sysroot = subprocess.run([ROOT / "vm/build-sysroot"], check=True, capture_output=True,
                                 text=True).stdout.strip()
        with tempfile.TemporaryDirectory() as name:
            work = pathlib.Path(name)
            work.joinpath("initramfs").write_bytes(archive(
                {path: pathlib.Path(file).read_bytes() for path, file in files.items()}))
            # It ends with us, and in any case in time.
            self._command = [
                "setpriv", "--pdeathsig", "TERM", "timeout", "-k", "5", str(timeout),
                "qemu-system-riscv64", "-machine", "virt", "-smp", str(cpus), "-m", str(memory),
                "-bios", f"{sysroot}/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
                "-kernel", f"{directory}/Image", "-initrd", work / "initramfs",
                "-append", f"console=ttyS0 earlycon=uart8250,mmio,0x10000000 panic=-1 {append}",
                "-nodefaults", "-display", "none", "-no-reboot", "-serial", f"file:{work}/console"]
            for _ in range(TRIES):
                if self._run(work / "console"):
                    break
            complaints = subprocess.run([ROOT / "vm/complaints", work / "console"], capture_output=True,
                                        text=True)
            self.complaints = complaints.stdout.splitlines()
        self.lines = [line for line in self.console.splitlines() if not line.startswith("[ ")]

    def _run(self, console):
        """False if the kernel did not say a word."""
        console.write_bytes(b"")
        with subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as qemu:
            started = time.monotonic()
            while qemu.poll() is None:
                time.sleep(.1)
                if time.monotonic() - started > SILENT and b"Linux version" not in console.read_bytes():
                    qemu.terminate()
                    qemu.wait()
            self.errors = qemu.stdout.read()
        self.off = qemu.returncode == 0
        self.console = console.read_bytes().decode(errors="replace").replace("\r", "")
        # A serial console is a terminal, with colours.
        self.console = re.sub(r"\x1b\[[0-9;]*m", "", self.console)
        return "Linux version" in self.console
