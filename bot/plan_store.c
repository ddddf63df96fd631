/*
 * plan_store.c - a plan as canonical JSON, and back (decision E6).
 *
 * The tables below name every stored member once, for both directions.  What is read back is not
 * trusted: the argument vectors must fit a word, a step that claims to read must be a use of a word
 * that reads, and the judges must exist in this binary.
 */
#include <string.h>

#include "base/json.h"
#include "plan.h"
#include "words.h"

#define FORMAT 1
#define STEPS 1000
#define STRING(type, member) { #member, offsetof(type, member) }

struct member {
	const char *key;
	size_t offset;
};

static const struct member plan_strings[] = {
	STRING(struct plan, kind), STRING(struct plan, requester), STRING(struct plan, title),
	STRING(struct plan, target), STRING(struct plan, driver), STRING(struct plan, cluster),
	STRING(struct plan, environment), STRING(struct plan, namespace),
	STRING(struct plan, object), STRING(struct plan, product), STRING(struct plan, identity),
	STRING(struct plan, skipped), STRING(struct plan, saved), STRING(struct plan, unchanged),
	STRING(struct plan, answer), STRING(struct plan, tell), STRING(struct plan, way_out),
	STRING(struct plan, unproven), { NULL, 0 },
};
static const struct member plan_numbers[] = { STRING(struct plan, estimate), { NULL, 0 } };
static const struct member version_strings[] = {
	STRING(struct version, version), STRING(struct version, image), STRING(struct version, pin),
	STRING(struct version, who), STRING(struct version, why), { NULL, 0 },
};
static const struct member version_numbers[] = {
	STRING(struct version, number), STRING(struct version, since),
	STRING(struct version, verified), { NULL, 0 },
};
static const struct member step_strings[] = {
	STRING(struct step, title), STRING(struct step, name), STRING(struct step, judge),
	STRING(struct step, expect), STRING(struct step, note), { NULL, 0 },
};
static const struct member step_numbers[] = {
	STRING(struct step, limit), STRING(struct step, every), STRING(struct step, started),
	STRING(struct step, ended), STRING(struct step, restarts), STRING(struct step, gone), { NULL, 0 },
};
static const struct member difference_strings[] = {
	STRING(struct difference, object), STRING(struct difference, field),
	STRING(struct difference, from), STRING(struct difference, to), { NULL, 0 },
};
static const struct member remark_strings[] = {
	STRING(struct remark, code), STRING(struct remark, text), { NULL, 0 },
};

static const char *const kind_names[] = { "run", "until", "check", "save", "wait", NULL };
static const char *const effect_names[] = { "changes", "reads", "destroys", NULL };
static const char *const resume_names[] = { "ask", "probe", "rerun", NULL };
static const char *const cancel_names[] = { "finish", "term", "int", NULL };
static const char *const state_names[] = { "next", "running", "done", "failed", "skipped",
	"stopped", "unknown", NULL };
static const char *const level_names[] = { "note", "check", "stop", NULL };
static const char *const change_names[] = { "delete", "create", "modify", NULL };

const char *
plan_kind_name(enum step_kind kind)
{
	return kind <= STEP_WAIT ? kind_names[kind] : "unknown";
}

/* ---- to JSON ------------------------------------------------------------------------------- */

static void
print_members(cJSON *to, const void *from, const struct member *strings,
    const struct member *numbers)
{
	for (; strings->key != NULL; strings++) {
		const char *value;

		memcpy(&value, (const char *)from + strings->offset, sizeof value);
		json_add_string(to, strings->key, value);
	}
	for (; numbers != NULL && numbers->key != NULL; numbers++) {
		int64_t value;

		memcpy(&value, (const char *)from + numbers->offset, sizeof value);
		if (value != 0)
			json_add_number(to, numbers->key, (double)value);
	}
}

static void
print_step(cJSON *to, const struct step *step)
{
	json_add_string(to, "kind", kind_names[step->kind]);
	print_members(to, step, step_strings, step_numbers);
	if (step->argv != NULL) {
		cJSON *argv = json_add_array(to, "argv");

		for (size_t i = 0; step->argv[i] != NULL; i++)
			cJSON_AddItemToArray(argv, cJSON_CreateString(step->argv[i]));
	}
	json_add_string(to, "effect", effect_names[step->effect]);
	json_add_string(to, "resume", resume_names[step->resume]);
	json_add_string(to, "cancel", cancel_names[step->cancel]);
	json_add_string(to, "state", state_names[step->state]);
	json_add_bool(to, "tail", step->tail);
	json_add_bool(to, "advisory", step->advisory);
	json_add_number(to, "exit", step->exit);
	if (step->behind)
		json_add_bool(to, "behind", true);
	if (step->probe != NULL)
		print_step(json_add_object(to, "probe"), step->probe);
}

static void
print_steps(cJSON *to, const char *key, const struct steps *steps)
{
	cJSON *array = json_add_array(to, key);

	for (size_t i = 0; i < steps->count; i++)
		print_step(json_add_object(array, NULL), &steps->item[i]);
}

static void
print_remarks(cJSON *to, const struct plan *plan)
{
	cJSON *remarks = json_add_array(to, "remarks"), *differences;

	for (size_t i = 0; i < plan->remarks.count; i++) {
		cJSON *remark = json_add_object(remarks, NULL);

		json_add_string(remark, "level", level_names[plan->remarks.item[i].level]);
		print_members(remark, &plan->remarks.item[i], remark_strings, NULL);
	}
	differences = json_add_array(to, "differences");
	for (size_t i = 0; i < plan->differences.count; i++) {
		cJSON *line = json_add_object(differences, NULL);

		json_add_string(line, "change", change_names[plan->differences.item[i].change]);
		print_members(line, &plan->differences.item[i], difference_strings, NULL);
	}
}

static void
print_list(cJSON *to, const char *key, const char *const *item, size_t count)
{
	cJSON *array = json_add_array(to, key);

	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(item[i]));
}

void
plan_print(const struct plan *plan, struct text *out)
{
	_cleanup_(json_freep) cJSON *to = cJSON_CreateObject();

	json_add_number(to, "format", FORMAT);
	print_members(to, plan, plan_strings, plan_numbers);
	print_members(json_add_object(to, "from"), &plan->from, version_strings, version_numbers);
	print_members(json_add_object(to, "to"), &plan->to, version_strings, version_numbers);
	print_steps(to, "reads", &plan->reads);
	print_steps(to, "steps", &plan->steps);
	print_steps(to, "undo", &plan->undo);
	print_steps(to, "always", &plan->always);
	print_remarks(to, plan);
	print_list(to, "locks", plan->locks.item, plan->locks.count);
	print_list(to, "also", plan->also.item, plan->also.count);
	json_print_canonical(out, to);
}

/* ---- and back ------------------------------------------------------------------------------ */

static void
read_members(struct plan *plan, void *to, const cJSON *from, const struct member *strings,
    const struct member *numbers)
{
	for (; strings->key != NULL; strings++) {
		const char *value = arena_strdup(plan->arena, json_string(from, strings->key));

		memcpy((char *)to + strings->offset, &value, sizeof value);
	}
	for (; numbers != NULL && numbers->key != NULL; numbers++) {
		int64_t value = json_integer(from, numbers->key, 0);

		memcpy((char *)to + numbers->offset, &value, sizeof value);
	}
}

static bool
read_name(const cJSON *from, const char *key, const char *const *names, int *value,
    struct error *err)
{
	const char *name = json_string_or(from, key, "(none)");

	for (int i = 0; names[i] != NULL; i++)
		if (string_equal(names[i], name)) {
			*value = i;
			return true;
		}
	return broken(err, "%s \"%.40s\" is unknown", key, name);
}

static bool
read_argv(struct plan *plan, struct step *step, const cJSON *from, struct error *err)
{
	const cJSON *array = json_at(from, "argv"), *argument;
	const struct word *word;
	size_t count = 0;

	if (array == NULL)
		return true;
	step->argv = arena_alloc(plan->arena,
	    ((size_t)cJSON_GetArraySize(array) + 1) * sizeof *step->argv);
	json_each(argument, array) {
		if (!cJSON_IsString(argument))
			return broken(err, "an argument is no text");
		step->argv[count++] = arena_strdup(plan->arena, argument->valuestring);
	}
	if ((word = argv_check(step->argv, err)) == NULL)
		return false;
	if (step->effect == READS && !word->reads)
		return broken(err, "\"%s\" changes something, but the step says that it reads",
		    word->name);
	return true;
}

static bool
step_makes_sense(const struct step *step, struct error *err)
{
	bool runs = step->kind != STEP_SAVE && step->kind != STEP_WAIT;

	if (runs != (step->argv != NULL))
		return broken(err, "a step has %s", runs ? "nothing to run" : "too much to run");
	if (step->judge != NULL && judge_find(step->judge) == NULL)
		return broken(err, "the judge \"%.60s\" is unknown", step->judge);
	if ((step->kind == STEP_UNTIL || step->kind == STEP_CHECK) && step->judge == NULL)
		return broken(err, "a step waits for nothing");
	if (step->limit <= 0 && step->kind != STEP_SAVE)
		return broken(err, "a step has no limit");
	if (step->kind == STEP_UNTIL && step->every <= 0)
		return broken(err, "a step reads without a pause");
	if (step->resume == PROBE && step->probe == NULL)
		return broken(err, "a step has no probe");
	return true;
}

static bool
read_step(struct plan *plan, struct step *step, const cJSON *from, int depth, struct error *err)
{
	const cJSON *probe = json_at(from, "probe");
	int kind, effect, resume, cancel, state;

	if (!read_name(from, "kind", kind_names, &kind, err) ||
	    !read_name(from, "effect", effect_names, &effect, err) ||
	    !read_name(from, "resume", resume_names, &resume, err) ||
	    !read_name(from, "cancel", cancel_names, &cancel, err) ||
	    !read_name(from, "state", state_names, &state, err))
		return false;
	read_members(plan, step, from, step_strings, step_numbers);
	step->kind = (enum step_kind)kind;
	step->effect = (enum effect)effect;
	step->resume = (enum resume)resume;
	step->cancel = (enum cancel)cancel;
	step->state = (enum step_state)state;
	step->tail = json_bool(from, "tail", false);
	step->advisory = json_bool(from, "advisory", false);
	step->exit = (int)json_integer(from, "exit", 0);
	step->behind = json_bool(from, "behind", false);
	if (probe != NULL) {
		step->probe = arena_new_of(plan->arena, struct step);
		if (depth > 0 || !read_step(plan, step->probe, probe, depth + 1, err))
			return depth > 0 ? broken(err, "a probe has a probe") :
			    error_wrap(err, "its probe");
		if (step->probe->effect != READS || step->probe->judge == NULL)
			return broken(err, "a probe changes something or judges nothing");
	}
	return read_argv(plan, step, from, err) && step_makes_sense(step, err);
}

static bool
read_steps(struct plan *plan, const char *key, struct steps *steps, const cJSON *from,
    struct error *err)
{
	const cJSON *array = json_at(from, key), *step;

	if (cJSON_GetArraySize(array) > STEPS)
		return broken(err, "more than %d steps", STEPS);
	json_each(step, array)
		if (!read_step(plan, ARENA_GROW(plan->arena, steps), step, 0, err))
			return error_wrap(err, "%s %zu", key, steps->count);
	return true;
}

static bool
read_remarks(struct plan *plan, const cJSON *from, struct error *err)
{
	const cJSON *item;
	int name;

	json_each(item, json_at(from, "remarks")) {
		struct remark *remark = ARENA_GROW(plan->arena, &plan->remarks);

		if (!read_name(item, "level", level_names, &name, err))
			return false;
		remark->level = (enum remark_level)name;
		read_members(plan, remark, item, remark_strings, NULL);
	}
	json_each(item, json_at(from, "differences")) {
		struct difference *line = ARENA_GROW(plan->arena, &plan->differences);

		if (!read_name(item, "change", change_names, &name, err))
			return false;
		line->change = (enum change)name;
		read_members(plan, line, item, difference_strings, NULL);
	}
	return true;
}

bool
plan_is_known(const char *json, size_t length, struct error *err)
{
	_cleanup_(json_freep) cJSON *document = json_parse(json, length, NULL);
	int format = (int)json_integer(document, "format", 0);

	return format <= FORMAT ||
	    refuse(err, "its plan was written by a newer rollcall (plan format %d), and this is rollcall %s "
		"(plan format %d); start the newer rollcall", format, ROLLCALL_VERSION, FORMAT);
}

static bool
read_document(struct plan *plan, const cJSON *from, struct error *err)
{
	const cJSON *item;

	if (json_integer(from, "format", 0) != FORMAT)
		return broken(err, "its format is %d, this binary reads %d",
		    (int)json_integer(from, "format", 0), FORMAT);
	read_members(plan, plan, from, plan_strings, plan_numbers);
	read_members(plan, &plan->from, json_at(from, "from"), version_strings, version_numbers);
	read_members(plan, &plan->to, json_at(from, "to"), version_strings, version_numbers);
	json_each(item, json_at(from, "locks"))
		if (cJSON_IsString(item))
			plan_lock(plan, item->valuestring);
	json_each(item, json_at(from, "also"))
		if (cJSON_IsString(item))
			*ARENA_GROW(plan->arena, &plan->also) =
			    arena_strdup(plan->arena, item->valuestring);
	return read_steps(plan, "reads", &plan->reads, from, err) &&
	    read_steps(plan, "steps", &plan->steps, from, err) &&
	    read_steps(plan, "undo", &plan->undo, from, err) &&
	    read_steps(plan, "always", &plan->always, from, err) &&
	    read_remarks(plan, from, err);
}

struct plan *
plan_read(const char *json, size_t length, struct error *err)
{
	_cleanup_(json_freep) cJSON *from = json_parse(json, length, err);
	struct plan *plan;

	if (from == NULL) {
		error_wrap(err, "the stored plan");
		return NULL;
	}
	plan = plan_new();
	if (read_document(plan, from, err))
		return plan;
	error_wrap(err, "the stored plan");
	plan_free(plan);
	return NULL;
}
