/*
 * slack_find.c - is a message of ours there already (S6)?
 *
 * Looked for by the key in its metadata, which only we write under our own bot id; a file, which has no
 * metadata, by its name.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slack_private.h"

#define PAGE 20			/* cards are up to 13,000 characters: an answer stays below 256 KiB */
#define PAGES_MOST 15

struct search {
	struct slack *slack;
	void (*done)(void *, const struct delivered *);
	void *arg;
	char *channel, *thread, *key, *file;
	char *except;		/* ts of the one that is known; NULL */
	char oldest[32];
	int pages;
};

static void
search_end(struct search *search, const struct delivered *found)
{
	search->done(search->arg, found);
	free(search->channel);
	free(search->thread);
	free(search->key);
	free(search->file);
	free(search->except);
	free(search);
}

static bool
is_own(const struct slack *slack, const cJSON *message)
{
	const char *bot = json_string(message, "bot_id"), *user = json_string(message, "user");

	return (bot != NULL && string_equal(bot, slack->self.bot)) ||
	    (user != NULL && string_equal(user, slack->self.user));
}

static bool
has_file(const cJSON *message, const char *name)
{
	const cJSON *file, *files = json_at(message, "files");

	json_each(file, files)
		if (string_equal(json_string(file, "name"), name))
			return true;
	return false;
}

static bool
is_it(const struct search *search, const cJSON *message)
{
	if (!is_own(search->slack, message) ||
	    (search->except != NULL && string_equal(json_string(message, "ts"), search->except)))
		return false;
	if (search->file != NULL)
		return has_file(message, search->file);
	return search->key != NULL &&
	    string_equal(json_string(message, "metadata.event_payload.key"), search->key);
}

static void search_ask(struct search *, const char *cursor);

static void
on_page(void *arg, const struct slack_answer *answer)
{
	struct search *search = arg;
	const cJSON *message, *messages = json_at(answer->body, "messages");
	const char *cursor = json_string_or(answer->body, "response_metadata.next_cursor", "");
	struct delivered found = { .outcome = UNKNOWN_OUTCOME, .channel = search->channel,
		.retry_after = answer->retry_after, .sentence = answer->sentence };

	json_each(message, messages)
		if (answer->outcome == SENT && is_it(search, message)) {
			found.outcome = SENT;
			found.ts = json_string(message, "ts");
			break;
		}
	if (answer->outcome == SENT && found.outcome != SENT) {
		if (*cursor != '\0' && search->pages < PAGES_MOST) {
			search_ask(search, cursor);
			return;
		}
		if (*cursor == '\0')
			found.outcome = REFUSED_FOR_GOOD;
		found.sentence = *cursor == '\0' ? "it is not there"
						 : "too much was written since to look through it";
	}
	search_end(search, &found);
}

static void
search_ask(struct search *search, const char *cursor)
{
	cJSON *arguments = cJSON_CreateObject();

	search->pages++;
	json_add_string(arguments, "channel", search->channel);
	json_add_string(arguments, "ts", search->thread);
	json_add_string(arguments, "oldest", search->oldest);
	json_add_bool(arguments, "inclusive", true);
	json_add_bool(arguments, "include_all_metadata", true);
	json_add_number(arguments, "limit", PAGE);
	json_add_string(arguments, "cursor", cursor);
	slack_api_read(search->slack->api,
	    search->thread != NULL ? "conversations.replies" : "conversations.history", arguments,
	    on_page, search);
}

static char *
copy(const char *s)
{
	return s != NULL ? xstrdup(s) : NULL;
}

void
slack_find(void *link, const struct post *post, int64_t since,
    void (*done)(void *, const struct delivered *), void *arg)
{
	struct slack *slack = link;
	struct search *search;

	if (slack->ending)
		return;
	search = xcalloc(1, sizeof(*search));
	search->slack = slack;
	search->done = done;
	search->arg = arg;
	search->channel = copy(post->channel != NULL ? post->channel : post->person);
	search->thread = copy(post->thread);
	search->key = copy(post->key);
	search->except = copy(post->ts);
	search->file = post->kind == POST_FILE ? copy(post->file_name) : NULL;
	snprintf(search->oldest, sizeof(search->oldest), "%lld.000000", (long long)(since / 1000));
	search_ask(search, NULL);
}
