/*
 * limits.h - Block Kit as Slack accepts it: fields, kinds, lengths, counts (protocols 3.7).
 *
 * Complaints are strings in Slack's own form, "[ERROR] must be less than 151 characters
 * [json-pointer:/blocks/0/text/text]", added to `messages`.  Lengths are code points.
 */
#ifndef FAKE_LIMITS_H
#define FAKE_LIMITS_H

#include "fake.h"

#define BLOCKS_SUM 13200	/* over all text of a message; undocumented, bolt-js issue 2509 */

enum surface { IN_MESSAGE, IN_MODAL, IN_HOME };

bool blocks_check(const cJSON *blocks, enum surface, cJSON *messages);
bool view_check(const cJSON *view, cJSON *messages);	/* modal or home, by its type */
size_t blocks_sum(const cJSON *blocks);	/* characters of all texts */
/* Gives every block a block_id and every element that people use an action_id. */
void blocks_name(struct fake_slack *, cJSON *blocks);
/* NULL when &, < and > are escaped, or part of a mention, a date, a link or a quotation; else what is not. */
const char *mrkdwn_problem(const char *text);
/* NULL when the metadata of a message is right, else the error. */
const char *metadata_error(const cJSON *metadata);

#endif
