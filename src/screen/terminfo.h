/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A description of the terminals that everybody has, for machines that have none: an
 * initramfs, say, with this one file in it.
 */
#ifndef TERMINFO_H
#define TERMINFO_H

/*
 * Sees to it that ncurses finds a description of the terminal @name: the one that the
 * machine has, or else ours, if the terminal is known to do what ECMA-48 says. Returns 0,
 * -ENOENT if there is none that can be used, or -ENOMEM.
 */
int terminfo__find(const char *name);

#endif /* TERMINFO_H */
