/* seal.c - seals hold for what was sealed and for nothing else; the key is made once and kept closed. */

#include "test.h"

#include "base/text.h"
#include "folder.h"
#include "seal.h"

#define ARGUMENT "R-1:00112233445566778899aabbccddeeff:4"

static void
put_file(struct folder *folder, const char *text, mode_t mode)
{
	const char *path = folder_path(folder, "seal.key");

	(void)unlink(path);
	file_write(path, text, strlen(text), mode);
}

TEST(a_seal_holds_for_what_was_sealed_only)
{
	_cleanup_(folder_remove) struct folder folder = folder_make();
	struct error err = ERROR_INIT;
	struct seal *seal = seal_load(folder.path, &err);
	char out[SEAL_SIZE], other[SEAL_SIZE];
	static const struct { const char *kind, *argument; } rows[] = {
		{ "dialog", ARGUMENT },
		{ "card", "R-2:00112233445566778899aabbccddeeff:4" },
		{ "card", "R-1:00112233445566778899aabbccddeefe:4" },
		{ "card", "R-1:00112233445566778899aabbccddeeff:5" },
		{ "card", "" },
	};

	assert_non_null(seal);
	seal_print(seal, "card", ARGUMENT, out);
	assert_int_equal(strlen(out), SEAL_SIZE - 1);
	assert_true(seal_holds(seal, "card", ARGUMENT, out));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_false(seal_holds(seal, rows[i].kind, rows[i].argument, out));
	for (size_t i = 0; i < SEAL_SIZE - 1; i++) {	/* each digit counts */
		memcpy(other, out, sizeof(other));
		other[i] = other[i] == '0' ? '1' : '0';
		assert_false(seal_holds(seal, "card", ARGUMENT, other));
	}
	assert_false(seal_holds(seal, "card", ARGUMENT, NULL));
	assert_false(seal_holds(seal, "card", ARGUMENT, ""));
	assert_false(seal_holds(seal, "card", ARGUMENT, "00000000."));
	seal_free(seal);
}

TEST(the_key_is_made_once_and_is_closed_to_others)
{
	_cleanup_(folder_remove) struct folder folder = folder_make();
	struct error err = ERROR_INIT;
	struct seal *first = seal_load(folder.path, &err), *second = seal_load(folder.path, &err);
	char out[SEAL_SIZE];

	assert_non_null(second);
	assert_int_equal(file_mode(folder_path(&folder, "seal.key")), 0600);
	assert_false(file_is_there(folder_path(&folder, "seal.key.new")));
	seal_print(first, "card", ARGUMENT, out);
	assert_true(seal_holds(second, "card", ARGUMENT, out));
	seal_free(first);
	seal_free(second);
}

TEST(a_new_key_before_the_old_one_seals_and_both_are_accepted)
{
	_cleanup_(folder_remove) struct folder folder = folder_make();
	struct error err = ERROR_INIT;
	struct seal *seal;
	char old[SEAL_SIZE], new[SEAL_SIZE];
	static const char a[] = "1111111111111111111111111111111111111111111111111111111111111111\n",
	    b[] = "2222222222222222222222222222222222222222222222222222222222222222\n";
	_cleanup_(freep) char *both = xasprintf("%s%s", b, a);

	put_file(&folder, a, 0600);
	seal = seal_load(folder.path, &err);
	assert_non_null(seal);
	seal_print(seal, "card", ARGUMENT, old);
	seal_free(seal);
	put_file(&folder, both, 0600);
	seal = seal_load(folder.path, &err);
	seal_print(seal, "card", ARGUMENT, new);
	assert_string_not_equal(old, new);
	assert_true(seal_holds(seal, "card", ARGUMENT, old));
	assert_true(seal_holds(seal, "card", ARGUMENT, new));
	seal_free(seal);
	put_file(&folder, b, 0600);
	seal = seal_load(folder.path, &err);
	assert_false(seal_holds(seal, "card", ARGUMENT, old));
	seal_free(seal);
}

TEST(a_file_that_is_open_or_damaged_is_refused_with_the_way_out)
{
	static const struct { const char *text; mode_t mode; const char *why; } rows[] = {
		{ "1111111111111111111111111111111111111111111111111111111111111111\n", 0644, "seal.key" },
		{ "", 0600, "empty" },
		{ "1111\n", 0600, "line 1 of" },
		{ "111111111111111111111111111111111111111111111111111111111111111x\n", 0600, "line 1 of" },
		{ "11111111111111111111111111111111111111111111111111111111111111112\n", 0600, "line 1 of" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(folder_remove) struct folder folder = folder_make();
		struct error err = ERROR_INIT;

		put_file(&folder, rows[i].text, rows[i].mode);
		assert_null(seal_load(folder.path, &err));
		assert_non_null(strstr(err.text, rows[i].why));
	}
}
