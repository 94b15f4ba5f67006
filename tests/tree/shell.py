# SPDX-License-Identifier: GPL-2.0-only
"""An interactive bash or zsh on a terminal of its own, in which completions are used as a person uses them:
typed up to somewhere, completed by a key, run.

In it ipimux-trace is a function that prints its arguments: what is run is what the shell made of the line.
Knows nothing of which completions there should be.
"""
import os
import pty
import re
import select
import subprocess
import time

# Inserts all that could follow, so that what is run then has all of it.
ALL = "\x18a"
# As the Tab key does: as far as there is no doubt.
TAB = "\t"

BASH = r"""
PS1='ready> ' PS2=
bind 'set enable-bracketed-paste off' 'set bell-style none'
bind '"\C-xa": insert-completions'
"""
ZSH = r"""
PS1='ready> ' PS2= RPS1= PROMPT_EOL_MARK=
unset zle_bracketed_paste
setopt no_prompt_cr no_beep no_nomatch
zle -C all-matches complete-word _generic
bindkey '^Xa' all-matches
bindkey '^I' complete-word
zstyle ':completion:all-matches:*' insert yes
zstyle ':completion:all-matches:*' completer _all_matches _complete
"""


class Shell:
    """shell(line) types the line, with keys in it, runs it and returns the arguments of ipimux-trace."""

    def __init__(self, kind, completion, directory, interrupts):
        """@interrupts: what /proc/interrupts is to it, in a namespace of its own."""
        command = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[kind]
        (directory / "interrupts").write_text(interrupts)
        # In a chroot, whose / is no mount point, --mount alone would fail to make that private.
        command = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--mount",
                   "--propagation", "unchanged", "sh", "-c",
                   'mount --make-private /proc && mount --bind interrupts /proc/interrupts && exec "$@"',
                   "sh", *command]
        ours, theirs = pty.openpty()
        self._terminal = ours
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=directory, start_new_session=True,
            env={"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(directory), "LC_ALL": "C.UTF-8",
                 "COLUMNS": "5000"})
        os.close(theirs)
        load = {"bash": BASH + f". {completion}\n",
                "zsh": f"fpath=({completion.parent} $fpath)\nautoload -Uz compinit && compinit -D -u\n" + ZSH}
        (directory / "setup").write_text(load[kind] + """
ipimux-trace() { printf '[%s]' "$@" >result; echo ; echo ran; }
""")
        self._result = directory / "result"
        self._type(". ./setup; stty -echo cols 5000; echo loaded\n")
        self._wait("loaded\r?\n.*ready> $")

    def _type(self, text):
        os.write(self._terminal, text.encode())

    def _wait(self, pattern):
        seen, end = "", time.monotonic() + 60
        while not re.search(pattern, seen, re.DOTALL):
            ready, _, _ = select.select([self._terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no {pattern!r} in: {seen!r}")
            seen += os.read(self._terminal, 65536).decode(errors="replace")
        return seen

    def __call__(self, line):
        self._result.unlink(missing_ok=True)
        self._type(f"ipimux-trace {line}\n")
        self._wait("ran\r?\n.*ready> $")
        return re.findall(r"\[(.*?)\]", self._result.read_text(), re.DOTALL)

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)
