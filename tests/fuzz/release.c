/*
 * release.c - whatever helm answers about a release: no crash, and every plan fits its words.
 *
 * The input is a manifest, a line "=====", another manifest, a line "=====", a history.
 */

#include "tools.h"

static const struct cluster cluster = { .name = "primary" };
static const struct environment environment = { .name = "production" };
static const struct target_setting setting = { .key = "web" };

static void
add(struct facts *facts, const char *name, const char *out)
{
	facts_add(facts, &(struct fact){ .name = name, .out = out, .length = strlen(out),
	    .stamp = 1795256400000 });
}

static void
use(const struct target *t, const struct facts *facts, const struct revision *to)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new(), *looking = plan_new();
	struct error err = ERROR_INIT;

	if (driver_helm.look(looking, t, LOOK_CHANGE, facts, to, &err))
		assert_plan_holds(looking);
	if (driver_helm.guard(plan, t, facts, to, &err) && driver_helm.differ(plan, t, facts, to, &err) &&
	    driver_helm.change(plan, t, facts, to, &err))
		assert_plan_holds(plan);
	else
		assert(err.text[0] != '\0');
}

static const char *
next_part(char **rest)
{
	char *part = *rest, *end = part != NULL ? strstr(part, "\n=====\n") : NULL;

	*rest = end != NULL ? end + strlen("\n=====\n") : NULL;
	if (end != NULL)
		end[1] = '\0';
	return part != NULL ? part : "";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char usual[] = "[{\"revision\":1,\"status\":\"superseded\"},"
	    "{\"revision\":2,\"status\":\"deployed\"}]";
	static const struct target t = { .setting = &setting, .driver = &driver_helm,
		.cluster = &cluster, .environment = &environment, .name = "web", .object = "web",
		.namespace = "ns", .timeout = MINUTES(5) };
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	char *rest = arena_copy(arena, data, size);
	struct history history = { .kept = -1 };
	struct reading reading = { .errors = "" };
	struct state state;
	const char *part;

	add(facts, "manifest-1", part = next_part(&rest));
	add(facts, "hooks-1", part);
	add(facts, "manifest-2", next_part(&rest));
	part = next_part(&rest);
	add(facts, "history", *part != '\0' ? part : usual);
	add(facts, "helm-version", "v4.1.4");
	add(facts, "identity", "{\"metadata\":{\"uid\":\"u\",\"name\":\"kube-system\"}}");
	driver_helm.state(arena, &state, &t, facts, NULL);
	reading.out = facts_find(facts, "history")->out;
	reading.length = strlen(reading.out);
	for (const struct judge *judge = helm_judges; judge->name != NULL; judge++) {
		const char *note = NULL;

		judge->judge(arena, &reading, "{\"revision\":3,\"to\":1}", &note);
		assert(note != NULL);
	}
	if (!driver_helm.read(arena, &history, &t, facts, NULL))
		return 0;
	for (size_t i = 0; i < history.count && i < 3; i++)
		use(&t, facts, &history.item[i]);
	return 0;
}
