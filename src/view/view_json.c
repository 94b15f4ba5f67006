// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON Lines: the full margins of a difference, nothing rounded, one object a
 * line. The fields are documented in docs/json.md.
 */
#include <errno.h>
#include <jansson.h>

#include "analysis/latency.h"
#include "view/view.h"

/* Enough digits for all that a double holds: an interval to 1 ns, the wall time to 0.3 us. */
#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(17))

static json_t *sends_object(const struct sends *sends)
{
	return json_pack("{s:I, s:I, s:I, s:I}",
			 "raised", (json_int_t)sends->outcome[IPIMUX_RAISED],
			 "coalesced", (json_int_t)sends->outcome[IPIMUX_COALESCED],
			 "masked", (json_int_t)sends->outcome[IPIMUX_MASKED],
			 "coalesced_while_masked",
			 (json_int_t)sends->outcome[IPIMUX_COALESCED_WHILE_MASKED]);
}

static json_t *margin_object(const struct margin *margin)
{
	return json_pack("{s:o, s:o, s:I, s:I, s:I}",
			 "sent", sends_object(&margin->sent),
			 "received", sends_object(&margin->received),
			 "handled", (json_int_t)margin->handled,
			 "unmasks", (json_int_t)margin->unmasks,
			 "kicks", (json_int_t)margin->kicks);
}

/* batches_object - {"0": empty ones, "1": ..., ...}, only those that occurred */
static json_t *batches_object(const struct processes *processes)
{
	json_t *object = json_object();
	char key[8];

	for (unsigned int batch = 0; batch <= IPIMUX_MAX_VIPIS; batch++) {
		if (!processes->batch[batch])
			continue;
		snprintf(key, sizeof(key), "%u", batch);
		json_object_set_new(object, key, json_integer(processes->batch[batch]));
	}
	return object;
}

/* sets_object - {"3": ..., ...}: process calls by the set they handled, those that occurred */
static json_t *sets_object(const struct counters *counters, unsigned int cpu)
{
	const __u64 *slab = counters->processed + ipimux_processed_index(&counters->shape, cpu, 0);
	json_t *object = json_object();
	char key[8];

	for (unsigned int set = 0; set >> counters->shape.processed_shift == 0; set++) {
		if (!slab[set])
			continue;
		snprintf(key, sizeof(key), "%u", set);
		json_object_set_new(object, key, json_integer(slab[set]));
	}
	return object;
}

/* vipi_object - the margin of a vIPI on a CPU, and what waited there, if that was measured */
static json_t *vipi_object(const struct view *view, const struct counters *counters,
			   unsigned int cpu, unsigned int vipi)
{
	const struct margins *margins = &view->margins;
	json_t *object = margin_object(&margins->margin[cpu * margins->nr_vipis + vipi]);
	struct waits waits = {};

	if (counters->waits) {
		waits__add(&waits, counters, cpu, vipi);
		json_object_set_new(object, "waits", view_json__waits(&waits));
	}
	if (counters->doubts)
		json_object_set_new(object, "uncertain", json_integer(
			counters__doubts(counters, cpu, vipi, IPIMUX_UNCERTAIN)));
	return object;
}

/* cpus_object - {"0": {...}, ...}: a CPU's margin, its processes and its vIPIs */
static json_t *cpus_object(const struct view *view, const struct snapshot *difference)
{
	const struct margins *margins = &view->margins;
	json_t *cpus = json_object();
	char key[16];

	for (unsigned int cpu = 0; cpu < margins->nr_cpus; cpu++) {
		const struct processes *processes = &margins->processes[cpu];
		struct margin sum = view__cpu_margin(view, cpu);
		json_t *object, *vipis;

		if (!view__shows_cpu(view, difference, cpu))
			continue;
		object = margin_object(&sum);
		json_object_set_new(object, "processes", json_integer(processes__calls(processes)));
		json_object_set_new(object, "empty", json_integer(processes->batch[0]));
		json_object_set_new(object, "batches", batches_object(processes));
		if (difference->counters.by_set)
			json_object_set_new(object, "sets",
					    sets_object(&difference->counters, cpu));

		vipis = json_object();
		for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++)
			json_object_set_new(vipis, view->machine->vipi_name[vipi],
					    vipi_object(view, &difference->counters, cpu, vipi));
		json_object_set_new(object, "vipis", vipis);
		snprintf(key, sizeof(key), "%u", cpu);
		json_object_set_new(cpus, key, object);
	}
	return cpus;
}

/* traffic_array - [sender, target, vIPI, raised, coalesced, ...] where not all 0 */
static json_t *traffic_array(const struct view *view, const struct counters *counters)
{
	json_t *array = json_array();

	for (unsigned int sender = 0; sender < view->margins.nr_cpus; sender++) {
		for (unsigned int target = 0; target < view->margins.nr_cpus; target++) {
			if (view->cpus && !cpuset__has(view->cpus, sender) &&
			    !cpuset__has(view->cpus, target))
				continue;
			for (unsigned int vipi = 0; vipi < view->machine->nr_vipis; vipi++) {
				const __u64 *cell = counters->traffic +
					ipimux_traffic_index(&counters->shape, sender, target,
							     vipi, 0);

				if (!(cell[0] | cell[1] | cell[2] | cell[3]))
					continue;
				json_array_append_new(array, json_pack("[iisIIII]",
					sender, target, view->machine->vipi_name[vipi],
					(json_int_t)cell[0], (json_int_t)cell[1],
					(json_int_t)cell[2], (json_int_t)cell[3]));
			}
		}
	}
	return array;
}

static json_t *online_array(const struct cpuset *online)
{
	json_t *array = json_array();

	for (unsigned int cpu = 0; cpu < CPUSET_MAX; cpu++)
		if (cpuset__has(online, cpu))
			json_array_append_new(array, json_integer(cpu));
	return array;
}

void view_json__add_via(json_t *object, const struct counters *counters)
{
	bool outside = counters->doubts != NULL;

	json_object_set_new(object, "via", json_string(outside ? "fentry" : "tracepoint"));
	if (!outside)
		return;
	json_object_set_new(object, "uncertain",
			    json_integer(counters__all_doubts(counters, IPIMUX_UNCERTAIN)));
	json_object_set_new(object, "mispredicted",
			    json_integer(counters__all_doubts(counters, IPIMUX_MISPREDICTED)));
}

json_t *view_json__missed(__u64 missed, bool unknown)
{
	return unknown ? json_null() : json_integer(missed);
}

static json_t *difference_object(struct view *view, const struct snapshot *difference,
				 const char *type)
{
	json_t *object;

	margins__compute(&view->margins, &difference->counters);
	object = json_pack("{s:i, s:s, s:f, s:f, s:o, s:o, s:o, s:o}",
			   "version", VIEW_JSON_VERSION,
			   "type", type,
			   "time", difference->wall_time / 1e9,
			   "interval", difference->time / 1e9,
			   "missed", view_json__missed(difference->missed,
						       difference->missed_unknown),
			   "online", online_array(&difference->online),
			   "cpus", cpus_object(view, difference),
			   "traffic", traffic_array(view, &difference->counters));
	view_json__add_via(object, &difference->counters);
	return object;
}

int view_json__print(struct view *view, json_t *object)
{
	int err = object ? 0 : -ENOMEM;

	/* A full disk shows when the stream is flushed. */
	if (object && !json_dumpf(object, view->out, FLAGS))
		fputc('\n', view->out);
	json_decref(object);
	return err;
}

int view_json__interval(struct view *view, const struct snapshot *difference)
{
	return view_json__print(view, difference_object(view, difference, "interval"));
}

static const char *verdict_text(enum audit_verdict verdict)
{
	static const char * const texts[] = {
		[AUDIT_BALANCED] = "balanced",
		[AUDIT_EXCEPT]	 = "except",
		[AUDIT_OFF]	 = "off",
		[AUDIT_NONE]	 = "not_judged",
	};

	return texts[verdict];
}

static const char *finding_name(enum audit_finding finding)
{
	static const char * const names[AUDIT_NR_FINDINGS] = {
		[AUDIT_STILL_PENDING]	= "still_pending",
		[AUDIT_CARRIED_IN]	= "carried_in",
		[AUDIT_NOT_SEEN]	= "not_seen",
		[AUDIT_LOST]		= "lost",
		[AUDIT_NEVER_SENT]	= "never_sent",
		[AUDIT_STUCK]		= "stuck",
		[AUDIT_KICKS_LOST]	= "kicks_lost",
		[AUDIT_NOT_KICKED]	= "not_kicked",
		[AUDIT_NOT_RUN]		= "not_run",
		[AUDIT_RUN_AGAIN]	= "run_again",
		[AUDIT_GUESSED]		= "guessed",
		[AUDIT_NOT_DECIDED]	= "not_decided",
		[AUDIT_NOT_COMPARED]	= "not_compared",
		[AUDIT_NO_PROGRESS]	= "no_progress",
		[AUDIT_WOKEN]		= "woken",
		[AUDIT_UNCOMPARED_RAISES] = "uncompared_raises",
		[AUDIT_NOT_RAISED]	= "not_raised",
		[AUDIT_RAISED_AGAIN]	= "raised_again",
		[AUDIT_LATE_RAISES]	= "late_raises",
		[AUDIT_STALE_ENABLED]	= "stale_enabled",
		[AUDIT_LATE_HANDLERS]	= "late_handlers",
		[AUDIT_EXTRA_PROCESSES]	= "extra_processes",
		[AUDIT_MASK_IGNORED]	= "mask_ignored",
		[AUDIT_NO_TURNS]	= "no_turns",
	};

	return names[finding];
}

static const char *proof_name(enum audit_proof proof)
{
	static const char * const names[AUDIT_NR_PROOFS] = {
		[AUDIT_BY_COUNTS]	= "counts",
		[AUDIT_BY_WORDS]	= "words",
		[AUDIT_BY_REST]		= "rest",
		[AUDIT_BY_TIME]		= "time",
		[AUDIT_BY_BOUND]	= "bound",
		[AUDIT_NO_PROOF]	= "none",
	};

	return names[proof];
}

static json_t *reason_json(enum audit_reason reason)
{
	static const char * const names[] = {
		[AUDIT_BECAUSE_MISSED]	= "missed",
		[AUDIT_BECAUSE_OFFLINE]	= "offline",
		[AUDIT_BECAUSE_SILENT]	= "silent",
	};

	return reason ? json_string(names[reason]) : json_null();
}

json_t *view_json__audit(const struct view *view, const struct audit *audit)
{
	json_t *missed = view_json__missed(audit->missed, audit->missed_unknown);
	json_t *entries = json_array(), *object;

	for (unsigned int i = 0; i < audit->nr_entries; i++) {
		const struct audit_entry *entry = &audit->entries[i];

		json_array_append_new(entries, json_pack("{s:i, s:s?, s:s, s:I, s:s, s:s, s:o}",
			"cpu", entry->cpu,
			"vipi", entry->vipi == AUDIT_NO_VIPI ? NULL :
				view->machine->vipi_name[entry->vipi],
			"finding", finding_name(entry->finding),
			"number", (json_int_t)entry->number,
			"verdict", verdict_text(entry->verdict),
			"proof", proof_name(entry->proof),
			"reason", reason_json(entry->reason)));
	}
	/* No balance: what is not known is not there. */
	if (audit->cut_off)
		return json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}",
				 "verdict", verdict_text(audit->verdict),
				 "raised", (json_int_t)audit->raised,
				 "masked", (json_int_t)audit->masked,
				 "handled", (json_int_t)audit->handled,
				 "missed", missed,
				 "entries", entries);
	object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:b, s:o, s:o}",
			 "verdict", verdict_text(audit->verdict),
			 "raised", (json_int_t)audit->raised,
			 "masked", (json_int_t)audit->masked,
			 "handled", (json_int_t)audit->handled,
			 "still_pending", (json_int_t)audit->still_pending,
			 "carried_in", (json_int_t)audit->carried_in,
			 "unseen", (json_int_t)audit->unseen,
			 "missed", missed,
			 "hotplug", audit->hotplug,
			 "kernel_room", audit->kernel_known ?
					json_integer(audit->kernel_room) : json_null(),
			 "entries", entries);
	json_object_set_new(object, "under_way", json_integer(audit->under_way));
	json_object_set_new(object, "offlinings", json_integer(audit->offlinings));
	json_object_set_new(object, "not_decided", json_integer(audit->not_decided));
	json_object_set_new(object, "words", json_boolean(audit->words_known));
	json_object_set_new(object, "verified", json_boolean(audit->verified));
	if (audit->outside) {
		json_object_set_new(object, "uncertain", json_integer(audit->uncertain));
		json_object_set_new(object, "guessed", json_integer(audit->guessed));
	}
	return object;
}

int view_json__summary(struct view *view, const struct snapshot *difference,
		       const struct audit *audit)
{
	json_t *object = difference_object(view, difference, "summary");

	if (object && json_object_set_new(object, "audit", view_json__audit(view, audit))) {
		json_decref(object);
		object = NULL;
	}
	return view_json__print(view, object);
}
