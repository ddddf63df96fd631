/*
 * slack_private.h - one workspace, for the files that carry out the bot's wishes.
 */
#ifndef SLACK_PRIVATE_H
#define SLACK_PRIVATE_H

#include "slack.h"
#include "slack_api.h"
#include "slack_events.h"
#include "slack_people.h"
#include "slack_socket.h"

#define REPLIES_REMEMBERED 256

struct slack_envelope {
	cJSON *document;
	struct slack_source source;
};

struct slack {
	struct chat_host host;
	const struct configuration *configuration;	/* whose tokens are used; held */
	const struct configuration *tried;		/* whose are being tried; borrowed, only compared */
	struct slack_api *api;
	struct slack_sockets *sockets;
	struct slack_people *people;
	struct slack_identity self;	/* team NULL: auth.test has not answered */
	char *team, *user, *bot, *scopes;
	struct timer retry;		/* of auth.test */
	int failures;
	bool connected, stopping, ending, final;
	struct { struct slack_envelope *item; size_t count, size; } early;	/* before auth.test */
	/* How often an address of an answer was used, and since when: 5 times in 30 min (ID12). */
	struct { char digest[17]; int uses; int64_t since; } replies[REPLIES_REMEMBERED];
	size_t reply_next;
};

/* slack.c: the token of that setting is dead; said once. */
void slack_end(struct slack *, const char *token, const char *sentence);

/* slack_scopes.c: of those that rollcall needs with this configuration, those that are not in Slack's list;
 * scopes NULL: not known, so none.  Lost: "without SCOPE … count as two people", for those that it can do without. */
bool slack_scopes_missing(const char *scopes, const struct configuration *, struct text *out);
bool slack_scopes_lost(const char *scopes, struct text *out);

/* slack_doctor.c */
void slack_examine(struct doctor *);
/* slack_tokens.c */
void slack_tokens_use(struct slack *, const struct configuration *);
void slack_tokens_free(struct slack *);
void slack_reload(void *link, const struct configuration *);

/* slack_deliver.c, slack_files.c, slack_find.c: the verbs of struct chat. */
void slack_deliver(void *link, const struct post *, void (*done)(void *, const struct delivered *),
    void *arg);
void slack_upload(struct slack *, const struct post *, void (*done)(void *, const struct delivered *),
    void *arg);
void slack_find(void *link, const struct post *, int64_t since,
    void (*done)(void *, const struct delivered *), void *arg);
/* A message as the members of a call: text, blocks, and what keeps Slack from making more of it. */
void slack_add_message(cJSON *body, const struct message *);
void slack_no_unfurls(cJSON *body);

#endif
