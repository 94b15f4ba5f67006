// SPDX-License-Identifier: GPL-2.0-only
/* Lists of rows of numbers, see rows.h. */
#include "counters/tables.h"
#include "recording/rows.h"

struct rows rows__find(struct fault *fault, const json_t *line, const struct rows_form *form,
		       const struct machine *machine)
{
	struct rows rows = { .form = form, .machine = machine, .fault = fault };

	rows.err = fields__array(fault, line, form->key, &rows.list);
	return rows;
}

/* has_keys - are they of this machine? */
static bool has_keys(const struct rows *rows)
{
	static const enum table_dimension keys[] = { DIMENSION_CPU, DIMENSION_VIPI };

	for (unsigned int i = 0; i < rows->form->nr_keys; i++)
		if (!dimension__has(keys[i], rows->machine, false, rows->row[i]))
			return false;
	return true;
}

bool rows__next(struct rows *rows)
{
	const struct rows_form *form = rows->form;
	bool right;

	if (rows->err || rows->next == json_array_size(rows->list))
		return false;
	right = fields__numbers(json_array_get(rows->list, rows->next++), form->nr, rows->row) &&
		has_keys(rows);
	for (unsigned int i = form->nr_keys; right && i < form->nr; i++)
		right = rows->row[i] >= form->least && rows->row[i] <= form->most;
	if (!right)
		rows->err = fields__wrong(rows->fault, "'%s' holds a value that is not %s",
					  form->key, form->row);
	return right;
}
