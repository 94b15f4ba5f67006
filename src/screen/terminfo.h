/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which description of the terminal ncurses goes by. The static ncurses of Debian has none built
 * in, and an initramfs with this one file in it has no database of them.
 */
#ifndef TERMINFO_H
#define TERMINFO_H

/*
 * Sees to it that ncurses finds a description of the terminal *@name: the one that the machine
 * has, or else one that is compiled in. *@name is then what newterm() is to be given. Returns 0,
 * -ENOENT if there is none that can be used, or -ENOMEM.
 */
int terminfo__find(const char **name);

#endif /* TERMINFO_H */
