/*
 * fake_slack.h - a Slack of our own on loopback: Socket Mode, Web API, people who type and click.
 *
 * Everything lives on the caller's libuv loop; no thread, no blocking call.  What a person does is
 * a function here (slash, says, press, submit …), what rollcall answers is read back from the
 * workspace as a person would see it.  Limits, error codes and bad days follow docs.slack.dev; what
 * could not be verified against the real one is marked [gk] where it is done.
 *
 *	struct fake_slack_options options = { .turned = true, .now = 1763708400000 };
 *	struct fake_slack *fs = fake_slack_new(&loop, &options, &err);
 *	… rollcall connects to fake_slack_url(fs) with the two tokens
 *	unsigned n = fake_slack_slash(fs, "@ann", "#incidents", "/rollback gateway to 5", &err);
 *	… fake_slack_delivery(fs, n)->outcome == FAKE_ACKED
 *	fake_slack_free(fs);
 *
 * People are written "@ann", "ann" or U0ANN; places "#incidents", C0INCIDENTS, or "@ann" for the
 * direct messages between her and the bot.  Pointers that are returned belong to the workspace and
 * live until the next call that changes it; keep ids and numbers.  A function that returns 0, NULL
 * or false has filled the error with the reason why a person could not have done that.
 */
#ifndef FAKE_SLACK_H
#define FAKE_SLACK_H

#include <uv.h>

#include "base/json.h"

struct fake_slack;

struct fake_slack_options {
	int port;			/* 0: any */
	const char *certificate, *key;	/* PEM files; given: https and wss */
	bool turned;			/* the clock stands still until fake_slack_set_clock */
	int64_t now; /* where it stands, ms since 1970; 0 in turned mode: 2026-11-21 */
	bool unlimited;			/* no tiers, no 1/s per channel: for benchmarks */
	bool no_echo;			/* the bot's own posts do not come back as events */
	bool no_log;			/* fake_slack_log stays empty */
	size_t keep;	/* messages kept in each channel, and deliveries; 0: all, 4096 */
	int connection_time;		/* seconds a link lives; 0: 3600 */
	uint64_t seed;			/* of the random choice among links; 0: 1 */
	const char *state;		/* a file of fake_slack_save; not there: the usual world */
};

struct fake_slack *fake_slack_new(uv_loop_t *, const struct fake_slack_options *, struct error *);
/* People, places, groups and messages as JSON, for options.state; dialogs, files and links are not
 * kept.  Written beside and renamed. */
bool fake_slack_save(struct fake_slack *, const char *path, struct error *);
/* Outside of any callback.  Turns the loop without waiting until all handles of ours are closed. */
void fake_slack_free(struct fake_slack *);

const char *fake_slack_url(const struct fake_slack *);		/* http://127.0.0.1:PORT/api/ */
const char *fake_slack_page_url(const struct fake_slack *);	/* http://127.0.0.1:PORT/ */
const char *fake_slack_bot_token(const struct fake_slack *);	/* xoxb-… */
const char *fake_slack_app_token(const struct fake_slack *);	/* xapp-… */

/* ---- time ---------------------------------------------------------------------------------- */
/* All deadlines of the fake (3 s for an acknowledgement, 10 s of warning, retries, tiers, life of a
 * trigger or response_url) hang on this clock.  set_clock makes it a turned one and walks from
 * deadline to deadline, at most to `now`; never backwards.  next: the nearest, −1: none. */
int64_t fake_slack_clock(const struct fake_slack *);
void fake_slack_set_clock(struct fake_slack *, int64_t now);
void fake_slack_tick(struct fake_slack *);	/* rings what is due */
int64_t fake_slack_next(const struct fake_slack *);

/* ---- the workspace ------------------------------------------------------------------------- */
struct fake_slack_user {
	const char *id, *name, *real_name, *email;
	const char *team; /* NULL: T0TEAM; another: a stranger from a shared channel */
	const char *zone, *language;	/* "Asia/Taipei", "zh-TW"; NULL: UTC, en-US */
	bool is_bot, is_admin, is_restricted, is_ultra_restricted, deleted;
	bool email_unconfirmed;
};

enum fake_slack_kind { FAKE_PUBLIC, FAKE_PRIVATE, FAKE_DIRECT };

struct fake_slack_channel {
	const char *id, *name, *topic;
	enum fake_slack_kind kind;
	const char *user;		/* FAKE_DIRECT: who talks to the bot there */
	bool bot_is_member, is_archived, is_ext_shared;
	const char *const *members;	/* user ids, ends with NULL; NULL: everybody */
};

struct fake_slack_group {
	const char *id, *handle, *name;
	bool disabled;
	const char *const *users;	/* ends with NULL */
};

/* New, or replaces the one with this id; a replacement is told to the bot (user_change,
 * subteam_updated, subteam_members_changed, channel_shared) as Slack does.  All is copied. */
const struct fake_slack_user *fake_slack_put_user(
    struct fake_slack *, const struct fake_slack_user *);
const struct fake_slack_channel *fake_slack_put_channel(
    struct fake_slack *, const struct fake_slack_channel *);
const struct fake_slack_group *fake_slack_put_group(
    struct fake_slack *, const struct fake_slack_group *);

const struct fake_slack_user *fake_slack_user(const struct fake_slack *, const char *who);
const struct fake_slack_channel *fake_slack_channel(struct fake_slack *, const char *where);
const struct fake_slack_group *fake_slack_group(const struct fake_slack *, const char *which);
const struct fake_slack_user *fake_slack_bot(const struct fake_slack *);

struct fake_slack_message {
	unsigned number;		/* unique, ascending */
	const char *channel, *ts, *thread_ts;	/* thread_ts NULL: not in a thread */
	const char *user, *bot_id;	/* bot_id NULL: a person wrote it */
	const char *subtype; /* "file_share", "thread_broadcast", "slack_notice"; or NULL */
	const char *text;
	const cJSON *blocks, *metadata;	/* or NULL */
	const char *only_for;		/* ephemeral: the user id that sees it; or NULL */
	const char *file, *file_name;	/* of the file that it shares; or NULL */
	unsigned edits;			/* by chat.update, replace_original or its author */
	bool deleted, edited_mark;	/* edited_mark: people see "(edited)" */
	bool forged;			/* by fake_slack_forge */
	const char *const *reactions;	/* "eyes U0ROLLCALL", …; NULL or ends with NULL */
};

/* All messages of a place in their order, ephemeral and deleted ones included; NULL starts, NULL
 * ends.  next_in_thread gives the parent first, then what stands under it. */
const struct fake_slack_message *fake_slack_next_message(
    struct fake_slack *, const char *where, const struct fake_slack_message *);
const struct fake_slack_message *fake_slack_next_in_thread(
    struct fake_slack *, const struct fake_slack_message *in, const struct fake_slack_message *);
const struct fake_slack_message *fake_slack_message(
    struct fake_slack *, const char *where, const char *ts);
const struct fake_slack_message *fake_slack_last_message(struct fake_slack *, const char *where);
/* Would this person see it?  (not deleted; there; not ephemeral for another) */
bool fake_slack_sees(struct fake_slack *, const char *who, const struct fake_slack_message *);
/* Does it make a sound for `who`: an id, "@here", "@channel" or "@everyone"? */
bool fake_slack_notifies(struct fake_slack *, const struct fake_slack_message *, const char *who);

struct fake_slack_file {
	const char *id, *name, *title, *channel, *thread_ts;
	const char *bytes;
	size_t length, announced;
	bool uploaded, completed;
};
const struct fake_slack_file *fake_slack_next_file(
    const struct fake_slack *, const struct fake_slack_file *);

struct fake_slack_view {
	const char *id, *hash, *user, *callback_id, *title;
	const cJSON *view;		/* as the bot gave it, with block ids filled in */
	const cJSON *values;		/* state.values as filled in so far */
	const char *problem;		/* what the person reads after a bad submission; or NULL */
	const cJSON *errors; /* block_id → sentence, from response_action errors; or NULL */
};
/* The dialog on top of what this person has open; NULL: none.  home: what views.publish gave. */
const struct fake_slack_view *fake_slack_view(struct fake_slack *, const char *who);
const struct fake_slack_view *fake_slack_home(struct fake_slack *, const char *who);

/* What a person reads, as plain text in the arena: header, sections with mentions, links and dates
 * resolved (UTC) and marks of emphasis taken away, buttons as [ Label ], menus as [ ⋯ A | B ]. */
char *fake_slack_render(struct fake_slack *, struct arena *, const struct fake_slack_message *);
char *fake_slack_render_view(struct fake_slack *, struct arena *, const struct fake_slack_view *);

/* ---- people -------------------------------------------------------------------------------- */
enum fake_slack_outcome {
	FAKE_WAITING,	/* sent (or waiting for its next attempt), not acknowledged yet */
	FAKE_ACKED,
	FAKE_TIMED_OUT,	/* 3 s passed: the person saw operation_timeout, or all retries were used */
	FAKE_NOT_SENT,	/* no link was open: the person saw dispatch_failed */
};

struct fake_slack_delivery {
	unsigned number;
	const char *type;		/* slash_commands, events_api, interactive */
	const char *user;		/* who caused it; or NULL */
	const char *envelope_id;	/* of the last attempt */
	enum fake_slack_outcome outcome;
	int attempts;			/* envelopes sent */
	int acks;			/* acknowledgements that came, late ones too */
	bool late;			/* an acknowledgement came after its deadline */
	const cJSON *payload, *answer;	/* answer: the acknowledgement's payload; or NULL */
	const char *problem; /* what the person saw go wrong, or what was wrong in the answer */
	const char *confirm;		/* the question that the button asked first; or NULL */
	int64_t sent, acked;		/* on our clock */
};
const struct fake_slack_delivery *fake_slack_delivery(const struct fake_slack *, unsigned number);
unsigned fake_slack_last_delivery(const struct fake_slack *);	/* 0: none yet */
unsigned fake_slack_waiting(const struct fake_slack *);	/* sent, not acknowledged, not timed out */

/* "/rollback @bob <b> https://x": escaped as with should_escape (protocols 1.4). */
unsigned fake_slack_slash(struct fake_slack *, const char *who, const char *where,
    const char *typed, struct error *);
/* A message; thread_ts NULL: at top level.  Mentions the bot → app_mention and message event, both.
 * Returns the message; deliveries follow on each other: fake_slack_last_delivery is the last. */
const struct fake_slack_message *fake_slack_says(struct fake_slack *, const char *who,
    const char *where, const char *thread_ts, const char *typed, struct error *);
bool fake_slack_edits(struct fake_slack *, const struct fake_slack_message *, const char *typed,
    struct error *);
bool fake_slack_deletes(struct fake_slack *, const struct fake_slack_message *, struct error *);

/* Presses what reads `label` on the newest drawing of a message: a button, or an entry of an
 * overflow or select menu.  A confirm dialog is answered yes and noted.  press_old: as drawn `ago`
 * edits before, by a client that has not got the newer drawing yet. */
unsigned fake_slack_press(struct fake_slack *, const char *who,
    const struct fake_slack_message *, const char *label, struct error *);
unsigned fake_slack_press_old(struct fake_slack *, const char *who,
    const struct fake_slack_message *, unsigned ago, const char *label, struct error *);
/* Any action object, also one that no message carries. */
unsigned fake_slack_act(struct fake_slack *, const char *who, const struct fake_slack_message *,
    const cJSON *action, struct error *);
/* A card posted under the bot's name by somebody with its token, or a copy of one elsewhere. */
const struct fake_slack_message *fake_slack_forge(struct fake_slack *, const char *where,
    const char *text, const cJSON *blocks);
/* A post of the bot's own that is carried out a second time: the same, metadata with this key included. */
const struct fake_slack_message *fake_slack_twin(struct fake_slack *, const struct fake_slack_message *,
    const char *key);
const struct fake_slack_message *fake_slack_copy(struct fake_slack *,
    const struct fake_slack_message *, const char *where, struct error *);

/* In the topmost dialog: writes or chooses, under the label of the field; presses a button; sends;
 * closes (cleared: by the corner ×, the whole stack).  submit takes pairs label, value, …, NULL. */
bool fake_slack_fill(struct fake_slack *, const char *who, const char *label, const char *value,
    struct error *);
unsigned fake_slack_press_in_view(struct fake_slack *, const char *who, const char *label,
    struct error *);
unsigned fake_slack_submit(struct fake_slack *, const char *who, const char *const *values,
    struct error *);
unsigned fake_slack_close_view(struct fake_slack *, const char *who, bool cleared, struct error *);
/* What an external select offers after typing `typed`. */
unsigned fake_slack_suggest(struct fake_slack *, const char *who, const char *action_id,
    const char *typed, struct error *);
/* Global shortcut (message NULL) or message shortcut. */
unsigned fake_slack_shortcut(struct fake_slack *, const char *who, const char *callback_id,
    const struct fake_slack_message *, struct error *);
unsigned fake_slack_opens_home(struct fake_slack *, const char *who, struct error *);
/* Any inner event as events_api (the fake owns a copy); NULL: an envelope without one. */
unsigned fake_slack_event(struct fake_slack *, const cJSON *event);
/* The same payload again: a retry of Slack's. */
bool fake_slack_redeliver(struct fake_slack *, unsigned number, struct error *);

/* ---- good and bad days --------------------------------------------------------------------- */
size_t fake_slack_links(const struct fake_slack *);	/* open ones that had their hello */
size_t fake_slack_sockets(const struct fake_slack *);	/* all, stalled ghosts included */

enum fake_slack_trouble {
	FAKE_WARNING,	    /* disconnect message; the link ends 10 s later */
	FAKE_REFRESH,	    /* refresh_requested; the link ends 10 s later [gk] */
	FAKE_LINK_DISABLED, /* Socket Mode switched off: links end, open answers forbidden [gk] */
	FAKE_TOO_MANY,	    /* too_many_websockets, then closed */
	FAKE_DROP,	    /* RST */
	FAKE_FIN,	    /* the stream ends, no close frame */
	FAKE_STALL,	    /* silence: no data, no pongs, TCP stays */
	FAKE_CLOSE,	    /* close frame 1000; TCP stays open as Slack's does */
};
void fake_slack_trouble(struct fake_slack *, enum fake_slack_trouble);	/* all links */
void fake_slack_trouble_newest(struct fake_slack *, enum fake_slack_trouble);
void fake_slack_enable(struct fake_slack *);	/* after FAKE_LINK_DISABLED */
void fake_slack_hello_after(struct fake_slack *, int64_t ms);	/* −1: never */
void fake_slack_refuse_links(struct fake_slack *, unsigned n);	/* next n upgrades get a 503 */
void fake_slack_fragment(struct fake_slack *, unsigned frames);	/* each message in so many */
/* Any bytes as one text frame of any link; false: none stands. */
bool fake_slack_raw(struct fake_slack *, const char *bytes, size_t length);
void fake_slack_pad(struct fake_slack *, size_t bytes);	/* envelopes are at least so long */

enum fake_slack_fault {
	FAKE_RATE_LIMITED,	/* 429, `retry_after` seconds */
	FAKE_STATUS,		/* HTTP `status`, body of an HTML proxy page */
	FAKE_HTML,		/* 200 with HTML */
	FAKE_ERROR,		/* {"ok":false,"error":`error`} */
	FAKE_HANG,		/* no answer until fake_slack_release */
	FAKE_CUT,		/* the connection is closed instead of an answer */
	FAKE_GARBAGE,		/* half a JSON document */
};
struct fake_slack_fault_options {
	enum fake_slack_fault fault;
	unsigned calls;		/* the next so many; 0: one */
	unsigned skip;		/* after so many that go well */
	bool done;		/* the call takes effect before its answer is spoilt */
	int status, retry_after;	/* 0: 500; 0: 1 */
	const char *error;	/* NULL: internal_error */
};
/* method: "chat.postMessage", "upload", "response_url", or "*". */
void fake_slack_fault(
    struct fake_slack *, const char *method, const struct fake_slack_fault_options *);
void fake_slack_no_faults(struct fake_slack *);
size_t fake_slack_hanging(const struct fake_slack *);
void fake_slack_release(struct fake_slack *);	/* hanging calls are answered now */
void fake_slack_unlimited(struct fake_slack *, bool);	/* tiers off or on */
/* What the bot's token may do, separated by commas; NULL: all that the manifest asks for. */
void fake_slack_scopes(struct fake_slack *, const char *scopes);
/* The bot token is of another workspace from now on: auth.test says so. */
void fake_slack_team(struct fake_slack *, const char *team);
/* The token stops working with this error ("token_revoked"); NULL: works. */
void fake_slack_revoke(struct fake_slack *, const char *error);

/* ---- what happened ------------------------------------------------------------------------- */
/* After each change that a person or a test could see; not reentrant, may not free the fake. */
void fake_slack_on_change(struct fake_slack *, void (*changed)(void *arg), void *arg);
/* Calls of a Web API method, faulty ones too; also "response_url", "upload", "socket", "ping",
 * "pong", "ack", "ack.unknown", "ack.twice", "frame.bad". */
unsigned fake_slack_calls(const struct fake_slack *, const char *method);
/* One line for each thing that the bot sent against Slack's published limits and schemas, with its place:
 * "chat.postMessage: [ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]". */
const char *fake_slack_violations(const struct fake_slack *);
/* One line for each request, answer and frame, tokens hidden; the oldest half goes past 4 MiB. */
const char *fake_slack_log(const struct fake_slack *);
void fake_slack_clear_log(struct fake_slack *);

#endif
