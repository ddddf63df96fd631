/*
 * card.c - an operation as the card that people read (ux.md 3): five deciding lines, remarks, the
 * difference, steps, at most three buttons and one menu.
 */

#include <limits.h>
#include <string.h>

#include "base/unicode.h"
#include "operation.h"
#include "operation_move.h"
#include "operation_watch.h"
#include "say.h"

#define DIFFERENCE_LINES 12
#define DIFFERENCE_COLUMNS 38	/* a phone's frame; more is cut in the middle, visibly */
#define REDRAW_EVERY SECONDS(2)
#define REDRAW_EVERY_NEAR 150	/* a home without budgets: the terminal */
#define NOTES_SHOWN 3
#define TAIL_LINES 3

static const char *
id_of(const struct operation *o)
{
	return o->id != NULL ? o->id : NAME_HOLE;
}

/* ---- texts ---- */

/* Where it is, while it runs. */
static const char *
step_of(const struct operation *o, struct arena *arena)
{
	if (o->list == NULL || o->position >= o->list->count || o->state >= STATE_INTERRUPTED)
		return NULL;
	return say(arena, "Step %zu of %zu: %s", o->position + 1, o->list->count,
	    o->list->item[o->position].title);
}

static void
add_version_line(struct message *m, const struct operation *o)
{
	const struct plan *plan = o->plan;
	struct arena *a = m->arena;
	const struct zone *zone = o->bot->configuration->zone;

	if (plan->to.number == 0)
		return;
	message_line(m, BOLD "%s → %s" BOLD " (revision %lld → %lld)", operation_version(a, &plan->from),
	    operation_version(a, &plan->to), (long long)plan->from.number, (long long)plan->to.number);
	if (plan->to.verified > 0)
		message_line(m, "To: %s, verified here %s", operation_version(a, &plan->to),
		    stamp_date(a, zone, plan->to.verified));
	else if (plan->to.since > 0)
		message_line(m, "To: %s, deployed %s%s%s", operation_version(a, &plan->to),
		    stamp_date(a, zone, plan->to.since), plan->to.why != NULL ? ", " : "",
		    plan->to.why != NULL ? plan->to.why : "");
	if (plan->skipped != NULL)
		message_line(m, "Skipped: %s", plan->skipped);
	for (size_t i = 0; i < plan->also.count; i++)
		message_line(m, "Also goes back: %s", plan->also.item[i]);
}

/* What was said of the question itself: untrue on the card of what runs. */
static bool
is_of_question(const struct remark *remark)
{
	static const char *const codes[] = { "moved", "late", "rules", "rights", "locked", "store", NULL };

	return string_in(remark->code, codes);
}

/* Notes help to decide; once it acts, only what was worth a second look stays on the card. */
static void
add_remarks(struct message *m, const struct operation *o, bool acting, bool whole)
{
	const struct plan *plan = o->plan;
	const int most = whole ? INT_MAX : NOTES_SHOWN;
	int notes = 0;

	for (size_t i = 0; i < plan->remarks.count; i++) {
		if (acting && is_of_question(&plan->remarks.item[i]))
			continue;
		if (plan->remarks.item[i].level > REMARK_NOTE)
			message_remark(m, "%s", plan->remarks.item[i].text);
		else if (!acting && ++notes <= most)
			message_line(m, "Note: %s", plan->remarks.item[i].text);
	}
	if (notes > most)
		message_line(m, "%s: ops show %s", say_count(m->arena, notes - most, "%d more note",
		    "%d more notes", notes - most), id_of(o));
}

/* The head and the end stand: of an image its registry and its tag. */
static const char *
cut_to_columns(struct arena *arena, const char *s, size_t columns)
{
	size_t count = utf8_count(s), head = (columns - 1) / 2, tail = columns - 1 - head;

	if (utf8_width(s) <= columns)
		return s;
	/* Wide characters take two: fewer of them fit. */
	if (utf8_width(s) > count)
		head /= 2, tail /= 2;
	return arena_printf(arena, "%.*s…%s", (int)utf8_prefix(s, head), s,
	    s + utf8_prefix(s, count - tail));
}

/* One line where it fits, else one for each side. */
static void
print_field(struct text *out, struct arena *arena, const struct difference *d)
{
	const char *line = d->from == NULL && d->to == NULL
	    ? d->field
	    : arena_printf(arena, "%s  %s -> %s", d->field, d->from != NULL ? d->from : "none",
		  d->to != NULL ? d->to : "none");

	if (utf8_width(line) <= DIFFERENCE_COLUMNS - 2) {
		text_printf(out, "  %s\n", line);
		return;
	}
	text_printf(out, "  %s\n", cut_to_columns(arena, d->field, DIFFERENCE_COLUMNS - 2));
	if (d->from != NULL)
		text_printf(out, "    - %s\n", cut_to_columns(arena, d->from, DIFFERENCE_COLUMNS - 6));
	if (d->to != NULL)
		text_printf(out, "    + %s\n", cut_to_columns(arena, d->to, DIFFERENCE_COLUMNS - 6));
}

static size_t
count_lines(const char *s)
{
	size_t lines = 0;

	for (; *s != '\0'; s++)
		lines += *s == '\n';
	return lines;
}

static const char *
print_difference(struct arena *arena, const struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(2));
	const char *object = NULL;
	size_t count = plan->differences.count, room;

	for (size_t i = 0; i < count; i++) {
		const struct difference *d = &plan->differences.item[i];
		_cleanup_(text_clear) struct text one = TEXT_INIT;

		if (!string_equal(object, d->object)) {
			object = d->object;
			/* A setting that goes is no object that goes. */
			text_printf(&one, "%c %s\n", "-+~"[d->field == NULL ? d->change : CHANGE_MODIFY],
			    cut_to_columns(arena, object, DIFFERENCE_COLUMNS - 2));
		}
		if (d->field != NULL)
			print_field(&one, arena, d);
		/* The last line is kept for what is not shown. */
		room = i + 1 < count ? DIFFERENCE_LINES - 1 : DIFFERENCE_LINES;
		if (count_lines(out.data) + count_lines(one.data) > room) {
			text_add(&out, say_count(arena, (int64_t)(count - i), "… %zu more: see dry-run\n",
			    "… %zu more: see dry-run\n", count - i));
			break;
		}
		text_add(&out, one.data);
	}
	return out.length > 0 ? arena_strdup(arena, out.data) : NULL;
}

/* ---- steps ---- */

static void
add_step(struct message *m, const struct operation *o, const struct step *step)
{
	static const enum step_symbol symbols[] = {
		[STEP_NEXT] = SYMBOL_NEXT, [STEP_RUNNING] = SYMBOL_RUNNING, [STEP_DONE] = SYMBOL_DONE,
		[STEP_FAILED] = SYMBOL_FAILED, [STEP_SKIPPED] = SYMBOL_STOPPED,
		[STEP_STOPPED] = SYMBOL_STOPPED, [STEP_UNKNOWN] = SYMBOL_UNKNOWN,
	};
	struct arena *a = m->arena;
	const struct zone *zone = o->bot->configuration->zone;
	const char *detail = NULL;

	if (step->state == STEP_DONE)
		detail = duration_print(a, step->ended - step->started);
	else if (step->state == STEP_RUNNING && step->note != NULL)
		detail = step->note;
	else if (step->state == STEP_RUNNING)
		detail = say(a, "started %s", stamp_clock_seconds(a, zone, step->started));
	else if (step->state == STEP_FAILED || step->state == STEP_UNKNOWN)
		detail = step->note;
	/* What failed and fails nothing: it was only to be told, or the read-back decided otherwise. */
	if (step->state == STEP_FAILED && (step->advisory || o->outcome == OUTCOME_DONE))
		message_step(m, SYMBOL_WARNED, step->title, detail);
	else
		message_step(m, symbols[step->state], step->title, detail);
}

static const char *
print_tail(struct arena *arena, const struct text *tail)
{
	size_t from = tail->length;
	int lines = 0;

	while (from > 0 && (tail->data[from - 1] != '\n' || from == tail->length || ++lines < TAIL_LINES))
		from--;
	return tail->length > 0 ? arena_strdup(arena, tail->data + from) : NULL;
}

/* ---- buttons ---- */

static void
add_button(struct message *m, const struct operation *o, struct button button,
    void (*add)(struct message *, const struct button *))
{
	button.argument = arena_printf(m->arena, "%s:%s:%d", id_of(o), o->nonce, o->row);
	button.description = arena_printf(m->arena, "%s %s", button.label, id_of(o));
	add(m, &button);
}

/* How many yeses are missing, and which requirement wants them. */
int
operation_missing_yeses(const struct operation *o, const struct requirement **which)
{
	const char *people[64] = { NULL };
	size_t count = 0;

	for (; count < o->approvals.count && count < COUNT(people); count++)
		people[count] = o->approvals.item[count].person;
	return permit_missing(&o->permission, o->bot->configuration, o->bot->directory, o->request,
	    people, count, which);
}

/* Start is the asker's: before any yes where a message asked, and when all are there and it still waits.
 * there: in the chat, of what its asker sees at a terminal. */
static void
add_question(struct message *m, const struct operation *o, bool there)
{
	struct arena *a = m->arena;
	const char *what = say(a, "%s, %s. Nothing is changed before the first step.", o->plan->title,
	    operation_shouted(a, o->plan->environment));
	/* With every yes given it waits for its asker: a lock was in the way, say. */
	bool start = operation_missing_yeses(o, NULL) == 0 ||
	    (o->arrival->door == DOOR_MESSAGE && !o->start_given);

	if (start && !there)
		add_button(m, o, (struct button){ .label = "Start", .action = "start",
			.style = BUTTON_PRIMARY,
			.confirm_title = plan_worst(o->plan) > REMARK_NOTE ? say(a, "Start %s?", id_of(o)) : NULL,
			.confirm_text = what, .confirm_yes = "Start", .confirm_no = "Back" },
		    message_button);
	else if (!start)
		add_button(m, o, (struct button){ .label = "Approve", .action = "approve",
			.style = BUTTON_PRIMARY }, message_button);
	if (!start)
		add_button(m, o, (struct button){ .label = "Reject", .action = "reject" }, message_button);
	/* Somebody else holds the lock: what is left to do comes first (E8). */
	if (o->blocked_by != NULL)
		operation_offer(o->blocked_by, m, start ? message_button : message_more);
	if (!there)
		add_button(m, o, (struct button){ .label = "Dismiss the plan", .action = "dismiss" },
		    o->blocked_by != NULL ? message_more : message_button);
}

static const char *
what_stopping_means(struct arena *arena, const struct operation *o)
{
	const struct step *step =
	    o->list != NULL && o->position < o->list->count ? &o->list->item[o->position] : NULL;

	if (step == NULL)
		return "Nothing more will be done.";
	if (step->effect != READS)
		return say(arena, "“%s” is let to its end, then nothing more is done.", step->title);
	return say(arena, "This ends “%s” only: what was changed stays changed and is not taken back.",
	    step->title);
}

static void
add_buttons(struct message *m, const struct operation *o, bool there)
{
	struct arena *a = m->arena;

	switch (o->state) {
	case STATE_ASKING:
		if (!o->starting)
			add_question(m, o, there);
		break;
	case STATE_WAITING:
	case STATE_ACTING:
	case STATE_UNDOING:
		if (!o->stop_wanted)
			add_button(m, o, (struct button){ .label = "Stop…", .action = "stop",
				.style = BUTTON_DANGER, .confirm_title = say(a, "Stop %s now?", id_of(o)),
				.confirm_text = what_stopping_means(a, o), .confirm_yes = "Stop",
				.confirm_no = "Keep going" }, message_button);
		break;
	case STATE_WATCHING:
		add_button(m, o, (struct button){ .label = "Stop watching…", .action = "stop",
			.confirm_title = say(a, "Watch %s no more?", id_of(o)),
			.confirm_text = "What was changed stays. Nobody is told when it gets worse.",
			.confirm_yes = "Stop watching", .confirm_no = "Keep watching" }, message_button);
		break;
	case STATE_INTERRUPTED:
		add_button(m, o, (struct button){ .label = "Look and go on", .action = "resume",
			.style = BUTTON_PRIMARY }, message_button);
		add_button(m, o, (struct button){ .label = "Give it up", .action = "stop",
			.style = BUTTON_DANGER, .confirm_title = say(a, "Give %s up?", id_of(o)),
			.confirm_text = "Its lock is freed and nothing more is done. What was changed stays.",
			.confirm_yes = "Give it up", .confirm_no = "Back" }, message_button);
		break;
	default:
		break;
	}
}

/* ---- small print ---- */

/* A person of the workspace is named by what nobody can choose; the renderer shows the name. */
static const char *
mention(struct arena *arena, const struct operation *o, const char *principal)
{
	const char *slash = strchr(principal, '/');

	return slash != NULL ? arena_printf(arena, PERSON "%s" PERSON, slash + 1)
			     : directory_name(o->bot->directory, principal);
}

static void
add_needs(struct message *m, const struct operation *o, bool there)
{
	const struct requirement *which = NULL;
	const char *where;
	int missing = operation_missing_yeses(o, &which);

	for (size_t i = 0; i < o->approvals.count; i++)
		message_line(m, "Approved by %s%s%s", mention(m->arena, o, o->approvals.item[i].person),
		    o->approvals.item[i].note != NULL ? ": " : "",
		    o->approvals.item[i].note != NULL ? o->approvals.item[i].note : "");
	if (o->state != STATE_ASKING || missing == 0)
		return;
	if (o->arrival->door == DOOR_MESSAGE && !o->start_given)
		message_line(m, "First %s presses Start: a message may be typed by any application",
		    directory_name(o->bot->directory, o->request->principal));
	message_line(m, "%s", say_count(m->arena, missing, "Needs %d yes%s%s; not from %s, who asked",
	    "Needs %d yeses%s%s; not from %s, who asked", missing,
	    which->roles != NULL ? " from " : "",
	    which->roles != NULL ? permit_print_role(m->arena, o->bot->configuration, which->roles[0]) : "",
	    directory_name(o->bot->directory, o->request->principal)));
	if (!there && (where = operation_asked(o, m->arena)) != NULL)
		message_line(m, "%s", where);
}

/* What the limits of its steps allow, and what it took the last time. */
static const char *
how_long(struct arena *arena, const struct plan *plan)
{
	int64_t all = 0;

	for (size_t i = 0; i < plan->steps.count; i++)
		all += plan->steps.item[i].limit;
	if (plan->estimate > 0 && plan->estimate < all)
		return say(arena, "took %s the last time, at most %s", duration_print(arena, plan->estimate),
		    duration_print(arena, all));
	return say(arena, "at most %s", duration_print(arena, all));
}

static void
add_context(struct message *m, const struct operation *o, bool there)
{
	struct arena *a = m->arena;
	const struct zone *zone = o->bot->configuration->zone;

	message_context(m, there && o->asked_in != NULL ? "Asked by %s at a terminal, %s" : "Asked by %s at %s",
	    mention(a, o, o->request->principal), stamp_clock(a, zone, o->created));
	if (o->reason != NULL)
		message_context(m, "Because: %s", o->reason);
	if (o->request->notes != NULL)
		message_context(m, "%s", o->request->notes);
	if (o->state == STATE_ASKING)
		message_context(m, "Plan %.6s · %s · void at %s or when the cluster changes", o->hash,
		    how_long(a, o->plan), stamp_clock(a, zone, o->expires));
	else if (o->state < STATE_WATCHING)
		message_context(m, "Updated %s · when this line is old, type %sops show %s",
		    stamp_clock_seconds(a, zone, loop_wall(o->bot->loop)),
		    there || o->arrival->chat->find != NULL ? "/" : "", id_of(o));
}

/* A wait that failed in an operation that did not: the read-back decided. */
static void
add_overruled(struct message *m, const struct plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++) {
		const struct step *step = &plan->steps.item[i];

		if (step->state == STEP_FAILED && !step->advisory)
			message_remark(m, "“%s” did not see its end; what was read afterwards holds, and that decides",
			    step->title);
	}
}

static bool
left_something_behind(const struct plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		if (plan->steps.item[i].behind)
			return true;
	return false;
}

/* What people need to know of an end that is not the plain good one. */
static void
add_end(struct message *m, const struct operation *o)
{
	const char *why = operation_why(o, m->arena);

	if (why != NULL && o->outcome != OUTCOME_DONE)
		message_line(m, "%s", why);
	if (o->outcome == OUTCOME_DONE)
		add_overruled(m, o->plan);
	if (o->outcome == OUTCOME_DONE && o->plan->unproven != NULL)
		message_line(m, "%s", say(m->arena, "Not verified: %s", o->plan->unproven));
	if (o->outcome == OUTCOME_FAILED || o->outcome == OUTCOME_CANCELLED) {
		bool partly = o->verdict != VERDICT_NONE;

		message_line(m, "%s", partly
			? "Something was changed and stays so: see the steps. To see the way from here, ask for a new plan"
			: "Nothing was changed");
		if (o->plan->way_out != NULL && left_something_behind(o->plan))
			message_line(m, "%s", o->plan->way_out);
	}
}

/* While it is live: a pause on the card is no pause of the cluster. */
static void
add_restart(struct message *m, const struct operation *o)
{
	if (o->restarted > 0 && o->state < STATE_WATCHING)
		message_line(m, "rollcall restarted at %s; goes on from step %zu",
		    stamp_clock(m->arena, o->bot->configuration->zone, o->restarted),
		    o->restarted_at + 1);
}

/* there: as others than its asker's place see it; whole: with all that is noted. */
static struct message *
draw(const struct operation *o, bool there, bool whole)
{
	struct message *m = message_new();
	const struct plan *plan = o->plan;
	struct arena *a = m->arena;
	bool acting = o->list != NULL;

	m->id = id_of(o);
	m->state = o->state == STATE_TELLING || o->state == STATE_ENDED
	    ? arena_printf(a, "%s.%s", outcome_name(o->outcome), verdict_name(o->verdict))
	    : operation_state_name(o->state);
	m->drawing = o->drawing;
	m->row = o->row;
	m->text = operation_notification(o, a, step_of(o, a));
	m->headline = operation_headline(o, a);
	m->environment = operation_shouted(a, plan->environment);
	message_line(m, "%s · namespace %s · cluster %s",
	    plan->object != NULL ? plan->object : plan->target, plan->namespace, plan->cluster);
	add_version_line(m, o);
	add_needs(m, o, there);
	add_end(m, o);
	operation_watch_lines(m, o);
	add_restart(m, o);
	add_remarks(m, o, acting, whole);
	if (!acting)
		m->difference = print_difference(a, plan);
	/* Of a question that was given up no step is next. */
	for (size_t i = 0; i < plan->steps.count && (acting || o->state == STATE_ASKING); i++)
		add_step(m, o, &plan->steps.item[i]);
	if (acting && o->state == STATE_WAITING)
		m->tail = print_tail(a, &o->tail);
	add_buttons(m, o, there);
	add_context(m, o, there);
	return m;
}

struct message *
operation_card(const struct operation *o)
{
	return draw(o, false, false);
}

struct message *
operation_card_whole(const struct operation *o)
{
	return draw(o, false, true);
}

struct message *
operation_question_card(const struct operation *o)
{
	return draw(o, true, false);
}

/* ---- redrawing ---- */

static void
redraw_now(void *arg)
{
	struct operation *o = arg;
	_cleanup_(message_freep) struct message *card = NULL;

	if (o->card == NULL || o->state == STATE_TELLING || o->state == STATE_ENDED)
		return;
	o->drawing++;
	o->drawn = loop_now(o->bot->loop);
	card = operation_card(o);
	outbox_progress(o->bot->outbox, o->id, o->arrival->chat->name, o->card_channel, o->card, o->id, card);
	operation_redraw_question(o);
}

void
give_drawing(struct operation *o)
{
	o->drawing++;
	o->row++;
}

void
operation_redraw(struct operation *o)
{
	int64_t every = o->arrival->chat->find != NULL ? REDRAW_EVERY : REDRAW_EVERY_NEAR;
	int64_t wait = o->drawn == 0 ? 0 : o->drawn + every - loop_now(o->bot->loop);

	if (o->card == NULL)
		operation_redraw_question(o);
	if (o->card == NULL || timer_runs(&o->redraw))
		return;
	timer_start(o->bot->loop, &o->redraw, wait > 0 ? wait : 0, redraw_now, o);
}
