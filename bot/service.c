/*
 * service.c - start, drain, end.
 *
 * Start: the doors first, since their first connection takes longest, then the store's thread; what was
 * open before is taken up when the store is there and people can be looked up.  End (SIGTERM): nothing new
 * is started, what runs under rollcall-exec goes on without us, letters that are queued stay in the store.
 * Drain (`rollcall drain`): no change is begun, those that run are walked to their last word, then the end.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "admins.h"
#include "backup.h"
#include "base/log.h"
#include "crash.h"
#include "housekeeping.h"
#include "notify.h"
#include "operation.h"
#include "own_bot.h"
#include "programs.h"
#include "reload.h"
#include "seal.h"
#include "service.h"
#include "thought.h"
#include "variables.h"

#define DOORS_MOST SECONDS(2)	/* for close frames to be answered */
#define TAKING_UP_MOST SECONDS(15)	/* a console waits for what was open to be looked at again */
#define TELLING_MOST SECONDS(30)	/* for last words while we drain; after it they wait in the store */

struct service {
	struct bot bot;
	const struct service_options *options;
	uv_signal_t terminate, interrupt, hang_up;
	struct timer drain, telling, watchdog;
	int exit, lock;
	bool ending, stopping_doors, closing_store, told_enough;
	struct tie *tie;		/* of a console's own bot */
	struct timer patience;
	bool stands, left;		/* it was told that we stand; it has left */
	bool team_known, asking_team;	/* the store's own and the home's are one (ID2) */
	char *pinned;			/* the workspace of this store; NULL: it has none yet */
};

static void begin_end(struct service *, int exit);

static void
not_started(const struct service *s, const char *word, const char *why)
{
	log_error("not started: %s", why);
	if (s->options->own)
		own_bot_say(word, why);
}

/* ---- what the service manager is told ---- */

/* Its loop turns: that is what the watchdog asks. */
static void
on_watchdog(void *arg)
{
	struct service *s = arg;

	notify_say("WATCHDOG=1", NULL);
	timer_start(s->bot.loop, &s->watchdog, notify_watchdog(), on_watchdog, s);
}

/* With how its doors stand, which `systemctl status` shows. */
static void
tell_manager(const struct service *s, const char *state)
{
	_cleanup_(text_clear) struct text status = TEXT_INIT;

	for (size_t i = 0; i < s->bot.door_count; i++)
		text_printf(&status, "%s%s: %s", i > 0 ? "; " : "", s->bot.doors[i].chat->name,
		    s->bot.doors[i].sentence);
	if (s->bot.store_open && !s->bot.leaving)
		notify_say(state, status.data);
}

/* ---- taking up what was open ---- */

static void take_up(struct service *);

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
		take_up(s);
	else
		begin_end(s, 1);
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
		take_up(s);
		return;
	}
	if (s->pinned != NULL && !string_equal(s->pinned, team)) {
		log_error("the token is of the workspace %s, but this state belongs to %s: give each its own state",
		    team, s->pinned);
		begin_end(s, 1);
		return;
	}
	if (s->pinned != NULL) {
		s->team_known = true;
		take_up(s);
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

static void
take_up(struct service *s)
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
			not_started(s, "failed", job->error.text);
		arena_free(opening->arena);
		begin_end(s, 1);
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
	tell_manager(s, "READY=1");
	take_up(s);
}

static void doors_stopped(struct service *);

static void
on_store_opened(void *arg, const struct error *err)
{
	struct service *s = arg;
	struct arena *arena;
	struct opening *opening;

	if (err != NULL && err->kind != ERROR_NONE) {
		_cleanup_(freep) char *why = xasprintf("the store cannot be opened: %s", err->text);

		not_started(s, "failed", why);
		begin_end(s, 1);
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

/* ---- what the doors tell ---- */

static void
on_state(void *arg, const struct chat *chat, bool ready, bool stop, const char *sentence)
{
	struct service *s = arg;
	struct entrance *entrance = bot_door(&s->bot, chat);
	bool before;

	if (entrance == NULL)
		return;
	before = entrance->ready;
	entrance->ready = ready;
	entrance->stopped = stop;
	snprintf(entrance->sentence, sizeof(entrance->sentence), "%s", sentence);
	if (stop)
		log_error("%s: %s", chat->name, sentence);
	else if (ready != before)
		log_info("%s: %s", chat->name, sentence);
	tell_manager(s, NULL);
	if (ready && !before && chat->person != NULL) {
		directory_resolve_all(s->bot.directory);
		operations_question(&s->bot);
	}
	take_up(s);
	if (s->stopping_doors && !ready)
		doors_stopped(s);
}

static void
on_forget(void *arg, const char *kind, const char *id)
{
	directory_forget(((struct service *)arg)->bot.directory, kind, id);
}

static void
on_arrived(void *arg, struct arrival *arrival)
{
	inbox_arrived(&((struct service *)arg)->bot, arrival);
}

static void
on_count(void *arg, const char *counter)
{
	bot_count(&((struct service *)arg)->bot, counter);
}

/* ---- the end ---- */

static void
on_store_closed(void *arg)
{
	struct service *s = arg;

	s->bot.ended = true;
	loop_stop(s->bot.loop);
}

static void
close_store(void *arg)
{
	struct service *s = arg;

	if (s->closing_store)
		return;
	s->closing_store = true;

	timer_stop(s->bot.loop, &s->drain);
	timer_stop(s->bot.loop, &s->watchdog);
	if (s->bot.store != NULL)
		store_close(s->bot.store, on_store_closed, s);
	else
		loop_stop(s->bot.loop);
}

/* Each door says when its close was heard; the store closes after the last. */
static void
doors_stopped(struct service *s)
{
	for (size_t i = 0; i < s->bot.door_count; i++)
		if (s->bot.doors[i].ready)
			return;
	timer_start(s->bot.loop, &s->drain, 0, close_store, s);
}

static void
begin_end(struct service *s, int exit)
{
	struct bot *bot = &s->bot;

	if (s->ending)
		return;
	s->ending = true;
	s->exit = exit;
	bot->leaving = bot->draining = true;
	timer_stop(bot->loop, &s->telling);
	timer_stop(bot->loop, &bot->housekeeping);
	notify_say("STOPPING=1", "ending");
	log_info("ending; what changes a cluster goes on by itself and is taken up at the next start");
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].link != NULL)
			bot->doors[i].chat->stop(bot->doors[i].link);
	s->stopping_doors = true;
	timer_start(bot->loop, &s->drain, DOORS_MOST, close_store, s);
	doors_stopped(s);
}

/* ---- drain: what runs finishes first ---- */

static bool
holds(const struct operation *o)
{
	return o->settling || o->state == STATE_LOOKING || o->state == STATE_WAITING ||
	    o->state == STATE_ACTING || o->state == STATE_UNDOING;
}

static void
on_told_enough(void *arg)
{
	struct service *s = arg;

	s->told_enough = true;
	loop_again(s->bot.loop);
}

/* Questions and interrupted ones are asked again after the next start. */
static void
end_if_quiet(struct service *s)
{
	bool telling = false;

	for (const struct operation *o = s->bot.operations; o != NULL; o = o->next) {
		if (holds(o)) {
			timer_stop(s->bot.loop, &s->telling);
			return;
		}
		/* One that is watched has been told of, and the next one watches on.  What the chat is told waits
		 * for the bot that serves it. */
		telling = telling || (!(s->options->own && o->asked_in != NULL) && (o->state == STATE_TELLING ||
		    (o->state == STATE_WATCHING && outbox_has(s->bot.outbox, o->id))));
	}
	if (!telling || s->told_enough)
		begin_end(s, 0);
	else if (!timer_runs(&s->telling))
		timer_start(s->bot.loop, &s->telling, TELLING_MOST, on_told_enough, s);
}

/* ---- the bot of a console (own_bot.h) ---- */

static void
on_left(void *arg)
{
	struct service *s = arg;

	s->left = true;
	loop_again(s->bot.loop);
}

static void
tell_console(void *arg)
{
	struct service *s = arg;
	_cleanup_(text_clear) struct text open = TEXT_INIT_LIMIT(KILOBYTES(8));

	s->stands = true;
	timer_stop(s->bot.loop, &s->patience);
	for (const struct operation *o = s->bot.operations; o != NULL; o = o->next)
		if (o->id != NULL && o->state < STATE_TELLING)
			text_printf(&open, "%s%s", open.length > 0 ? ", " : "", o->id);
	own_bot_say("ready", open.data);
}

/* What is said to an operation of before counts when that was looked at again, not earlier. */
static void
tell_console_in_time(struct service *s)
{
	if (!s->bot.taken_up)
		return;
	for (const struct operation *o = s->bot.operations; o != NULL; o = o->next)
		if (o->taking_up || o->looked_for_restart) {
			if (!timer_runs(&s->patience))
				timer_start(s->bot.loop, &s->patience, TAKING_UP_MOST, tell_console, s);
			return;
		}
	tell_console(s);
}

static bool
is_deserted(const struct service *s)
{
	const struct bot *bot = &s->bot;

	if (!s->left || bot->hearing > 0 || bot->reloading || bot->backing_up)
		return false;
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].chat->present != NULL && bot->doors[i].chat->present(bot->doors[i].link) > 0)
			return false;
	return true;
}

static void
on_turn(void *arg)
{
	struct service *s = arg;

	if (s->ending)
		return;
	if (s->options->own && !s->stands)
		tell_console_in_time(s);
	if (s->bot.leaving || is_deserted(s))
		end_if_quiet(s);
}

static void
say_what_runs(const struct bot *bot, struct text *answer)
{
	size_t count = 0;

	for (const struct operation *o = bot->operations; o != NULL; o = o->next)
		if (holds(o))
			text_printf(answer, "%s%s", count++ > 0 ? ", " : "", o->id != NULL ? o->id : "one that only looks");
	if (count == 0)
		text_add(answer, "Nothing runs; rollcall ends");
	else
		text_printf(answer, " still run%s. No new change is started; rollcall ends when all is done",
		    count == 1 ? "s" : "");
}

static void
begin_drain(struct service *s, struct text *answer)
{
	struct bot *bot = &s->bot;

	say_what_runs(bot, answer);
	if (!bot->leaving) {
		bot->leaving = true;
		log_info("draining: %s", answer->data);
		notify_say(NULL, answer->data);
	}
	loop_again(bot->loop);
}

static void
drain(struct service *s, const char *argument, const char *who, control_done *done, void *arg)
{
	_cleanup_(text_clear) struct text answer = TEXT_INIT;

	(void)argument;
	(void)who;
	begin_drain(s, &answer);
	done(arg, ERROR_NONE, answer.data);
}

static void
reload(struct service *s, const char *argument, const char *who, control_done *done, void *arg)
{
	(void)argument;
	reload_start(&s->bot, who, done, arg);
}

static void
back_up(struct service *s, const char *argument, const char *who, control_done *done, void *arg)
{
	backup_start(&s->bot, argument, who, done, arg);
}

static const struct verb {
	const char *name;
	void (*give)(struct service *, const char *argument, const char *who, control_done *, void *arg);
} verbs[] = {
	{ "drain", drain },
	{ "reload", reload },
	{ "backup", back_up },
};

static void
on_control(void *bot, const char *verb, const char *argument, const char *who, control_done *done,
    void *arg)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (string_equal(verbs[i].name, verb)) {
			verbs[i].give(bot, argument, who, done, arg);
			return;
		}
	wrong(&err, "This rollcall does not know “%s”; it is %s", verb, ROLLCALL_VERSION);
	done(arg, err.kind, err.text);
}

static void
on_warn(void *arg, const char *sentence)
{
	admins_warn(&((struct service *)arg)->bot, sentence);
}

/* What the guard over command lines refused (AR2): nobody meant to ask for it. */
static void
on_misuse(void *arg, const char *sentence)
{
	_cleanup_(text_clear) struct text whole = TEXT_INIT;

	text_printf(&whole, "A command line that is in no vocabulary was refused. This is a mistake of mine, or somebody "
	    "meddles: %s", sentence);
	admins_warn(&((struct service *)arg)->bot, whole.data);
}

/* Of a terminal that goes away as well: reading the same file again ends nothing. */
static void
on_hang_up(uv_signal_t *signal, int number)
{
	(void)number;
	reload_start(&((struct service *)signal->data)->bot, "SIGHUP", NULL, NULL);
}

static void
on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	begin_end(signal->data, 0);
}

/* ---- the start ---- */

static bool
make_folder(struct bot *bot, struct error *err)
{
	bot->folder = configuration_folder(bot->configuration);
	if (mkdir(bot->folder, 0700) != 0 && errno != EEXIST)
		return failed(err, "%s cannot be made: %s", bot->folder, strerror(errno));
	return true;
}

/* Two bots on one state would both take up the same operations. */
static bool
lock_folder(struct service *s, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/lock", s->bot.folder);

	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock < 0)
		return failed(err, "%s cannot be made: %s", path, strerror(errno));
	if (flock(s->lock, LOCK_EX | LOCK_NB) != 0)
		return lost(err, "another rollcall already runs on %s", s->bot.folder);
	return true;
}

static bool
open_doors(struct service *s, struct error *err)
{
	struct bot *bot = &s->bot;

	for (const struct chat *const *chat = bot->chats; *chat != NULL; chat++) {
		struct entrance *entrance;

		if (!bot->wants(bot->configuration, *chat))
			continue;
		entrance = &bot->doors[bot->door_count++];
		entrance->chat = *chat;
		entrance->link = (*chat)->start(&bot->host, err);
		if (entrance->link == NULL) {
			bot->door_count--;
			return error_wrap(err, "%s", (*chat)->name);
		}
	}
	return true;
}

static void
watch_signals(struct service *s)
{
	struct uv_loop_s *uv = loop_uv(s->bot.loop);

	signal(SIGPIPE, SIG_IGN);
	uv_signal_init(uv, &s->terminate);
	uv_signal_init(uv, &s->interrupt);
	uv_signal_init(uv, &s->hang_up);
	s->terminate.data = s->interrupt.data = s->hang_up.data = s;
	uv_signal_start(&s->terminate, on_signal, SIGTERM);
	uv_signal_start(&s->interrupt, on_signal, SIGINT);
	uv_signal_start(&s->hang_up, on_hang_up, SIGHUP);
}

static bool
start(struct service *s, struct error *err)
{
	struct bot *bot = &s->bot;

	bot->loop = loop_new();
	watch_signals(s);
	loop_at_end_of_turn(bot->loop, on_turn, s);
	if (variable_find("ROLLCALL_CONTROL") != NULL &&
	    !loop_control(bot->loop, variable_find("ROLLCALL_CONTROL"), err))
		return false;
	if (!make_folder(bot, err) || !lock_folder(s, err))
		return false;
	bot->seal = seal_load(bot->folder, err);
	if (bot->seal == NULL)
		return false;
	bot->started = loop_wall(bot->loop);
	bot->home_closed = s->options->own;
	if (s->options->own)
		s->tie = tie_new(bot->loop, on_left, s);
	if (notify_watchdog() > 0)
		on_watchdog(s);
	bot->jobs = jobs_new(bot->loop, bot->folder, s->options->exec_program, err);
	if (bot->jobs == NULL)
		return false;
	bot->directory = directory_new(bot);
	bot->outbox = outbox_new(bot);
	bot->asked = s->options->asked;
	bot->chats = s->options->chats;
	bot->wants = s->options->wants;
	jobs_set_most(bot->jobs, bot->configuration->limits.children);
	jobs_set_alarm(bot->jobs, on_misuse, s);
	bot->host = (struct chat_host){ .bot = s, .loop = bot->loop,
		.configuration = bot->configuration, .arrived = on_arrived, .state = on_state,
		.forget = on_forget, .count = on_count, .control = on_control, .warn = on_warn };
	bot->store = store_new(bot->loop, s->options->store, bot->configuration->state,
	    on_store_opened, s);
	return open_doors(s, err);
}

/* How smoothly it ran, for whoever wonders why something was late. */
static void
log_meter(struct bot *bot)
{
	struct loop_meter meter = loop_meter(bot->loop);

	log_info("%lld turns of the loop, 99.9 %% within %.2f ms of CPU, the longest %.2f ms; "
		 "%lld took longer than 10 ms by the clock", (long long)meter.turns, meter.cpu_most,
	    meter.cpu_longest, (long long)meter.slow);
}

static void
finish(struct service *s)
{
	struct bot *bot = &s->bot;

	if (bot->loop != NULL && bot->loaded)
		log_meter(bot);
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].link != NULL)
			bot->doors[i].chat->free(bot->doors[i].link);
	jobs_free(bot->jobs);
	thoughts_settle(bot);
	operations_free(bot);
	outbox_free(bot->outbox);
	directory_free(bot->directory);
	store_free(bot->store);
	tie_free(s->tie);
	if (bot->loop != NULL) {
		uv_close((uv_handle_t *)&s->terminate, NULL);
		uv_close((uv_handle_t *)&s->interrupt, NULL);
		uv_close((uv_handle_t *)&s->hang_up, NULL);
		loop_free(bot->loop);
	}
	seal_free(bot->seal);
	if (s->lock >= 0)
		close(s->lock);
	text_clear(&bot->help);
	if (bot->help_of != NULL)
		configuration_release(bot->help_of);
	free(bot->folder);
	free(s->pinned);
	configuration_free(bot->configuration);
}

/* Nobody else reads what we write (ST1), and neither a core nor /proc holds our secrets (SE2); sanitizers
 * want to look at themselves. */
static void
close_to_others(void)
{
	static const struct rlimit none = { 0, 0 };

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
#ifndef ROLLCALL_TEST
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	crash_watch();
#endif
}

static void
log_start(const struct service *s)
{
	const struct configuration *c = s->bot.configuration;

	log_info("rollcall %s runs, process %d", ROLLCALL_VERSION, (int)getpid());
	for (size_t i = 0; i < c->clusters.count; i++)
		if (c->clusters.item[i].exec_plugin != NULL)
			log_info("cluster %s may run %s for its tokens, SHA-256 %s", c->clusters.item[i].name,
			    c->clusters.item[i].exec_plugin->path, c->clusters.item[i].exec_plugin->digest);
}

int
service_run(const struct service_options *options)
{
	struct service s = { .options = options, .lock = -1, .bot = { .configuration = options->configuration } };
	struct error err = ERROR_INIT;

	close_to_others();
	if (start(&s, &err))
		log_start(&s);
	else
		not_started(&s, err.kind == LOST ? "taken" : "failed", err.text);
	if (err.kind != ERROR_NONE && s.bot.store != NULL)
		begin_end(&s, 1);
	if (s.bot.store != NULL)
		loop_run(s.bot.loop);
	else
		s.exit = 1;
	finish(&s);
	return s.exit;
}
