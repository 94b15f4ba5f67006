// SPDX-License-Identifier: GPL-2.0-only
/* Failures: what they say, and what the program ends with because of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "base/printable.h"

/* say - what is on stderr after @failure was reported or said; to be freed */
static char *say(struct failure *failure, bool report, enum exit_status otherwise,
		 enum exit_status *status)
{
	FILE *real = stderr;
	char *said = NULL;
	size_t size;

	stderr = open_memstream(&said, &size);
	assert_non_null(stderr);
	*status = report ? failure__report(failure, otherwise) : failure__say(failure, otherwise);
	fclose(stderr);
	stderr = real;
	return said;
}

/* Exit statuses are documented: 2 is wrong usage, 3 all else. */
static void test_kinds(void **state)
{
	static const struct {
		enum failure_kind kind;
		enum exit_status status;
		bool said;
	} cases[] = {
		{ FAILURE_USAGE, EXIT_USAGE, true },
		{ FAILURE_UNSUPPORTED, EXIT_CANNOT, true },
		{ FAILURE_NOT_PERMITTED, EXIT_CANNOT, true },
		{ FAILURE_IN_USE, EXIT_CANNOT, true },
		{ FAILURE_BROKEN, EXIT_CANNOT, true },
		/* The run is judged as if it had ended there. */
		{ FAILURE_UNREAD, EXIT_EXCEEDED, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int report = 0; report < 2; report++) {
			struct failure *failure = failure__new(cases[i].kind, -ENOENT,
							       "no %s in %d %%", "mux", 7);
			enum exit_status status;
			char *said;

			assert_int_equal(failure->kind, cases[i].kind);
			assert_int_equal(failure->err, ENOENT);
			assert_string_equal(failure->text, "no mux in 7 %");
			assert_int_equal(failure__status(failure, EXIT_EXCEEDED), cases[i].status);
			said = say(failure, report, EXIT_EXCEEDED, &status);
			assert_int_equal(status, cases[i].status);
			assert_string_equal(said, cases[i].said ? "ipimux-trace: no mux in 7 %\n" :
					    "");
			free(said);
			if (!report)
				failure__free(failure);
		}
	}
}

static void test_none(void **state)
{
	static const enum exit_status statuses[] = { EXIT_DONE, EXIT_EXCEEDED, EXIT_CANNOT };

	failure__free(NULL);
	assert_null(failure__of(0));
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		enum exit_status status;
		char *said = say(NULL, true, statuses[i], &status);

		assert_int_equal(status, statuses[i]);
		assert_string_equal(said, "");
		free(said);
	}
}

/* Whoever was told already is told nothing more, and still it is a failure. */
static void test_told(void **state)
{
	enum exit_status status;
	char *said = say(failure__new(FAILURE_BROKEN, -EIO, "%s", ""), true, EXIT_DONE, &status);

	assert_int_equal(status, EXIT_CANNOT);
	assert_string_equal(said, "");
	free(said);
}

/* What only the kernel knows of. */
static void test_errno(void **state)
{
	static const struct {
		int err;
		enum failure_kind kind;
		const char *text;
	} cases[] = {
		{ -EPERM, FAILURE_NOT_PERMITTED, "cannot go on: Operation not permitted" },
		{ -EACCES, FAILURE_NOT_PERMITTED, "cannot go on: Permission denied" },
		{ -EBUSY, FAILURE_IN_USE, "cannot go on: Device or resource busy" },
		{ -EMFILE, FAILURE_IN_USE, "cannot go on: Too many open files" },
		{ -ENOMEM, FAILURE_BROKEN, "cannot go on: Cannot allocate memory" },
		{ -EIO, FAILURE_BROKEN, "cannot go on: Input/output error" },
		/* What once had a meaning of its own here has none but the kernel's. */
		{ -ECANCELED, FAILURE_BROKEN, "cannot go on: Operation canceled" },
		{ -EPIPE, FAILURE_BROKEN, "cannot go on: Broken pipe" },
		{ -E2BIG, FAILURE_BROKEN, "cannot go on: Argument list too long" },
		{ -ESRCH, FAILURE_BROKEN, "cannot go on: No such process" },
		{ -ENODEV, FAILURE_BROKEN, "cannot go on: No such device" },
		{ -ENOENT, FAILURE_BROKEN, "cannot go on: No such file or directory" },
		{ -EPROTO, FAILURE_BROKEN, "cannot go on: Protocol error" },
		{ -EOPNOTSUPP, FAILURE_BROKEN, "cannot go on: Operation not supported" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct failure *failure = failure__of(cases[i].err);

		assert_int_equal(failure__kind_of(cases[i].err), cases[i].kind);
		check(failure->kind == cases[i].kind, "%s", failure->text);
		assert_string_equal(failure->text, cases[i].text);
		assert_int_equal(failure->err, -cases[i].err);
		failure__free(failure);
	}
}

/* Names of files are in it, and it goes to terminals, KTAP and XML. Nothing is cut off. */
static void test_text(void **state)
{
	static char name[20000];
	struct failure *failure;

	memset(name, 'x', sizeof(name) - 1);
	memcpy(name, "a\033[2J\nb", 7);
	failure = failure__new(FAILURE_BROKEN, 0, "no %s!", name);
	assert_true(is_printable(failure->text));
	assert_int_equal(strlen(failure->text), sizeof(name) - 1 + 4);
	assert_int_equal(strncmp(failure->text, "no a?[2J?bxx", 12), 0);
	assert_string_equal(failure->text + strlen(failure->text) - 3, "xx!");
	failure__free(failure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_text),
	};

	return UNIT_RUN("failure", tests);
}
