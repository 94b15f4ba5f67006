// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that somebody named to write to: that nothing is lost of what is there, that no link is
 * followed that somebody else can have made, and that a signal ends what blocks and a slow
 * reader gets all of it. With real files, pipes and processes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ending.h"
#include "system/output.h"
#include "system/place.h"
#include "unit.h"

#define SECOND	1000000000ULL
#define NOBODY	65534

/* enter_directory - a new one, with nothing in it, of this mode */
static void enter_directory(mode_t mode)
{
	char name[] = "/tmp/test-output-XXXXXX";

	assert_non_null(mkdtemp(name));
	assert_int_equal(chdir(name), 0);
	assert_int_equal(chmod(name, mode), 0);
}

/* leave_directory - @left: how many files there are to be in it */
static void leave_directory(unsigned int left)
{
	DIR *directory = opendir(".");
	struct dirent *entry;
	unsigned int nr = 0;
	char name[4096];

	while ((entry = readdir(directory))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		nr++;
		if (unlink(entry->d_name))
			rmdir(entry->d_name);
	}
	closedir(directory);
	assert_non_null(getcwd(name, sizeof(name)));
	assert_int_equal(chdir("/"), 0);
	rmdir(name);
	check(nr == left, "%u files are left", nr);
}

/* check_failure - frees it; NULL as @text: any */
static void check_failure(struct failure *failure, enum failure_kind kind, const char *text)
{
	assert_non_null(failure);
	check(failure->kind == kind, "%u: %s", failure->kind, failure->text);
	if (text)
		assert_string_equal(failure->text, text);
	failure__free(failure);
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void check_has(const char *name, const char *text)
{
	char buffer[256] = "";
	FILE *file = fopen(name, "r");
	size_t size;

	check(file, "%s: %s", name, strerror(errno));
	size = fread(buffer, 1, sizeof(buffer) - 1, file);
	buffer[size] = '\0';
	fclose(file);
	check(!strcmp(buffer, text), "%s: '%s', not '%s'", name, buffer, text);
}

static bool is_there(const char *name)
{
	struct stat status;

	return !lstat(name, &status);
}

/* --- files --- */

static void test_document(void **state)
{
	struct output *output;

	enter_directory(0755);
	assert_null(output__open(&output, "new", OUTPUT_DOCUMENT, false));
	fputs("whole", output__stream(output));
	assert_null(output__flush(output));
	assert_false(is_there("new"));
	assert_null(output__close(output, true));
	check_has("new", "whole");

	/* What is there is not touched, neither without --force nor before the end. */
	check_failure(output__open(&output, "new", OUTPUT_DOCUMENT, false), FAILURE_IN_USE,
		      "'new' exists: choose another name, or overwrite it with --force");
	assert_null(output__open(&output, "new", OUTPUT_DOCUMENT, true));
	fputs("half", output__stream(output));
	assert_null(output__close(output, false));
	check_has("new", "whole");
	chmod("new", 0640);
	assert_null(output__open(&output, "new", OUTPUT_DOCUMENT, true));
	fputs("another", output__stream(output));
	check_has("new", "whole");
	assert_null(output__close(output, true));
	check_has("new", "another");
	leave_directory(1);
}

static void test_stream(void **state)
{
	static const enum output_kind kinds[] = { OUTPUT_VIEW, OUTPUT_RECORDING };
	struct stat before, after;
	struct output *output;

	enter_directory(0755);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		put("old", "old");
		chmod("old", 0604);
		check_failure(output__open(&output, "old", kinds[i], false), FAILURE_IN_USE,
			      "'old' exists: choose another name, or overwrite it with --force");
		/* Not begun: as if nothing had been. */
		assert_null(output__open(&output, "old", kinds[i], true));
		assert_int_equal(write(output__descriptor(output), "begun", 5), 5);
		check_has("old", "old");
		assert_null(output__close(output, false));
		check_has("old", "old");

		assert_null(output__open(&output, "old", kinds[i], true));
		assert_int_equal(write(output__descriptor(output), "begun", 5), 5);
		assert_null(output__show(output));
		check_has("old", "begun");
		assert_int_equal(write(output__descriptor(output), ", more", 6), 6);
		assert_null(output__show(output));
		/* Cut off, it stays. */
		assert_null(output__close(output, false));
		check_has("old", "begun, more");
		assert_int_equal(stat("old", &after), 0);
		assert_int_equal(after.st_mode & 0777, 0604);
	}
	assert_null(output__open(&output, "new", OUTPUT_VIEW, false));
	fputs("text", output__stream(output));
	assert_false(is_there("new"));
	assert_null(output__show(output));
	check_has("new", "text");
	assert_null(output__close(output, true));

	/* Somebody else was quicker. */
	assert_null(output__open(&output, "race", OUTPUT_VIEW, false));
	put("race", "theirs");
	check_failure(output__show(output), FAILURE_IN_USE,
		      "'race' exists: choose another name, or overwrite it with --force");
	/* Told of once. */
	check_failure(output__flush(output), FAILURE_BROKEN, "");
	check_failure(output__close(output, true), FAILURE_BROKEN, "");
	check_has("race", "theirs");

	/* One that is empty has its name, its readers and its mode already. */
	put("empty", "");
	assert_int_equal(stat("empty", &before), 0);
	assert_null(output__open(&output, "empty", OUTPUT_VIEW, false));
	fputs("text", output__stream(output));
	assert_null(output__close(output, true));
	assert_int_equal(stat("empty", &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	check_has("empty", "text");
	leave_directory(4);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *said;
	} cases[] = {
		{ "", "cannot write '': No such file or directory" },
		{ "none/new", "cannot write 'none/new': No such file or directory" },
		{ "none/", "cannot write 'none/': No such file or directory" },
		{ ".", "cannot write '.': Is a directory" },
		{ "/", "cannot write '/': Is a directory" },
		{ "old/new", "cannot write 'old/new': Not a directory" },
		{ "loop", "cannot write 'loop': Too many levels of symbolic links" },
	};
	struct output *output;
	char name[300];

	enter_directory(0755);
	put("old", "old");
	assert_int_equal(symlink("loop", "loop"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_failure(output__open(&output, cases[i].name, OUTPUT_DOCUMENT, true),
			      FAILURE_BROKEN, cases[i].said);
	}
	/* The longest there is has a name beside it, too. */
	memset(name, 'x', 255);
	name[255] = '\0';
	assert_null(output__open(&output, name, OUTPUT_DOCUMENT, false));
	assert_null(output__close(output, true));
	name[255] = 'x';
	name[256] = '\0';
	check_failure(output__open(&output, name, OUTPUT_DOCUMENT, false), FAILURE_BROKEN, NULL);
	leave_directory(3);
}

static void test_standard(void **state)
{
	struct output *output;

	enter_directory(0755);
	assert_null(output__open(&output, "-", OUTPUT_RECORDING, false));
	assert_int_equal(output__descriptor(output), STDOUT_FILENO);
	assert_true(output__is_standard(output));
	check_failure(output__failure(output, -EPIPE), FAILURE_BROKEN,
		      "cannot record to standard output: its reader is gone");
	output__close(output, true);
	assert_null(output__open(&output, "/dev/stdout", OUTPUT_VIEW, true));
	assert_true(output__is_standard(output));
	/* Who closes it has seen enough, and a full disk is one. */
	check_failure(output__failure(output, -EPIPE), FAILURE_UNREAD, NULL);
	check_failure(output__failure(output, -EINTR), FAILURE_UNREAD, NULL);
	check_failure(output__failure(output, -ENOSPC), FAILURE_BROKEN,
		      "cannot write to standard output: No space left on device");
	output__close(output, true);

	assert_null(output__open(&output, "/dev/full", OUTPUT_VIEW, false));
	fputs("text", output__stream(output));
	check_failure(output__flush(output), FAILURE_BROKEN,
		      "cannot write '/dev/full': No space left on device");
	check_failure(output__close(output, true), FAILURE_BROKEN, "");
	leave_directory(0);
}

/* A pipe whose reader dies, for each kind: where it is no standard output, it is an error. */
static void test_pipe(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	enter_directory(0755);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (int kind = OUTPUT_VIEW; kind <= OUTPUT_DOCUMENT; kind++) {
		int reader = open("fifo", O_RDONLY | O_NONBLOCK);
		struct failure *failure = NULL;
		struct output *output;

		assert_null(output__open(&output, "fifo", kind, false));
		close(reader);
		if (kind == OUTPUT_RECORDING)
			failure = output__failure(output, ending__write(output__descriptor(output),
									"x", 1));
		else
			fputs("text", output__stream(output));
		if (kind == OUTPUT_VIEW)
			failure = output__flush(output);
		if (kind == OUTPUT_DOCUMENT)
			failure = output__close(output, true);
		else
			output__close(output, false);
		check_failure(failure, FAILURE_BROKEN, kind == OUTPUT_RECORDING ?
			      "cannot record to 'fifo': its reader is gone" :
			      "cannot write 'fifo': its reader is gone");
	}
	leave_directory(1);
}

/* --- links --- */

static void test_links(void **state)
{
	static const struct {
		const char *path;
		int err;
		const char *name;
	} cases[] = {
		{ "mine", 0, "target" }, { "absolute", 0, "null" }, { "dangling", 0, "none" },
		{ "dir/mine", 0, "target" }, { "to-dir/new", 0, "new" },
		{ "./to-dir/../to-dir//mine", 0, "target" }, { "/dev/null", 0, "null" },
		{ "sticky/mine", 0, "target" }, { "open/mine", -EACCES, "mine" },
		{ "to-open/mine", -EACCES, "mine" }, { "open/dir/new", -EACCES, "dir" },
		{ "group/mine", -EACCES, "mine" },
		{ "open/file", 0, "file" }, { "to-dir", -EISDIR, "dir" },
		/* As root only: what is somebody else's. */
		{ "sticky/theirs", -EACCES, "theirs" }, { "theirs/mine", -EACCES, "mine" },
	};
	size_t nr = geteuid() ? ARRAY_SIZE(cases) - 2 : ARRAY_SIZE(cases);
	char name[] = "/tmp/test-output-XXXXXX", command[2048];

	assert_non_null(mkdtemp(name));
	assert_int_equal(chdir(name), 0);
	snprintf(command, sizeof(command),
		 "umask 022; mkdir dir sticky open group theirs; chmod 1777 sticky; chmod 777 open;"
		 "touch target open/file; ln -s target mine; ln -s /dev/null absolute;"
		 "ln -s none dangling; ln -s dir to-dir; ln -s open to-open;"
		 "for at in dir sticky open group theirs; do ln -s ../target $at/mine; done;"
		 "ln -s ../dir open/dir; chmod 775 group; ln -s ../target sticky/theirs;"
		 "[ $(id -u) != 0 ] || chown -h %u:%u sticky/theirs theirs group", NOBODY, NOBODY);
	assert_int_equal(system(command), 0);
	assert_int_equal(geteuid() || !chown("group", 0, NOBODY), 1);
	for (size_t i = 0; i < nr; i++) {
		struct place place;
		int err = place__find(&place, cases[i].path);

		check(err == cases[i].err, "%s: %s", cases[i].path, strerror(-err));
		check(!strcmp(place.name, cases[i].name), "%s: %s", cases[i].path, place.name);
		check(place.distrusted == (err == -EACCES), "%s", cases[i].path);
		place__close(&place);
	}
	snprintf(command, sizeof(command), "rm -r %s", name);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(system(command), 0);
}

/* --- what blocks --- */

/* kill_after - a child that sends a signal; it ends by itself */
static pid_t kill_after(int signal, unsigned int ms)
{
	pid_t parent = getpid(), child = fork();

	if (!child) {
		usleep(ms * 1000);
		kill(parent, signal);
		_exit(0);
	}
	return child;
}

/* check_came - the signal is still there for whoever waits for it, once */
static void check_came(int signal)
{
	sigset_t signals;

	ending__signals(&signals);
	assert_int_equal(ending__wait(&signals, clock__now(CLOCK_MONOTONIC) + SECOND), signal);
	assert_int_equal(ending__wait(&signals, 0), 0);
}

static void test_stuck(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	static char data[1 << 20];

	ending__prepare();
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		/* Also one that is there before, and one that nobody waits in. */
		for (unsigned int ms = 0; ms <= 300; ms += 300) {
			int ends[2];
			pid_t child = kill_after(signals[i], ms);
			unsigned long long start;

			if (!ms)
				waitpid(child, NULL, 0);
			assert_int_equal(pipe2(ends, i ? 0 : O_NONBLOCK), 0);
			start = clock__now(CLOCK_MONOTONIC);
			assert_int_equal(ending__write(ends[1], data, sizeof(data)), -EINTR);
			start = clock__now(CLOCK_MONOTONIC) - start;
			check(start > SECOND * 4 / 10 && start < SECOND * 13 / 10 + ms * 1000000ULL,
			      "signal %d after %u ms: %llu ns", signals[i], ms, start);
			check_came(signals[i]);
			if (ms)
				waitpid(child, NULL, 0);
			close(ends[0]);
			close(ends[1]);
		}
	}
	/* Of a pipe nobody opens. */
	enter_directory(0755);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	kill_after(SIGTERM, 100);
	assert_int_equal(ending__open(AT_FDCWD, "fifo", O_WRONLY, 0), -EINTR);
	check_came(SIGTERM);
	waitpid(-1, NULL, 0);
	leave_directory(1);
}

static void test_slow(void **state)
{
	static char data[200000];
	int ends[2], status;
	pid_t reader;

	ending__prepare();
	assert_int_equal(pipe(ends), 0);
	reader = fork();
	if (!reader) {
		size_t all = 0;
		ssize_t count;

		close(ends[1]);
		do {
			usleep(200000);
			count = read(ends[0], data, 20000);
			all += count;
		} while (count > 0);
		_exit(all != sizeof(data));
	}
	close(ends[0]);
	kill_after(SIGINT, 300);
	assert_int_equal(ending__write(ends[1], data, sizeof(data)), 0);
	close(ends[1]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
	check_came(SIGINT);
	waitpid(-1, NULL, 0);
}

/* What was ignored at the start is none of them; a child gets it back. In one of its own. */
static void test_ignored(void **state)
{
	static char program[4096];
	pid_t child = fork();
	int status;

	if (!child) {
		ending__restore();
		/* As valgrind has it, whose own program it is else. */
		if (readlink("/proc/self/exe", program, sizeof(program) - 1) > 0)
			execl(program, "test-output", "ignored", NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* ignored - with SIGINT and SIGHUP ignored, before anything was asked */
static int ignored(void)
{
	struct sigaction action;
	sigset_t signals;

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	ending__prepare();
	ending__signals(&signals);
	/* kill -INT still ends it. */
	raise(SIGINT);
	raise(SIGHUP);
	if (sigismember(&signals, SIGHUP) || !sigismember(&signals, SIGTERM) ||
	    ending__wait(&signals, clock__now(CLOCK_MONOTONIC) + SECOND) != SIGINT ||
	    ending__wait(&signals, 0))
		return 1;
	sigaction(SIGHUP, NULL, &action);
	if (action.sa_handler != SIG_IGN)
		return 2;
	ending__restore();
	sigaction(SIGINT, NULL, &action);
	sigprocmask(SIG_BLOCK, NULL, &signals);
	return action.sa_handler != SIG_IGN || sigismember(&signals, SIGTERM) ||
	       sigismember(&signals, SIGALRM) ? 3 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_document), cmocka_unit_test(test_stream),
		cmocka_unit_test(test_names), cmocka_unit_test(test_standard),
		cmocka_unit_test(test_pipe), cmocka_unit_test(test_links),
		cmocka_unit_test(test_stuck), cmocka_unit_test(test_slow),
		cmocka_unit_test(test_ignored),
	};

	if (argc > 1)
		return ignored();
	/* Whoever runs the tests may have them ignored: nohup, a shell's background. */
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	return UNIT_RUN("output", tests);
}
