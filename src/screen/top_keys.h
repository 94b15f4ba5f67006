/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the keys of top change: settings, and what is asked and answered. Pure; where keys
 * come from and what they look like on the screen is not its business.
 */
#ifndef TOP_KEYS_H
#define TOP_KEYS_H

#include "analysis/top.h"
#include "machine/machine.h"

enum top_question { TOP_NO_QUESTION, TOP_ASK_VIPI, TOP_ASK_CPUS };

struct top_keys {
	const struct machine *machine;
	struct top_settings *settings;
	struct cpuset cpus;		/* what settings->cpus points to, if it does */
	unsigned long long interval;	/* ns */
	unsigned int first_row;		/* may be past the end */
	bool paused;
	bool help;
	bool quit;
	enum top_question question;
	char answer[128];		/* what was typed so far */
	char message[IPIMUX_MAX_VIPIS * (MACHINE_NAME_SIZE + 2) + 160];	/* or "" */
};

/*
 * One key (enum screen_event, or a character) is pressed. @screenful: how many rows are on
 * the screen, @nr_rows: how many there are.
 */
void top_keys__press(struct top_keys *keys, int key, unsigned int screenful,
		     unsigned int nr_rows);

#endif /* TOP_KEYS_H */
