// SPDX-License-Identifier: GPL-2.0-only
/* The terminal, see screen.h. */
#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/array_size.h"
#include "base/clock.h"
#include "base/ending.h"
#include "screen/screen.h"
#include "screen/terminfo.h"

/* How long a lone escape may be the start of a function key. */
#define ESCAPE_DELAY	50	/* ms */

static SCREEN *screen;
static const char *terminal;	/* its name, for ncurses */
static bool open;		/* as opposed to given back */
static bool colours;
static sigset_t before;		/* the signals blocked when nobody had the screen */
static sigset_t waiting;	/* those blocked while nothing else goes on: not ours */
static volatile sig_atomic_t stopped, continued, resized;
static volatile sig_atomic_t ended;
static struct termios modes;	/* the terminal's before all that */

static void note_signal(int signal)
{
	switch (signal) {
	case SIGWINCH:
		resized = true;
		break;
	case SIGTSTP:
		stopped = true;
		break;
	case SIGCONT:
		continued = true;
		break;
	case SIGQUIT:
		ended = true;
		break;
	}
}

/* --- open and close --- */

enum exit_status screen__check(void)
{
	const char *name = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fail(EXIT_CANNOT, "top needs a terminal; for a file or a pipe, use "
			    "ipimux-trace stat");
	if (!name || !*name)
		return fail(EXIT_CANNOT, "top needs to know the terminal, but TERM is not set: set "
			    "TERM, or use ipimux-trace stat");
	terminal = name;
	if (!terminfo__find(&terminal))
		return EXIT_DONE;
	return fail(EXIT_CANNOT, "top cannot use the terminal '%s': set TERM to its name, or "
		    "TERMINFO to the folder that describes it, or use ipimux-trace stat", name);
}

static void take_signals(const sigset_t *signals)
{
	static const int mine[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGQUIT };
	struct sigaction action = { .sa_handler = note_signal };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(mine); i++)
		sigaddset(&set, mine[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	waiting = before;
	/* ncurses has handlers of its own, which would be a second opinion. */
	for (size_t i = 0; i < ARRAY_SIZE(mine); i++) {
		sigdelset(&waiting, mine[i]);
		sigaction(mine[i], &action, NULL);
	}
	for (int signal = 1; signal < NSIG; signal++)
		if (sigismember(signals, signal) == 1)
			sigdelset(&waiting, signal);
}

static void set_colours(void)
{
	const char *no_colour = getenv("NO_COLOR");

	colours = has_colors() && !(no_colour && *no_colour) && start_color() == OK &&
		  use_default_colors() == OK;
	if (!colours)
		return;
	init_pair(TEXT_GOOD, COLOR_GREEN, -1);
	init_pair(TEXT_BAD, COLOR_RED, -1);
}

static void set_modes(void)
{
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	set_colours();
}

/* listen_to_signals - while something is written: a terminal may stand still, by Ctrl-S say */
static void listen_to_signals(void)
{
	ending__listen();
	if (ended)
		ending__hurry();
}

enum exit_status screen__open(const sigset_t *signals)
{
	tcgetattr(STDIN_FILENO, &modes);
	/* A recording is shown without. */
	ending__prepare();
	ending__give_up(STDOUT_FILENO);
	listen_to_signals();
	set_escdelay(ESCAPE_DELAY);
	screen = newterm(terminal, stdout, stdin);
	if (screen)
		set_modes();
	ending__defer();
	if (!screen)
		return fail(EXIT_CANNOT, "top cannot use the terminal '%s'", getenv("TERM"));
	open = true;
	take_signals(signals);
	/* It may have changed since ncurses looked, and from now on is ours to know. */
	resized = true;
	return EXIT_DONE;
}

void screen__close(void)
{
	if (!open)
		return;
	open = false;
	listen_to_signals();
	endwin();
	ending__defer();
	ending__give_up(-1);
	/* If the terminal was given up, ncurses could not do it. */
	if (!isatty(STDOUT_FILENO))
		tcsetattr(STDIN_FILENO, TCSANOW, &modes);
	signal(SIGWINCH, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGCONT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	delscreen(screen);
}

/* --- out --- */

static void fit_terminal(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
}

int screen__fit(struct page *page)
{
	if ((unsigned int)LINES == page->lines && (unsigned int)COLS == page->columns)
		return 0;
	return page__resize(page, LINES, COLS);
}

static int attributes(enum text_style style)
{
	static const int of[] = {
		[TEXT_PLAIN]	= A_NORMAL,
		[TEXT_HEADING]	= A_BOLD,
		[TEXT_FAINT]	= A_DIM,
		[TEXT_GOOD]	= A_NORMAL,
		[TEXT_BAD]	= A_BOLD,
	};

	if (colours && (style == TEXT_GOOD || style == TEXT_BAD))
		return of[style] | COLOR_PAIR(style);
	return of[style];
}

void screen__paint(const struct page *page)
{
	erase();
	for (unsigned int line = 0; line < page->lines; line++) {
		attrset(attributes(page__style(page, line)));
		mvaddstr(line, 0, page__text(page, line));
	}
	curs_set(page->cursor >= 0);
	if (page->cursor >= 0)
		move(page->cursor, strlen(page__text(page, page->cursor)));
	listen_to_signals();
	refresh();
	ending__defer();
}

/* --- in --- */

/* stop - as Ctrl-Z does: gives the terminal back until somebody goes on */
static void stop(void)
{
	sigset_t stop;

	endwin();
	signal(SIGTSTP, SIG_DFL);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	/* Here it stands still. */
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigaction(SIGTSTP, &(struct sigaction){ .sa_handler = note_signal }, NULL);
}

/* see_signals - what came is done; is there an event in it? */
static bool see_signals(int *event)
{
	if (stopped) {
		stopped = false;
		stop();
		continued = true;
	}
	if (continued || resized) {
		/* Who had the terminal meanwhile may have changed its modes, and its size. */
		if (continued)
			reset_prog_mode();
		continued = false;
		resized = false;
		fit_terminal();
		*event = SCREEN_RESIZED;
		return true;
	}
	/* Seen to here: the audit after it takes the time it wants. */
	if (ending__came())
		ended = true;
	ending__forget();
	if (ended)
		*event = SCREEN_END;
	return ended;
}

static int key_event(int key)
{
	static const struct {
		int key;
		int event;
	} keys[] = {
		{ KEY_UP, SCREEN_UP }, { KEY_DOWN, SCREEN_DOWN }, { KEY_LEFT, SCREEN_LEFT },
		{ KEY_RIGHT, SCREEN_RIGHT }, { KEY_PPAGE, SCREEN_PAGE_UP },
		{ KEY_NPAGE, SCREEN_PAGE_DOWN }, { KEY_HOME, SCREEN_HOME },
		{ KEY_END, SCREEN_LAST }, { KEY_BTAB, SCREEN_BACK_TAB },
		{ KEY_ENTER, SCREEN_ENTER }, { '\r', SCREEN_ENTER },
		{ KEY_BACKSPACE, SCREEN_BACKSPACE }, { '\177', SCREEN_BACKSPACE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == key)
			return keys[i].event;
	if (key == SCREEN_REDRAW)
		clearok(curscr, TRUE);
	return key < 0x80 ? key : SCREEN_OTHER_KEY;
}

int screen__wait(unsigned long long deadline)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned long long left;
	struct timespec ts;
	int event, key;

	for (;;) {
		if (see_signals(&event))
			return event;
		/* Also what ncurses has read already. */
		key = getch();
		if (key != ERR && key != KEY_RESIZE)
			return key_event(key);
		/* Readable, and nothing to read: nobody is there any more. */
		if (key == ERR && input.revents & (POLLHUP | POLLERR | POLLNVAL))
			return SCREEN_END;

		left = clock__left(deadline);
		if (!left)
			return SCREEN_TIMEOUT;
		ts = clock__timespec(left);
		input.revents = 0;
		if (ppoll(&input, 1, &ts, &waiting) < 0 && errno != EINTR)
			return SCREEN_END;
	}
}
