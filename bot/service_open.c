/*
 * service_open.c - the store is there: whose it is, whether changes are held, and what was open before.
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "housekeeping.h"
#include "operation.h"
#include "outbox.h"
#include "programs.h"
#include "reload.h"
#include "service_private.h"

/* ---- the workspace of this store (ID2) ---- */

struct pinning {
	struct store_job job;
	struct arena *arena;
	struct service *service;
	const char *team;
};

static bool
pin_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct pinning *p = CONTAINER(job, struct pinning, job);

	return verbs->note_set(db, "team", p->team, err);
}

static void
pin_done(struct store_job *job)
{
	struct pinning *p = CONTAINER(job, struct pinning, job);
	struct service *s = p->service;

	s->asking_team = false;
	s->team_known = job->error.kind == ERROR_NONE;
	if (!s->team_known)
		log_error("the workspace of this state cannot be written down: %s", job->error.text);
	arena_free(p->arena);
	if (s->team_known)
		service_take_up(s);
	else
		service_end(s, 1);
}

/* What was decided for people of one workspace is never carried out for another's. */
static void
pin_team(struct service *s, const struct entrance *home)
{
	const char *team = NULL;
	struct pinning *p;
	struct arena *arena;

	if (s->asking_team)
		return;
	if (home->chat->self == NULL || home->chat->self(home->link, &team) == NULL || team == NULL) {
		s->team_known = true;
		service_take_up(s);
		return;
	}
	if (s->pinned != NULL && !string_equal(s->pinned, team)) {
		log_error("the token is of the workspace %s, but this state belongs to %s: give each its own state",
		    team, s->pinned);
		service_end(s, 1);
		return;
	}
	if (s->pinned != NULL) {
		s->team_known = true;
		service_take_up(s);
		return;
	}
	s->asking_team = true;
	arena = arena_new();
	p = arena_new_of(arena, struct pinning);
	p->arena = arena;
	p->service = s;
	p->team = arena_strdup(arena, team);
	p->job = (struct store_job){ .work = pin_work, .done = pin_done };
	store_start(s->bot.store, &p->job);
}

void
service_take_up(struct service *s)
{
	struct bot *bot = &s->bot;
	const struct entrance *home = bot_home(bot);

	if (bot->loaded || !bot->store_open || (home != NULL && !home->ready && !home->stopped))
		return;
	if (home != NULL && home->ready && !s->team_known) {
		pin_team(s, home);
		return;
	}
	bot->loaded = true;
	loop_meter_reset(bot->loop);
	outbox_load(bot->outbox);
	operations_load(bot);
	inbox_load(bot);
}

struct opening {
	struct store_job job;
	struct arena *arena;
	struct service *service;
	const char *brake, *held, *team;
	int64_t now;
};

/* P6: what a newer rollcall planned is not walked by this one, and not forgotten either. */
static bool
plans_are_readable(struct arena *arena, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct operation_row *rows;
	size_t count;

	if (!verbs->operation_list(db, arena, true, 1000, &rows, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (rows[i].plan != NULL && !plan_is_known(rows[i].plan, strlen(rows[i].plan), err))
			return error_wrap(err, "%s", rows[i].id);
	return true;
}

static bool
opening_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct opening *opening = CONTAINER(job, struct opening, job);
	const struct service *s = opening->service;

	return plans_are_readable(opening->arena, verbs, db, err) &&
	    programs_record(s->bot.configuration, opening->now, opening->arena, verbs, db, err) &&
	    verbs->note_get(db, opening->arena, "brake", &opening->brake, err) &&
	    verbs->note_get(db, opening->arena, "held", &opening->held, err) &&
	    verbs->note_get(db, opening->arena, "team", &opening->team, err);
}

static void
opening_done(struct store_job *job)
{
	struct opening *opening = CONTAINER(job, struct opening, job);
	struct service *s = opening->service;

	if (job->error.kind == LATE && store_again(s->bot.store, job))
		return;
	/* Without the brake and the hold of before nothing is begun. */
	if (job->error.kind != ERROR_NONE) {
		if (!s->ending)
			service_not_started(s, "failed", job->error.text);
		arena_free(opening->arena);
		service_end(s, 1);
		return;
	}
	s->bot.braked = opening->brake != NULL;
	if (s->bot.braked)
		log_warning("the emergency brake is on; an admin lifts it with: ops brake off");
	s->pinned = opening->team != NULL ? xstrdup(opening->team) : NULL;
	s->bot.held = opening->held != NULL;
	if (s->bot.held)
		log_warning("changes are held since a %s was pressed; lift it with: rollcall unlock", opening->held);
	arena_free(opening->arena);
	s->bot.store_open = true;
	housekeeping_start(&s->bot);
	service_tell_manager(s, "READY=1");
	reload_waiting(&s->bot);
	service_take_up(s);
}

void
service_store_opened(void *arg, const struct error *err)
{
	struct service *s = arg;
	struct arena *arena;
	struct opening *opening;

	if (err != NULL && err->kind != ERROR_NONE) {
		_cleanup_(freep) char *why = xasprintf("the store cannot be opened: %s", err->text);

		service_not_started(s, "failed", why);
		service_end(s, 1);
		return;
	}
	arena = arena_new();
	opening = arena_new_of(arena, struct opening);
	opening->arena = arena;
	opening->service = s;
	opening->now = loop_wall(s->bot.loop);
	opening->job = (struct store_job){ .work = opening_work, .done = opening_done };
	store_start(s->bot.store, &opening->job);
}
