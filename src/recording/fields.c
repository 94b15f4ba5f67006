// SPDX-License-Identifier: GPL-2.0-only
/* Fields of JSON objects that nobody vouches for, see fields.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "recording/fields.h"

int fields__wrong(struct fault *fault, const char *format, ...)
{
	size_t len = snprintf(fault->text, sizeof(fault->text), "line %llu: ", fault->line);
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text + len, sizeof(fault->text) - len, format, args);
	va_end(args);
	return -EBADMSG;
}

static bool number(const json_t *json, __u64 *value)
{
	if (!json_is_integer(json) || json_integer_value(json) < 0)
		return false;
	*value = json_integer_value(json);
	return true;
}

int fields__number(struct fault *fault, const json_t *object, const char *name, __u64 *value)
{
	if (number(json_object_get(object, name), value))
		return 0;
	return fields__wrong(fault, "'%s' is missing, or is not a valid number", name);
}

int fields__cpus(struct fault *fault, const json_t *object, const char *name,
		 const struct cpuset *possible, struct cpuset *cpus)
{
	const char *text = json_string_value(json_object_get(object, name));
	struct cpuset all = possible ? *possible : (struct cpuset){};

	if (!text || cpuset__parse(cpus, text) || cpuset__last(cpus) < 0)
		return fields__wrong(fault, "'%s' is missing, or is not a list of CPUs below %u",
				    name, CPUSET_MAX);
	cpuset__union(&all, cpus);
	if (possible && !cpuset__equal(&all, possible))
		return fields__wrong(fault, "'%s' names a CPU that this machine does not have",
				    name);
	return 0;
}

int fields__array(struct fault *fault, const json_t *object, const char *name,
		  const json_t **array)
{
	*array = json_object_get(object, name);
	if (*array && !json_is_array(*array))
		return fields__wrong(fault, "'%s' is not an array", name);
	return 0;
}

bool fields__numbers(const json_t *row, unsigned int nr, __u64 *numbers)
{
	if (json_array_size(row) != nr)
		return false;
	for (unsigned int i = 0; i < nr; i++)
		if (!number(json_array_get(row, i), &numbers[i]))
			return false;
	return true;
}
