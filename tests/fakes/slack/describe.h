/*
 * describe.h - the workspace's things as the JSON that Slack gives of them; the caller owns it.
 */
#ifndef FAKE_DESCRIBE_H
#define FAKE_DESCRIBE_H

#include "fake.h"

cJSON *message_json(const struct message *, bool with_metadata);
cJSON *drawing_json(const struct message *, size_t ago);	/* as drawn so many edits before */
cJSON *user_json(const struct user *, bool with_email);
cJSON *channel_json(const struct fake_slack *, const struct channel *);
cJSON *group_json(const struct group *, bool with_users);
cJSON *file_json(const struct file *);
cJSON *view_json(const struct view *);	/* with state.values */

#endif
