/* thought.c - small facts are thought about at once, large ones beside the loop, with what they hide. */

#include "bot/thought.h"

#include "base/mask.h"
#include "test.h"
#include "turned.h"

#define VALUE "hidden-value-of-the-release"

struct told {
	int times;
	bool ok, ended, in_start;
	uv_thread_t thread;
	char error[64];
};

static bool
look_well(struct plan *plan, const struct request *request, const struct facts *facts, struct error *err)
{
	(void)request;
	(void)err;
	plan->title = facts_find(facts, "big")->length > THOUGHT_SMALL ? "large" : "small";
	return true;
}

static bool
look_badly(struct plan *plan, const struct request *request, const struct facts *facts, struct error *err)
{
	(void)plan;
	(void)request;
	(void)facts;
	return refuse(err, "there is no such revision");
}

static void
find_secret(const struct fact *fact, void (*add)(void *, const char *, size_t), void *arg)
{
	(void)fact;
	add(arg, VALUE, strlen(VALUE));
}

static void
on_told(void *arg, struct plan *plan, bool ok, const struct error *err, bool ended)
{
	struct told *told = arg;

	(void)plan;
	told->times++;
	told->ok = ok;
	told->ended = ended;
	snprintf(told->error, sizeof(told->error), "%.63s", ok ? "" : err->text);
}

struct scene {
	struct bot bot;
	struct driver driver;
	struct target target;
	struct request request;
	struct told told;
	struct thought thought;
};

static void
scene_begin(struct scene *scene, size_t length, thought_function *function)
{
	_cleanup_(freep) char *out = xcalloc(1, length + 1);
	struct fact fact = { .name = "big", .out = out, .length = length };

	memset(out, 'x', length);
	*scene = (struct scene){ .driver = { .name = "fake", .secrets = find_secret } };
	scene->bot.loop = turned_new();
	scene->target.driver = &scene->driver;
	scene->request.target = &scene->target;
	scene->thought = (struct thought){ .bot = &scene->bot, .function = function,
		.plan = plan_new(), .request = &scene->request, .facts = facts_new(),
		.mask = mask_set_new(NULL), .done = on_told, .arg = &scene->told };
	facts_add(scene->thought.facts, &fact);
	thought_mask(&scene->request, &fact, scene->thought.mask);
}

static bool
hides_value(const struct scene *scene)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	mask_text(scene->thought.mask, &out, VALUE, strlen(VALUE));
	return strstr(out.data, VALUE) == NULL;
}

static void
scene_end(struct scene *scene)
{
	plan_free(scene->thought.plan);
	facts_free(scene->thought.facts);
	mask_set_free(scene->thought.mask);
	loop_free(scene->bot.loop);
}

TEST(small_facts_are_thought_about_before_the_start_returns)
{
	struct scene scene;

	scene_begin(&scene, THOUGHT_SMALL, look_well);
	assert_true(hides_value(&scene));
	thought_start(&scene.thought);
	assert_int_equal(scene.told.times, 1);
	assert_true(scene.told.ok);
	assert_string_equal(scene.thought.plan->title, "small");
	scene_end(&scene);
}

TEST(large_facts_are_thought_about_beside_the_loop_and_their_secrets_join_the_mask)
{
	struct scene scene;

	scene_begin(&scene, THOUGHT_SMALL + 1, look_well);
	assert_false(hides_value(&scene));
	thought_start(&scene.thought);
	assert_int_equal(scene.told.times, 0);
	assert_int_equal(scene.bot.loop->busy[BUSY_OTHER], 1);
	until(scene.bot.loop, scene.told.times == 1);
	assert_true(scene.told.ok && !scene.told.ended);
	assert_true(hides_value(&scene));
	assert_string_equal(scene.thought.plan->title, "large");
	assert_int_equal(scene.bot.loop->busy[BUSY_OTHER], 0);
	scene_end(&scene);
}

TEST(a_refusal_comes_back_with_its_sentence_from_both_places)
{
	struct scene scene;

	for (size_t more = 0; more < 2; more++) {
		scene_begin(&scene, THOUGHT_SMALL + more, look_badly);
		thought_start(&scene.thought);
		until(scene.bot.loop, scene.told.times == 1);
		assert_false(scene.told.ok);
		assert_string_equal(scene.told.error, "there is no such revision");
		scene_end(&scene);
	}
}

TEST(what_is_thought_about_at_the_end_is_waited_for_and_told_so)
{
	struct scene scene;

	scene_begin(&scene, MEGABYTES(4), look_well);
	thought_start(&scene.thought);
	scene.bot.ended = true;
	thoughts_settle(&scene.bot);
	assert_int_equal(scene.told.times, 1);
	assert_true(scene.told.ended);
	scene_end(&scene);
}
