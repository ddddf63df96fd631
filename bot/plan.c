/*
 * plan.c - building a plan, its digest, and the judges that read what its steps print.
 *
 * The digest is what approvals are bound to (decision E6): everything that decides what will
 * happen, and nothing that merely tells about it.  Titles, ages, versions' names and the difference
 * are not in it, so a plan made again from the same cluster has the same digest.
 */
#include "plan.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define JUDGE_TABLES 16

static const struct judge *judges[JUDGE_TABLES];

void
judges_register(const struct judge *table)
{
	size_t i = 0;

	while (i < JUDGE_TABLES && judges[i] != NULL && judges[i] != table)
		i++;
	assert(i < JUDGE_TABLES);
	judges[i] = table;
}

void
reading_of_others(const struct reading *reading)
{
	if (reading->found != NULL)
		reading->found->others = true;
}

const struct judge *
judge_find(const char *name)
{
	for (size_t i = 0; i < JUDGE_TABLES && judges[i] != NULL; i++)
		for (const struct judge *judge = judges[i]; judge->name != NULL; judge++)
			if (string_equal(judge->name, name))
				return judge;
	return NULL;
}

struct plan *
plan_new(void)
{
	struct arena *arena = arena_new();
	struct plan *plan = arena_new_of(arena, struct plan);

	plan->arena = arena;
	return plan;
}

void
plan_free(struct plan *plan)
{
	if (plan != NULL)
		arena_free(plan->arena);
}

void
plan_freep(struct plan **plan)
{
	plan_free(*plan);
}

/* Several parts of a command may ask for the same fact; it is read once. */
static struct step *
read_already_asked(const struct steps *reads, const char *name)
{
	for (size_t i = 0; i < reads->count; i++)
		if (name != NULL && string_equal(reads->item[i].name, name))
			return &reads->item[i];
	return NULL;
}

struct step *
plan_step_add(struct plan *plan, struct steps *steps, const struct step *from)
{
	struct step *step = NULL;

	if (steps == &plan->reads)
		step = read_already_asked(steps, from->name);
	if (step != NULL)
		return step;
	step = ARENA_GROW(plan->arena, steps);
	*step = *from;
	if (from->probe != NULL) {
		step->probe = arena_new_of(plan->arena, struct step);
		*step->probe = *from->probe;
	}
	return step;
}

void
plan_remark(struct plan *plan, enum remark_level level, const char *code, const char *format, ...)
{
	struct remark *remark = ARENA_GROW(plan->arena, &plan->remarks);
	va_list ap;

	va_start(ap, format);
	*remark = (struct remark){ level, arena_strdup(plan->arena, code),
		arena_vprintf(plan->arena, format, ap) };
	va_end(ap);
}

void
plan_remark_drop(struct plan *plan, const char *code)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->remarks.count; i++)
		if (!string_equal(plan->remarks.item[i].code, code))
			plan->remarks.item[kept++] = plan->remarks.item[i];
	plan->remarks.count = kept;
}

/* Behind the others of its kind, deletions before creations before the rest. */
void
plan_difference(struct plan *plan, enum change change, const char *object, const char *field,
    const char *from, const char *to)
{
	struct difference *line = ARENA_GROW(plan->arena, &plan->differences);
	struct difference *first = plan->differences.item;

	while (line > first && line[-1].change > change) {
		line[0] = line[-1];
		line--;
	}
	*line = (struct difference){
		.change = change,
		.object = arena_strdup(plan->arena, object),
		.field = arena_strdup(plan->arena, field),
		.from = arena_strdup(plan->arena, from),
		.to = arena_strdup(plan->arena, to),
	};
}

void
plan_lock(struct plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->locks.count; i++)
		if (string_equal(plan->locks.item[i], key))
			return;
	*ARENA_GROW(plan->arena, &plan->locks) = arena_strdup(plan->arena, key);
}

static bool
steps_change(const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		if (steps->item[i].argv != NULL && steps->item[i].effect != READS)
			return true;
	return false;
}

bool
plan_changes(const struct plan *plan)
{
	return steps_change(&plan->steps) || steps_change(&plan->undo) ||
	    steps_change(&plan->always);
}

enum remark_level
plan_worst(const struct plan *plan)
{
	enum remark_level worst = REMARK_NOTE;

	for (size_t i = 0; i < plan->remarks.count; i++)
		if (plan->remarks.item[i].level > worst)
			worst = plan->remarks.item[i].level;
	return worst;
}

struct vector {
	char **item;
	size_t count, size;
};

static void
vector_add(struct plan *plan, struct vector *vector, const char *argument)
{
	*ARENA_GROW(plan->arena, vector) = arena_strdup(plan->arena, argument);
}

char **
plan_argv(struct plan *plan, const char *tool, ...)
{
	struct vector vector = { NULL, 0, 0 };
	const char *argument;
	va_list ap;

	vector_add(plan, &vector, tool);
	va_start(ap, tool);
	while ((argument = va_arg(ap, const char *)) != NULL)
		vector_add(plan, &vector, argument);
	va_end(ap);
	vector_add(plan, &vector, NULL);
	return vector.item;
}

char *
plan_arg(struct plan *plan, const char *format, ...)
{
	char *argument;
	va_list ap;

	va_start(ap, format);
	argument = arena_vprintf(plan->arena, format, ap);
	va_end(ap);
	return argument;
}

static void
hash_step(struct digest *digest, const struct step *step)
{
	size_t count = 0;

	while (step->argv != NULL && step->argv[count] != NULL)
		count++;
	digest_number(digest, step->kind);
	digest_number(digest, (int64_t)count);
	for (size_t i = 0; i < count; i++)
		digest_field(digest, step->argv[i]);
	digest_number(digest, step->effect);
	digest_number(digest, step->resume);
	digest_number(digest, step->cancel);
	digest_number(digest, step->limit);
	digest_field(digest, step->judge);
	digest_field(digest, step->expect);
	digest_number(digest, step->advisory);
	digest_number(digest, step->probe != NULL);
	if (step->probe != NULL)
		hash_step(digest, step->probe);
}

static void
hash_steps(struct digest *digest, const struct steps *steps)
{
	digest_number(digest, (int64_t)steps->count);
	for (size_t i = 0; i < steps->count; i++)
		hash_step(digest, &steps->item[i]);
}

void
plan_hash(const struct plan *plan, char hex[DIGEST_HEX])
{
	const char *const fields[] = { plan->kind, plan->requester, plan->target, plan->identity,
		plan->from.pin, plan->to.pin };
	struct digest digest;

	digest_init(&digest);
	for (size_t i = 0; i < COUNT(fields); i++)
		digest_field(&digest, fields[i]);
	hash_steps(&digest, &plan->steps);
	hash_steps(&digest, &plan->undo);
	hash_steps(&digest, &plan->always);
	digest_number(&digest, (int64_t)plan->remarks.count);
	for (size_t i = 0; i < plan->remarks.count; i++)
		digest_field(&digest, plan->remarks.item[i].code);
	digest_end(&digest, hex);
}
