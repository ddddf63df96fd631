/* card.c - what a phone and a terminal show of an operation: the difference cut, the end explained. */

#include "operation.h"

#include "base/unicode.h"
#include "test.h"

#include "fake_bot.h"

static struct operation *
asked(struct fake *f)
{
	world.steps[0] = (struct world_step){ .step = { .title = "Put it back" }, .words = { "print", "done" } };
	fake_begin(f);
	fake_types(f, "U0ANN", "rollback gateway because errors");
	until(f->loop, f->bot.operations != NULL && f->bot.operations->state == STATE_ASKING &&
	    !f->bot.operations->settling && f->bot.operations->card != NULL && f->answers == NULL);
	return f->bot.operations;
}

static size_t
widest(const char *lines, size_t *count)
{
	_cleanup_(freep) char *copy = xstrdup(lines);
	size_t most = 0;
	char *save = NULL;

	*count = 0;
	for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		most = utf8_width(line) > most ? utf8_width(line) : most;
		++*count;
	}
	return most;
}

TEST(the_difference_fits_a_phone_and_says_what_is_not_shown)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	struct message *m;
	size_t lines;

	for (int i = 0; i < 30; i++) {
		plan_difference(o->plan, CHANGE_MODIFY, "Deployment a-gateway-with-a-long-name-that-is-cut",
		    "image gateway", "registry.example.com/chatops/gateway:v1.2.4",
		    "registry.example.com/chatops/gateway:v1.2.3");
		m = operation_card(o);
		assert_true(widest(m->difference, &lines) <= 38);
		assert_true(lines <= 12);
		assert_non_null(strstr(m->difference, ":v1.2.4"));
		assert_int_equal(strstr(m->difference, "more: see dry-run") != NULL, i >= 3);
		message_free(m);
	}
}

TEST(a_setting_that_goes_is_not_an_object_that_goes)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	struct message *m;

	o->plan->differences.count = 0;
	plan_difference(o->plan, CHANGE_DELETE, "ConfigMap old", NULL, NULL, NULL);
	plan_difference(o->plan, CHANGE_DELETE, "Deployment gateway", "env POOL", "20", NULL);
	plan_difference(o->plan, CHANGE_CREATE, "Deployment gateway", "env LOG", NULL, "debug");
	m = operation_card(o);
	assert_string_equal(m->difference,
	    "- ConfigMap old\n~ Deployment gateway\n  env POOL  20 -> none\n  env LOG  none -> debug\n");
	message_free(m);
}

TEST(the_card_says_how_long_it_may_take_and_who_ended_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	struct message *m = operation_card(o);
	bool told = false;

	for (size_t i = 0; i < m->context.count; i++)
		told = told || strstr(m->context.item[i], " · at most ") != NULL;
	assert_true(told);
	message_free(m);
	fake_clicks(&f, "U0ANN", "dismiss");
	comes(&f, f.bot.operations == NULL);
	assert_int_equal(fake_count(&f, "R-1/ended"), 1);
}
