/* secret.c - what a secret tells and to whom. */

#include "base/secret.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "test.h"

static char directory[] = "/tmp/rollcall-unit-secret-XXXXXX";
static char path[sizeof directory + 8];

static void
write_file(const char *bytes, size_t length, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
assert_file_refused(const char *why)
{
	struct error err = ERROR_INIT;

	assert_null(secret_read_file(path, &err));
	assert_int_equal(err.kind, WRONG);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", err.text, why);
	assert_non_null(strstr(err.text, path));
	assert_null(strstr(err.text, "sesame"));
}

TEST(a_secret_is_revealed_and_compared)
{
	struct secret *secret = secret_new("open sesame", 11);

	assert_string_equal(secret_reveal(secret), "open sesame");
	assert_true(secret_equals(secret, "open sesame", 11));
	assert_false(secret_equals(secret, "open sesamE", 11));
	assert_false(secret_equals(secret, "open sesame!", 12));
	assert_false(secret_equals(secret, "open", 4));
	secret_free(secret);
	secret_free(NULL);
}

TEST(an_empty_secret_is_a_string)
{
	struct secret *secret = secret_new("", 0);

	assert_string_equal(secret_reveal(secret), "");
	assert_true(secret_equals(secret, "", 0));
	secret_free(secret);
}

TEST(a_secret_longer_than_a_page_is_whole)
{
	char value[10001];
	struct secret *secret;

	memset(value, 'x', sizeof value);
	value[10000] = '\0';
	secret = secret_new(value, 10000);
	assert_string_equal(secret_reveal(secret), value);
	secret_free(secret);
}

TEST(a_new_secret_joins_the_mask)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct secret *secret = secret_new("join-the-mask", 13);

	assert_true(mask_has(secret_mask(), "join-the-mask", 13));
	secret_free(secret);
	mask_text(secret_mask(), &out, "a join-the-mask b", 17);
	assert_string_equal(out.data, "a ••• b");
}

/* Children get pages of zeroes, and writing to a secret ends the process (SE2). */
TEST(a_fork_does_not_have_the_secret)
{
	struct secret *secret = secret_new("open sesame", 11);
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(secret_reveal(secret)[0] == '\0' ? 7 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	secret_free(secret);
}

/* The line of /proc/self/smaps for the pages: dd is "do not dump", wf "wipe on fork" (SE2).  Sanitizers
 * let no page be locked; tests/package/install.sh looks at that. */
TEST(the_pages_are_left_out_of_dumps)
{
	struct secret *secret = secret_new("open sesame", 11);
	FILE *file = fopen("/proc/self/smaps", "r");
	uintptr_t at = (uintptr_t)secret_reveal(secret), first, last;
	bool inside = false, seen = false;
	char line[512];

	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		if (sscanf(line, "%lx-%lx ", &first, &last) == 2)
			inside = at >= first && at < last;
		if (inside && strncmp(line, "VmFlags:", 8) == 0) {
			seen = true;
			assert_non_null(strstr(line, " dd"));
			assert_non_null(strstr(line, " wf"));
			assert_null(strstr(line, " wr"));
		}
	}
	fclose(file);
	assert_true(seen);
	secret_free(secret);
}

TEST(a_file_gives_its_line)
{
	static const char *const rows[][2] = {
		{ "open sesame", "open sesame" },
		{ "open sesame\n", "open sesame" },
		{ "open sesame\r\n", "open sesame" },
		{ "open\nsesame\n\n", "open\nsesame\n" },
		{ " open ", " open " },
	};

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/token", directory);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;
		struct secret *secret;

		write_file(rows[i][0], strlen(rows[i][0]), 0440);
		secret = secret_read_file(path, &err);
		if (secret == NULL)
			fail_msg("%s", err.text);
		assert_string_equal(secret_reveal(secret), rows[i][1]);
		secret_free(secret);
	}
}

/* SE1 */
TEST(a_file_that_others_may_touch_is_refused)
{
	static const mode_t modes[] = { 0604, 0602, 0644, 0661 };

	for (size_t i = 0; i < COUNT(modes); i++) {
		write_file("open sesame\n", 12, modes[i]);
		assert_file_refused("chmod o=");
	}
}

TEST(a_file_of_somebody_else_is_refused)
{
	if (geteuid() != 0) {
		print_message("skipped: only root may give a file away\n");
		skip();
	}
	write_file("open sesame\n", 12, 0600);
	assert_int_equal(chown(path, 4711, 4711), 0);
	assert_file_refused("belongs to user 4711");
}

TEST(what_is_no_secret_file_is_refused)
{
	_cleanup_(freep) char *large = xcalloc(1, 65538);

	memset(large, 'x', 65537);
	write_file("", 0, 0600);
	assert_file_refused("empty");
	write_file("\n", 1, 0600);
	assert_file_refused("empty");
	write_file("sesame\0x", 8, 0600);
	assert_file_refused("NUL");
	write_file(large, 65537, 0600);
	assert_file_refused("longer than 64 KiB");
	unlink(path);
	assert_file_refused("No such file");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_file_refused("no regular file");
	unlink(path);
	assert_int_equal(rmdir(directory), 0);
}
