/*
 * service.c - put together, told, taken apart.
 *
 * Start: the doors first, since their first connection takes longest, then the store's thread; what was open before is
 * taken up when the store is there and people can be looked up (service_open.c).  How it ends: service_end.c.
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
#include "notify.h"
#include "operation.h"
#include "reload.h"
#include "seal.h"
#include "service_private.h"
#include "thought.h"
#include "variables.h"

void
service_not_started(const struct service *s, const char *word, const char *why)
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
void
service_tell_manager(const struct service *s, const char *state)
{
	_cleanup_(text_clear) struct text status = TEXT_INIT;

	for (size_t i = 0; i < s->bot.door_count; i++)
		text_printf(&status, "%s%s: %s", i > 0 ? "; " : "", s->bot.doors[i].chat->name,
		    s->bot.doors[i].sentence);
	if (s->bot.store_open && !s->bot.leaving)
		notify_say(state, status.data);
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
	service_tell_manager(s, NULL);
	if (ready && !before && chat->person != NULL) {
		directory_resolve_all(s->bot.directory);
		operations_question(&s->bot);
	}
	service_take_up(s);
	if (s->stopping_doors && !ready)
		service_doors_stopped(s);
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

/* ---- what the administrator says, and signals ---- */

static void
drain(struct service *s, const char *argument, const char *who, control_done *done, void *arg)
{
	_cleanup_(text_clear) struct text answer = TEXT_INIT;

	(void)argument;
	(void)who;
	service_drain(s, &answer);
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
	service_end(signal->data, 0);
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
	loop_at_end_of_turn(bot->loop, service_turn, s);
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
		s->tie = tie_new(bot->loop, service_left, s);
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
	    service_store_opened, s);
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
		service_not_started(&s, err.kind == LOST ? "taken" : "failed", err.text);
	if (err.kind != ERROR_NONE && s.bot.store != NULL)
		service_end(&s, 1);
	if (s.bot.store != NULL)
		loop_run(s.bot.loop);
	else
		s.exit = 1;
	finish(&s);
	return s.exit;
}
