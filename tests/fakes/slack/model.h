/*
 * model.h - the workspace: people, places, messages, dialogs, files, and what is handed out for a
 * while (triggers, response URLs).
 *
 * `seen` in each struct is what callers of fake_slack.h get.  People, places and groups live in the
 * workspace's arena and are never freed before it; messages and views own their parts.
 */
#ifndef FAKE_MODEL_H
#define FAKE_MODEL_H

#include "fake_slack.h"
#include "clock.h"

#define TEAM "T0TEAM"
#define TEAM_DOMAIN "acme"
#define APP "A0ROLLCALL"
#define BOT_USER "U0ROLLCALL"
#define BOT "B0ROLLCALL"
#define SLACKBOT "USLACKBOT"
#define TS_SIZE 24

struct user {
	struct fake_slack_user seen;
	struct view *home;
};

/* Tokens that fill again with time: `rate` a minute, at most `burst`. */
struct bucket {
	double level;
	int64_t at;	/* 0: full */
};

struct channel {
	struct fake_slack_channel seen;
	struct { struct message **item; size_t count, size; } messages;	/* ascending */
	struct bucket posts;
};

struct group {
	struct fake_slack_group seen;
};

struct drawing {	/* an earlier state of a message */
	char *text;
	cJSON *blocks;
};

struct message {
	struct fake_slack_message seen;
	struct channel *channel;
	int64_t micros, thread_micros;	/* thread_micros 0: none */
	int64_t edited_micros;
	char ts[TS_SIZE], thread_ts[TS_SIZE];
	char *text;
	cJSON *blocks, *metadata;
	struct { struct drawing *item; size_t count, size; } past;
	struct { char **item; size_t count, size; } reactions;
	size_t replies;
	bool broadcast;
};

struct view {
	struct fake_slack_view seen;
	char id[24], hash[40], external_id[256];
	char root[24], previous[24];
	struct user *user;
	cJSON *view, *values, *errors;
	char *problem;
	unsigned drawn;		/* part of the hash */
};

struct trigger {
	char id[64];
	struct user *user;
	int64_t at;
	bool used, in_view;
};

/* A response_url. */
struct hook {
	unsigned number;
	char secret[20];
	struct user *user;
	struct channel *channel;
	unsigned message;	/* the clicked message's number; 0: a slash command */
	int64_t thread;		/* micros of the clicked message's thread */
	int64_t at;
	int uses;
	struct bucket rate;
};

struct file {
	struct fake_slack_file seen;
	struct text bytes;
	char *title;
	struct user *user;
};

struct workspace {
	struct arena *arena;
	struct { struct user **item; size_t count, size; } users;
	struct { struct channel **item; size_t count, size; } channels;
	struct { struct group **item; size_t count, size; } groups;
	struct { struct view **item; size_t count, size; } views;	/* open, bottom to top */
	struct { struct trigger *item; size_t count, size; } triggers;
	struct { struct hook *item; size_t count, size; } hooks;
	struct { struct file **item; size_t count, size; } files;
	int64_t last_micros;
	unsigned messages, view_number, file_number, hook_number, trigger_number, names;
};

/* What is written of a new message; strings are copied, blocks and metadata taken over. */
struct draft {
	struct channel *channel;
	const char *user, *bot_id, *subtype, *text, *only_for, *file, *file_name;
	cJSON *blocks, *metadata;
	int64_t micros;		/* of a message read from a file; 0: now */
	int64_t thread_micros;
	bool broadcast, forged;
};

void workspace_init(struct fake_slack *);
void workspace_clear(struct fake_slack *);
void workspace_populate(struct fake_slack *);	/* the people and places every test knows */

struct user *user_find(const struct fake_slack *, const char *who);	/* id, name or @name */
struct user *user_by_id(const struct fake_slack *, const char *id);
struct user *user_by_email(const struct fake_slack *, const char *email);
const char *user_team(const struct user *);
bool user_is_guest(const struct user *);
struct channel *channel_by_id(const struct fake_slack *, const char *id);
struct channel *channel_by_name(const struct fake_slack *, const char *name);
struct channel *channel_find(struct fake_slack *, const char *where);	/* also opens a DM */
struct channel *channel_direct(struct fake_slack *, const struct user *);	/* made when new */
bool channel_has(const struct fake_slack *, const struct channel *, const struct user *);
struct group *group_find(const struct fake_slack *, const char *which);
struct group *group_by_id(const struct fake_slack *, const char *id);
bool string_list_has(const char *const *list, const char *s);	/* list may be NULL */

struct message *message_add(struct fake_slack *, const struct draft *);
struct message *message_at(const struct channel *, const char *ts);	/* not an ephemeral one */
struct message *message_at_micros(const struct channel *, int64_t micros);
struct message *message_by_number(const struct fake_slack *, unsigned number);
struct message *message_of(struct fake_slack *, const struct fake_slack_message *);
/* The present drawing goes to `past`; text is copied, blocks and metadata taken over (metadata only
 * when `with_metadata`). */
void message_redraw(struct fake_slack *, struct message *, const char *text, cJSON *blocks,
    cJSON *metadata, bool with_metadata);
void message_delete(struct fake_slack *, struct message *);
/* False when that reaction by that user is there already. */
bool message_react(struct fake_slack *, struct message *, const char *name, const char *user);
bool ts_read(const char *ts, int64_t *micros);
void ts_print(char ts[TS_SIZE], int64_t micros);

#endif
