/*
 * slack_events.h - what came over a socket, as an arrival; pure.
 *
 * Everything in a payload is a stranger's until it was looked at: a missing or wrong-typed member, a
 * payload without event (app_rate_limited), an unknown kind are dropped and counted, never followed.
 * Refused and counted: another workspace's or an organisation's payload (ID2), a click on anything but a
 * message of ours (ID9); dropped: what a bot, a workflow or we ourselves wrote, what was edited (ID4).
 *
 * The key is complete (S3), its kind behind our team's id:
 *	T0TEAM/message/C0X/1763708400.000100	app_mention and message.* of one text are two events with two
 *						event_ids, but one (channel, ts); a redelivery has both equal
 *	T0TEAM/command/TRIGGER	T0TEAM/click/USER/ACTION_TS/ACTION_ID	T0TEAM/view/VIEW/HASH
 *
 * The text is what the person saw (slack_text_read).  Of a slash command it begins with the command,
 * "/rollback gateway to 5"; of a message the part behind our mention.
 */
#ifndef SLACK_EVENTS_H
#define SLACK_EVENTS_H

#include "base/json.h"
#include "request.h"

/* Who we are: from auth.test, the application's id from hello; NULL: not known yet. */
struct slack_identity {
	const char *team, *user, *bot, *app;
};

struct slack_event {
	struct arrival *arrival;	/* the caller's; NULL: nothing to do but acknowledge */
	const char *counter;		/* a literal: why there is no arrival; NULL with one */
	bool refused;			/* from a stranger: a command gets one sentence, the rest silence */
	const char *forget, *forget_id;	/* "person", "group", "channel", borrowed from the envelope */
};

/* identity->team must be known.  chat, reply are left to the caller. */
struct slack_event slack_event_read(const cJSON *envelope, const struct slack_identity *,
    int64_t wall);

/* The events that make us forget a fact, for the manifest; NULL after the last. */
const char *slack_event_forgetful(size_t);

/*
 * Slack's wire text as it was typed: <https://gcr.io/x|gcr.io/x> is gcr.io/x again (SL1), <https://x> its
 * address, <mailto:a@b|a@b> is a@b, <!here> @here, &amp; &.  Ids keep their brackets and lose their
 * names, which nobody may trust: <@U0ANN|ann> is "<@U0ANN>", <#C0X|web> "<#C0X>", <!subteam^S0X|@sre>
 * "<!subteam^S0X>".  A typed "<@U0ANN>" looks the same and means the same.
 */
const char *slack_text_read(struct arena *, const char *wire);

bool slack_id_valid(const char *id);	/* capitals and digits, 2 to 32 */
bool slack_ts_valid(const char *ts);	/* "1763708400.000100" */

#endif
