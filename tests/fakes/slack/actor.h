/*
 * actor.h - what the people's functions share: who may act where, and finding a widget by its
 * label.
 */
#ifndef FAKE_ACTOR_H
#define FAKE_ACTOR_H

#include "fake.h"

/* Both fill the error when such a person could not act, or not there. */
struct user *actor_user(struct fake_slack *, const char *who, struct error *);
struct channel *actor_place(struct fake_slack *, const struct user *, const char *where,
    struct error *);

struct widget {
	const cJSON *block, *element, *option;	/* option NULL: the element itself */
};
/* A button, or an option of a menu, by what people read on it. */
bool widget_find(const cJSON *blocks, const char *label, struct widget *, struct error *);
/* The action object of pressing it. */
cJSON *widget_action(const struct widget *);
/* The confirm dialog's words in one line, for the caller to free; NULL: none. */
char *widget_confirm(const struct widget *);

#endif
