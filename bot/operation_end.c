/*
 * operation_end.c - the last word: final card, message, log, our record of revisions, locks.
 *
 * All of it is one transaction (S1, 6), so that after a crash either nothing was said or everything will be.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "operation_walk.h"
#include "operation_watch.h"
#include "say.h"

#define LOG_SENT KILOBYTES(512)
#define KEEP_AGAIN SECONDS(5)

void
move_card(struct move *move, const char *key)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *card = NULL;
	struct outbox_row row = { .class = 0, .channel = operation_place(o), .person = o->arrival->person };

	o->drawing++;
	card = operation_card(o);
	/* A card that is still on its way is drawn anew when it stands: two of one key would be two cards. */
	row.key = arena_printf(move->arena, "%s/%s", o->id, key);
	row.kind = "update";
	row.ts = o->card != NULL ? o->card : arena_printf(move->arena, "@%s", o->id);
	move_letter(move, &row, card);
	operation_question_card_again(move, key);
}

static void
mention(struct message *message, const struct operation *o)
{
	const char *slash = strchr(o->request->principal, '/');

	if (slash != NULL)
		message_line(message, PERSON "%s" PERSON, slash + 1);
}

static void
end_message(struct move *move, const char *why)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *message = message_new();
	struct outbox_row row = { .class = 0, .channel = operation_place(o), .person = o->arrival->person,
		.key = arena_printf(move->arena, "%s/ended", o->id) };

	message->text = operation_notification(o, message->arena, why);
	message_line(message, "%s, %s%s%s", operation_headline(o, message->arena), o->plan->environment,
	    why != NULL ? ". " : "", why != NULL ? why : "");
	mention(message, o);
	message->id = o->id;
	message->state = arena_printf(message->arena, "%s.%s", outcome_name(o->outcome),
	    verdict_name(o->verdict));
	move_letter(move, &row, message);
}

/* The last of it, from the beginning of a character to the end of one; also when an earlier run of ours
 * wrote it.  NULL: nothing was printed. */
static const char *
read_log(struct move *move)
{
	struct operation *o = move->operation;
	const char *path = arena_printf(move->arena, "%s/logs/%s.log", o->bot->folder, o->id);
	char *bytes = arena_alloc(move->arena, LOG_SENT + 1);
	struct stat stat;
	ssize_t length = 0;

	if (o->log < 0)
		o->log = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (o->log >= 0 && fstat(o->log, &stat) == 0)
		length = pread(o->log, bytes, LOG_SENT,
		    stat.st_size > (off_t)LOG_SENT ? stat.st_size - (off_t)LOG_SENT : 0);
	if (length <= 0)
		return NULL;
	bytes[string_cut(bytes, (size_t)length)] = '\0';
	while ((*bytes & 0xc0) == 0x80)
		bytes++;
	return bytes;
}

static void
log_file(struct move *move)
{
	struct operation *o = move->operation;
	_cleanup_(json_freep) cJSON *json = NULL;
	struct outbox_row row = { .class = 2, .kind = "file", .channel = operation_place(o),
		.thread = arena_printf(move->arena, "@%s", o->id),
		.key = arena_printf(move->arena, "%s/log", o->id), .person = o->arrival->person };
	const char *bytes = read_log(move);

	if (bytes == NULL)
		return;
	json = cJSON_CreateObject();
	json_add_stringf(json, "name", "%s.log", o->id);
	json_add_stringf(json, "title", "%s: what the tools printed", o->id);
	json_add_string(json, "bytes", bytes);
	row.payload = json_to_arena(move->arena, json);
	move_letter(move, &row, NULL);
}

/* Which content runs was changed, or nobody can tell: whoever wanted away from it was not brought back to it. */
static bool
left_behind(const struct operation *o)
{
	const struct steps *steps = &o->plan->steps;

	for (size_t i = 0; i < steps->count; i++)
		if (steps->item[i].effect != READS &&
		    (steps->item[i].state == STEP_UNKNOWN || steps->item[i].state == STEP_RUNNING))
			return true;
	return o->outcome != OUTCOME_UNCHANGED && operation_changed(o);
}

/*
 * Our own record (HM4): this revision was verified here, that one was rolled away from.  The second also where
 * the way ended early: the next "previous" must not lead back to what somebody wanted away from (KC1).
 */
static void
record_revisions(struct move *move)
{
	struct operation *o = move->operation;
	const struct plan *plan = o->plan;
	struct revision_row base = { .cluster = plan->cluster, .namespace = plan->namespace,
		.object = plan->object, .seen = loop_wall(o->bot->loop), .operation = o->id };
	struct revision_row *row;
	bool done = o->outcome == OUTCOME_DONE;

	if (plan->to.pin == NULL || plan->from.pin == NULL || (!done && !left_behind(o)))
		return;
	row = ARENA_GROW(move->arena, &move->revisions);
	*row = base;
	row->pin = plan->to.pin;
	row->number = plan->to.number;
	row->version = plan->to.version;
	row->image = plan->to.image;
	row->verified = o->verdict == VERDICT_VERIFIED ? loop_wall(o->bot->loop) : 0;
	row->left = done ? "" : NULL;	/* it was come back to */
	/* Once more to where an earlier try had not got: nothing was left. */
	if (string_equal(plan->from.pin, plan->to.pin))
		return;
	row = ARENA_GROW(move->arena, &move->revisions);
	*row = base;
	row->pin = plan->from.pin;
	row->number = plan->from.number;
	row->version = plan->from.version;
	row->image = plan->from.image;
	row->left = o->id;
}

void
operation_unverify(struct move *move)
{
	struct operation *o = move->operation;
	const struct plan *plan = o->plan;
	struct revision_row *row;

	if (!string_equal(plan->kind, "rollback") || plan->to.pin == NULL)
		return;
	row = ARENA_GROW(move->arena, &move->revisions);
	*row = (struct revision_row){ .cluster = plan->cluster, .namespace = plan->namespace,
		.object = plan->object, .pin = plan->to.pin, .verified = REVISION_UNVERIFIED };
}

/* The tool of a step had ended, and yet what it began stands half done: nobody will end it. */
static void
record_left(struct move *move)
{
	struct operation *o = move->operation;
	_cleanup_(json_freep) cJSON *json = NULL;

	for (size_t i = 0; i < o->plan->steps.count; i++) {
		const struct step *step = &o->plan->steps.item[i];

		if (!step->behind || step->gone == 0)
			continue;
		json = cJSON_CreateObject();
		json_add_string(json, "operation", o->id);
		json_add_string(json, "expect", step->probe->expect);
		json_add_string(json, "note", step->note);
		json_add_number(json, "began", (double)step->started);
		json_add_number(json, "gone", (double)step->gone);
		move->left = json_to_arena(move->arena, json);
		return;
	}
}

static void
end_again(void *arg)
{
	struct operation *o = arg;

	operation_watch_clear(o);
	operation_end(o, o->outcome, o->verdict, NULL);
}

static void
end_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok) {
		/* Nothing was said, and nobody can say yes to it meanwhile; a restart would tell what ran. */
		log_error("%s ended (%s), but that could not be kept; it is tried again", o->id,
		    outcome_name(o->outcome));
		timer_start(o->bot->loop, &o->timer, KEEP_AGAIN, end_again, o);
		return;
	}
	log_info("%s: %s", o->id, operation_word(o));
	operation_unblock(o->bot, o->id);
	for (size_t i = 0; i < o->plan->steps.count; i++) {
		_cleanup_(freep) char *spool =
		    xasprintf("%s/spool/%s-steps-%zu", o->bot->folder, o->id, i);

		job_forget_spool(spool);
	}
	if (o->state == STATE_WATCHING)
		operation_watch_go_on(o);
	else if (!outbox_has(o->bot->outbox, o->id))
		operation_told(o->bot, o->id);
}

void
operation_end(struct operation *o, enum outcome outcome, enum outcome_verdict verdict, const char *why)
{
	bool rollback = string_equal(o->plan->kind, "rollback");
	bool acted = o->list != NULL, begun = o->plan->steps.count > 0 && o->plan->steps.item[0].started > 0;
	struct move *move;

	timer_stop(o->bot->loop, &o->timer);
	timer_stop(o->bot->loop, &o->redraw);
	timer_stop(o->bot->loop, &o->redraw_question);
	operation_forget_ahead(o);
	o->state = STATE_TELLING;
	o->outcome = outcome;
	o->verdict = verdict;
	if (operation_watch_begin(o))
		o->state = STATE_WATCHING;
	o->row++;
	if (why != NULL)
		o->last_words = arena_strdup(o->arena, why);
	move = move_new(o, end_settled);
	move->release_locks = true;
	if (acted && o->position < o->list->count && o->list->item[o->position].state != STEP_NEXT)
		move_step(move, &o->list->item[o->position], operation_list_name(o), o->position);
	move_card(move, o->state == STATE_WATCHING ? "watching" : "end");
	if (outcome == OUTCOME_DONE && rollback)
		operation_tell_end(move);
	else
		end_message(move, operation_why(o, move->arena));
	operation_tell_followers(move, true, operation_why(o, move->arena));
	if (outcome != OUTCOME_DONE && rollback && begun)
		operation_tell_failure(move, operation_why(o, move->arena));
	record_revisions(move);
	record_left(move);
	if (verdict == VERDICT_VERIFIED && begun)
		move->took = loop_wall(o->bot->loop) - o->plan->steps.item[0].started;
	if (acted)
		log_file(move);
	move_audit(move, o->state == STATE_WATCHING ? "watching" : "end", o->stopped_by != NULL ? o->stopped_by : "rollcall", operation_word(o));
	move_start(move);
}
