/* operation_seen.c - the questions of a look and what their answers were, as digests. */

#include "operation_seen.h"

#define SURROUNDINGS_LAST MINUTES(5)
#define KEPT_MOST KILOBYTES(256)
#define COMPARED_MOST MEGABYTES(1)	/* 3 ms of the loop */

struct mark {
	const char *name;
	bool good;			/* the tool said it, all of it */
	char digest[DIGEST_HEX];	/* "": too long to be compared on the loop */
};

struct marks {
	struct arena *arena;
	const struct request *request;
	struct mark *item;
	size_t count, size;
};

static void
forget_marks(struct seen *seen)
{
	if (seen->marks != NULL)
		arena_free(seen->marks->arena);
	seen->marks = NULL;
}

void
operation_forget_seen(struct operation *o)
{
	struct seen *seen = o->seen;

	if (seen == NULL)
		return;
	o->seen = NULL;
	facts_free(seen->around);
	facts_free(seen->ahead);
	forget_marks(seen);
	arena_free(seen->arena);
}

/* ---- questions and answers ---- */

static struct seen_read *
find_read(const struct seen *seen, const char *name)
{
	for (size_t i = 0; i < seen->reads.count; i++)
		if (string_equal(seen->reads.item[i].step.name, name))
			return &seen->reads.item[i];
	return NULL;
}

static struct seen *
seen_of(struct operation *o)
{
	struct arena *arena;

	if (o->seen != NULL)
		return o->seen;
	arena = arena_new();
	o->seen = arena_new_of(arena, struct seen);
	o->seen->arena = arena;
	o->seen->around = facts_new();
	return o->seen;
}

void
seen_ask(struct operation *o, const struct step *step)
{
	struct seen *seen = seen_of(o);
	struct seen_read *read = find_read(seen, step->name);
	size_t count = 0;
	char **argv;

	if (read == NULL)
		read = ARENA_GROW(seen->arena, &seen->reads);
	while (step->argv[count] != NULL)
		count++;
	argv = arena_alloc(seen->arena, (count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++)
		argv[i] = arena_strdup(seen->arena, step->argv[i]);
	argv[count] = NULL;
	*read = (struct seen_read){ .step = { .name = arena_strdup(seen->arena, step->name), .argv = argv,
		.limit = step->limit, .lasting = step->lasting,
		.under = arena_strdup(seen->arena, step->under) } };
}

void
seen_answer(struct operation *o, const struct step *step, const struct fact *fact)
{
	if (step->lasting && !o->last_look && o->seen != NULL && fact->length <= KEPT_MOST)
		facts_add(o->seen->around, fact);
}

static bool
same_argv(char *const *a, char *const *b)
{
	while (*a != NULL && *b != NULL && string_equal(*a, *b))
		a++, b++;
	return *a == NULL && *b == NULL;
}

bool
seen_ahead(struct operation *o, const struct step *step)
{
	const struct seen *seen = o->last_look ? o->seen : NULL;
	const struct fact *fact =
	    seen != NULL && seen->ahead != NULL ? facts_find(seen->ahead, step->name) : NULL;
	const struct seen_read *read = fact != NULL ? find_read(seen, step->name) : NULL;

	if (read == NULL || !same_argv(read->step.argv, step->argv))
		return false;
	facts_add(o->facts, fact);
	return true;
}

/* ---- what the answers were ---- */

static void
digest_fact(const struct fact *fact, char hex[DIGEST_HEX])
{
	struct digest digest;

	hex[0] = '\0';
	if (fact->cut || fact->length > COMPARED_MOST)
		return;
	digest_init(&digest);
	digest_number(&digest, fact->exit);
	digest_bytes(&digest, fact->out, fact->length);
	digest_field(&digest, fact->errors);
	digest_end(&digest, hex);
}

/* What another answer vouches for is never compared itself. */
static void
mark_fact(struct seen *seen, const struct fact *fact)
{
	struct arena *arena = seen->marks->arena;
	struct mark *mark = ARENA_GROW(arena, seen->marks);
	const struct seen_read *read = find_read(seen, fact->name);

	*mark = (struct mark){ .name = arena_strdup(arena, fact->name),
		.good = fact->exit == 0 && !fact->cut };
	if (read == NULL || read->step.under == NULL || !mark->good)
		digest_fact(fact, mark->digest);
}

void
seen_keep(struct operation *o)
{
	struct arena *arena;

	if (o->seen == NULL)
		return;
	forget_marks(o->seen);
	arena = arena_new();
	o->seen->marks = arena_new_of(arena, struct marks);
	o->seen->marks->arena = arena;
	o->seen->marks->request = o->request;
	for (size_t i = 0; i < o->facts->count; i++)
		mark_fact(o->seen, &o->facts->item[i]);
}

static const struct mark *
find_mark(const struct seen *seen, const char *name)
{
	for (size_t i = 0; seen->marks != NULL && i < seen->marks->count; i++)
		if (string_equal(seen->marks->item[i].name, name))
			return &seen->marks->item[i];
	return NULL;
}

static bool
is_same(const struct seen *seen, const struct fact *fact)
{
	const struct mark *mark = fact != NULL ? find_mark(seen, fact->name) : NULL;
	char digest[DIGEST_HEX];

	if (mark == NULL)
		return false;
	digest_fact(fact, digest);
	return digest[0] != '\0' && string_equal(digest, mark->digest);
}

/* ---- the last look ---- */

void
seen_begin(struct operation *o)
{
	facts_free(o->seen->ahead);
	o->seen->ahead = facts_new();
	for (size_t i = 0; i < o->seen->reads.count; i++)
		o->seen->reads.item[i].left_out = false;
}

static bool
is_good(const struct seen *seen, const char *name)
{
	const struct mark *mark = find_mark(seen, name);

	return mark != NULL && mark->good;
}

bool
seen_leave_out(struct operation *o, struct seen_read *read)
{
	struct seen *seen = o->seen;
	const struct step *step = &read->step;
	const struct fact *known = step->lasting ? facts_find(seen->around, step->name) : NULL;

	if (known != NULL && loop_wall(o->bot->loop) - known->stamp < SURROUNDINGS_LAST) {
		facts_add(seen->ahead, known);
		return true;
	}
	read->left_out = step->under != NULL && is_good(seen, step->name) && is_good(seen, step->under);
	return read->left_out;
}

static bool
all_the_same(const struct operation *o)
{
	const struct seen *seen = o->seen;
	const struct seen_read *read;
	const struct fact *fact;

	for (size_t i = 0; i < o->facts->count; i++)
		if (!is_same(seen, &o->facts->item[i]))
			return false;
	for (size_t i = 0; i < seen->marks->count; i++) {
		read = find_read(seen, seen->marks->item[i].name);
		if (read != NULL && read->left_out && !facts_have(seen->ahead, read->step.under))
			return false;
		if (read != NULL && read->left_out)
			continue;
		fact = facts_find(read != NULL ? seen->ahead : o->facts, seen->marks->item[i].name);
		if (!is_same(seen, fact))
			return false;
	}
	return true;
}

bool
seen_unmoved(const struct operation *o)
{
	return o->seen->marks != NULL && o->seen->marks->request == o->request && all_the_same(o);
}
