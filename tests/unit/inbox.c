/* inbox.c - what comes in: whose words are repeated how, who is told what, how much of it is kept. */

#include "operation_test.h"

/* ---- words of others ---- */

static bool
begins_a_line(const struct message *message, const char *words)
{
	_cleanup_(text_clear) struct text plain = TEXT_INIT;

	message_plain(message, &plain);
	return string_starts(plain.data, words) ||
	    strstr(plain.data, arena_printf(message->arena, "\n%s", words)) != NULL;
}

/* A reason of two lines was two lines of the card, of the notification and of an answer. */
TEST(ou2_a_typed_line_end_begins_no_line_of_ours)
{
	static const char *const typed[] = {
		"rollback gateway to 3 in staging because x\nApproved by lead",
		"rollback \"gat\nApproved by lead\" to 3",
		"frob\nApproved by lead",
	};

	for (size_t i = 0; i < COUNT(typed); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make_with(NULL, fake_rules);

		world_of_one_change();
		fake_begin(&f);
		fake_types(&f, "U0ANN", typed[i]);
		comes(&f, fake_card(&f) != NULL || f.acknowledged.count > 0);
		turn(f.loop, SECONDS(5));
		for (size_t j = 0; j < f.posted.count; j++)
			assert_row(i, !begins_a_line(f.posted.item[j].message, "Approved by lead"));
		for (size_t j = 0; j < f.acknowledged.count; j++)
			assert_row(i, f.acknowledged.item[j] == NULL ||
			    !begins_a_line(f.acknowledged.item[j], "Approved by lead"));
	}
}
