// SPDX-License-Identifier: GPL-2.0-only
/* What `doctor` found as one object of JSON, see view_doctor.h and docs/doctor.md. */
#include <errno.h>
#include <jansson.h>

#include "view/view.h"
#include "view/view_doctor.h"

/* known - true, false, or null if it is not known */
static json_t *known(enum known known)
{
	return known == KNOWN_NOT ? json_null() : json_boolean(known == KNOWN_YES);
}

static json_t *text(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *cpus(const struct cpuset *set)
{
	json_t *array = json_array();

	for (unsigned int cpu = 0; cpu < CPUSET_MAX; cpu++)
		if (cpuset__has(set, cpu))
			json_array_append_new(array, json_integer(cpu));
	return array;
}

static json_t *vipis(const struct facts *facts)
{
	const struct machine *machine = &facts->machine;
	json_t *array = json_array();

	for (unsigned int vipi = 0; !facts->machine_error && vipi < machine->nr_vipis; vipi++)
		if (machine->virq[vipi])
			json_array_append_new(array, json_pack("{s:i, s:s, s:i}", "vipi", vipi,
							       "name", machine->vipi_name[vipi],
							       "virq", machine->virq[vipi]));
	return array;
}

static json_t *checks(const struct doctor *doctor)
{
	static const char * const states[] = {
		[DOCTOR_GOOD] = "ok", [DOCTOR_NOTE] = "note", [DOCTOR_UNKNOWN] = "unknown",
		[DOCTOR_MISSING] = "missing",
	};
	json_t *object = json_object();

	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++) {
		const struct doctor_check *check = &doctor->checks[item];

		json_object_set_new(object, doctor__key(item),
				    json_pack("{s:s, s:s, s:o}", "state", states[check->state],
					      "fact", check->fact,
					      "advice", text(check->advice)));
	}
	return object;
}

static json_t *items(__u32 items)
{
	json_t *array = json_array();

	for (unsigned int item = 0; item < DOCTOR_NR_ITEMS; item++)
		if (items >> item & 1)
			json_array_append_new(array, json_string(doctor__key(item)));
	return array;
}

static json_t *ways(const struct doctor *doctor)
{
	json_t *object = json_object();

	for (unsigned int way = 0; way < DOCTOR_NR_WAYS; way++) {
		const struct doctor_verdict *verdict = &doctor->ways[way];

		json_object_set_new(object, doctor__way_key(way),
				    json_pack("{s:o, s:b, s:o, s:o, s:s, s:s}",
					      "possible", known(verdict->possible),
					      "built", !verdict->not_built,
					      "missing", items(verdict->lacks),
					      "unknown", items(verdict->unknown),
					      "shows", doctor__shows(way),
					      "hides", doctor__hides(way)));
	}
	return object;
}

static json_t *settings(const struct facts *facts)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < FACTS_NR_SETTINGS; i++)
		json_object_set_new(object, facts_setting[i], facts->setting[i] == FACTS_UNSET ?
				    json_null() : json_integer(facts->setting[i]));
	return object;
}

static json_t *options(const struct facts *facts)
{
	json_t *object = json_object();

	for (unsigned int i = 0; i < FACTS_NR_OPTIONS; i++)
		json_object_set_new(object, facts_option[i], known(facts__option(facts, i)));
	return object;
}

static json_t *facts_object(const struct facts *facts)
{
	char capabilities[24];

	snprintf(capabilities, sizeof(capabilities), "%016llx",
		 (unsigned long long)facts->capabilities);
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o}",
			 "bpf", known(facts->bpf),
			 "load_errno", facts->tried ? json_integer(-facts->try_error) :
						      json_null(),
			 "btf", known(facts->btf),
			 "lockdown", text(facts->lockdown),
			 "reads_kernel", known(facts->reads_kernel),
			 "capabilities", capabilities,
			 "tracefs", text(facts->tracefs),
			 "settings", settings(facts),
			 "options", options(facts));
}

int view_doctor__json(FILE *out, const struct doctor *doctor, const struct facts *facts)
{
	struct view view = { .out = out };
	json_t *object = json_pack("{s:i, s:s, s:b, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}",
				   "version", VIEW_JSON_VERSION,
				   "type", "doctor",
				   "usable", doctor->way >= 0,
				   "via", text(doctor->way < 0 ? NULL : doctor__way_key(doctor->way)),
				   "release", facts->release,
				   "architecture", facts->architecture,
				   "possible", cpus(&facts->machine.possible),
				   "online", cpus(&facts->online),
				   "vipis", vipis(facts),
				   "parent", text(doctor__parent_key(facts->parent)),
				   "remote_fences", text(doctor__fences_key(facts->parent)),
				   "checks", checks(doctor));

	if (object) {
		json_object_set_new(object, "ways", ways(doctor));
		json_object_set_new(object, "facts", facts_object(facts));
	}
	return view_json__print(&view, object);
}
