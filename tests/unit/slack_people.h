/*
 * slack_people.h - people before the fake Slack, and the bot's end of one socket.
 */
#ifndef SLACK_PEOPLE_H
#define SLACK_PEOPLE_H

#include "test.h"
#include "slack_client.h"

static struct world w;
static struct socket s;

static inline void
start(void)
{
	world_start(&w);
	socket_start(&w, &s);
}

static inline void
end(void)
{
	socket_end(&w, &s);
	world_end(&w);
}

/* The next envelope, confirmed with this payload; the caller deletes it. */
static inline cJSON *
take(const char *answer)
{
	cJSON *envelope = socket_next(&w, &s);

	assert_non_null(json_string(envelope, "envelope_id"));
	socket_ack(&w, &s, envelope, answer);
	return envelope;
}

static inline void
drop(void)
{
	cJSON_Delete(take(NULL));
}

#define assert_rendered(message, expected)                                                         \
	do {                                                                                       \
		char *words_ = rendered(&w, message);                                              \
		assert_string_equal(words_, expected);                                             \
		free(words_);                                                                      \
	} while (0)

#endif
