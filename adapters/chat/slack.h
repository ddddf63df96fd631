/*
 * slack.h - Slack as a home for people: Socket Mode in, Web API out.
 *
 * One of these for one workspace.  Its start asks Slack for a first address, then who the token is
 * (auth.test); it is ready when a socket has its hello and the team is known.  Envelopes that come before
 * that wait.  A token that Slack does not take is said once (state with stop) and ends all tries.
 */
#ifndef SLACK_H
#define SLACK_H

#include "chat.h"

extern const struct chat slack_chat;

/* For doctor, of what start returned. */
const char *slack_scopes(const void *link);	/* the bot token's, as Slack lists them; NULL: not known */
/* The scopes that rollcall needs and the token lacks, separated by ", "; false: none, or not known. */
bool slack_missing_scopes(const void *link, struct text *out);
int slack_ghosts(const void *link);		/* connections of this application that are not ours */

#endif
