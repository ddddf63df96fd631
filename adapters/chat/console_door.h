/*
 * console_door.h - the bot's side of the local socket, and what its files share.
 *
 * console.c: who connects, how long they stay, what they are shown; console_hear.c: what they say.
 */
#ifndef ADAPTERS_CHAT_CONSOLE_DOOR_H
#define ADAPTERS_CHAT_CONSOLE_DOOR_H

#include <uv.h>

#include "console.h"

struct console;

struct client {
	struct client *next;
	struct console *console;
	uv_pipe_t pipe;
	struct text line;
	struct timer session;
	char *person;			/* "local:root" */
	uid_t uid;
	char *channel;			/* "console:…": never the same again, also after a restart */
	bool closing;
	char buffer[4096];
};

/* A session that reached its age: the next one of the same user may go on with its channel. */
struct ended {
	struct ended *next;
	struct console *console;
	struct timer timer;
	uid_t uid;
	char *channel;
};

struct console {
	const struct chat_host *host;
	uv_pipe_t listener;
	struct client *clients;
	struct ended *ended;
	size_t count;
	int last, lock;
	int64_t messages;
	char name[17];			/* of this run */
	char *path;
	bool open;
};

/* console.c */
void client_send(struct client *, struct text *line);	/* the line's bytes are taken */
void client_close(struct client *);
/* Whoever ended by age goes on with that channel; another user's is nobody's. */
void client_come_back(struct client *, const char *channel);
bool client_is_operator(const struct client *);		/* root, or our own account */
struct client *console_client_of(struct console *, const char *channel);	/* NULL: it has left */

/* console_hear.c */
void console_hear(struct client *, const char *line, size_t length);

#endif
