/* operation_close.c - requests that end without a card: answers, refusals, dry runs. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation_ask.h"
#include "say.h"
#include "words.h"

struct close {
	struct store_job job;
	struct operation *operation;
	struct audit_row audit;
	struct letter *letter;
};

static bool
close_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct close *close = CONTAINER(job, struct close, job);

	return (close->letter == NULL || letters_add(close->letter, verbs, db, err)) &&
	    (close->audit.kind == NULL || verbs->audit_add(db, &close->audit, err)) &&
	    (close->operation->arrival->inbox == 0 ||
		verbs->inbox_done(db, close->operation->arrival->inbox, NULL, err));
}

static void
close_done(struct store_job *job)
{
	struct close *close = CONTAINER(job, struct close, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("the end of a request could not be kept: %s", job->error.text);
		letter_free(close->letter);
	} else if (close->letter != NULL) {
		outbox_post(close->operation->bot->outbox, close->letter);
	}
	operation_drop(close->operation);
}

/* The last word to the asker: by letter where a message asked, else at once. */
void
operation_close(struct operation *o, const struct message *message, const char *audit)
{
	struct close *close = arena_new_of(o->arena, struct close);
	const struct arrival *a = o->arrival;
	const char *thread = a->thread != NULL ? a->thread : a->message;
	struct outbox_row row = { .chat = a->chat->name, .class = 2, .channel = a->channel,
		.thread = thread, .person = a->person, .created = loop_wall(o->bot->loop) };

	close->operation = o;
	if (audit != NULL)
		close->audit = (struct audit_row){ .stamp = loop_wall(o->bot->loop), .kind = audit,
			.actor = o->request->principal, .door = door_name(a->door),
			.channel = a->channel, .text = a->text, .detail = "{}" };
	if (a->door == DOOR_MESSAGE) {
		row.key = arena_printf(o->arena, "in-%lld/answer", (long long)a->inbox);
		row.conversation = arena_printf(o->arena, "%s/%s", a->channel, thread != NULL ? thread : "");
		close->letter = letter_new(&row, message);
	} else {
		operation_answer(o, message);
	}
	close->job = (struct store_job){ .work = close_work, .done = close_done };
	store_start(o->bot->store, &close->job);
}

void
operation_close_with_text(struct operation *o, const char *state, const char *text, const char *audit)
{
	_cleanup_(message_freep) struct message *message = message_new();

	message_line(message, "%s", text);
	message->text = say_plain(message->arena, text);
	message->state = state;
	operation_close(o, message, audit);
}

void
operation_close_with_error(struct operation *o, const struct error *err)
{
	struct arena *a = o->arena;
	const char *text = err->kind == BROKEN
	    ? say(a, "Not started, and that is my own fault: %s", err->text)
	    : say(a, "Not started: %s", err->text);

	if (string_equal(o->request->subcommand, "history") ||
	    string_equal(o->request->subcommand, "status"))
		text = say(a, "Unknown: %s", err->text);
	if (err->kind == BROKEN)
		log_error("%s: %s", o->request->command->name, err->text);
	operation_close_with_text(o, error_kind_name(err->kind), text, "refused");
}

/* Whose work it undoes is for people to weigh; that somebody works on it now, or that nothing would answer
 * behind a Service, is not. */
static bool
direct_lifts(const struct remark *remark)
{
	return string_starts(remark->code, "owner.");
}

/* Better said before anything is changed than by the guard of children half way. */
void
operation_remark_unfit(struct plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++) {
		const struct step *step = &plan->steps.item[i];
		struct error err = ERROR_INIT;

		if (step->argv != NULL && argv_check(step->argv, &err) == NULL)
			plan_remark(plan, REMARK_STOP, "step.unfit", "Step %zu, %s, cannot be run: %s", i + 1,
			    step->title, err.text);
	}
}

const char *
operation_stop_of(const struct operation *o, const struct plan *plan)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (plan->remarks.item[i].level == REMARK_STOP &&
		    !(o->request->direct && direct_lifts(&plan->remarks.item[i])))
			return plan->remarks.item[i].text;
	return NULL;
}

/* A rollout that is in progress is often one of ours: then who and since when come first. */
void
operation_close_with_stops(struct operation *o, const struct plan *plan)
{
	_cleanup_(message_freep) struct message *message = message_new();
	const struct operation *blocker = operation_blocker(o->bot, plan);
	size_t stops = 0, lifted = 0;

	if (blocker != NULL) {
		message_line(message, "Not started: %s", operation_who_blocks(blocker, message->arena));
		message->id = arena_strdup(message->arena, blocker->id);
		operation_offer(message->id, message, message_button);
	}
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (plan->remarks.item[i].level == REMARK_STOP) {
			message_line(message, "Not started: %s", plan->remarks.item[i].text);
			lifted += direct_lifts(&plan->remarks.item[i]);
			stops++;
		}
	if (lifted == stops && (o->request->command->takes & TAKES_TO))
		message_line(message, "To do it here all the same, add the word " CODE "direct" CODE);
	message->text = say_plain(message->arena, message->lines.item[0]);
	message->state = "refused";
	operation_close(o, message, "refused");
}

void
operation_close_with_dry_run(struct operation *o, const struct plan *plan)
{
	_cleanup_(text_clear) struct text lines = TEXT_INIT_LIMIT(KILOBYTES(12));
	_cleanup_(message_freep) struct message *message = message_new();

	plan_describe(plan, &lines);
	message_line(message, "%s", say(message->arena,
	    BOLD "Plan, nothing is changed" BOLD " (dry run): %s", plan->title));
	message->difference = arena_strdup(message->arena, lines.data);
	message->text = say(message->arena, "Plan (dry run), nothing changed: %s", plan->title);
	message->state = "dry_run";
	operation_close(o, message, "dry-run");
}
