/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The version of the tool: what it says of itself, and what is in its files.
 */
#ifndef VERSION_H
#define VERSION_H

#define IPIMUX_VERSION "0.1"

#endif /* VERSION_H */
