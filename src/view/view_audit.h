/* SPDX-License-Identifier: GPL-2.0-only */
/* The audit in words, and as JSON. Judges nothing, see audit/audit.h. */
#ifndef VIEW_AUDIT_H
#define VIEW_AUDIT_H

#include "print/view.h"

/* All of it: verdict, balance, what it rests on, each finding. */
void view_audit__print(struct view *view, const struct audit *audit);

/* Its verdict in words: "balanced", "OFF", or "balanced, except 2 not seen". */
#define VIEW_VERDICT_SIZE	256
void view_audit__verdict(char *buf, size_t size, const struct audit *audit);

/* What a finding of it says, in words: what stands behind "CPU 1 CALL_FUNC: ". */
void view_audit__finding(char *buf, size_t size, const struct audit_entry *entry);

struct json_t;

/* The audit as the object that a summary has. NULL without memory; the caller's. */
struct json_t *view_audit__json(const struct machine *machine, const struct audit *audit);

/* Adds it to @object, a summary, and prints that as json__print() does. */
int view_audit__json_summary(struct view *view, struct json_t *object, const struct audit *audit);

#endif /* VIEW_AUDIT_H */
