/* slack_event.c - any JSON as an envelope of Slack: an arrival that is whole, or a reason why not. */

#include "adapters/chat/slack_events.h"
#include "fuzz.h"

FUZZ
{
	static const struct slack_identity self = { .team = "T0TEAM", .user = "U0BOT", .bot = "B0BOT",
		.app = "A0APP" };
	_cleanup_(json_freep) cJSON *envelope = json_parse(bytes, length, NULL);
	struct slack_event event;
	struct arrival *arrival;
	struct arena *arena;

	if (envelope == NULL) {
		arena = arena_new();
		slack_text_read(arena, bytes);
		arena_free(arena);
		return;
	}
	event = slack_event_read(envelope, &self, 1763708500000);
	arrival = event.arrival;
	must((arrival == NULL) == (event.counter != NULL));
	must((event.forget == NULL) == (event.forget_id == NULL));
	if (arrival == NULL)
		return;
	/* Who and where are ids of this workspace, and what is remembered carries its team (S3, ID2). */
	must(string_equal(arrival->team, self.team) && string_starts(arrival->key, "T0TEAM/"));
	must(slack_id_valid(arrival->person) && !string_equal(arrival->person, self.user));
	must(arrival->channel == NULL || slack_id_valid(arrival->channel));
	must(arrival->thread == NULL || slack_ts_valid(arrival->thread));
	must(arrival->door != DOOR_CONSOLE && arrival->stamp > 0);
	arrival_free(arrival);
}
