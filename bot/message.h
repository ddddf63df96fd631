/*
 * message.h - what rollcall says, before it has a home (decision W6).
 *
 * A neutral message: console, web and Slack render it.  Texts are marked (say.h) and already made
 * harmless; `tail` and `difference` are foreign and stand in frames of their own that parse nothing.
 * A message lives in one arena.  message_print gives stable JSON for the outbox, message_read takes it
 * back after a restart.
 */
#ifndef BOT_MESSAGE_H
#define BOT_MESSAGE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

enum button_style { BUTTON_PLAIN, BUTTON_PRIMARY, BUTTON_DANGER };

struct button {
	const char *label;		/* verb and object, ≤ 24 columns; "…" or "Plan:" changes nothing yet */
	const char *action;		/* "start", "approve", "stop" */
	const char *argument;		/* opaque: operation, nonce, row; no '#'; the first one's is sealed */
	const char *description;	/* for screen readers, ≤ 75 */
	enum button_style style;
	const char *confirm_title, *confirm_text, *confirm_yes, *confirm_no;	/* title NULL: none */
};

/*
 * Something to fill in: makes the message a dialog.  Its first button submits it: label, action and
 * argument come back in the arrival, what was typed in arrival->values under `name`.  The answer to a
 * submission is a message whose inputs say what is wrong with them, or one without inputs, shown instead.
 */
struct input {
	const char *name, *label, *hint;
	const char *initial;			/* already filled in; NULL: empty */
	const char *const *choices;		/* one of these is chosen, ends with NULL; NULL: typed */
	const char *wrong;			/* "Say why, in a few words"; NULL: nothing is */
	int most;				/* characters that may be typed; 0: 200 */
	bool optional, lines;			/* lines: several may be typed */
};

enum step_symbol { SYMBOL_DONE, SYMBOL_RUNNING, SYMBOL_NEXT, SYMBOL_FAILED, SYMBOL_STOPPED, SYMBOL_UNKNOWN,
	SYMBOL_WARNED };
struct step_line {
	enum step_symbol symbol;
	const char *text, *detail;	/* "Put revision 5 back", "0.8 s" */
};

struct message {
	struct arena *arena;
	const char *text;		/* the phone's whole message: ≤ 180 characters, no marks but a mention */
	const char *headline;		/* "R-142 Running: chatops-gateway → 1.2.3"; NULL: no card, lines only */
	const char *environment;	/* "PRODUCTION" */
	struct { const char **item; size_t count, size; } lines;	/* marked */
	struct { const char **item; size_t count, size; } remarks;	/* marked */
	const char *difference;		/* frame, ≤ 12 lines × 38 columns; NULL */
	struct { struct step_line *item; size_t count, size; } steps;
	const char *tail;		/* frame: a tool's last lines; NULL */
	struct { struct button *item; size_t count, size; } buttons;	/* ≤ 3 */
	struct { struct button *item; size_t count, size; } more;	/* ≤ 5, the ⋯ menu */
	struct { const char **item; size_t count, size; } context;	/* small print, marked */
	struct { struct input *item; size_t count, size; } inputs;	/* ≤ 8; only in dialogs */
	const char *verbatim;		/* the whole text, marked (notification templates); excludes the rest */
	bool in_channel;		/* of an acknowledgement: for everybody there, not the asker alone */
	/* Of its buttons' argument (seal.h), given when it is sent and stored nowhere; comes back behind the
	 * argument of a click, after '#'. */
	const char *seal;
	/* metadata: readable by everybody in the workspace */
	const char *id, *state;		/* "R-142", "running" */
	int drawing;			/* changes with each drawing of a card */
	int row;			/* changes only when the buttons or their meaning change */
};

struct message *message_new(void);		/* with an arena of its own */
void message_free(struct message *);
void message_freep(struct message **);

void message_line(struct message *, const char *format, ...) _printf_(2, 3);	/* also remark, context */
void message_remark(struct message *, const char *format, ...) _printf_(2, 3);
void message_context(struct message *, const char *format, ...) _printf_(2, 3);
void message_step(struct message *, enum step_symbol, const char *text, const char *detail);
void message_button(struct message *, const struct button *);
void message_more(struct message *, const struct button *);
void message_input(struct message *, const struct input *);	/* all three copy */

/* "Done", "Running": the word that stands before a step, beside any symbol (ux.md 2). */
const char *step_word(enum step_symbol);

struct message *message_copy(const struct message *);	/* all of it, in an arena of its own */
void message_print(const struct message *, struct text *);
struct message *message_read(const char *json, size_t length, struct error *);
/* Plain text, no marks: pipes, logs, fallback. Lines end with \n. */
void message_plain(const struct message *, struct text *);

#endif
