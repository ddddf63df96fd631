/*
 * typed.h - what people type, as Slack hands it on (protocols 1.4): mentions, channels, addresses
 * in angle brackets, & < > escaped, and the rich_text block beside it.
 */
#ifndef FAKE_TYPED_H
#define FAKE_TYPED_H

#include "fake.h"

struct typed {
	struct text text;	/* escaped */
	cJSON *blocks;		/* one rich_text block, the caller's */
	bool bot;		/* mentions the bot */
};

void typed_read(struct fake_slack *, const char *typed, struct typed *);
void typed_clear(struct typed *);

#endif
