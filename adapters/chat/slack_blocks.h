/*
 * slack_blocks.h - a neutral message as Slack's Block Kit, within its limits.
 *
 * At most 8 blocks of a message and 13,000 characters over all of them: Slack refuses more than about
 * 13,200 (msg_blocks_too_long, bolt-js#2509), counted here as printed JSON, which is never less.  What
 * does not fit is left out with a line that says how much: the tool's tail first, then the difference.
 *
 * Marked texts (say.h) become mrkdwn with & < > escaped, backticks replaced and :shapes: broken, always
 * `verbatim`; what tools and strangers wrote stands in rich_text_preformatted or plain_text, which parse
 * nothing (threats OU1, OU2).  Block ids are R-142:9:what, those of buttons R-142:row4:do: the row's id
 * stays while the buttons mean the same, so that a click during a redraw is not lost.  The message's seal
 * stands behind it, R-142:row4:do:SEAL, and in a dialog behind the argument in its private_metadata, after
 * '#'.
 *
 * The documents belong to the caller.
 */
#ifndef SLACK_BLOCKS_H
#define SLACK_BLOCKS_H

#include "base/json.h"
#include "message.h"

#define SLACK_BLOCKS_MOST 8
#define SLACK_CHARACTERS_MOST 13000
#define SLACK_TEXT_MOST 180

/* Marks to mrkdwn; a space is put between *bold* or `code` and a letter, without which Slack shows the
 * asterisks (next to CJK above all). */
void slack_mrkdwn(struct text *out, const char *marked);
/* The same, at most so many characters of the outcome; cut texts end in "…", never inside a mention. */
void slack_mrkdwn_cut(struct text *out, const char *marked, size_t most);

cJSON *slack_blocks(const struct message *);	/* an array, empty for a message that is one text */
/* The notification: what a phone shows and a screen reader reads. */
void slack_notification(struct text *out, const struct message *);
/* {"event_type":"rollcall_card", …} under 1 KiB: how a message is found again (S6). */
cJSON *slack_metadata(const struct message *, const char *key);

/* A message with inputs as a modal view. */
cJSON *slack_dialog(const struct message *);
/* What a submission is answered with: the inputs' errors, or another view. */
cJSON *slack_dialog_answer(const struct message *);

/* An overflow menu has one action_id for all its options, so theirs is in the value: "action:argument".
 * Buttons of one row need different action_ids: a second "plan" is sent as "plan.2". */
#define SLACK_MENU "more"

#endif
