/*
 * operation.h - one operation from the question to the last word, and the engine that walks it.
 *
 *            facts, plan                  yes                    last step
 *  looking ─────────────► asking ───────────────► acting ◄────► waiting ──► telling ──► ended
 *     │ refused, answered,   │ rejected, expired,   │ failed        │          ▲
 *     │ unchanged, too_old   │ cancelled            ▼               │          │
 *     └──────────► ended     └──────────► ended   undoing ──────────┴──────────┤
 *                                                   │ nobody knows             │
 *                                                   └────► interrupted ────────┘ a person chooses
 *
 * Between the last step and telling, where its environment is observed and it was verified, stands watching:
 * people have heard of the end, the locks are free, and it is looked at until the window ends
 * (operation_watch.h).
 *
 * Each move is one store transaction (decision S1): the operation row, its step, its approvals, its locks,
 * its letters and its audit record together; memory follows when it is committed.  Until it is, the
 * operation is `settling` and takes no other event: clicks that come meanwhile are refused with a sentence,
 * a Stop is kept until it has settled, timers come again.  No tool runs while a move settles.
 *
 * After a crash (E1): looking is begun again from the inbox row; asking looks again, the same hash keeps
 * its approvals; acting and waiting go by the resume of the step that was RUNNING; interrupted stays;
 * watching goes on to the same end; telling goes on in the outbox.
 */
#ifndef BOT_OPERATION_H
#define BOT_OPERATION_H

#include "bot.h"
#include "command.h"
#include "job.h"
#include "message.h"
#include "outbox.h"
#include "permit.h"
#include "request.h"

enum operation_state {
	STATE_LOOKING, STATE_ASKING, STATE_WAITING, STATE_ACTING, STATE_UNDOING, STATE_INTERRUPTED,
	STATE_WATCHING, STATE_TELLING, STATE_ENDED
};
enum outcome {
	OUTCOME_NONE, OUTCOME_DONE, OUTCOME_UNCHANGED, OUTCOME_FAILED, OUTCOME_CANCELLED,
	OUTCOME_REFUSED, OUTCOME_REJECTED, OUTCOME_EXPIRED, OUTCOME_TOO_OLD
};
enum outcome_verdict {
	VERDICT_NONE, VERDICT_VERIFIED, VERDICT_NOT_BETTER, VERDICT_UNVERIFIABLE, VERDICT_PARTLY,
	VERDICT_UNKNOWN, VERDICT_UNDONE
};
const char *operation_state_name(enum operation_state);
const char *outcome_name(enum outcome);
const char *verdict_name(enum outcome_verdict);
bool operation_state_read(const char *name, enum operation_state *);
bool outcome_read(const char *name, enum outcome *);
bool verdict_read(const char *name, enum outcome_verdict *);

/* The state word of ux.md 2 and the exit status of `rollcall do` (ux.md 8) for where it stands. */
struct operation;
const char *operation_word(const struct operation *);
/* "R-142 Running: gateway → 1.2.3": the first line of its card, and its line in lists. */
const char *operation_headline(const struct operation *, struct arena *);
/* What a phone shows of it, at most 180 characters: "R-142 RUNNING: gateway, production, to 1.2.3. Step 4
 * of 6: …".  more: what stands behind it; NULL: nothing. */
const char *operation_notification(const struct operation *, struct arena *, const char *more);
const char *operation_shouted(struct arena *, const char *);		/* "PRODUCTION" */
const char *operation_version(struct arena *, const struct version *);	/* "1.2.3", "revision 5" */
/* How many yeses are missing, and which requirement wants them. */
int operation_missing_yeses(const struct operation *, const struct requirement **which);
int operation_exit(const struct operation *);

struct approval {
	const char *person;
	const char *note;		/* what they said with it; NULL */
	int64_t stamp;
};

/* Who wants to hear of its end, or only that its lock is free. */
#define FOLLOWERS_MOST 50
struct follower {
	const char *principal, *person, *chat;
	const char *channel;			/* the person's own, or their terminal's */
	bool lock_only;
};

struct operation {
	struct operation *next;			/* in bot->operations */
	struct arena *arena;
	struct bot *bot;
	const char *id;				/* "R-142"; NULL while looking */
	enum operation_state state;
	enum outcome outcome;
	enum outcome_verdict verdict;
	struct arrival *arrival;
	struct request *request;
	struct permission permission;
	struct plan *plan;
	char hash[DIGEST_HEX], nonce[33];
	const char *reason;
	int drawing, row;
	int64_t created, expires;
	bool start_given;			/* the asker said Start (P7) */
	bool starting;				/* nobody is asked: `now` counts */
	int64_t said;				/* when that was said, or the asker's Start; 0: neither */
	struct { struct approval *item; size_t count, size; } approvals;
	struct { struct follower *item; size_t count, size; } followers;
	bool released;				/* it only watches, and has given its lock back */
	const char *overtaken_by;		/* id of the one that changes the workload since */
	const char *blocked_by;			/* id of the one that holds its lock; NULL: none known */
	bool settling;				/* a transaction is under way */
	struct hearer *hearers;			/* of what is recorded with the next one */
	const char *keep_as, *keep_by;		/* said while it settled: kept when it has; NULL: nothing */

	/* looking */
	struct facts *facts;
	struct mask_set *mask;			/* every Secret value seen by this operation */
	struct plan *looking;			/* collects the reads of a round */
	struct seen *seen;			/* of the look before, for the last one; NULL: none */
	int round;
	size_t reads_left;
	int64_t took;				/* ms, the same command here, the last time; 0 unknown */
	bool last_look, looked_for_restart;
	int64_t restarted;			/* when it was taken up after a restart, 0: never */
	size_t restarted_at;			/* and its step then */
	bool taking_up;				/* after a restart, until its rights are known again */
	size_t rights_asked;			/* people looked up again before it starts */
	size_t fetching;			/* people who are looked up after a restart */
	const char *stray;			/* after a restart: why its target is not there; NULL: it is */
	bool looked_for_masks;			/* after a restart, before a spool is followed (C2) */
	bool withheld;				/* the masks could not be filled: no output is shown */
	struct timer timer;			/* expiry of the question, or the pause between readings */

	/* acting */
	struct steps *list;			/* &plan->steps, undo or always */
	size_t position;
	struct job *job;
	int64_t step_deadline;
	int64_t tool_ended;			/* wall ms, of the step's own tool; 0: it runs, or nobody knows */
	int tries;				/* readings of the present step */
	bool stop_wanted, probing, probing_after_loss;
	bool second_look;			/* at a wait whose limit passed: what came after it holds */
	bool chosen;				/* a person said: look, and go on */
	const char *stopped_by;
	struct text tail;			/* the last lines of the tool that runs */
	const char *last_words;			/* of the tool that failed */
	int log;				/* descriptor of the operation's log file, −1 */

	struct watch *watch;			/* operation_watch.h; NULL: it is not watched, and was not */
	struct operation *next_due;		/* in bot->due: its look waits for its turn */
	bool due;

	/* the card */
	const char *card_channel, *card;	/* ts */
	const char *moves_to;			/* the terminal where Start was said, when its own was left; NULL */
	const char *card_lost;			/* why it cannot be posted; NULL */
	bool card_again;			/* another one may stand, which nobody could look for (S6) */
	struct timer redraw;
	int64_t drawn;

	/* what is asked at a terminal and needs the yes of others stands in the chat too (operation_question.c) */
	const char *asked_chat, *asked_in, *asked_as;	/* its name, the channel, as the configuration writes it */
	const char *question;			/* ts of that card; NULL: on its way */
	const char *question_lost;		/* why it cannot be posted in asked_as; NULL */
	size_t asked_at;			/* which of the target's channels is looked at */
	struct timer redraw_question;
	int64_t question_drawn;
};

/* From the inbox: a permitted request that needs facts.  Owns both. */
void operation_begin(struct bot *, struct arrival *, struct request *, const struct permission *);

/* What people say to one: by its id; the sentence answers them.  false: err is the answer. */
struct word_of {
	const char *principal;
	const struct arrival *arrival;		/* for door, nonce, stamps; borrowed */
	const char *hash, *reason;
	struct hearer *hearer;			/* told when it is recorded; NULL: nobody waits */
};
bool operation_start_given(struct operation *, const struct word_of *, struct error *);
bool operation_approve(struct operation *, const struct word_of *, struct error *);
/* Would this yes count now? */
bool operation_may_approve(struct operation *, const struct word_of *, struct error *);
bool operation_reject(struct operation *, const struct word_of *, struct error *);
bool operation_stop(struct operation *, const struct word_of *, struct error *);
bool operation_resume(struct operation *, const struct word_of *, struct error *);
bool operation_dismiss(struct operation *, const struct word_of *, struct error *);
/* An admin gives its lock back (E8): one that only watches goes on, one that waits for a decision ends, one
 * that still changes something is refused. */
bool operation_release(struct operation *, const struct word_of *, struct error *);
/* To the one that holds a lock: tell me your end; tell me when the lock is free. */
bool operation_follow(struct operation *, const struct word_of *, struct error *);
bool operation_tell(struct operation *, const struct word_of *, struct error *);
/* "R-142 Running: gateway → 1.2.3, step 4 of 6: …. Its card stands in #incidents since 14:22 UTC …" */
const char *operation_where(const struct operation *, struct arena *);

struct operation *operation_find(struct bot *, const char *id);
/* At start: everything that was open.  Called once the store is there and rights can be looked up. */
void operations_load(struct bot *);
/* A new configuration counts from now on: open questions are judged by it too. */
void operations_reload(struct bot *);
void operations_free(struct bot *);
/* The outbox has delivered the last letter of it. */
void operation_told(struct bot *, const char *id);
/* Its card stands there now, or will never. */
void operation_card_stands(struct bot *, const char *id, const char *channel, const char *ts);
/* Before its card is posted a second time, because nobody can look whether it stands: it says so. */
void operation_card_again(struct bot *, const char *id);
/* The same of its question in the chat; lost: it goes on waiting for words. */
void operation_question_stands(struct bot *, const char *id, const char *ts);
void operation_question_lost(struct bot *, const char *id, const char *why);
/* The chat is there again: what is asked at terminals is asked in it. */
void operations_question(struct bot *);
/* It cannot be posted: nobody could answer, so the question ends and the asker hears why. */
void operation_card_lost(struct bot *, const char *id, const char *why);

/* ---- between operation_*.c only ---- */
struct operation *operation_new(struct bot *, struct arrival *, struct request *);
void operation_drop(struct operation *);	/* forgets it; nothing of it may be under way */
void operation_look(struct operation *);	/* rounds of reads, then operation_looked */
void operation_looked(struct operation *, struct plan *, struct error *);	/* plan NULL: err */
/* What was said is recorded with the next move, or beside it (operation_keep). */
void operation_hear(struct operation *, const struct word_of *);
void operation_unmoved(struct operation *);	/* of the last look: the plan would be the same */
void operation_forget_seen(struct operation *);
void operation_ask(struct operation *);		/* the first question */
/* operation_question.c */
void operation_ask_now(struct operation *);	/* it is known where */
void operation_find_place(struct operation *);	/* then operation_ask_now; or, when it is asked already, a letter */
const char *operation_asked(const struct operation *, struct arena *);	/* where; NULL: its card is there */
struct message *operation_question_card(const struct operation *);
void operation_redraw_question(struct operation *);
void question_print(const struct operation *, cJSON *request);
void question_read(struct operation *, const cJSON *request, const char *ts);
void operation_go(struct operation *);		/* the last yes: rights, locks, last look, first step */
/* Its plan as a new question, for which no earlier yes counts; code: of the remark that says why. */
void operation_ask_anew(struct operation *, const char *code, const char *why);
void operation_walk(struct operation *);	/* the next step */
enum verdict operation_judge(struct arena *, const struct step *, const struct job_result *,
    struct findings *, const char **note);
/* operation_ahead.c */
void operation_read_ahead(struct operation *);	/* the present step was started */
bool operation_await(struct operation *);	/* the present step is answered, or will be */
void operation_forget_ahead(struct operation *);
void operation_came(struct operation *, enum verdict, const char *note);	/* what was awaited */
void operation_read_options(struct operation *, const struct step *, struct job_options *);
void aheads_free(struct bot *);
void operation_interrupt(struct operation *, const char *why);
/* Its request again, under the present configuration; false: that is not what was asked for any more, and
 * the operation has ended. */
bool operation_adopt_rules(struct operation *);
void reviews_free(struct bot *);
bool operation_without_card(struct operation *);	/* ends a question that nobody can see */
/* A Stop that was said while it could not be taken: true when it was taken now. */
bool operation_stop_kept(struct operation *);
void operation_end(struct operation *, enum outcome, enum outcome_verdict, const char *why);
void give_drawing(struct operation *);	/* a new number and row for the card */
void operation_redraw(struct operation *);	/* soon: at most every 2 s, alone */
void operation_answer(struct operation *, const struct message *);	/* to the asker only */
void operation_row(const struct operation *, struct arena *, struct operation_row *);
struct message *operation_card(const struct operation *);
struct message *operation_card_whole(const struct operation *);	/* the same with every note */
void operation_resume_acting(struct operation *);
void operation_go_on(struct operation *);	/* after a restart, with the step that it was at */
/* After a restart, with its locks and nothing changed: the last yes goes on, or is asked for again (E10). */
void operation_begin_anew(struct operation *);
void operation_rewind(struct operation *);		/* to its first step, as if none had begun */
/* May a change begin for this word: it is fresh, and neither hold, brake nor our own end is in the way. */
bool operation_may_begin(const struct operation *, const struct word_of *, struct error *);
bool operation_yes_counts(const struct operation *);	/* every yes is there, and the last is no older than a click */
bool operation_begun(const struct operation *);		/* a step may have changed something */
/* operation_stray.c: after a restart without its target.  A request in its place, without one; what becomes of
 * it; and on, when the present configuration has the target again (false: it has not, and err says so). */
struct request *request_left_behind(struct bot *, struct arrival *, const struct operation_row *,
    const struct plan *);
void operation_left_behind(struct operation *);
bool operation_found_again(struct operation *, const struct word_of *, struct error *);
/* Is the plan's target what the request names now? */
bool operation_still_there(const struct plan *, const struct request *, struct error *);
void operation_log(struct operation *, const char *text, size_t length);
/* Its row as it stands, when nothing settles: not a move.  audit: of what was said, and by whom. */
void operation_keep(struct operation *, const char *audit, const char *actor);
void operation_give_back(struct operation *, const char *audit, const char *actor);	/* and its locks */
/* It has a lock: those that only watch the same workload are overtaken. */
void operation_overtake(struct operation *);
bool operation_shares_lock(const struct operation *, const struct plan *);
bool operation_holds(const struct operation *);		/* has its locks */
/* The one that holds a lock that the plan needs; NULL: none. */
struct operation *operation_blocker(struct bot *, const struct plan *);
const char *operation_who_blocks(const struct operation *blocker, struct arena *);
/* The two buttons that mean that one, added by message_button or message_more. */
void operation_offer(const char *id, struct message *, void (*add)(struct message *, const struct button *));
/* Its lock is free: who waited for it may start. */
void operation_unblock(struct bot *, const char *id);

#endif
