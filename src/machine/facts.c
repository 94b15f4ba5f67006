// SPDX-License-Identifier: GPL-2.0-only
/* Facts about the kernel: where they are to be found, see facts.h. How they look: facts_parse.c. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include "base/printable.h"
#include "machine/facts.h"

/* More than the kernel's log can have; one that is written to all the time ends, too. */
#define MAX_RECORDS	1000000

/* read_text - what a small file has, and how much; 0 if it cannot be read */
static size_t read_text(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t len;

	if (!file)
		return 0;
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	fclose(file);
	return len;
}

/* read_with - lets @parse read a file; false if it cannot be opened */
static bool read_with(struct facts *facts, const char *path,
		      void (*parse)(struct facts *facts, FILE *file))
{
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	parse(facts, file);
	fclose(file);
	return true;
}

static ssize_t read_gz(void *file, char *buf, size_t size)
{
	int len = gzread(file, buf, size);
	int err = Z_OK;

	/* A file that was cut off ends like any other file: only this error tells. */
	if (!len)
		gzerror(file, &err);
	return err == Z_BUF_ERROR ? -1 : len;
}

static int close_gz(void *file)
{
	return gzclose(file);
}

/* read_config_from - compressed or not; 0 or -errno */
static int read_config_from(struct facts *facts, const char *path)
{
	static const cookie_io_functions_t functions = { .read = read_gz, .close = close_gz };
	gzFile compressed = gzopen(path, "re");
	FILE *config;
	int err;

	if (!compressed)
		return -ENOENT;
	config = fopencookie(compressed, "r", functions);
	if (!config) {
		gzclose(compressed);
		return -ENOMEM;
	}
	err = facts__parse_config(facts, config);
	fclose(config);
	if (!err)
		snprintf(facts->config, sizeof(facts->config), "%s", path);
	return err;
}

/* read_config - from the kernel itself, else from where distributions keep it */
static void read_config(struct facts *facts)
{
	char path[sizeof(facts->release) + 32];

	if (!read_config_from(facts, "/proc/config.gz"))
		return;
	snprintf(path, sizeof(path), "/boot/config-%s", facts->release);
	if (!read_config_from(facts, path))
		return;
	snprintf(path, sizeof(path), "/lib/modules/%s/config", facts->release);
	read_config_from(facts, path);
}

/* is_there - known only if the way to @path can be gone */
static enum known is_there(const char *path, long long *size)
{
	struct stat stat_of;

	if (!stat(path, &stat_of)) {
		if (size)
			*size = stat_of.st_size;
		return KNOWN_YES;
	}
	return errno == ENOENT ? KNOWN_NO : KNOWN_NOT;
}

static void read_events(struct facts *facts)
{
	char path[sizeof(facts->tracefs) + 64];

	read_with(facts, "/proc/self/mounts", facts__parse_mounts);
	if (!*facts->tracefs)
		return;
	for (unsigned int i = 0; i < FACTS_NR_EVENTS; i++) {
		snprintf(path, sizeof(path), "%s/events/ipi_mux/%s", facts->tracefs,
			 facts_event[i]);
		facts->event[i] = is_there(path, NULL);
	}
}

static void read_settings(struct facts *facts)
{
	for (unsigned int i = 0; i < FACTS_NR_SETTINGS; i++) {
		char path[64], text[32];

		snprintf(path, sizeof(path), "/proc/sys/%s", facts_setting[i]);
		for (char *at = path + sizeof("/proc/sys/") - 1; (at = strchr(at, '.')); )
			*at = '/';
		facts->setting[i] = read_text(path, text, sizeof(text)) ?
				    facts__parse_setting(text) : FACTS_UNSET;
	}
}

/* read_log - the parent, if the kernel's log has what one driver wrote at boot, and no other did */
static void read_log(struct facts *facts)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const struct parent *found = NULL;
	char record[8192];

	if (fd < 0)
		return;
	for (unsigned int i = 0; i < MAX_RECORDS; i++) {
		ssize_t len = read(fd, record, sizeof(record) - 1);
		const struct parent *parent;

		/* EPIPE: what was to be read next is gone, and so what follows is. */
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			break;
		record[len] = '\0';
		parent = facts__parse_record(record);
		if (parent && found && parent != found) {
			found = NULL;
			break;
		}
		if (parent)
			found = parent;
	}
	close(fd);
	facts->parent = found;
}

/* read_variant - which of the devices that the parent's driver knows is in the device tree? */
static void read_variant(struct facts *facts)
{
	char root[] = "/sys/firmware/devicetree/base", text[512];
	char *paths[] = { root, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!tree)
		return;
	while ((entry = fts_read(tree)))
		if (!strcmp(entry->fts_name, "compatible") &&
		    facts__parse_compatible(facts, text,
					    read_text(entry->fts_accpath, text, sizeof(text))))
			break;
	fts_close(tree);
}

static void read_parent(struct facts *facts)
{
	if (read_with(facts, "/sys/devices/system/cpu/hotplug/states", facts__parse_states))
		facts->hotplug_states = KNOWN_YES;
	else
		facts->hotplug_states = KNOWN_NO;
	if (!facts->parent && !facts->machine_error)
		read_log(facts);
	if (facts->parent && parents__has_variants(facts->parent))
		read_variant(facts);
}

void facts__read(struct facts *facts)
{
	struct failure *failure;
	struct utsname name;
	char text[128];

	memset(facts, 0, sizeof(*facts));
	if (!uname(&name)) {
		snprintf(facts->release, sizeof(facts->release), "%s", name.release);
		snprintf(facts->architecture, sizeof(facts->architecture), "%s", name.machine);
		make_printable(facts->release);
		make_printable(facts->architecture);
	}
	failure = machine__read(&facts->machine);
	facts->machine_error = failure ? -failure->err : 0;
	failure__free(failure);
	machine__read_online(&facts->online);
	read_parent(facts);
	read_with(facts, "/proc/kallsyms", facts__parse_symbols);
	read_config(facts);
	read_events(facts);
	facts->btf = is_there("/sys/kernel/btf/vmlinux", &facts->btf_size);
	/* Without /sys nothing can be said of it. */
	if (facts->btf == KNOWN_NO && is_there("/sys/kernel", NULL) != KNOWN_YES)
		facts->btf = KNOWN_NOT;
	facts->kprobes = is_there("/sys/bus/event_source/devices/kprobe/type", NULL);
	if (facts->kprobes == KNOWN_NO && is_there("/sys/bus", NULL) != KNOWN_YES)
		facts->kprobes = KNOWN_NOT;
	read_settings(facts);
	if (read_text("/sys/kernel/security/lockdown", text, sizeof(text)))
		facts__parse_lockdown(facts, text);
}
