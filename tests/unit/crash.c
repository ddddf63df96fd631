/* crash.c - a child dies; what it said is compared, and holds none of its secrets (SE5). */

#include "crash.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/pattern.h"
#include "base/secret.h"
#include "base/text.h"
#include "test.h"

#define SECRET "xoxb-111111111111-the-last-word"

static void
die_by_a_wild_pointer(void)
{
	volatile uintptr_t wild = 4096 + 8;

	*(volatile int *)wild = 1;
}

static void
die_by_a_check(void)
{
	abort();
}

static void
die_by_a_bus_error(void)
{
	raise(SIGBUS);
}

/* Its stderr; *status as waitpid gives it. */
static char *
last_words(void (*die)(void), int *status)
{
	static const struct rlimit none = { 0, 0 };
	struct text words = TEXT_INIT;
	char bytes[4096];
	int ends[2];
	ssize_t length;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		char near[] = SECRET;		/* on the stack that is walked */

		setrlimit(RLIMIT_CORE, &none);
		dup2(ends[1], STDERR_FILENO);
		crash_watch();
		secret_new(near, strlen(near));
		die();
		_exit(near[0] == 'x' ? 0 : 1);
	}
	close(ends[1]);
	while ((length = read(ends[0], bytes, sizeof(bytes))) > 0)
		text_add_bytes(&words, bytes, (size_t)length);
	close(ends[0]);
	assert_int_equal(waitpid(pid, status, 0), pid);
	return text_take(&words);
}

static bool
matches(const char *words, const char *expression)
{
	struct error err = ERROR_INIT;
	struct pattern *pattern = pattern_new(expression, &err);
	bool match;

	if (pattern == NULL)
		fail_msg("%s", err.text);
	match = pattern_matches(pattern, words) == PATTERN_YES;
	pattern_free(pattern);
	return match;
}

TEST(se5_the_last_words_are_build_signal_and_addresses_and_nothing_else)
{
	static const struct { void (*die)(void); int number; const char *words; } rows[] = {
		{ die_by_a_wild_pointer, SIGSEGV,
		    "rollcall [0-9.]+ build [0-9a-f]{40} died of signal 11\n"
		    "at 0x1008 base 0x[0-9a-f]+\n(from 0x[0-9a-f]+\n){3,32}" },
		{ die_by_a_check, SIGABRT,
		    "rollcall [0-9.]+ build [0-9a-f]{40} died of signal 6\n"
		    "at 0x0 base 0x[0-9a-f]+\n(from 0x[0-9a-f]+\n){3,32}" },
		{ die_by_a_bus_error, SIGBUS,
		    "rollcall [0-9.]+ build [0-9a-f]{40} died of signal 7\n"
		    "at 0x[0-9a-f]+ base 0x[0-9a-f]+\n(from 0x[0-9a-f]+\n){3,32}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int status;
		_cleanup_(freep) char *words = last_words(rows[i].die, &status);

		if (!matches(words, rows[i].words))
			fail_msg("row %zu: %s", i, words);
		assert_row(i, strstr(words, "xoxb") == NULL);
		/* The manager sees what it would have seen. */
		assert_row(i, WIFSIGNALED(status) && WTERMSIG(status) == rows[i].number);
	}
}
