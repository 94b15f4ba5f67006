/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page of `doctor`: in words, or as one object of JSON (docs/doctor.md). Judges
 * nothing, see doctor.h.
 */
#ifndef VIEW_DOCTOR_H
#define VIEW_DOCTOR_H

#include "analysis/doctor.h"

void view_doctor__page(FILE *out, bool colour, const struct doctor *doctor,
		       const struct facts *facts);

/* Returns 0 or -ENOMEM. */
int view_doctor__json(FILE *out, const struct doctor *doctor, const struct facts *facts);

#endif /* VIEW_DOCTOR_H */
