/*
 * slack_blocks_private.h - what the files that make blocks share: slack_blocks.c (sections, all together),
 * slack_frames.c (steps and foreign text), slack_buttons.c.
 */
#ifndef SLACK_BLOCKS_PRIVATE_H
#define SLACK_BLOCKS_PRIVATE_H

#include "slack_blocks.h"

struct drawing {
	const struct message *message;
	size_t left;			/* characters that may still be used */
	const char *const *lines;	/* of the sections "what" */
	size_t count, next, done;	/* next: the first line not shown yet; done: after the last build */
	bool last;			/* the last section "what": it says what is left out */
};

/* slack_frames.c: for at most so many characters; NULL: there is none. */
cJSON *block_steps(struct drawing *, size_t most);
cJSON *block_difference(struct drawing *, size_t most);
cJSON *block_tail(struct drawing *, size_t most);

/* slack_buttons.c: never cut; NULL: there are none. */
cJSON *block_buttons(const struct message *);

/* slack_parts.c */
cJSON *block_new(const char *type);
cJSON *block_section(const struct message *, const char *what, size_t number, const char *mrkdwn);
/* Slack wants another id at each drawing, except where a click may be on its way. */
void block_add_id(cJSON *block, const struct message *, const char *what, size_t number);
void block_add_plain(cJSON *object, const char *key, const char *text, size_t most);
void block_add_cut(cJSON *object, const char *key, const char *s, size_t most);	/* NULL, "": nothing */
void block_add_left_out(struct text *out, size_t lines);	/* "… 3 more lines" */

#endif
