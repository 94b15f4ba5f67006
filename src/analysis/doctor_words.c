// SPDX-License-Identifier: GPL-2.0-only
/* What the items of doctor.h are called, for people and in JSON. Decides nothing. */
#include "analysis/doctor.h"

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

const char *doctor__parent_key(enum facts_parent parent)
{
	static const char * const keys[] = {
		[FACTS_PARENT_UNKNOWN]	= NULL,
		[FACTS_PARENT_SBI]	= "sbi",
		[FACTS_PARENT_IMSIC]	= "imsic",
		[FACTS_PARENT_CLINT]	= "clint",
		[FACTS_PARENT_SSWI]	= "aclint-sswi",
		[FACTS_PARENT_AIC]	= "aic",
	};

	return keys[parent];
}

const char *doctor__fences_key(enum facts_parent parent)
{
	static const char * const keys[] = {
		[FACTS_PARENT_UNKNOWN]	= NULL,
		[FACTS_PARENT_SBI]	= "firmware",
		[FACTS_PARENT_IMSIC]	= "mux",
		[FACTS_PARENT_CLINT]	= "mux",
		[FACTS_PARENT_SSWI]	= "mux",
		[FACTS_PARENT_AIC]	= "hardware",
	};

	return keys[parent];
}
