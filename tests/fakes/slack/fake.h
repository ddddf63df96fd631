/*
 * fake.h - the inside of struct fake_slack, shared by the files of this folder and by nobody else.
 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include "fake_slack.h"
#include "clock.h"
#include "model.h"

struct fault;
struct link;
struct exchange;
struct delivery;
struct lws_context;
struct lws_vhost;

struct counter {
	char *name;
	unsigned count;
	struct bucket rate;
};

struct fake_slack {
	struct fake_slack_options options;
	uv_loop_t *loop;
	struct clock clock;
	struct workspace workspace;
	uint64_t random;

	/* server.c */
	struct lws_context *context;
	struct lws_vhost *vhost;
	char *base;		/* http://127.0.0.1:PORT, no slash */
	char *api, *page;
	struct exchange *exchanges;	/* all that are under way */

	/* link.c */
	struct link *links;
	struct { char **item; size_t count, size; } tickets;
	unsigned link_number, refuse_links, fragments;
	int64_t hello_after;
	size_t pad;
	bool disabled;

	/* envelope.c */
	struct { struct delivery **item; size_t count, size; } deliveries;	/* by number */
	unsigned first_delivery;	/* the number of item[0] */
	unsigned waiting;
	struct text scratch;	/* of the envelope that is being printed */

	/* api.c */
	struct { struct fault *item; size_t count, size; } faults;
	struct { struct counter **item; size_t count, size; } counters;
	char *scopes;		/* NULL: all */
	char *team;		/* that the bot token is of; NULL: TEAM */
	char *revoked;		/* NULL: the token works */
	bool unlimited;

	/* journal.c */
	struct text log;

	/* violation.c */
	struct text violations;

	void (*changed)(void *arg);
	void *changed_arg;
	uint64_t serial;	/* of the last change */
};

/* fake_slack.c */
void fake_changed(struct fake_slack *);
uint64_t fake_random(struct fake_slack *);
struct counter *fake_counter(struct fake_slack *, const char *name);
void fake_count(struct fake_slack *, const char *name);
/* Takes `cost` from a bucket; −1 when there was enough, else the ms until there is. */
int64_t bucket_take(struct fake_slack *, struct bucket *, double per_minute, double burst);

/* state.c: true also when there is no such file; *there says which. */
bool state_load(struct fake_slack *, const char *path, bool *there, struct error *);

/* journal.c: one line; text past 2 KiB is cut in the middle. */
void journal(struct fake_slack *, const char *format, ...) _printf_(2, 3);

#endif
