/* SPDX-License-Identifier: GPL-2.0-only */
/* Who sends to storms, as stacks for flame graphs. The storms themselves are in renderer.h. */
#ifndef VIEW_STORM_H
#define VIEW_STORM_H

#include <stdio.h>

#include "analysis/storm_senders.h"

/* A line for each stack: "command;outermost;...;innermost sends". All of the sample. */
void view_storm__folded(FILE *out, const struct storm_details *details);

#endif /* VIEW_STORM_H */
