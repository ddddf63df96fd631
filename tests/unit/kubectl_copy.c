/* kubectl_copy.c - when a private kubeconfig need not be written again. */

#include "test.h"

#include <unistd.h>

#include "adapters/tools/kubectl_copy.h"
#include "folder.h"

#define SOURCE "/etc/passwd"	/* a file that nobody changes now */

static struct stat
status_of(const char *path)
{
	struct stat file;

	assert_int_equal(stat(path, &file), 0);
	return file;
}

TEST(a_copy_is_good_while_both_files_are_those_that_were_seen)
{
	struct folder folder = folder_make();
	const char *to = folder_path(&folder, "kubeconfig");
	struct stat then = status_of(SOURCE);

	file_write(to, "copy", 4, 0600);
	assert_false(kubectl_copy_is_good(SOURCE, NULL, to));
	kubectl_copy_note(SOURCE, NULL, to, &then);
	assert_true(kubectl_copy_is_good(SOURCE, NULL, to));
	assert_false(kubectl_copy_is_good(SOURCE, "staging", to));
	assert_false(kubectl_copy_is_good("/etc/group", NULL, to));
	file_write(to, "touched", 7, 0600);
	assert_false(kubectl_copy_is_good(SOURCE, NULL, to));
	kubectl_copy_note(SOURCE, "staging", to, &then);
	assert_true(kubectl_copy_is_good(SOURCE, "staging", to));
	assert_int_equal(unlink(to), 0);
	assert_false(kubectl_copy_is_good(SOURCE, "staging", to));
	folder_remove(&folder);
}

TEST(a_source_that_is_another_one_now_is_copied_again)
{
	struct folder folder = folder_make();
	const char *to = folder_path(&folder, "kubeconfig");
	struct stat then[4];

	file_write(to, "copy", 4, 0600);
	for (size_t i = 0; i < COUNT(then); i++)
		then[i] = status_of(SOURCE);
	then[0].st_size++;
	then[1].st_ino++;
	then[2].st_mtim.tv_nsec++;
	then[3].st_ctim.tv_sec--;
	for (size_t i = 0; i < COUNT(then); i++) {
		kubectl_copy_note(SOURCE, NULL, to, &then[i]);
		assert_row(i, !kubectl_copy_is_good(SOURCE, NULL, to));
	}
	folder_remove(&folder);
}

/* It may be changed once more without its times showing it. */
TEST(a_source_of_just_now_is_copied_each_time)
{
	struct folder folder = folder_make();
	const char *from = folder_path(&folder, "admin.conf"), *to = folder_path(&folder, "kubeconfig");
	struct stat then;

	file_write(from, "new", 3, 0600);
	file_write(to, "copy", 4, 0600);
	then = status_of(from);
	kubectl_copy_note(from, NULL, to, &then);
	assert_false(kubectl_copy_is_good(from, NULL, to));
	folder_remove(&folder);
}
