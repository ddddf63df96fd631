/*
 * workload.c - whatever a cluster answers about a workload: no crash, and every plan fits its
 * words.
 *
 * The input is an object {"driver": "deployment", "facts": {"deployment": …, "replicasets": …}}.
 */

#include "base/json.h"
#include "tools.h"

static const struct cluster cluster = { .name = "primary" };
static const struct environment environment = { .name = "production" };
static const struct target_setting setting = { .key = "web" };

static void
use(const struct target *t, const struct facts *facts, int verb, const struct revision *to)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new(), *looking = plan_new();
	struct error err = ERROR_INIT;
	const struct driver *d = t->driver;
	bool ok;

	d->look(looking, t, LOOK_CHANGE, facts, to, &err);
	assert_plan_holds(looking);
	switch (verb) {
	case 0:
		ok = d->guard(plan, t, facts, to, &err) && d->differ(plan, t, facts, to, &err) &&
		    d->change(plan, t, facts, to, &err);
		break;
	case 1:
		ok = d->restart(plan, t, facts, &err);
		break;
	case 2:
		ok = d->scale == NULL || d->scale(plan, t, facts, "+1", &err);
		break;
	case 3:
		ok = d->pin(plan, t, facts, "web:v2", &err);
		break;
	default:
		ok = d->pause == NULL || d->pause(plan, t, facts, &err);
	}
	assert(ok || err.text[0] != '\0');
	if (ok)
		assert_plan_holds(plan);
}

static void
judge_all(struct arena *arena, const cJSON *fact)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(FACT_LIMIT);
	struct reading reading = { .errors = "" };

	json_print(&out, fact);
	reading.out = out.data;
	reading.length = out.length;
	for (const struct judge *judge = kubectl_judges; judge->name != NULL; judge++) {
		const char *note = NULL;

		judge->judge(arena, &reading, "{\"pin\":\"x\",\"images\":{\"web\":\"web:1\"}}", &note);
		assert(note != NULL);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *input = json_parse(arena_copy(arena, data, size), size, NULL);
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	struct target t = { .setting = &setting, .cluster = &cluster, .environment = &environment,
		.name = "web", .namespace = "ns", .timeout = MINUTES(5) };
	struct history history = { .kept = -1 };
	struct state state;
	const cJSON *fact;

	t.driver = driver_find(json_string_or(input, "driver", "deployment"));
	if (t.driver == NULL)
		return 0;
	t.object = arena_printf(arena, "%s/web", t.driver->name);
	json_each(fact, json_at(input, "facts")) {
		char *out = json_to_arena(arena, fact);

		if (fact->string == NULL)
			continue;
		facts_add(facts, &(struct fact){ .name = fact->string, .out = out,
		    .length = strlen(out), .stamp = 1795256400000 });
		judge_all(arena, fact);
	}
	t.driver->state(arena, &state, &t, facts, NULL);
	for (int verb = 1; verb < 5; verb++)
		use(&t, facts, verb, NULL);
	if (!t.driver->read(arena, &history, &t, facts, NULL))
		return 0;
	for (size_t i = 0; i < history.count && i < 3; i++)
		use(&t, facts, 0, &history.item[i]);
	return 0;
}
