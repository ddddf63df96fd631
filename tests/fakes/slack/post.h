/*
 * post.h - what the bot writes: the content of a message, checked, and where it goes.
 *
 * Shared by chat.*, response URLs, acknowledgements and files.  A `struct call` carries arguments
 * and errors for all of them; where there is no HTTP call, one is made for the occasion.
 */
#ifndef FAKE_POST_H
#define FAKE_POST_H

#include "api.h"

struct content {
	char *text;		/* NULL: not given */
	cJSON *blocks;		/* NULL: not given; may be an empty array */
	cJSON *metadata;
	bool has_metadata;
};

/* Fails the call when something is wrong with it.  `need`: it may not be empty. */
bool content_read(struct call *, bool need, struct content *);
void content_clear(struct content *);
/* Takes the parts out of the content. */
struct message *content_post(struct fake_slack *, struct content *, struct channel *,
    int64_t thread_micros, bool broadcast, const char *only_for);
/* As chat.update: text without blocks removes the blocks. */
void content_redraw(struct fake_slack *, struct content *, struct message *);
/* thread_ts of the arguments; fails the call when it is not that of a message there. */
bool post_thread(struct call *, const struct channel *, int64_t *micros);

#endif
