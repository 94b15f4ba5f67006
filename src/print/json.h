/* SPDX-License-Identifier: GPL-2.0-only */
/* What the JSON of several topics has in common; documented in docs/json.md. */
#ifndef VIEW_JSON_H
#define VIEW_JSON_H

#include <jansson.h>

#include "print/view.h"

/* The fields' version, in each object. */
#define VIEW_JSON_VERSION 1

/* Adds to @object how it was watched: "via", and how many outcomes are in doubt. */
void json__add_via(json_t *object, const struct interval *interval);

/* Adds a count to @object, or, with @zeros, also one of 0: what is absent is 0. */
void json__add_count(json_t *object, const char *key, __u64 count, bool zeros);

/* The same for an object of counts, or of such objects, which it takes over. */
void json__add_counts(json_t *object, const char *key, json_t *counts, bool zeros);

/* How many events were missed, as a number; null where that is not known. */
json_t *json__missed(__u64 missed, bool unknown);

/* A set of CPUs: as the array [0, 2, 3], for programs; as the text "0,2-3", for people. */
json_t *json__cpus(const struct cpuset *cpus);
json_t *json__cpu_list(const struct cpuset *cpus);

/* Prints @object as one line on @out and drops it. Returns 0, or -ENOMEM if it is NULL. */
int json__print(FILE *out, json_t *object);

#endif /* VIEW_JSON_H */
