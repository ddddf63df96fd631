/*
 * slack_manifest.h - the application as Slack wants it described, from the tables of commands and events.
 *
 * config/slack-manifest.yaml is its output (a test compares them): an administrator pastes it when the
 * application is made.  It asks for what rollcall uses and for nothing else; Socket Mode, so no addresses.
 * Facts: Slack's app manifest reference, schema version 2 (names ≤ 35, commands ≤ 32 characters, ≤ 50).
 */
#ifndef SLACK_MANIFEST_H
#define SLACK_MANIFEST_H

#include "base/text.h"
#include "command.h"

/* The bot token's scopes; ends with NULL. */
extern const char *const slack_needed_scopes[];

/* It asks for these too; an installation may take them away and loses something. */
struct slack_optional_scope { const char *name, *lost; };	/* lost: "… count as two people" */
extern const struct slack_optional_scope slack_optional_scopes[];	/* ends with name NULL */

/*
 * A command gets a slash command of its own when its first example is typed so; the rest are words
 * behind /rollcall, which takes them all.
 */
void slack_manifest_print(struct text *, const struct command *const *table);

#endif
