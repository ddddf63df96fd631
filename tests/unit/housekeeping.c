/* housekeeping.c - what is removed, and what stays. */

#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "housekeeping.h"

#define DAY INT64_C(86400)

static char folder[] = "/tmp/housekeeping-XXXXXX";

static void
put(const char *name, int64_t seconds)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", folder, name);
	struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

/* Is it there?  Then it is removed. */
static bool
take(const char *name)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", folder, name);

	return unlink(path) == 0;
}

TEST(logs_older_than_they_are_kept_go_and_nothing_else)
{
	struct error err = ERROR_INIT;
	size_t count;

	assert_non_null(mkdtemp(folder));
	put("R-1.log", 10 * DAY);
	put("R-22.log", 100 * DAY);
	put("R-3.log.old", 10 * DAY);
	put("notes.log", 10 * DAY);
	put("R-.log", 10 * DAY);
	assert_true(housekeeping_remove_logs(folder, 50 * DAY * 1000, &count, &err));
	assert_int_equal(count, 1);
	assert_false(take("R-1.log"));
	assert_true(take("R-22.log") && take("R-3.log.old") && take("notes.log") && take("R-.log"));
	rmdir(folder);
}

TEST(a_folder_that_is_not_there_has_no_logs_and_a_file_in_its_place_is_said)
{
	struct error err = ERROR_INIT;
	size_t count = 7;

	assert_true(housekeeping_remove_logs("/nonexistent/logs", 1, &count, &err));
	assert_int_equal(count, 0);
	assert_false(housekeeping_remove_logs("/dev/null", 1, &count, &err));
	assert_string_equal(err.text, "/dev/null: Not a directory");
}
