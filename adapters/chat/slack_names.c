/*
 * slack_names.c - "@ann", "@sre" and "#incidents" by walking through the workspace's lists once for all
 * names that wait.
 *
 * A person's display name is nothing but what that person chose today: so two matches, of whatever kind,
 * mean nobody (P3).
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "slack_people_private.h"

#define PAGES_MOST 500
#define PAUSES_MOST 20

struct slack_name {
	struct slack_name *next;
	char *name;		/* without its sign */
	char *id;
	bool ambiguous;
	void (*done)(void *, const char *);
	void *arg;
};

struct slack_list {
	const char *method;	/* NULL ends */
	const char *items;	/* the array in the answer */
	const char *names[3];	/* where an item's names stand */
	const char *types;	/* argument of conversations.list */
	int page;		/* items a page: an answer stays below 256 KiB; 0: no pages */
};

static const struct slack_list people_lists[] = {
	{ "usergroups.list", "usergroups", { "handle", NULL, NULL }, NULL, 0 },
	{ "users.list", "members", { "name", "profile.display_name", NULL }, NULL, 100 },
	{ NULL, NULL, { NULL, NULL, NULL }, NULL, 0 },
};
static const struct slack_list channel_lists[] = {
	{ "conversations.list", "channels", { "name", NULL, NULL },
	    "public_channel,private_channel", 200 },
	{ NULL, NULL, { NULL, NULL, NULL }, NULL, 0 },
};

/* ---- one item ---- */

static bool
is_called(const cJSON *item, const struct slack_list *list, const char *name)
{
	for (size_t i = 0; *name != '\0' && i < COUNT(list->names) && list->names[i] != NULL; i++)
		if (string_equal_nocase(json_string(item, list->names[i]), name))
			return true;
	return false;
}

static bool
is_gone(const cJSON *item)
{
	return json_bool(item, "deleted", false) || json_bool(item, "is_archived", false) ||
	    json_number(item, "date_delete", 0) > 0;
}

static void
match(struct slack_walk *walk, const cJSON *item)
{
	const char *id = json_string(item, "id");

	if (!slack_id_valid(id) || is_gone(item))
		return;
	for (struct slack_name *name = walk->sought; name != NULL; name = name->next) {
		if (!is_called(item, walk->list, name->name))
			continue;
		if (name->id != NULL && !string_equal(name->id, id))
			name->ambiguous = true;
		else if (name->id == NULL)
			name->id = xstrdup(id);
	}
}

/* ---- the walk ---- */

static void walk_begin(void *arg);

static void
walk_end(struct slack_walk *walk, bool complete)
{
	struct slack_name *name;

	walk->list = NULL;
	while ((name = walk->sought) != NULL) {
		walk->sought = name->next;
		name->done(name->arg, complete && !name->ambiguous ? name->id : NULL);
		free(name->name);
		free(name->id);
		free(name);
	}
	if (walk->waiting != NULL && !walk->people->stopped)
		timer_start(walk->people->loop, &walk->timer, 0, walk_begin, walk);
}

static void walk_ask(void *arg);

static void
next_page(struct slack_walk *walk, const char *cursor)
{
	free(walk->cursor);
	walk->cursor = cursor != NULL && *cursor != '\0' ? xstrdup(cursor) : NULL;
	if (walk->cursor == NULL)
		walk->list++;
	if (walk->list->method == NULL)
		walk_end(walk, true);
	else if (++walk->pages > PAGES_MOST)
		walk_end(walk, false);
	else
		walk_ask(walk);
}

static void
on_page(void *arg, const struct slack_answer *answer)
{
	struct slack_walk *walk = arg;
	const cJSON *item, *items = json_at(answer->body, walk->list->items);

	if (answer->outcome == LATER && walk->pauses++ < PAUSES_MOST && !walk->people->stopped) {
		timer_start(walk->people->loop, &walk->timer, SECONDS(answer->retry_after), walk_ask,
		    walk);
		return;
	}
	if (answer->outcome != SENT) {
		log_warning("slack: names could not be looked up: %s", answer->sentence);
		walk_end(walk, false);
		return;
	}
	json_each(item, items)
		match(walk, item);
	next_page(walk, json_string(answer->body, "response_metadata.next_cursor"));
}

static void
walk_ask(void *arg)
{
	struct slack_walk *walk = arg;
	cJSON *arguments = cJSON_CreateObject();

	if (walk->list->page > 0)
		json_add_number(arguments, "limit", walk->list->page);
	if (walk->list->types != NULL) {
		json_add_string(arguments, "types", walk->list->types);
		json_add_bool(arguments, "exclude_archived", true);
	}
	json_add_string(arguments, "cursor", walk->cursor);
	slack_api_read(walk->people->api, walk->list->method, arguments, on_page, walk);
}

static void
walk_begin(void *arg)
{
	struct slack_walk *walk = arg;

	walk->sought = walk->waiting;
	walk->waiting = NULL;
	walk->list = walk->lists;
	walk->pages = walk->pauses = 0;
	walk_ask(walk);
}

/* ---- asking ---- */

void
slack_names_find(struct slack_people *people, const char *written, void (*done)(void *, const char *),
    void *arg)
{
	struct slack_walk *walk = written[0] == '#' ? &people->channel_walk : &people->people_walk;
	struct slack_name *name = xcalloc(1, sizeof(*name));

	name->name = xstrdup(written[0] == '@' || written[0] == '#' ? written + 1 : written);
	name->done = done;
	name->arg = arg;
	name->next = walk->waiting;
	walk->waiting = name;
	/* In the next turn: whoever else asks in this one shares the walk. */
	if (walk->list == NULL)
		timer_start(people->loop, &walk->timer, 0, walk_begin, walk);
}

void
slack_names_init(struct slack_people *people)
{
	people->people_walk = (struct slack_walk){ .people = people, .lists = people_lists };
	people->channel_walk = (struct slack_walk){ .people = people, .lists = channel_lists };
}

/* A walk that waits for an answer ends with it, when the api is freed. */
static void
stop(struct slack_walk *walk)
{
	bool pauses = timer_runs(&walk->timer);
	struct slack_name *name;

	timer_stop(walk->people->loop, &walk->timer);
	if (walk->list != NULL && pauses)
		walk_end(walk, false);
	while ((name = walk->waiting) != NULL) {
		walk->waiting = name->next;
		name->next = NULL;
		name->done(name->arg, NULL);
		free(name->name);
		free(name);
	}
	free(walk->cursor);
	walk->cursor = NULL;
}

void
slack_names_stop(struct slack_people *people)
{
	stop(&people->people_walk);
	stop(&people->channel_walk);
}
