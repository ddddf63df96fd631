/* choose.c - which revision is meant: numbers, versions, previous, verified. */

#include <string.h>

#include "parts.h"
#include "say.h"

#define VERSIONS_SHOWN 6
#define OLDER_SHOWN 3

/* Our record says under which number it was seen, where its controller does not. */
static void
know_number(struct arena *arena, const struct history *history, struct revision *revision, int64_t number)
{
	if (number > 0 && revision->earlier == NULL && history_find(history, number) == NULL)
		revision->earlier = arena_printf(arena, "%lld", (long long)number);
}

bool
history_know(struct arena *arena, struct history *history, const struct target *target,
    const struct facts *facts, struct error *err)
{
	const cJSON *records = facts_have(facts, "records") ? facts_json(facts, "records", err) : NULL;
	const cJSON *record;

	*history = (struct history){ .kept = -1 };
	if (!target->driver->read(arena, history, target, facts, err))
		return false;
	for (size_t i = 0; i < history->count; i++) {
		struct revision *revision = &history->item[i];

		record = cJSON_GetObjectItemCaseSensitive(records, revision->pin);
		revision->verified = json_integer(record, "verified", 0);
		revision->left = arena_strdup(arena, json_string(record, "left"));
		know_number(arena, history, revision, json_integer(record, "number", 0));
	}
	return true;
}

/* What was not looked at is not known to be the same. */
static bool
same_content(const struct revision *a, const struct revision *b)
{
	return a->pin != NULL && string_equal(a->pin, b->pin);
}

/* What did not get there is not what runs (HM5): going to the same content again is a way out. */
static bool
runs_already(const struct history *history, const struct revision *revision)
{
	return !history->now->failed && same_content(revision, history->now);
}

/* Worth going back to: it is older, did not fail, is another, and was not rolled away from. */
static bool
candidate(const struct history *history, const struct revision *revision)
{
	return revision->number < history->now->number && !revision->failed &&
	    revision->left == NULL && !runs_already(history, revision);
}

static const char *
why_skipped(const struct history *history, const struct revision *revision)
{
	if (revision->failed)
		return "which failed";
	if (revision->left != NULL)
		return "which was rolled away from";
	if (runs_already(history, revision))
		return "which is the same as what runs";
	return "which was never verified here";
}

static const char *
print_skipped(struct arena *arena, const struct history *history, const struct revision *chosen)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (size_t i = history->count; i-- > 0 && &history->item[i] != chosen;)
		if (history->item[i].number < history->now->number)
			text_printf(&list, "%srevision %lld, %s", list.length > 0 ? "; " : "",
			    (long long)history->item[i].number,
			    why_skipped(history, &history->item[i]));
	return list.length > 0 ? arena_strdup(arena, list.data) : NULL;
}

static const struct revision *
newest_candidate(const struct history *history, bool verified)
{
	for (size_t i = history->count; i-- > 0;)
		if (candidate(history, &history->item[i]) &&
		    (!verified || history->item[i].verified > 0))
			return &history->item[i];
	return NULL;
}

static const struct revision *
choose_previous(struct arena *arena, const struct history *history, const char *target,
    bool only_verified, const char **skipped, struct error *err)
{
	const struct revision *chosen;

	if (history->now == NULL) {
		refuse(err, "I cannot tell which revision of %s runs now. Name the one you want: %s",
		    target, history_print(arena, history));
		return NULL;
	}
	chosen = newest_candidate(history, true);
	if (chosen == NULL && !only_verified)
		chosen = newest_candidate(history, false);
	if (chosen == NULL && history->nothing != NULL)
		refuse(err, "%s has no earlier revision to go back to: %s", target, history->nothing);
	else if (chosen == NULL)
		refuse(err, only_verified
			? "No earlier revision of %s was verified here. There are: %s"
			: "%s has no earlier revision to go back to. There are: %s",
		    target, history_print(arena, history));
	else
		*skipped = print_skipped(arena, history, chosen);
	return chosen;
}

static bool
same_version(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return false;
	a += *a == 'v' || *a == 'V';
	b += *b == 'v' || *b == 'V';
	return string_equal_nocase(a, b);
}

static bool
named_exactly(const struct revision *r, const char *to)
{
	return same_version(r->version, to);
}

static bool
named_by_chart(const struct revision *r, const char *to)
{
	return same_version(r->chart, to);
}

/* The beginning of a commit's hash, as git prints it. */
static bool
named_by_commit(const struct revision *r, const char *to)
{
	static const char hex[] = "0123456789abcdef";
	size_t length = strlen(to);

	return length >= 7 && r->version != NULL && strspn(to, hex) == length &&
	    strlen(r->version) >= 40 && strspn(r->version, hex) == strlen(r->version) &&
	    strncmp(r->version, to, length) == 0;
}

/* Who named a version wants to see versions; the number tells two of the same name apart. */
static const char *
print_versions(struct arena *arena, const struct history *history)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;
	size_t shown = 0;

	for (size_t i = history->count; i-- > 0 && shown < VERSIONS_SHOWN; shown++) {
		const struct revision *r = &history->item[i];

		text_printf(&list, "%s%s%srevision %lld%s", shown > 0 ? ", " : "",
		    r->version != NULL ? r->version : "", r->version != NULL ? " (" : "",
		    (long long)r->number, r->version != NULL ? ")" : "");
	}
	if (history->count > VERSIONS_SHOWN)
		text_add(&list, ", …");
	return arena_strdup(arena, list.data);
}

const char *
history_older(struct arena *arena, const struct history *history, const struct revision *than)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;
	size_t shown = 0;

	for (size_t i = history->count; i-- > 0 && shown < OLDER_SHOWN;) {
		const struct revision *r = &history->item[i];

		if (r->number >= than->number || same_content(r, than))
			continue;
		text_printf(&list, "%s%s%srevision %lld%s", shown++ > 0 ? ", " : "",
		    r->version != NULL ? r->version : "", r->version != NULL ? " (" : "",
		    (long long)r->number, r->version != NULL ? ")" : "");
	}
	return list.length > 0 ? arena_strdup(arena, list.data) : NULL;
}

/* A version may stand in several revisions: the newest, unless their settings differ. */
static const struct revision *
choose_named(const struct history *history, const char *to, const char *target,
    bool (*named)(const struct revision *, const char *), struct error *err)
{
	const struct revision *chosen = NULL;

	for (size_t i = history->count; i-- > 0;) {
		const struct revision *r = &history->item[i];

		if (!named(r, to))
			continue;
		if (chosen != NULL && !same_content(r, chosen)) {
			refuse(err, r->pin != NULL && chosen->pin != NULL
				? "%s fits two revisions of %s with different settings, %lld and %lld. Name one, such as: to %lld"
				: "%s fits two revisions of %s, too old to compare their settings, %lld and %lld. Name one, such as: to %lld",
			    to, target, (long long)chosen->number, (long long)r->number,
			    (long long)chosen->number);
			return NULL;
		}
		if (chosen == NULL)
			chosen = r;
	}
	return chosen;
}

/* By what the version is said to be, then by less: the chart's, a commit's first letters.  NULL without an
 * error: it is none. */
static const struct revision *
find_version(const struct history *history, const char *to, const char *target, struct error *err)
{
	const struct revision *chosen = choose_named(history, to, target, named_exactly, err);

	if (chosen == NULL && err->kind == ERROR_NONE)
		chosen = choose_named(history, to, target, named_by_chart, err);
	if (chosen == NULL && err->kind == ERROR_NONE)
		chosen = choose_named(history, to, target, named_by_commit, err);
	return chosen;
}

static const struct revision *
choose_version(struct arena *arena, const struct history *history, const char *to,
    const char *target, struct error *err)
{
	const struct revision *chosen = find_version(history, to, target, err);

	if (chosen == NULL && err->kind == ERROR_NONE)
		wrong(err, "%s is not in the history of %s. There are: %s", to, target,
		    print_versions(arena, history));
	return chosen;
}

const struct revision *
history_choose(struct arena *arena, const struct history *history, const char *to,
    const char *target, const char **skipped, struct error *err)
{
	const struct revision *chosen;
	int64_t number;

	*skipped = NULL;
	if (history->count == 0) {
		refuse(err, "%s has no history to go back in", target);
		return NULL;
	}
	if (to == NULL || string_equal_nocase(to, "previous"))
		return choose_previous(arena, history, target, false, skipped, err);
	if (string_equal_nocase(to, "verified"))
		return choose_previous(arena, history, target, true, skipped, err);
	if (!string_number(to, 1, INT32_MAX, &number))
		return choose_version(arena, history, to, target, err);
	chosen = history_find(history, number);
	if (chosen == NULL)
		chosen = history_renumbered(history, number);
	if (chosen == NULL)		/* a build's number is a version */
		chosen = find_version(history, to, target, err);
	if (chosen != NULL || err->kind != ERROR_NONE)
		return chosen;
	if (history->kept >= 0 && (int)history->count > history->kept &&
	    number < history->item[0].number)
		wrong(err, "Revision %lld is not in the history of %s any more: only %d old %s kept (its revisionHistoryLimit). It has %s",
		    (long long)number, target, history->kept,
		    history->kept == 1 ? "revision is" : "revisions are", history_print(arena, history));
	else
		wrong(err, "Revision %lld is not in the history of %s; it has %s", (long long)number,
		    target, history_print(arena, history));
	return NULL;
}

void
version_fill(struct plan *plan, struct version *version, const struct revision *revision)
{
	struct arena *a = plan->arena;

	if (revision == NULL)
		return;
	*version = (struct version){ .number = revision->number,
		.version = arena_strdup(a, revision->version),
		.image = arena_strdup(a, revision->image), .pin = arena_strdup(a, revision->pin),
		.since = revision->when, .verified = revision->verified,
		.who = arena_strdup(a, revision->who), .why = arena_strdup(a, revision->why) };
}
