/*
 * fake_bot.h - a whole bot in a folder of its own: the real engine, store, outbox, directory and children;
 * only the chat and the cluster are the test's.
 *
 *	_cleanup_(fake_clear) struct fake f = fake_make();
 *	fake_begin(&f);
 *	fake_types(&f, "U0ANN", "rollback gateway");
 *	until(f.loop, fake_card(&f) != NULL);
 *	fake_clicks(&f, "U0ANN", "start");
 *
 * The chat answers in a later turn; with f.hold it keeps its answers until fake_release.  What the cluster
 * is asked to do is `world`; each step is a real child (children.h).
 */
#ifndef TEST_FAKE_BOT_H
#define TEST_FAKE_BOT_H

#include "adapters/all_settings.h"
#include "commands/commands.h"
#include "operation.h"
#include "seal.h"

#include "children.h"
#include "folder.h"
#include "turned.h"

/* ---- the cluster ---- */

struct world_step {
	struct step step;		/* kind, title, effect … */
	const char *words[8];		/* for the probe program */
	const char *probe[8];		/* what its probe says; none: no probe */
};

struct world_more {
	const char *name, *under, *words[8];
};

static struct world {
	int64_t oldest, now;		/* revisions that there are; 0: 1 and 5 */
	const char *reads[8];		/* words of the read that a look needs; none: none */
	struct world_more more[4];	/* other reads that it needs; under: once that one has answered */
	const char *unchanged, *stop, *check, *refuse;
	bool owned;	/* the stop is an owner's */
	struct world_step steps[6];
	int looks;
	char left[400];			/* what the last look was told of an earlier operation; "" nothing */
} world;

static inline char **
world_argv(struct plan *plan, const char *verb, const char *const *words)
{
	char **argv = arena_alloc(plan->arena, 16 * sizeof(char *));
	size_t count = 0;

	argv[count++] = arena_strdup(plan->arena, "probe");
	argv[count++] = arena_strdup(plan->arena, verb);
	argv[count++] = arena_strdup(plan->arena, "--");
	for (size_t i = 0; i < 8 && words[i] != NULL; i++)
		argv[count++] = arena_strdup(plan->arena, words[i]);
	return argv;
}

static inline bool
world_look(struct plan *plan, const struct target *target, enum look_for what, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	(void)target;
	(void)what;
	(void)to;
	(void)err;
	if (world.reads[0] != NULL && !facts_have(facts, "world"))
		plan_look(plan, .name = "world", .title = "Look", .limit = SECONDS(30),
		    .argv = world_argv(plan, "look", world.reads));
	for (const struct world_more *m = world.more; m < world.more + COUNT(world.more) && m->name != NULL; m++)
		if (!facts_have(facts, m->name) && (m->under == NULL || facts_have(facts, m->under)))
			plan_look(plan, .name = m->name, .title = "Look", .limit = SECONDS(30),
			    .under = m->under, .argv = world_argv(plan, "look", m->words));
	return true;
}

static inline bool
world_read(struct arena *arena, struct history *history, const struct target *target,
    const struct facts *facts, struct error *err)
{
	int64_t oldest = world.oldest > 0 ? world.oldest : 1, now = world.now > 0 ? world.now : 5;

	(void)target;
	world.looks++;
	snprintf(world.left, sizeof(world.left), "%s",
	    facts_have(facts, "left") ? facts_text(facts, "left", NULL) : "");
	if (world.refuse != NULL)
		return refuse(err, "%s", world.refuse);
	for (int64_t n = oldest; n <= now; n++) {
		struct revision *r = ARENA_GROW(arena, history);

		r->number = n;
		r->version = arena_printf(arena, "1.0.%lld", (long long)n);
		r->pin = arena_printf(arena, "pin-%lld", (long long)n);
		r->ready = r->wanted = 3;
		r->now = n == now;
	}
	history->now = &history->item[history->count - 1];
	return true;
}

static inline bool
world_state(struct arena *arena, struct state *state, const struct target *target,
    const struct facts *facts, struct error *err)
{
	(void)arena;
	(void)target;
	(void)facts;
	(void)err;
	*state = (struct state){ .summary = "3 of 3 pods are ready" };
	return true;
}

static inline bool
world_guard(struct plan *plan, const struct target *target, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	(void)target;
	(void)facts;
	(void)to;
	(void)err;
	if (world.stop != NULL)
		plan_remark(plan, REMARK_STOP, world.owned ? "owner.argocd" : "world.stop", "%s",
		    world.stop);
	if (world.check != NULL)
		plan_remark(plan, REMARK_CHECK, "world.check", "%s", world.check);
	return true;
}

static inline bool
world_differ(struct plan *plan, const struct target *target, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	(void)target;
	(void)facts;
	(void)err;
	plan->identity = "uid-of-the-world";
	plan->unchanged = world.unchanged;
	plan_difference(plan, CHANGE_MODIFY, "Deployment gateway", "image", "1.0.5", to->version);
	return true;
}

static inline bool
world_change(struct plan *plan, const struct target *target, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	(void)facts;
	(void)to;
	(void)err;
	plan_lock(plan, plan_arg(plan, "%s/%s", target->cluster->name, target->object));
	for (size_t i = 0; i < COUNT(world.steps) && world.steps[i].step.title != NULL; i++) {
		const struct world_step *w = &world.steps[i];
		struct step step = w->step, probe = { .kind = STEP_CHECK, .effect = READS, .resume = RERUN,
			.title = "Look", .limit = SECONDS(30), .judge = "fake.says", .expect = "x" };

		step.limit = step.limit > 0 ? step.limit : SECONDS(60);
		if (step.kind != STEP_WAIT && step.kind != STEP_SAVE)
			step.argv = world_argv(plan, step.effect == READS ? "look" : "run", w->words);
		if (w->probe[0] != NULL) {
			probe.argv = world_argv(plan, "look", w->probe);
			step.probe = &probe;
			step.resume = PROBE;
		}
		plan_step_add(plan, &plan->steps, &step);
	}
	return true;
}

static const struct driver world_driver = {
	.name = "deployment", .tool = "probe", .noun = "deployment",
	.look = world_look, .read = world_read, .state = world_state, .guard = world_guard,
	.differ = world_differ, .change = world_change,
};

/* The first word that was printed is the verdict. */
static inline enum verdict
fake_says(struct arena *arena, const struct reading *reading, const char *expect, const char **note)
{
	static const struct { const char *word; enum verdict verdict; } words[] = {
		{ "HOLDS", HOLDS }, { "FAILS", FAILS }, { "UNSEEN", UNSEEN }, { "SAME", UNCHANGED },
		{ "BEGAN", BEGAN },
	};

	(void)expect;
	*note = arena_copy(arena, reading->out, strcspn(reading->out, "\n"));
	for (size_t i = 0; i < COUNT(words); i++)
		if (string_starts(reading->out, words[i].word))
			return words[i].verdict;
	return NOT_YET;
}

/* ---- the chat ---- */

struct posted {			/* what reached people */
	enum posting kind;
	const char *key, *channel, *thread, *ts, *person, *bytes;
	struct message *message;
	int64_t at;		/* loop_now */
	bool lost;		/* it never arrived there */
};

struct fake;

struct fake_answer {		/* of the chat, on its way */
	struct fake_answer *next;
	struct fake *fake;
	struct timer timer;
	void (*run)(struct fake_answer *);
	void (*delivered)(void *, const struct delivered *);
	void (*person)(void *, const struct person_facts *);
	void (*channel)(void *, const struct channel_facts *);
	void (*group)(void *, const char *const *);
	void (*name)(void *, const char *);
	struct delivered outcome;
	const char *id;
	void *arg;
	bool held;
};

struct fake {
	struct folder folder;
	struct arena *arena;
	struct loop *loop;
	struct bot bot;
	struct { struct posted *item; size_t count, size; } posted;
	struct { struct message **item; size_t count, size; } acknowledged;
	struct { struct delivered *item; size_t count, size; } outcomes;	/* of the next deliveries */
	size_t outcome;
	enum delivery find;		/* SENT: what is there is found */
	int find_after;			/* else: s, when to ask again */
	bool hold, away, people_fail;
	struct person_facts people[16];	/* id NULL ends; who is not there is unknown */
	struct channel_facts channels[8];
	struct { const char *id, *members[8]; } groups[4];
	struct { const char *written, *id; } names[8];
	int fetches, finds;
	struct fake_answer *answers;
	int ts, keys;
	bool opened, closed, running;
};

static inline void
fake_answer_run(void *arg)
{
	struct fake_answer *answer = arg, **at = &answer->fake->answers;

	while (*at != answer)
		at = &(*at)->next;
	*at = answer->next;
	answer->run(answer);
	free(answer);
}

static inline struct fake_answer *
fake_answer_new(struct fake *f, void (*run)(struct fake_answer *), void *arg)
{
	struct fake_answer *answer = xcalloc(1, sizeof(*answer)), **at = &f->answers;

	answer->fake = f;
	answer->run = run;
	answer->arg = arg;
	answer->held = f->hold;
	while (*at != NULL)
		at = &(*at)->next;
	*at = answer;
	if (!f->hold)
		timer_start(f->loop, &answer->timer, 0, fake_answer_run, answer);
	return answer;
}

static inline void
fake_release(struct fake *f)
{
	f->hold = false;
	for (struct fake_answer *a = f->answers; a != NULL; a = a->next)
		if (a->held && !timer_runs(&a->timer))
			timer_start(f->loop, &a->timer, 0, fake_answer_run, a);
}

static inline struct message *
message_again(const struct message *message)
{
	_cleanup_(text_clear) struct text json = TEXT_INIT;

	if (message == NULL)
		return NULL;
	message_print(message, &json);
	return message_read(json.data, json.length, NULL);
}

static inline bool
fake_ready(void *link)
{
	return !((struct fake *)link)->away;
}

static inline void
fake_acknowledge(void *link, struct arrival *arrival, const struct message *message)
{
	struct fake *f = link;

	arrival->reply = NULL;
	*GROW(&f->acknowledged) = message_again(message);
}

static inline void
run_delivered(struct fake_answer *a)
{
	a->delivered(a->arg, &a->outcome);
}

static inline void
fake_deliver(void *link, const struct post *post, void (*done)(void *, const struct delivered *), void *arg)
{
	struct fake *f = link;
	struct posted *p = GROW(&f->posted);
	struct fake_answer *answer = fake_answer_new(f, run_delivered, arg);
	struct delivered outcome = { .outcome = SENT };

	if (f->outcome < f->outcomes.count)
		outcome = f->outcomes.item[f->outcome++];
	*p = (struct posted){ .kind = post->kind, .at = loop_now(f->loop),
		.key = arena_strdup(f->arena, post->key), .channel = arena_strdup(f->arena, post->channel),
		.thread = arena_strdup(f->arena, post->thread), .person = arena_strdup(f->arena, post->person),
		.ts = post->kind == POST_UPDATE || post->kind == POST_DELETE
		    ? arena_strdup(f->arena, post->ts) : arena_printf(f->arena, "%d.000", ++f->ts),
		.bytes = arena_copy(f->arena, post->bytes != NULL ? post->bytes : "", post->length),
		.message = message_again(post->message),
		.lost = outcome.outcome != SENT && !string_equal(outcome.sentence, "arrived") };
	for (size_t i = 0; i < f->posted.count && post->kind == POST_DELETE; i++)
		if (f->posted.item[i].kind == POST_NEW && string_equal(f->posted.item[i].ts, post->ts))
			f->posted.item[i].lost = true;
	answer->delivered = done;
	answer->outcome = outcome;
	answer->outcome.channel = p->channel;
	answer->outcome.ts = outcome.outcome == SENT ? p->ts : NULL;
}

static inline void
fake_find(void *link, const struct post *post, int64_t since,
    void (*done)(void *, const struct delivered *), void *arg)
{
	struct fake *f = link;
	struct fake_answer *answer = fake_answer_new(f, run_delivered, arg);

	(void)since;
	f->finds++;
	answer->delivered = done;
	answer->outcome = (struct delivered){ .outcome = f->find == SENT ? REFUSED_FOR_GOOD : f->find,
		.retry_after = f->find == SENT ? 0 : f->find_after };
	for (size_t i = 0; i < f->posted.count && f->find == SENT; i++)
		if (!f->posted.item[i].lost && f->posted.item[i].kind == POST_NEW &&
		    string_equal(f->posted.item[i].key, post->key) &&
		    !string_equal(f->posted.item[i].ts, post->ts))
			answer->outcome = (struct delivered){ .outcome = SENT,
				.channel = f->posted.item[i].channel, .ts = f->posted.item[i].ts };
}

static inline void
run_person(struct fake_answer *a)
{
	const struct person_facts *found = NULL;

	for (size_t i = 0; i < COUNT(a->fake->people) && a->fake->people[i].id != NULL; i++)
		if (string_equal(a->fake->people[i].id, a->id))
			found = &a->fake->people[i];
	a->person(a->arg, a->fake->people_fail ? NULL : found);
}

static inline void
fake_person(void *link, const char *id, void (*done)(void *, const struct person_facts *), void *arg)
{
	struct fake_answer *answer = fake_answer_new(link, run_person, arg);

	answer->fake->fetches++;
	answer->id = arena_strdup(answer->fake->arena, id);
	answer->person = done;
}

static inline void
run_group(struct fake_answer *a)
{
	const char *const *found = NULL;

	for (size_t i = 0; i < COUNT(a->fake->groups); i++)
		if (string_equal(a->fake->groups[i].id, a->id))
			found = a->fake->groups[i].members;
	a->group(a->arg, a->fake->people_fail ? NULL : found);
}

static inline void
fake_group(void *link, const char *id, void (*done)(void *, const char *const *), void *arg)
{
	struct fake_answer *answer = fake_answer_new(link, run_group, arg);

	answer->fake->fetches++;
	answer->id = arena_strdup(answer->fake->arena, id);
	answer->group = done;
}

static inline void
run_channel(struct fake_answer *a)
{
	const struct channel_facts *found = NULL;

	for (size_t i = 0; i < COUNT(a->fake->channels) && a->fake->channels[i].id != NULL; i++)
		if (string_equal(a->fake->channels[i].id, a->id))
			found = &a->fake->channels[i];
	a->channel(a->arg, a->fake->people_fail ? NULL : found);
}

static inline void
fake_channel(void *link, const char *id, void (*done)(void *, const struct channel_facts *), void *arg)
{
	struct fake_answer *answer = fake_answer_new(link, run_channel, arg);

	answer->fake->fetches++;
	answer->id = arena_strdup(answer->fake->arena, id);
	answer->channel = done;
}

static inline void
run_name(struct fake_answer *a)
{
	const char *found = NULL;

	for (size_t i = 0; i < COUNT(a->fake->names); i++)
		if (string_equal(a->fake->names[i].written, a->id))
			found = a->fake->names[i].id;
	a->name(a->arg, a->fake->people_fail ? NULL : found);
}

static inline void
fake_resolve(void *link, const char *written, void (*done)(void *, const char *), void *arg)
{
	struct fake_answer *answer = fake_answer_new(link, run_name, arg);

	answer->id = arena_strdup(answer->fake->arena, written);
	answer->name = done;
}

static bool fake_tells;		/* of a forgery, and does not hold; fake_make says no */

static inline bool
fake_tells_forgery(const struct configuration *configuration)
{
	(void)configuration;
	return fake_tells;
}

static const struct chat fake_chat = {
	.name = "fake", .ready = fake_ready, .acknowledge = fake_acknowledge, .deliver = fake_deliver,
	.find = fake_find, .person = fake_person, .group = fake_group, .channel = fake_channel,
	.resolve = fake_resolve, .tells_forgery = fake_tells_forgery,
};

/* ---- the bot ---- */

static const char fake_settings[] =
    "clusters: {primary: {}, backup: {}}\n"
    "environments:\n"
    "  staging: {clusters: [primary]}\n"
    "  production: {clusters: [primary], approvals: 1, approvers: [lead]}\n"
    "  both: {clusters: [primary, backup]}\n"
    "targets:\n"
    "  gateway:\n"
    "    driver: deployment\n"
    "    namespace: chatops\n"
    "    environment: [staging, production, both]\n"
    "    aliases: [gw, \"api gateway\"]\n"
    "    notify: {channels: [releases]}\n"
    "  chatops-engine: {driver: deployment, namespace: chatops, environment: production}\n"
    "channels: {releases: {name: C0RELEASES}, incidents: {name: C0INC}, admins: {name: C0ADMINS}}\n"
    "roles:\n"
    "  admin: {users: [U0ALICE]}\n"
    "  sre: {users: [U0ANN, U0BOB], groups: [S0SRE]}\n"
    "  lead: {users: [U0LEAD, U0KIM]}\n";

static const char fake_rules[] =
    "permissions:\n"
    "  - {commands: [rollback, rollout, ops], roles: [sre, lead, admin], now: true}\n";

static inline void
fake_register(void)
{
	static const struct judge judges[] = { { "fake.says", fake_says }, { NULL, NULL } };
	static const struct driver *const drivers[] = { &world_driver, NULL };

	settings_register_all();
	judges_register(judges);
	drivers_register(drivers);
	commands_register(commands_table);
}

static inline struct configuration *
fake_configure(const struct folder *folder, const char *settings, const char *rules)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT, problems = TEXT_INIT;
	struct configuration *c;

	fake_register();
	text_printf(&text, "state: \"sqlite:%s/state/rollcall.db\"\n%s%s", folder->path,
	    settings != NULL ? settings : fake_settings, rules != NULL ? rules : fake_rules);
	c = configuration_load(NULL, text.data, &problems);
	if (c == NULL)
		fail_msg("%s", problems.data);
	c->tools[0].name = "probe";
	c->tools[0].path = children_self;
	c->tools[1].name = NULL;
	c->limits.children = 4;
	return c;
}

static inline void
fake_opened(void *arg, const struct error *err)
{
	if (err != NULL && err->kind != ERROR_NONE)
		fail_msg("%s", err->text);
	((struct fake *)arg)->opened = true;
}

static inline void
fake_begin(struct fake *f)
{
	struct bot *bot = &f->bot;
	int64_t wall = f->loop != NULL ? f->loop->wall : TURNED_WALL;
	struct error err = ERROR_INIT;

	if (f->loop != NULL)
		loop_free(f->loop);
	f->loop = turned_new();
	f->loop->wall = wall;
	bot->loop = f->loop;
	bot->folder = arena_printf(f->arena, "%s/state", f->folder.path);
	mkdir(bot->folder, 0700);
	bot->team = "T0TEAM";
	bot->seal = seal_load(bot->folder, &err);
	assert_non_null(bot->seal);
	bot->held = false;
	bot->jobs = jobs_new(f->loop, bot->folder, children_self, &err);
	assert_non_null(bot->jobs);
	bot->directory = directory_new(bot);
	bot->outbox = outbox_new(bot);
	bot->doors[0] = (struct entrance){ .chat = &fake_chat, .link = f, .ready = true };
	bot->door_count = 1;
	bot->draining = bot->ended = false;
	bot->first_request = 0;
	f->opened = f->closed = false;
	bot->store = store_new(f->loop, &store_sqlite, bot->configuration->state, fake_opened, f);
	until(f->loop, f->opened);
	bot->store_open = bot->loaded = f->running = true;
}

static inline void
fake_closed(void *arg)
{
	((struct fake *)arg)->closed = true;
}

/* What is on its way to people is lost; children that change go on. */
static inline void
fake_end(struct fake *f)
{
	struct bot *bot = &f->bot;
	struct fake_answer *next;

	f->running = false;
	bot->draining = true;
	store_close(bot->store, fake_closed, f);
	until(f->loop, f->closed);
	bot->ended = true;
	for (struct fake_answer *a = f->answers; a != NULL; a = next) {
		next = a->next;
		timer_stop(f->loop, &a->timer);
		free(a);
	}
	f->answers = NULL;
	jobs_free(bot->jobs);
	operations_free(bot);
	outbox_free(bot->outbox);
	directory_free(bot->directory);
	store_free(bot->store);
	seal_free(bot->seal);
	text_clear(&bot->help);
	if (bot->help_of != NULL)
		configuration_release(bot->help_of);
	bot->help_of = NULL;
}

static inline struct fake
fake_make_with(const char *settings, const char *rules)
{
	struct fake f = { .folder = folder_make(), .arena = arena_new(), .find = SENT };
	static const char *const people[] = { "U0ANN", "U0BOB", "U0LEAD", "U0KIM", "U0ALICE", "U0EVE", NULL };

	world = (struct world){ 0 };
	fake_tells = false;
	f.bot.configuration = fake_configure(&f.folder, settings, rules);
	for (size_t i = 0; people[i] != NULL; i++)
		f.people[i] = (struct person_facts){ .id = people[i], .team = "T0TEAM", .there = true };
	f.channels[0] = (struct channel_facts){ .id = "C0INC", .there = true, .member = true };
	f.channels[1] = (struct channel_facts){ .id = "C0RELEASES", .there = true, .member = true };
	f.channels[2] = (struct channel_facts){ .id = "C1", .there = true, .member = true };
	f.channels[3] = (struct channel_facts){ .id = "C2", .there = true, .member = true };
	f.channels[4] = (struct channel_facts){ .id = "C0ADMINS", .there = true, .member = true };
	f.groups[0].id = "S0SRE";
	return f;
}

static inline void
fake_address(struct fake *f, const char *id, const char *address, bool verified)
{
	for (size_t i = 0; f->people[i].id != NULL; i++)
		if (string_equal(f->people[i].id, id)) {
			f->people[i].email = address;
			f->people[i].email_verified = verified;
		}
}

static inline struct fake
fake_make(void)
{
	return fake_make_with(NULL, NULL);
}

static inline void
fake_clear(struct fake *f)
{
	if (f->running)
		fake_end(f);
	if (f->loop != NULL)
		loop_free(f->loop);
	for (size_t i = 0; i < f->posted.count; i++)
		message_free(f->posted.item[i].message);
	for (size_t i = 0; i < f->acknowledged.count; i++)
		message_free(f->acknowledged.item[i]);
	free(f->posted.item);
	free(f->acknowledged.item);
	free(f->outcomes.item);
	configuration_free(f->bot.configuration);
	arena_free(f->arena);
	folder_remove(&f->folder);
}

/* ---- kill -9: what the store holds at this moment is what the next start finds ---- */

static inline void
fake_copy(const char *from, const char *to)
{
	char bytes[65536];
	ssize_t length;
	int in = open(from, O_RDONLY | O_CLOEXEC), out;

	unlink(to);
	if (in < 0)
		return;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	while ((length = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)length), length);
	close(in);
	close(out);
}

static inline void
fake_kill(struct fake *f)
{
	const char *path = f->bot.configuration->state;
	const char *wal = arena_printf(f->arena, "%s-wal", path), *shm = arena_printf(f->arena, "%s-shm", path);

	settle(f->loop);
	fake_copy(path, folder_path(&f->folder, "kept"));
	fake_copy(wal, folder_path(&f->folder, "kept-wal"));
	fake_end(f);
	fake_copy(folder_path(&f->folder, "kept"), path);
	fake_copy(folder_path(&f->folder, "kept-wal"), wal);
	unlink(shm);
}

static inline void
fake_restart(struct fake *f)
{
	f->hold = false;
	fake_begin(f);
	outbox_load(f->bot.outbox);
	operations_load(&f->bot);
	inbox_load(&f->bot);
}

/* ---- people ---- */

static inline struct arrival *
fake_arrival(struct fake *f, const char *person, enum door door, const char *text)
{
	struct arena *arena = arena_new();
	struct arrival *a = arena_new_of(arena, struct arrival);

	a->arena = arena;
	a->door = door;
	a->team = "T0TEAM";
	a->person = arena_strdup(arena, person);
	a->channel = "C0INC";
	a->text = arena_strdup(arena, text);
	a->key = arena_printf(arena, "T0TEAM/%d", ++f->keys);
	a->stamp = a->received = loop_wall(f->loop);
	a->chat = &fake_chat;
	a->reply = f;
	return a;
}

static inline void
fake_types(struct fake *f, const char *person, const char *text)
{
	inbox_arrived(&f->bot, fake_arrival(f, person, DOOR_SLASH, text));
}

/* The card as it stands: the newest post or update with a headline. */
static inline const struct posted *
fake_card(const struct fake *f)
{
	for (size_t i = f->posted.count; i-- > 0;)
		if (f->posted.item[i].message != NULL && f->posted.item[i].message->headline != NULL &&
		    (f->posted.item[i].kind == POST_NEW || f->posted.item[i].kind == POST_UPDATE))
			return &f->posted.item[i];
	return NULL;
}

static inline const struct button *
card_button(const struct posted *card, const char *action)
{
	for (size_t i = 0; card != NULL && i < card->message->buttons.count; i++)
		if (string_equal(card->message->buttons.item[i].action, action))
			return &card->message->buttons.item[i];
	return NULL;
}

/* As the home gives it back: with the seal of what was drawn. */
static inline const char *
fake_sealed(const struct fake *f, struct arena *arena, enum door door, const char *argument)
{
	char seal[SEAL_SIZE];

	seal_print(f->bot.seal, door == DOOR_DIALOG ? "dialog" : "card", argument, seal);
	return arena_printf(arena, "%s#%s", argument, seal);
}

/* A click on a card that was kept. */
static inline void
fake_clicks_on(struct fake *f, const struct posted *card, const char *person, const char *action)
{
	struct arrival *a = fake_arrival(f, person, string_equal(action, "approve") ? DOOR_DIALOG : DOOR_BUTTON, "");
	const struct button *button = card_button(card, action);

	if (button == NULL)
		fail_msg("the card has no button for %s: %s", action, card != NULL ? card->message->text : "no card");
	a->action = arena_strdup(a->arena, action);
	a->argument = fake_sealed(f, a->arena, a->door, button->argument);
	a->message = arena_strdup(a->arena, card->ts);
	inbox_arrived(&f->bot, a);
}

static inline void
fake_clicks(struct fake *f, const char *person, const char *action)
{
	fake_clicks_on(f, fake_card(f), person, action);
}

/* The newest thing that was said with these words, in any way; NULL: never. */
static inline const struct posted *
fake_said(const struct fake *f, const char *words)
{
	for (size_t i = f->posted.count; i-- > 0;) {
		_cleanup_(text_clear) struct text plain = TEXT_INIT;

		if (f->posted.item[i].message == NULL)
			continue;
		message_plain(f->posted.item[i].message, &plain);
		text_add(&plain, f->posted.item[i].message->text);
		if (strstr(plain.data, words) != NULL)
			return &f->posted.item[i];
	}
	return NULL;
}

static inline bool
fake_acknowledged(const struct fake *f, const char *words)
{
	for (size_t i = 0; i < f->acknowledged.count; i++) {
		_cleanup_(text_clear) struct text plain = TEXT_INIT;

		if (f->acknowledged.item[i] == NULL)
			continue;
		message_plain(f->acknowledged.item[i], &plain);
		if (strstr(plain.data, words) != NULL)
			return true;
	}
	return false;
}

static inline bool
fake_heard(const struct fake *f, const char *words)
{
	return fake_said(f, words) != NULL || fake_acknowledged(f, words);
}

static inline size_t
fake_count(const struct fake *f, const char *key)
{
	size_t count = 0;

	for (size_t i = 0; i < f->posted.count; i++)
		count += string_equal(f->posted.item[i].key, key) && !f->posted.item[i].lost;
	return count;
}

/* One thing more: what children and the store do comes first, then the next timer, up to a moment. */
static inline void
fake_step(struct fake *f, int64_t last)
{
	struct loop *loop = f->loop;
	int64_t next;

	settle(loop);
	for (int i = 0; loop->busy[BUSY_CHILD] > 0 && (i < 15 || (i < 400 && children_work())); i++)
		turned_wait(loop);
	next = loop_next_timer(loop);
	if (next >= 0 && loop->now + next <= last)
		turn(loop, next);
	else
		turned_wait(loop);
}

/* Like until, but the clocks are turned on the way: at most a minute. */
#define comes(f, condition)                                                                        \
	do {                                                                                       \
		uint64_t comes_ = uv_hrtime() + 10000000000;                                       \
		int64_t last_ = (f)->loop->now + MINUTES(1);                                       \
		for (; !(condition); fake_step(f, last_))                                          \
			if (uv_hrtime() > comes_)                                                  \
				fail_msg("never came: %s", #condition);                            \
	} while (0)

#endif
