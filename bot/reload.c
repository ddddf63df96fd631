/* reload.c - read, check, compare, write down, tell, and only then let it count. */

#include <string.h>
#include <unistd.h>

#include "admins.h"
#include "base/log.h"
#include "operation.h"
#include "programs.h"
#include "reload.h"
#include "rights.h"
#include "say.h"
#include "seal.h"

struct reload {
	struct store_job job;
	struct arena *arena;
	struct bot *bot;
	struct configuration *fresh;	/* NULL: it could not be loaded */
	struct seal *seal;		/* read again with it */
	const char *who;
	struct text answer;
	struct audit_row audit;
	struct letter *letters;
	control_done *done;
	void *arg;
};

/* ---- what is said of it ---- */

static struct letter *
letters_for(struct reload *r, const char *headline, const char *lines)
{
	/* Two within one millisecond are two letters. */
	static unsigned told;
	const char *key = arena_printf(r->arena, "reload/%lld/%u", (long long)loop_wall(r->bot->loop), told++);

	return admins_letters(r->bot, r->fresh, key, headline, lines);
}

static void
log_lines(void (*print)(const char *, ...), const char *lines)
{
	size_t length;

	for (; *lines != '\0'; lines += length + (lines[length] == '\n')) {
		length = strcspn(lines, "\n");
		print("reload: %.*s", (int)length, lines);
	}
}

/* ---- it counts ---- */

static void
apply(struct reload *r)
{
	struct bot *bot = r->bot;
	const struct configuration *old = bot->configuration;

	seal_free(bot->seal);
	bot->seal = r->seal;
	r->seal = NULL;
	bot->configuration = r->fresh;
	bot->host.configuration = r->fresh;
	log_setup(r->fresh->log_level, r->fresh->log_json, STDERR_FILENO);
	jobs_set_most(bot->jobs, r->fresh->limits.children);
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].chat->reload != NULL)
			bot->doors[i].chat->reload(bot->doors[i].link, r->fresh);
	directory_resolve_all(bot->directory);
	operations_reload(bot);
	configuration_free(old);
}

static bool
keep_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct reload *r = CONTAINER(job, struct reload, job);

	return verbs->audit_add(db, &r->audit, err) &&
	    (r->fresh == NULL || programs_record(r->fresh, r->audit.stamp, r->arena, verbs, db, err)) &&
	    letters_add(r->letters, verbs, db, err);
}

static void
finish(struct reload *r, enum error_kind why)
{
	struct bot *bot = r->bot;

	bot->reloading = false;
	seal_free(r->seal);
	if (r->done != NULL)
		r->done(r->arg, why, r->answer.data);
	text_clear(&r->answer);
	arena_free(r->arena);
	reload_waiting(bot);
}

static void
keep_done(struct store_job *job)
{
	struct reload *r = CONTAINER(job, struct reload, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("not reloaded, since that could not be kept: %s", job->error.text);
		text_reset(&r->answer);
		text_printf(&r->answer, "Not reloaded: my own store does not take anything at the moment: %s",
		    job->error.text);
		letters_free(r->letters);
		configuration_free(r->fresh);
		finish(r, FAILED);
		return;
	}
	outbox_post(r->bot->outbox, r->letters);
	if (r->fresh != NULL)
		apply(r);
	finish(r, r->fresh != NULL ? ERROR_NONE : WRONG);
}

/* ---- what is new in it ---- */

/* Doors are opened at the start only. */
static void
print_restarts(const struct bot *bot, const struct configuration *fresh, struct text *out)
{
	settings_print_restarts(out, bot->configuration->settings, fresh->settings);
	for (const struct chat *const *chat = bot->chats; chat != NULL && *chat != NULL; chat++)
		if (bot->wants(fresh, *chat) != bot->wants(bot->configuration, *chat))
			text_printf(out, "%s%s", out->length > 0 ? ", " : "", (*chat)->name);
}

/* The keys of seals lie beside the state.  A file that went away is no wish for a new key: cards of before
 * would count as forged. */
static bool
read_seal(struct reload *r, struct text *problems)
{
	_cleanup_(freep) char *path = xasprintf("%s/seal.key", r->bot->folder);
	struct error err = ERROR_INIT;

	if (access(path, F_OK) != 0)
		text_printf(problems, "%s is gone; put it back, or start anew without it\n", path);
	else if ((r->seal = seal_load(r->bot->folder, &err)) == NULL)
		text_printf(problems, "%s\n", err.text);
	return r->seal != NULL;
}

static void
print_seal(const struct reload *r, struct text *out)
{
	_cleanup_(text_clear) struct text before = TEXT_INIT, now = TEXT_INIT;

	seal_print_keys(r->bot->seal, &before);
	seal_print_keys(r->seal, &now);
	if (!string_equal(before.data, now.data))
		text_printf(out, "~ cards are sealed by the first of the keys %s, it was the first of %s\n", now.data,
		    before.data);
}

static void
record(struct reload *r, const char *kind, const char *lines)
{
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	cJSON *list = json_add_array(json, "lines");
	size_t length;

	for (; *lines != '\0'; lines += length + (lines[length] == '\n')) {
		length = strcspn(lines, "\n");
		cJSON_AddItemToArray(list, cJSON_CreateString(arena_copy(r->arena, lines, length)));
	}
	r->audit = (struct audit_row){ .stamp = loop_wall(r->bot->loop), .kind = kind, .actor = r->who,
		.text = r->bot->configuration->path, .detail = json_to_arena(r->arena, json) };
	r->job = (struct store_job){ .work = keep_work, .done = keep_done };
	store_start(r->bot->store, &r->job);
}

static void
loaded(struct reload *r, const char *warnings)
{
	_cleanup_(text_clear) struct text rights = TEXT_INIT, restarts = TEXT_INIT, lines = TEXT_INIT;

	rights_difference(&rights, r->bot->configuration, r->fresh);
	print_restarts(r->bot, r->fresh, &restarts);
	text_add(&lines, rights.data);
	print_seal(r, &lines);
	if (restarts.length > 0)
		text_printf(&lines, "! needs a restart, until then as it was: %s\n", restarts.data);
	log_lines(log_warning, warnings);
	log_info("%s was read again, on the word of %s", r->bot->configuration->path, r->who);
	log_lines(log_info, lines.data);
	text_printf(&r->answer, "Reloaded: %s\n%s%s%s", r->bot->configuration->path, warnings, lines.data,
	    rights.length == 0 ? "Nobody gained or lost a right" : "");
	r->letters = letters_for(r, say(r->arena, BOLD "The configuration was reloaded" BOLD " by %s%s", r->who,
	    rights.length == 0 ? ": nobody gained or lost a right" : ". Who gained (+), who lost (-), what moved (~):"),
	    lines.data);
	record(r, "reload", lines.data);
}

static void
not_loaded(struct reload *r, const char *problems)
{
	log_lines(log_error, problems);
	log_error("not reloaded, on the word of %s: the configuration of before stays", r->who);
	text_printf(&r->answer, "Not reloaded; the configuration of before stays:\n%s", problems);
	r->letters = letters_for(r, say(r->arena,
	    BOLD "The configuration was not reloaded" BOLD ", the one of before stays. %s asked for it:", r->who),
	    problems);
	record(r, "reload.failed", problems);
}

static const char *
against(const struct bot *bot)
{
	if (bot->configuration->path == NULL)
		return "Not reloaded: the configuration stands in the program itself, and there is no file to read";
	if (bot->draining || !bot->store_open)
		return "Not reloaded: I am being started or ended just now. Ask again in a moment";
	if (bot->reloading)
		return "Not reloaded: that is being done just now. Ask again in a moment";
	return NULL;
}

void
reload_start(struct bot *bot, const char *who, control_done *done, void *arg)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	const char *why = against(bot);
	struct arena *arena;
	struct reload *r;

	if (why != NULL) {
		/* A signal says that the file has changed since; nobody would send it again. */
		bot->reload_again |= done == NULL && bot->configuration->path != NULL;
		log_info("%s", why);
		if (done != NULL)
			done(arg, REFUSED, why);
		return;
	}
	arena = arena_new();
	r = arena_new_of(arena, struct reload);
	r->arena = arena;
	r->bot = bot;
	r->who = arena_strdup(arena, who);
	r->done = done;
	r->arg = arg;
	text_init(&r->answer, KILOBYTES(48));
	bot->reloading = true;
	r->fresh = configuration_load(bot->configuration->path, NULL, &problems);
	if (r->fresh != NULL && !read_seal(r, &problems)) {
		configuration_free(r->fresh);
		r->fresh = NULL;
	}
	if (r->fresh != NULL)
		loaded(r, problems.data);
	else
		not_loaded(r, problems.data);
}

void
reload_waiting(struct bot *bot)
{
	if (!bot->reload_again || against(bot) != NULL)
		return;
	bot->reload_again = false;
	reload_start(bot, "SIGHUP", NULL, NULL);
}
