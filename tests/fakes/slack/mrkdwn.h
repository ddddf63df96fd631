/*
 * mrkdwn.h - Slack's markup, read as people see it (protocols 3.9).
 *
 * Emphasis needs word boundaries: "將*x*退" shows its asterisks, as the real one does.  Mentions,
 * links and dates are resolved against the workspace; times are shown in UTC.  Spans live in the
 * arena.
 */
#ifndef FAKE_MRKDWN_H
#define FAKE_MRKDWN_H

#include "fake.h"

enum span_kind {
	SPAN_TEXT,
	SPAN_USER,
	SPAN_CHANNEL,
	SPAN_GROUP,
	SPAN_EVERYBODY,
	SPAN_LINK,
	SPAN_DATE
};

struct span {
	enum span_kind kind;
	bool bold, italic, strike, code, block, quote;
	const char *text;	/* as read */
	const char *target;	/* id, "@here" or address */
};

struct spans {
	struct span *item;
	size_t count, size;
};

void mrkdwn_read(struct fake_slack *, struct arena *, const char *, bool verbatim, struct spans *);

#endif
