/*
 * envelope.h - what Slack sends through the links, its acknowledgements, deadlines and retries.
 */
#ifndef FAKE_ENVELOPE_H
#define FAKE_ENVELOPE_H

#include "fake.h"

enum errand_kind { ERRAND_EVENT, ERRAND_SLASH, ERRAND_ACTION, ERRAND_SUBMIT, ERRAND_CLOSED,
	ERRAND_SUGGEST, ERRAND_SHORTCUT };

/* One thing to deliver; payload is taken over. */
struct errand {
	enum errand_kind kind;
	cJSON *payload;
	struct user *user;
	struct channel *channel;	/* slash: where the answer goes */
	const char *words; /* "/rollback", "Approve": for what the person reads on failure */
	const char *view;		/* submission: id of the view */
	const char *confirm;
};

struct delivery {
	struct fake_slack_delivery seen;
	struct fake_slack *fs;
	enum errand_kind kind;
	struct user *user;
	struct channel *channel;
	char envelope_id[40], view[24];
	cJSON *payload, *answer;
	char *words, *problem, *confirm;
	struct bell deadline;
};

unsigned envelope_send(struct fake_slack *, const struct errand *);	/* the delivery's number */
void envelope_receive(struct fake_slack *, const char *bytes, size_t length);
void envelopes_free(struct fake_slack *);
void delivery_complain(struct delivery *, const char *format, ...) _printf_(2, 3);

/* answer.c: what the acknowledgement's payload does in the workspace. */
void answer_take(struct delivery *);
/* A line that Slack itself shows to one person. */
void notice_show(struct fake_slack *, struct channel *, const struct user *, const char *format,
    ...) _printf_(4, 5);

#endif
