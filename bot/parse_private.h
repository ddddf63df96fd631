/*
 * parse_private.h - what the files of the parser share: the words of one command, and how far they are read.
 *
 * parse.c knows the connecting words and what is missing; parse_words.c splits and suggests; parse_command.c
 * finds the command and its subcommand; parse_target.c the target, its cluster, a pod.  All strings live in
 * the request's arena, suggestions in that of the answer.
 */
#ifndef BOT_PARSE_PRIVATE_H
#define BOT_PARSE_PRIVATE_H

#include "parse.h"

#define WORDS_MOST 64

struct word_typed {
	const char *text;
	size_t offset;		/* where it begins in the folded text */
	bool quoted;
	bool reason;		/* all that follows "because" */
};

struct parser {
	struct arena *arena;	/* the request's */
	struct request *request;
	const struct configuration *configuration;
	const char *folded;
	struct word_typed word[WORDS_MOST];
	size_t count, at;
	size_t begin;		/* of the command, after a mention of us */
	struct parsed *parsed;
	struct arena *answer;	/* where a suggestion lives */
	const char *place;	/* after "in" */
	size_t place_at;	/* word number */
	const char *target;	/* words of the target, joined by blanks */
	size_t target_begin, target_end;	/* word numbers */
};

/* parse_words.c */
bool parser_split(struct parser *, struct error *);
const char *parser_peek(const struct parser *);			/* the next word; NULL: none */
bool parser_is_keyword(const struct parser *, size_t word);
/* "the words from a to b" joined by a separator. */
const char *parser_join(struct parser *, size_t a, size_t b, char separator);
/* The whole command again with the words from a to b replaced, without `now`. */
void parser_suggest(struct parser *, size_t a, size_t b, const char *instead);
const char *parser_reason(struct parser *, const char *understood);
size_t parser_blanks(const char *);					/* bytes of blanks at the beginning */

/* parse_command.c */
bool parse_command(struct parser *, struct error *);
const struct subcommand *parse_subcommand(struct parser *, struct error *);	/* NULL: err */

/* parse_target.c */
bool parser_is_revision(const char *word);
bool parser_is_amount(const char *word);		/* 3, +1, -1 */
void parse_target_words(struct parser *, unsigned takes);
bool parse_pod(struct parser *, struct error *);
bool parse_target(struct parser *, struct error *);	/* of the words that were found: where it runs */
const char *parser_print_targets(struct parser *);

#endif
