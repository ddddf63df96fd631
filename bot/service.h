/*
 * service.h - rollcall as a running service: puts the parts together, starts, drains, ends.
 *
 * The parts that are foreign to bot/ (adapters, commands) are given by main.c, which alone sees all.
 */
#ifndef BOT_SERVICE_H
#define BOT_SERVICE_H

#include "bot.h"

struct service_options {
	struct configuration *configuration;	/* owned by the service from then on */
	const struct store_verbs *store;
	const struct chat *const *chats;	/* all, in order; ends with NULL; the first with people is home */
	bool (*wants)(const struct configuration *, const struct chat *);	/* is that door configured */
	const char *exec_program;
	bool own;		/* a console started it and is its only home: own_bot.h */
	/* The playground's simulated colleague; NULL: none. Called when an operation begins to ask. */
	void (*asked)(struct bot *, const char *id);
};

/* Returns the exit status when the loop has ended. */
int service_run(const struct service_options *);

#endif
