/*
 * control.h - the hand on rollcall's clocks: a unix socket, lines of text (bot/loop_control.c).
 *
 * Every process of the test build that has a loop is a peer: the bot, a console, a `do`.
 */
#ifndef TALK_CONTROL_H
#define TALK_CONTROL_H

#include "talk.h"

struct peer {
	struct peer *next;
	struct talk *talk;
	uv_pipe_t pipe;
	struct text line;
	int pid;		/* 0: not greeted yet */
	bool gone;		/* closed; freed when libuv is done with it */
	bool answered;		/* to the last question */
	int http, child, store, ping, connect, other;
	int64_t question;		/* the number of the one that was asked last */
	int64_t next_timer, wall;
	char buffer[1024];
};

struct control {
	struct talk *talk;
	uv_pipe_t server;
	char *path;
	struct peer *peers;
};

bool control_start(struct talk *, struct error *);
void control_stop(struct talk *);
void control_ask(struct talk *);			/* quiet? */
void control_advance(struct talk *, int64_t ms);
bool control_answered(const struct talk *);		/* by all */
bool control_knows(const struct talk *, int pid);
int64_t control_next(const struct talk *);		/* ms to the nearest timer; −1: none */

#endif
