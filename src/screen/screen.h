/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal: paints pages, waits for keys, and leaves it as it was. The only part
 * that knows ncurses. There is one terminal, so there is one screen. Knows nothing of
 * what is painted.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <signal.h>

#include "base/fail.h"
#include "print/page.h"

/* What screen__wait() comes back with: one of these, or the character of a key. */
enum screen_event {
	SCREEN_TIMEOUT	= -1,
	SCREEN_END	= -2,	/* a signal that ends programs, or the terminal is gone */
	SCREEN_RESIZED	= -3,	/* or made visible again: paint anew */

	SCREEN_TAB	= '\t',
	SCREEN_REDRAW	= '\014',
	SCREEN_ENTER	= '\n',
	SCREEN_ESCAPE	= '\033',
	SCREEN_BACKSPACE = '\b',
	SCREEN_UP	= 0x1000, SCREEN_DOWN, SCREEN_LEFT, SCREEN_RIGHT,
	SCREEN_PAGE_UP, SCREEN_PAGE_DOWN, SCREEN_HOME, SCREEN_LAST, SCREEN_BACK_TAB,
	SCREEN_OTHER_KEY,
};

/* Can there be a screen? EXIT_DONE, or EXIT_CANNOT after an error message. */
enum exit_status screen__check(void);

/*
 * Takes the terminal over. While it is open, @signals and those that a terminal ends
 * programs with end screen__wait(). EXIT_DONE, or EXIT_CANNOT after an error message.
 */
enum exit_status screen__open(const sigset_t *signals);

/* Gives it back as it was, and the signals: they do again what they did. Once more is fine. */
void screen__close(void);

/* Makes @page as large as the screen, and empty. Returns 0 or -ENOMEM. */
int screen__fit(struct page *page);

void screen__paint(const struct page *page);

/* Waits for a key, or something else, until @deadline (CLOCK_MONOTONIC, ns). */
int screen__wait(unsigned long long deadline);

#endif /* SCREEN_H */
