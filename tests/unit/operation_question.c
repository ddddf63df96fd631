/* operation_ask.c - who may start, approve and refuse, and buttons that nobody drew. */

#include "operation_test.h"

#include "forgery.h"

/* ---- questions ---- */

TEST(a_question_expires_and_is_told)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	turn(f.loop, MINUTES(15) - SECONDS(1));
	assert_non_null(only(&f));
	turn(f.loop, SECONDS(20));
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "expired");
	assert_non_null(fake_said(&f, "R-1 Expired"));
	assert_null(card_button(fake_card(&f), "start"));
}

TEST(only_who_asked_starts_and_dismisses)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0BOB", "start");
	comes(&f, fake_heard(&f, "only they can start it"));
	fake_clicks(&f, "U0BOB", "dismiss");
	comes(&f, fake_heard(&f, "only they can dismiss it"));
	assert_int_equal(only(&f)->state, STATE_ASKING);
	fake_clicks(&f, "U0ANN", "dismiss");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "cancelled");
}

TEST(two_clicks_on_start_start_it_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const struct posted *card;

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	card = fake_card(&f);
	fake_clicks_on(&f, card, "U0ANN", "start");
	fake_clicks_on(&f, card, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(audit_kinds(&f, "R-1"), "asked start started step step end");
	assert_true(fake_heard(&f, "just being written down") || fake_heard(&f, "had just changed") ||
	    fake_heard(&f, "is not waiting for an answer"));
}

TEST(a_click_that_was_delivered_thrice_counts_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	for (int i = 0; i < 3; i++) {
		f.keys = 500;
		fake_clicks_on(&f, fake_card(&f), "U0LEAD", "approve");
	}
	until_ended(&f);
	assert_string_equal(audit_kinds(&f, "R-1"), "asked approved started step step end");
}

TEST(an_old_click_does_nothing)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct arrival *a;

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	a = fake_arrival(&f, "U0ANN", DOOR_BUTTON, "");
	a->action = "start";
	a->argument = fake_sealed(&f, a->arena, a->door, card_button(fake_card(&f), "start")->argument);
	a->message = arena_strdup(a->arena, fake_card(&f)->ts);
	a->stamp -= MINUTES(2) + 1;
	inbox_arrived(&f.bot, a);
	comes(&f, fake_heard(&f, "older than 2 minutes"));
	assert_int_equal(only(&f)->state, STATE_ASKING);
}

/* card: where the card itself stands; held: it is the alarm for a stolen token (ID9). */
static const struct { const char *argument, *message; bool sealed, held; const char *heard; } strange[] = {
	{ "R-1:00000000000000000000000000000000:1", "card", true, false, "changed since that was drawn" },
	{ "R-1:short:1", "card", true, false, "changed since that was drawn" },
	{ "R-9:00000000000000000000000000000000:1", "1.000", true, false, "R-9 is too old" },
	{ NULL, "card", false, true, "was not drawn by me" },
	{ NULL, "9.999", true, true, "not the card of R-1" },
	{ "R-9:00000000000000000000000000000000:1", "1.000", false, true, "was not drawn by me" },
	{ "nonsense", "1.000", false, true, "was not drawn by me" },
	{ "<!channel>:0:1", "1.000", false, true, "was not drawn by me" },
	{ "", "1.000", false, true, "was not drawn by me" },
};

TEST(a_button_that_we_did_not_draw_does_nothing_and_is_an_alarm)
{
	for (size_t i = 0; i < COUNT(strange); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();
		struct arrival *a;
		const char *argument;

		world_of_one_change();
		ask_for(&f, "rollback gateway");
		a = fake_arrival(&f, "U0ANN", DOOR_BUTTON, "");
		argument = strange[i].argument != NULL ? strange[i].argument
						       : card_button(fake_card(&f), "start")->argument;
		a->action = "start";
		a->argument = strange[i].sealed ? fake_sealed(&f, a->arena, a->door, argument)
						: arena_strdup(a->arena, argument);
		a->message = arena_strdup(a->arena,
		    string_equal(strange[i].message, "card") ? fake_card(&f)->ts : strange[i].message);
		inbox_arrived(&f.bot, a);
		comes(&f, fake_heard(&f, strange[i].heard));
		assert_row(i, f.bot.held == strange[i].held);
		assert_row(i, (strstr(audit_kinds(&f, NULL), "forged") != NULL) == strange[i].held);
		assert_int_equal(only(&f)->state, STATE_ASKING);
	}
}

static void
press_a_forged_card(struct fake *f)
{
	struct arrival *a = fake_arrival(f, "U0EVE", DOOR_BUTTON, "");

	a->action = "start";
	a->argument = "R-1:0:0#";
	a->message = "9.999";
	inbox_arrived(&f->bot, a);
	comes(f, f->bot.held || fake_tells);
	comes(f, fake_heard(f, "was not drawn by me"));
}

/* ID9: nothing that changes starts from the home until somebody at the machine says so, over restarts too. */
TEST(after_a_forged_card_changes_of_the_home_are_held_until_unlock)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	press_a_forged_card(&f);
	fake_types(&f, "U0LEAD", "rollback chatops-engine");
	comes(&f, fake_heard(&f, "changes are held"));
	fake_clicks(&f, "U0ANN", "start");
	comes(&f, only(&f)->state == STATE_ASKING && f.answers == NULL);
	fake_types(&f, "U0LEAD", "ops unlock");
	comes(&f, fake_heard(&f, "on the machine that I run on"));
	assert_true(f.bot.held);
	forgery_unlock(&f.bot, "local:root", NULL);
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

TEST(a_home_that_only_tells_is_not_held)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_tells = true;
	world_of_one_change();
	ask_for(&f, "rollback gateway");
	press_a_forged_card(&f);
	assert_false(f.bot.held);
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* ---- approvals ---- */

TEST(another_one_s_yes_starts_what_needs_it_and_never_the_asker_s_own)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	fake_begin(&f);
	fake_types(&f, "U0LEAD", "rollback chatops-engine");
	until(f.loop, asks(&f));
	fake_clicks(&f, "U0LEAD", "approve");
	comes(&f, fake_heard(&f, "You cannot approve this, because you asked for it"));
	fake_clicks(&f, "U0BOB", "approve");
	comes(&f, fake_heard(&f, "it needs the role lead"));
	fake_clicks(&f, "U0EVE", "approve");
	until(f.loop, fake_count(&f, NULL) > 0 && f.answers == NULL);
	assert_int_equal(only(&f)->state, STATE_ASKING);
	assert_int_equal(only(&f)->approvals.count, 0);
	fake_clicks(&f, "U0KIM", "approve");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

TEST(a_no_ends_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	fake_clicks(&f, "U0KIM", "reject");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "rejected");
	assert_int_equal(stored(&f, "R-1").step_count, 0);
}

static const struct posted *
the_dialog(const struct fake *f)
{
	for (size_t i = f->posted.count; i-- > 0;)
		if (f->posted.item[i].kind == POST_DIALOG)
			return &f->posted.item[i];
	return NULL;
}

/* Typed, the dialog that opens, and the yes in it (P7). */
static void
types_and_submits(struct fake *f, const char *person, const char *text)
{
	struct arrival *a = fake_arrival(f, person, DOOR_SLASH, text);

	a->trigger = "trigger";
	inbox_arrived(&f->bot, a);
	comes(f, the_dialog(f) != NULL);
	assert_int_equal(only(f)->state, STATE_ASKING);
	fake_clicks_on(f, the_dialog(f), person, "approve");
}

TEST(an_approval_is_typed_with_the_beginning_of_the_plan_s_hash)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	fake_types(&f, "U0KIM", "ops approve R-1 ffffff");
	comes(&f, fake_heard(&f, "The plan changed since you saw it"));
	assert_null(the_dialog(&f));
	types_and_submits(&f, "U0KIM", arena_printf(f.arena, "ops approve 1 %.6s", only(&f)->hash));
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* Known for 30 seconds was too old for an approval, and nobody looked again. */
TEST(a_typed_approval_asks_again_who_somebody_is_instead_of_refusing)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	fake_types(&f, "U0KIM", "ops list");
	comes(&f, fake_heard(&f, "R-1"));
	turn(f.loop, SECONDS(30));
	types_and_submits(&f, "U0KIM", "ops approve R-1");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* A Start that could not be permitted wiped what the operation needed, and it needed nobody any more. */
TEST(a_refused_start_leaves_the_needed_approvals_as_they_are)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	f.people[0].there = false;
	directory_forget(f.bot.directory, "person", "U0ANN");
	fake_types(&f, "U0ANN", "ops start R-1");
	comes(&f, fake_heard(&f, "Only full members"));
	assert_int_equal(only(&f)->permission.needs[1].count, 1);
	assert_int_equal(only(&f)->state, STATE_ASKING);
}

TEST(whoever_left_between_the_yes_and_the_run_does_not_count)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(
	    "clusters: {primary: {}}\nenvironments: {production: {clusters: [primary], approvals: 2, "
	    "approvers: [lead]}}\ntargets: {gateway: {driver: deployment, namespace: chatops}}\n"
	    "roles: {sre: {users: [U0ANN]}, lead: {users: [U0LEAD, U0KIM, U0ALICE]}}\n",
	    "permissions: [{commands: [rollback], roles: [sre]}]\n");

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0LEAD", "approve");
	until(f.loop, only(&f)->approvals.count == 1 && !only(&f)->settling);
	turn(f.loop, SECONDS(15));
	for (size_t i = 0; f.people[i].id != NULL; i++)
		if (string_equal(f.people[i].id, "U0LEAD"))
			f.people[i].there = false;
	fake_clicks(&f, "U0KIM", "approve");
	comes(&f, fake_said(&f, "does not count any more") != NULL);
	assert_int_equal(only(&f)->state, STATE_ASKING);
	assert_int_equal(only(&f)->approvals.count, 0);
	assert_int_equal(stored(&f, "R-1").lock_count, 0);
	turn(f.loop, SECONDS(5));
	fake_clicks(&f, "U0KIM", "approve");
	until(f.loop, only(&f)->approvals.count == 1 && !only(&f)->settling);
	turn(f.loop, SECONDS(5));
	fake_clicks(&f, "U0ALICE", "approve");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

TEST(who_asked_and_lost_the_right_meanwhile_starts_nothing)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	f.people[0].there = false;
	f.people[0].why_not = "deactivated";
	turn(f.loop, SECONDS(20));
	fake_clicks(&f, "U0KIM", "approve");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "refused");
	assert_int_equal(stored(&f, "R-1").step_count, 0);
	assert_non_null(fake_said(&f, "deactivated"));
}
