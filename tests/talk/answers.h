/*
 * answers.h - the `tool` statement: which call gets which answer.
 */
#ifndef TALK_ANSWERS_H
#define TALK_ANSWERS_H

#include "talk.h"

enum action_kind {
	ACTION_PRINT, ACTION_ERROR, ACTION_EXIT, ACTION_HANG, ACTION_SLOW, ACTION_DIE, ACTION_DEAF,
	ACTION_WORLD
};

struct action {
	enum action_kind kind;
	const char *bytes;
	size_t length;
	int64_t number;		/* exit status; ms */
};

struct answer {
	struct { struct action *item; size_t count, size; } actions;
	struct answer *then;	/* of later calls; NULL: the same again */
	bool once;
};

struct definition {
	const char *tool, *glob, *cluster;	/* cluster NULL: any */
	struct answer *answer;
	bool used_up;
};

/* Reads `kubectl "glob" [in CLUSTER] { … }`. */
bool definition_read(struct talk *, struct definition *, struct reader *, struct error *);
bool definition_fits(const struct definition *, const char *tool, const char *arguments,
    const char *cluster);
/* The answer of this call; the definition moves on to that of the next. */
const struct answer *definition_use(struct definition *);

#endif
