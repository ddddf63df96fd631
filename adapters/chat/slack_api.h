/*
 * slack_api.h - calls of Slack's Web API, and what their answers mean for the outbox.
 *
 * Three HTTP clients, one for each credential (NE4): the bot's token, the application's, none.  Methods
 * that change send JSON, those that read a form, which is what each documents.  Nothing is repeated here:
 * the answer says whether it may be (S5, S6).
 *
 * done comes exactly once, never before the call returned, also after slack_call_cancel and at
 * slack_api_free; the answer is borrowed, valid inside done() only.
 */
#ifndef SLACK_API_H
#define SLACK_API_H

#include "base/json.h"
#include "chat.h"

struct slack_api;
struct slack_call;

struct slack_api_options {
	const char *url;		/* https://slack.com/api/ */
	const char *ca_file, *proxy;	/* NULL: none */
	const struct secret *bot_token, *app_token;	/* borrowed */
};

struct slack_answer {
	enum delivery outcome;		/* SENT: "ok": true */
	const cJSON *body;		/* NULL when none came */
	const char *error;		/* Slack's word, "not_in_channel"; NULL when the call itself failed */
	int retry_after;
	const char *sentence;		/* why not; NULL when SENT */
	const char *scopes;		/* the token's, as Slack lists them; NULL: not said */
};
typedef void slack_done(void *arg, const struct slack_answer *);

struct slack_api *slack_api_new(struct loop *, const struct slack_api_options *, struct error *);
void slack_api_free(struct slack_api *);
const char *slack_api_url(const struct slack_api *);

/* The arguments are taken over; NULL: none. */
struct slack_call *slack_api_change(struct slack_api *, const char *method, cJSON *arguments,
    slack_done *, void *arg);
struct slack_call *slack_api_read(struct slack_api *, const char *method, cJSON *arguments,
    slack_done *, void *arg);
/* apps.connections.open, with the application's token. */
/* Other tokens from the next call on; borrowed. */
void slack_api_tokens(struct slack_api *, const struct secret *bot_token, const struct secret *app_token);
/* A method without arguments, with a token that is not used yet. */
struct slack_call *slack_api_try(struct slack_api *, const char *method, const struct secret *token,
    slack_done *done, void *arg);
struct slack_call *slack_api_connect(struct slack_api *, int64_t limit, slack_done *, void *arg);
/* To an address that Slack handed us; the caller has judged it (slack_url.h). */
struct slack_call *slack_api_post(struct slack_api *, const char *url, const char *content_type,
    const char *bytes, size_t length, slack_done *, void *arg);
void slack_call_cancel(struct slack_call *);

/* Errors after which nothing will work until a person acts: the token is wrong, revoked, too weak. */
bool slack_error_is_final(const char *error);

/* Pure, for the above: what an answer means.  The sentence goes to the text. */
void slack_answer_read(struct slack_answer *, const struct http_answer *, const cJSON *body,
    bool changes, struct text *sentence);

#endif
