/* answers.c - what ops log shows; the alarm, also when the disk refuses to write it down. */

#include <stdio.h>

#include "base/unicode.h"
#include "operation_test.h"

/* ---- ops log ---- */

static void
write_log(struct fake *f, const char *id, const struct text *bytes)
{
	const char *logs = arena_printf(f->arena, "%s/logs", f->bot.folder);
	FILE *file;

	mkdir(logs, 0700);
	file = fopen(arena_printf(f->arena, "%s/%s.log", logs, id), "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes->data, 1, bytes->length, file), bytes->length);
	assert_int_equal(fclose(file), 0);
}

/* The last 2,500 bytes begin wherever they begin. */
TEST(the_end_of_a_log_begins_with_a_whole_line_and_a_whole_character)
{
	for (int shift = 0; shift < 4; shift++) {
		_cleanup_(fake_clear) struct fake f = fake_make_with(NULL, fake_rules);
		_cleanup_(text_clear) struct text log = TEXT_INIT;
		const struct posted *said;

		fake_begin(&f);
		for (int i = 0; i < 2000; i++)
			text_printf(&log, "%sé\n", i == 1999 ? "the end" : "");
		text_printf(&log, "%.*s", shift, "xxxx");
		write_log(&f, "R-9", &log);
		inbox_arrived(&f.bot, fake_arrival(&f, "U0ANN", DOOR_MESSAGE, "ops log R-9"));
		comes(&f, fake_said(&f, "The end of the log") != NULL);
		said = fake_said(&f, "The end of the log");
		assert_row(shift, utf8_valid(said->message->tail, strlen(said->message->tail)));
		assert_row(shift, string_starts(said->message->tail, "é\né\n"));
		assert_row(shift, strstr(said->message->tail, "the endé\n") != NULL);
	}
}

/* ---- on a bad disk ---- */

/* A card without our seal is forged whatever the store knows; changes went on. */
TEST(id9_a_forged_card_holds_changes_though_the_disk_refuses_the_record)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(NULL, fake_rules);
	struct arrival *a;

	fake_begin(&f);
	a = fake_arrival(&f, "U0ANN", DOOR_BUTTON, "");
	a->action = "start";
	a->argument = "R-1:0123456789abcdef0123456789abcdef:1";
	a->message = "7.000";
	setenv("ROLLCALL_FAIL_COMMIT", "2", 1);		/* the first one keeps the click */
	inbox_arrived(&f.bot, a);
	comes(&f, fake_heard(&f, "my own store does not take anything"));
	unsetenv("ROLLCALL_FAIL_COMMIT");
	assert_true(f.bot.held);
}
