/*
 * request.h - one thing that a person (or a trigger) asks for, from the wire to the command.
 *
 * An adapter fills a `struct arrival`: who, where, by which door, what text, with Slack-like ids as plain
 * strings.  The inbox gives it an id and keeps it.  parse makes a `struct request` of it: which command,
 * which target in which cluster, to what, why.  Both live in an arena of the request.
 *
 * Principals are written "TEAM/USER" for people, "local:USER", "trigger:NAME" (decision E11).
 */
#ifndef BOT_REQUEST_H
#define BOT_REQUEST_H

#include "configuration.h"
#include "driver.h"

enum door {
	DOOR_SLASH,		/* a command that Slack says a person typed: may carry `now` */
	DOOR_MESSAGE,		/* mention or direct message: other apps' tokens can type as a person (P7) */
	DOOR_BUTTON,		/* a click on a card of ours */
	DOOR_DIALOG,		/* a submitted dialog */
	DOOR_CONSOLE,		/* the local socket */
};
const char *door_name(enum door);

struct arrival {
	struct arena *arena;
	int64_t inbox;			/* row number, 0 not stored (reads) */
	enum door door;
	const char *key;		/* deduplication, with the team's id before it (S3) */
	const char *team, *person;	/* ids; person for local: "local:root" with team "" */
	const char *person_name;	/* for the log only, never trusted */
	const char *channel, *channel_name;
	const char *thread;		/* message ts of the thread, NULL none */
	const char *message;		/* ts of the message that was clicked or that mentioned us */
	const char *text;		/* as typed, escapes of the wire undone */
	/* Buttons and dialogs: "start"; "R-142:NONCE:3", behind it "#" and the seal that was drawn with it. */
	const char *action, *argument;
	cJSON *values;			/* dialogs: { "reason": "…" }; owned by the arrival */
	int64_t stamp;			/* when it was typed or clicked by the peer's clock, or our receipt */
	int64_t received;
	const struct chat *chat;	/* who brought it, and: */
	void *reply;			/* the adapter's handle for acknowledge; NULL once used or after a restart */
	const char *reply_url;		/* secret-ish; memory only; NULL when gone */
	const char *trigger;		/* opens one dialog within 3 s (POST_DIALOG); memory only; NULL: none */
};
void arrival_free(struct arrival *);

struct person;

struct request {
	struct arena *arena;
	struct arrival *arrival;	/* borrowed */
	const struct configuration *configuration;	/* the one it was made under; held */
	struct request *earlier;	/* the same one, made before a reload; freed with it */
	const struct command *command;
	const char *subcommand;		/* "history", "status" …; NULL */
	const char *principal;		/* "T0TEAM/U0ANN" */

	struct target *target;		/* NULL for commands without one */
	const char *to;			/* as typed: "5", "previous", "v1.2.3" */
	const char *amount;		/* scale */
	const char *image;		/* pin: container=image or image */
	const char *object;		/* ids and names of commands without target: "R-142" */
	const char *hash;		/* ops approve ID HASH */
	const char *reason;		/* because … */
	const char *through;
	bool dry_run, now, direct;
	bool without_hooks;		/* what the release runs beside its objects is left out */
	bool exact;			/* the target's name was typed exactly: `now` may count */
	const char *notes;		/* what was understood differently from what was typed; NULL */
};

#endif
