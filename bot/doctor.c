/* doctor.c - the rounds: state, tools and clusters, each chat; a line for each finding, a sum at the end. */

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "doctor.h"
#include "variables.h"

static const char *const words[] = {
	[FOUND] = "ok", [MISSING] = "missing",
	[UNASKED] = "could not ask", [UNASKABLE] = "try yourself",
};

void
doctor_say(struct doctor *d, enum finding finding, const char *format, ...)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT, masked = TEXT_INIT;
	va_list ap;

	va_start(ap, format);
	text_vprintf(&line, format, ap);
	va_end(ap);
	mask_text(secret_mask(), &masked, line.data, line.length);
	d->found[finding]++;
	printf("%-13s  %s\n", words[finding], masked.data);
	fflush(stdout);
}

/* The next chat; after the last one the end. */
void
doctor_done(struct doctor *d)
{
	while (*d->chats != NULL && (*d->chats)->examine == NULL)
		d->chats++;
	if (*d->chats == NULL)
		loop_stop(d->loop);
	else
		(*d->chats++)->examine(d);
}

/* ---- what is ours ---- */

static void
examine_state(struct doctor *d)
{
	const char *path = d->configuration->state, *slash = strrchr(path, '/');
	_cleanup_(freep) char *folder =
	    slash != NULL ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	_cleanup_(freep) char *above = NULL;
	struct stat status;

	if (stat(folder, &status) != 0) {
		slash = strrchr(folder, '/');
		above = slash != NULL && slash > folder
		    ? xstrndup(folder, (size_t)(slash - folder)) : xstrdup(".");
		if (access(above, W_OK) == 0)
			doctor_say(d, FOUND, "state: %s will be made", folder);
		else
			doctor_say(d, MISSING, "state: %s is not there: install -d -m 700 -o %u "
			    "%s", folder, (unsigned)geteuid(), folder);
	} else if (status.st_uid != geteuid()) {
		doctor_say(d, MISSING, "state: %s belongs to user %u, this is user %u: chown -R "
		    "%u %s", folder,
		    (unsigned)status.st_uid, (unsigned)geteuid(), (unsigned)geteuid(), folder);
	} else if (access(folder, W_OK | X_OK) != 0) {
		doctor_say(d, MISSING, "state: nothing can be written to %s (%s)", folder,
		    strerror(errno));
	} else {
		doctor_say(d, FOUND, "state: %s", folder);
	}
}

/* ---- life ---- */

static int
remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)walk;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

/* A running rollcall has its tools in the state's folder: ours must not meet them. */
static char *
make_folder(void)
{
	const char *base = variable_find("TMPDIR");
	char *folder = xasprintf("%s/rollcall-doctor-XXXXXX", base != NULL ? base : "/tmp");

	if (mkdtemp(folder) != NULL)
		return folder;
	fprintf(stderr, "%s: %s\n", folder, strerror(errno));
	free(folder);
	return NULL;
}

static void
on_begin(void *arg)
{
	doctor_examine_tools(arg);
}

static int
sum(const struct doctor *d)
{
	printf("%d ok, %d missing, %d could not be asked", d->found[FOUND], d->found[MISSING],
	    d->found[UNASKED]);
	if (d->found[UNASKABLE] > 0)
		printf("; %d to try yourself", d->found[UNASKABLE]);
	putchar('\n');
	return d->found[MISSING] > 0 ? 1 : d->found[UNASKED] > 0 ? 7 : 0;
}

int
doctor_run(const struct configuration *configuration, const struct chat *const *chats,
    const char *exec_program)
{
	struct doctor d = { .configuration = configuration, .chats = chats, .loop = loop_new(),
		.arena = arena_new() };
	_cleanup_(freep) char *folder = make_folder();
	struct error err = ERROR_INIT;
	struct timer begin = { 0 };
	int exit = 1;

	if (folder != NULL && (variable_find("ROLLCALL_CONTROL") == NULL ||
	    loop_control(d.loop, variable_find("ROLLCALL_CONTROL"), &err)))
		d.jobs = jobs_new(d.loop, folder, exec_program, &err);
	if (d.jobs != NULL) {
		examine_state(&d);
		timer_start(d.loop, &begin, 0, on_begin, &d);
		loop_run(d.loop);
		exit = sum(&d);
	} else if (folder != NULL) {
		fprintf(stderr, "%s\n", err.text);
	}
	doctor_forget_tools(&d);
	jobs_free(d.jobs);
	loop_free(d.loop);
	if (folder != NULL)
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(d.arena);
	return exit;
}
