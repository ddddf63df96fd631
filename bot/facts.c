/* facts.c - what was found out, by name, until the plan is made. */
#include "facts.h"

#include <string.h>

#include "base/text.h"

struct facts *
facts_new(void)
{
	struct arena *arena = arena_new();
	struct facts *facts = arena_new_of(arena, struct facts);

	facts->arena = arena;
	return facts;
}

void
facts_free(struct facts *facts)
{
	if (facts == NULL)
		return;
	for (size_t i = 0; i < facts->count; i++)
		cJSON_Delete(facts->item[i].json);
	arena_free(facts->arena);
}

void
facts_freep(struct facts **facts)
{
	facts_free(*facts);
}

static struct fact *
fact_at(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->count; i++)
		if (string_equal(facts->item[i].name, name))
			return &facts->item[i];
	return NULL;
}

void
facts_add(struct facts *facts, const struct fact *from)
{
	struct fact *fact = fact_at(facts, from->name);

	if (fact == NULL)
		fact = ARENA_GROW(facts->arena, facts);
	else
		cJSON_Delete(fact->json);
	*fact = *from;
	fact->json = NULL;
	fact->name = arena_strdup(facts->arena, from->name);
	fact->cut = from->cut || from->length > FACT_LIMIT;
	if (fact->cut)
		fact->length = 0;
	fact->out = arena_copy(facts->arena, from->out, fact->length);
	fact->errors = arena_strdup(facts->arena, from->errors != NULL ? from->errors : "");
}

const struct fact *
facts_find(const struct facts *facts, const char *name)
{
	return fact_at(facts, name);
}

bool
facts_have(const struct facts *facts, const char *name)
{
	return fact_at(facts, name) != NULL;
}

/* Tools warn first and say why they failed at the end, some of them as a list. */
const char *
fact_reason(const struct fact *fact, int *length)
{
	const char *end = fact->errors + strlen(fact->errors), *start;

	while (end > fact->errors && strchr("\n\r ", end[-1]) != NULL)
		end--;
	for (start = end; start > fact->errors && start[-1] != '\n';)
		start--;
	while (start < end && strchr("\t *", *start) != NULL)
		start++;
	*length = end - start > 400 ? 400 : (int)(end - start);
	return *length > 0 ? start : (*length = 10, "no message");
}

const char *
facts_text(const struct facts *facts, const char *name, struct error *err)
{
	const struct fact *fact = fact_at(facts, name);
	const char *reason;
	int length;

	if (fact == NULL) {
		broken(err, "nobody asked for the fact \"%s\"", name);
		return NULL;
	}
	reason = fact_reason(fact, &length);
	if (fact->exit == -1)
		late(err, "no answer in time (%s)", name);
	else if (fact->exit == -2)
		failed(err, "the tool could not be started (%s): %.*s", name, length, reason);
	else if (fact->exit != 0)
		failed(err, "%.*s (%s, exit %d)", length, reason, name, fact->exit);
	else if (fact->cut)
		failed(err, "the answer is longer than %d MiB (%s)", (int)(FACT_LIMIT >> 20), name);
	else
		return fact->out;
	return NULL;
}

const cJSON *
facts_json(const struct facts *facts, const char *name, struct error *err)
{
	struct fact *fact = fact_at(facts, name);

	if (facts_text(facts, name, err) == NULL)
		return NULL;
	if (fact->json == NULL)
		fact->json = json_parse(fact->out, fact->length, err);
	if (fact->json == NULL)
		error_wrap(err, "the answer cannot be read (%s)", name);
	return fact->json;
}
