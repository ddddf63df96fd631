/*
 * actors.h - what people do in Slack, and how they find the message or button that is meant.
 */
#ifndef TALK_ACTORS_H
#define TALK_ACTORS_H

#include "talk.h"

talk_verb actor_run;	/* the reader stands at the person's name */

/* The newest message in that place that is still there, with this text; NULL: none. */
const struct fake_slack_message *message_with(struct talk *, const char *where, const char *text,
    const char *seen_by);
bool message_has_button(const struct fake_slack_message *, const char *label);

#endif
