/*
 * console_complete.h - what Tab offers in the console: commands, their words, targets, places.
 *
 * The running bot is asked once for what there is ({"words": ""}); until it has answered, Tab offers
 * nothing.  One session a process: line editing has one global state.
 */
#ifndef CHAT_CONSOLE_COMPLETE_H
#define CHAT_CONSOLE_COMPLETE_H

#include "base/json.h"

void complete_begin(void);			/* hangs itself into line editing */
void complete_learn(const cJSON *words);	/* the bot's answer; copied */
void complete_forget(void);

/* The candidates that begin with `word`, after what stands before it in the line; ends with NULL; free
 * each and the array.  NULL: none. */
char **complete_candidates(const char *before, const char *word);

#endif
