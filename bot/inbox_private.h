/*
 * inbox_private.h - what the files of the way in share: one entry, from its parse to its answer.
 *
 * inbox.c keeps and takes up; inbox_pace.c says who is too fast; inbox_permit.c judges and begins; inbox_answer.c
 * answers.  An entry belongs to whoever it is given to: the functions that answer or begin use it up.
 */
#ifndef BOT_INBOX_PRIVATE_H
#define BOT_INBOX_PRIVATE_H

#include "outbox.h"
#include "permit.h"

struct entry {
	struct store_job job;
	struct bot *bot;
	struct arrival *arrival;
	struct inbox_row row;
	struct request *request;	/* NULL: could not be parsed, see error */
	const char *suggestion;
	struct error error;
	struct permission permission;
	struct letter *letter;		/* of an answer that is committed */
	struct audit_row audit;		/* kind NULL: none */
};

/* inbox_answer.c */
bool inbox_shows(const struct arrival *);	/* whether what acknowledges it can be read */
/* The acknowledgement itself, where it has not been used: with or without words. */
void entry_acknowledge(struct entry *, const char *marked);
/* The last word on an entry that becomes no operation. */
void entry_answer(struct entry *, const struct message *);
void entry_answer_error(struct entry *, const struct error *);
void entry_free(struct entry *);

/* inbox_permit.c */
void entry_permit(struct entry *, bool fetched);
/* Help, and what is near a misspelt word. */
bool entry_is_help(const struct entry *);
void entry_names(struct entry *, bool fetched);
/* false: err says what else to do. */
bool entry_said_by_a_person(const struct entry *, struct error *);
bool entry_is_old(const struct entry *);
void entry_ask_again(struct entry *);

/* inbox_pace.c */
bool inbox_paced(struct bot *, const struct arrival *, struct error *);
bool inbox_floods(struct bot *, const struct arrival *);
void inbox_drop(struct bot *, struct arrival *);	/* what is too much: answered, counted, not kept */

#endif
