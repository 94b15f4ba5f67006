/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page of `doctor`: in words, or as one object of JSON (docs/doctor.md). Judges
 * nothing, see doctor.h.
 */
#ifndef VIEW_DOCTOR_H
#define VIEW_DOCTOR_H

#include <stdio.h>

#include "doctor/doctor.h"

/* How the topic is shown: as struct renderer, but there are no intervals, and so no run. */
struct doctor_renderer {
	/* @colour: where it can be. Returns 0 or -ENOMEM. */
	int (*summary)(FILE *out, bool colour, const struct doctor *doctor,
		       const struct facts *facts);
};

extern const struct doctor_renderer doctor_text, doctor_json;

/* What programs read: "mux", "parent", ... */
const char *doctor__key(enum doctor_item item);

/* "sbi", "imsic", ...; of NULL, which is not known: NULL */
const char *doctor__parent_key(const struct parent *parent);

/* Who carries remote fences: "firmware", "mux", "hardware", NULL: not known. */
const char *doctor__fences_key(const struct parent *parent);

#endif /* VIEW_DOCTOR_H */
