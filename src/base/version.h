/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IPIMUX_VERSION: what the tool says of itself, and what is in its files; the Makefile takes
 * it from VERSION. The git revision is not here: what is written would change with each commit.
 */
#ifndef VERSION_H
#define VERSION_H

#include "made-version.h"

#endif /* VERSION_H */
