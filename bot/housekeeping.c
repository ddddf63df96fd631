/* housekeeping.c - rows and logs that nobody needs any more. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "housekeeping.h"

struct sweep {
	struct store_job job;
	int64_t rows_before, logs_before;
	char *logs;
	size_t removed;
};

static bool
is_log(const char *name)
{
	size_t digits;

	if (!string_starts(name, "R-"))
		return false;
	digits = strspn(name + 2, "0123456789");
	return digits > 0 && string_equal(name + 2 + digits, ".log");
}

static bool
is_old(int folder, const char *name, int64_t before)
{
	struct stat status;

	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
	    (int64_t)status.st_mtim.tv_sec * 1000 < before;
}

bool
housekeeping_remove_logs(const char *folder, int64_t before, size_t *count, struct error *err)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;
	bool good = true;

	*count = 0;
	if (directory == NULL)		/* the first log makes it */
		return errno == ENOENT || failed(err, "%s: %s", folder, strerror(errno));
	while ((entry = readdir(directory)) != NULL) {
		if (!is_log(entry->d_name) || !is_old(dirfd(directory), entry->d_name, before))
			continue;
		if (unlinkat(dirfd(directory), entry->d_name, 0) == 0)
			*count += 1;
		else if (good)
			good = failed(err, "%s/%s: %s", folder, entry->d_name, strerror(errno));
	}
	closedir(directory);
	return good;
}

/* On the store's thread, where a slow disk holds nobody up; it does not write into the log. */
static bool
sweep_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct sweep *sweep = CONTAINER(job, struct sweep, job);

	return housekeeping_remove_logs(sweep->logs, sweep->logs_before, &sweep->removed, err) &&
	    verbs->inbox_forget(db, sweep->rows_before, err) &&
	    verbs->outbox_forget(db, sweep->rows_before, err);
}

static void
sweep_done(struct store_job *job)
{
	struct sweep *sweep = CONTAINER(job, struct sweep, job);

	if (sweep->removed > 0)
		log_info("%zu logs of operations were older than they are kept (limits.logs)", sweep->removed);
	if (job->error.kind != ERROR_NONE)
		log_error("what is old is not all forgotten: %s", job->error.text);
	free(sweep->logs);
	free(sweep);
}

static void
on_day(void *arg)
{
	housekeeping_start(arg);
}

void
housekeeping_start(struct bot *bot)
{
	struct sweep *sweep = xcalloc(1, sizeof(*sweep));
	int64_t now = loop_wall(bot->loop);

	*sweep = (struct sweep){ .rows_before = now - ROWS_KEPT,
		.logs_before = now - bot->configuration->limits.logs,
		.logs = xasprintf("%s/logs", bot->folder),
		.job = { .work = sweep_work, .done = sweep_done } };
	store_start(bot->store, &sweep->job);
	timer_start(bot->loop, &bot->housekeeping, DAYS(1), on_day, bot);
}
