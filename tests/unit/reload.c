/* reload.c - a signal is heard whenever it comes: while the store opens, and during another reload. */

#include "reload.h"

#include <stdio.h>

#include "operation_test.h"

/* With a configuration that stands in a file, which can be read again. */
static struct fake
fake_with_file(void)
{
	struct fake f = fake_make();
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	const char *path = folder_path(&f.folder, "rollcall.yaml");
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "state: \"sqlite:%s/state/rollcall.db\"\n%s%s", f.folder.path, fake_settings, fake_rules);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
	configuration_free(f.bot.configuration);
	f.bot.configuration = configuration_load(path, NULL, &problems);
	if (f.bot.configuration == NULL)
		fail_msg("%s", problems.data);
	return f;
}

static void
count(void *arg, enum error_kind why, const char *text)
{
	(void)text;
	*(int *)arg += why == REFUSED;
}

TEST(a_signal_that_comes_before_the_store_is_open_is_not_lost)
{
	_cleanup_(fake_clear) struct fake f = fake_with_file();
	const struct configuration *before = f.bot.configuration;

	fake_begin(&f);
	f.bot.store_open = false;
	reload_start(&f.bot, "SIGHUP", NULL, NULL);
	settle(f.loop);
	assert_ptr_equal(f.bot.configuration, before);
	f.bot.store_open = true;
	reload_waiting(&f.bot);
	assert_true(f.bot.reloading);
	until(f.loop, !f.bot.reloading);
	assert_ptr_not_equal(f.bot.configuration, before);
	assert_false(f.bot.reload_again);
}

/* Somebody's `rollcall reload`, which is refused meanwhile, made us forget the signal. */
TEST(a_signal_during_a_reload_is_followed_by_another_one_whoever_asks_meanwhile)
{
	_cleanup_(fake_clear) struct fake f = fake_with_file();
	const struct configuration *first;
	int refused = 0;

	fake_begin(&f);
	reload_start(&f.bot, "SIGHUP", NULL, NULL);
	reload_start(&f.bot, "SIGHUP", NULL, NULL);
	reload_start(&f.bot, "local:root", count, &refused);
	assert_int_equal(refused, 1);
	first = f.bot.configuration;
	until(f.loop, f.bot.configuration != first);
	assert_true(f.bot.reloading);
	first = f.bot.configuration;
	until(f.loop, !f.bot.reloading);
	assert_ptr_not_equal(f.bot.configuration, first);
}
