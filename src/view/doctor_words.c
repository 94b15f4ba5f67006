// SPDX-License-Identifier: GPL-2.0-only
/* What the items of doctor/doctor.h are called, for people and in JSON. Decides nothing. */
#include "view/view_doctor.h"

static const struct {
	const char *title, *key;
} items[DOCTOR_NR_ITEMS] = {
	[DOCTOR_MUX]		= { "multiplexer", "mux" },
	[DOCTOR_PARENT]		= { "parent IPI", "parent" },
	[DOCTOR_FENCES]		= { "remote fences", "remote_fences" },
	[DOCTOR_BPF]		= { "BPF", "bpf" },
	[DOCTOR_PERMISSION]	= { "capabilities", "capabilities" },
	[DOCTOR_JIT]		= { "JIT", "jit" },
	[DOCTOR_TRACEPOINTS]	= { "tracepoints", "tracepoints" },
	[DOCTOR_BTF]		= { "BTF", "btf" },
	[DOCTOR_FTRACE]		= { "ftrace", "ftrace" },
	[DOCTOR_RAISES]		= { "raises", "raises" },
	[DOCTOR_LOCKDOWN]	= { "lockdown", "lockdown" },
	[DOCTOR_NAMES]		= { "symbols", "symbols" },
};

static const struct {
	const char *title, *key, *shows, *hides;
} ways[DOCTOR_NR_WAYS] = {
	[DOCTOR_TRACEPOINT] = {
		"tracepoints", "tracepoint",
		"every command; every count exact, the outcome of each send, too",
		"what happens while a program of ours is running already: counted as missed",
	},
	[DOCTOR_FENTRY] = {
		"fentry", "fentry",
		"sends, what was handled, unmasks: exact; the outcome of a send where its raise is seen",
		"single events (trace), senders (storm); outcomes that are uncertain are counted as that",
	},
};

const char *doctor__title(enum doctor_item item)
{
	return items[item].title;
}

const char *doctor__key(enum doctor_item item)
{
	return items[item].key;
}

const char *doctor__way_title(enum doctor_way way)
{
	return ways[way].title;
}

const char *doctor__way_key(enum doctor_way way)
{
	return ways[way].key;
}

const char *doctor__shows(enum doctor_way way)
{
	return ways[way].shows;
}

const char *doctor__hides(enum doctor_way way)
{
	return ways[way].hides;
}

const char *doctor__parent_key(const struct parent *parent)
{
	return parent ? parent->key : NULL;
}

const char *doctor__fences_key(const struct parent *parent)
{
	static const char * const keys[] = {
		[PARENT_FENCES_BY_MUX]		= "mux",
		[PARENT_FENCES_BY_FIRMWARE]	= "firmware",
		[PARENT_FENCES_BY_HARDWARE]	= "hardware",
	};

	return parent ? keys[parent->fences] : NULL;
}
