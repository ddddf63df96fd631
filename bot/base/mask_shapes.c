/* mask_shapes.c - secrets that nobody told us, known by how they look. */

#include <string.h>

#include "mask_parts.h"

#define LOOK 512		/* a shape that has not shown itself within these bytes is none */
#define PEM_LOOK 80
#define BLOCK_MAX 16384		/* a PEM block without an end, a quote that is never closed */

enum kind {
	TOKEN = 1, /* trigger and letters */
	JWT,
	KEY_ID,
	PEM,
	URL,
	STRONG, /* password=… and password: … */
	WEAK,	/* token=… only: "token: x" is too often about something else */
};

static const struct trigger {
	const char *word;
	enum kind kind;
	unsigned least; /* letters that must follow a token's trigger */
	bool keep;	/* the trigger itself is no secret */
} triggers[] = {
	{ "xoxa-", TOKEN, 10, false },
	{ "xoxb-", TOKEN, 10, false },
	{ "xoxc-", TOKEN, 10, false },
	{ "xoxd-", TOKEN, 10, false },
	{ "xoxe-", TOKEN, 10, false },
	{ "xoxo-", TOKEN, 10, false },
	{ "xoxp-", TOKEN, 10, false },
	{ "xoxr-", TOKEN, 10, false },
	{ "xoxs-", TOKEN, 10, false },
	{ "xapp-", TOKEN, 10, false },
	{ "ghp_", TOKEN, 20, false },
	{ "gho_", TOKEN, 20, false },
	{ "ghu_", TOKEN, 20, false },
	{ "ghs_", TOKEN, 20, false },
	{ "ghr_", TOKEN, 20, false },
	{ "github_pat_", TOKEN, 20, false },
	{ "glpat-", TOKEN, 16, false },
	{ "hooks.slack.com/", TOKEN, 10, true },	/* whoever has it speaks as us for 30 min (ID12) */
	{ "Bearer ", TOKEN, 16, true },
	{ "bearer ", TOKEN, 16, true },
	{ "Basic ", TOKEN, 16, true },
	{ "eyJ", JWT, 0, false },
	{ "AKIA", KEY_ID, 16, false },
	{ "ASIA", KEY_ID, 16, false },
	{ "-----BEGIN ", PEM, 0, false },
	{ "://", URL, 0, false },
	{ "password", STRONG, 0, true },
	{ "Password", STRONG, 0, true },
	{ "PASSWORD", STRONG, 0, true },
	{ "passwd", STRONG, 0, true },
	{ "PASSWD", STRONG, 0, true },
	{ "secret", WEAK, 0, true },
	{ "Secret", WEAK, 0, true },
	{ "SECRET", WEAK, 0, true },
	{ "token", WEAK, 0, true },
	{ "Token", WEAK, 0, true },
	{ "TOKEN", WEAK, 0, true },
	{ "api_key", WEAK, 0, true },
	{ "API_KEY", WEAK, 0, true },
	{ "apikey", WEAK, 0, true },
	{ "apiKey", WEAK, 0, true },
	{ "access_key", WEAK, 0, true },
	{ "ACCESS_KEY", WEAK, 0, true },
	{ "ticket", WEAK, 0, true },
	{ "pwd", WEAK, 0, true },
	{ "Pwd", WEAK, 0, true },
};

/* What a look has before it: the bytes from the trigger on, no more than the shape may look at. */
struct look {
	const char *s;
	size_t length, at;
	bool final; /* nothing comes behind, or it may not be looked at */
};

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static bool
is_blank(char c)
{
	return one_of(c, " \t\r\n");
}

/* A backslash as well: it may stand before the quote that ends a JSON string around all this. */
static bool
ends_word(char c)
{
	return is_blank(c) || one_of(c, ",;&)]}\"'<>\\");
}

struct automaton *
shape_triggers(void)
{
	static struct automaton *automaton;

	if (automaton == NULL) {
		automaton = automaton_new();
		for (size_t i = 0; i < COUNT(triggers); i++)
			automaton_add(automaton, triggers[i].word, strlen(triggers[i].word), (int)i);
	}
	return automaton;
}

static size_t
run_of(const struct look *look, const char *besides_letters)
{
	size_t i = look->at;

	while (i < look->length && (is_letter(look->s[i]) || one_of(look->s[i], besides_letters)))
		i++;
	return i - look->at;
}

/* Undecided at the end of what can be seen. */
static enum shape_verdict
undecided(const struct look *look)
{
	return look->final ? SHAPE_NO : SHAPE_MORE;
}

/* Whether the bytes at `look->at` are the word; SHAPE_MORE when they may become it. */
static enum shape_verdict
see_word(const struct look *look, const char *word)
{
	for (size_t i = look->at; *word != '\0'; word++, i++) {
		if (i == look->length)
			return undecided(look);
		if (look->s[i] != *word)
			return SHAPE_NO;
	}
	return SHAPE_YES;
}

static const char *
token_letters(bool of_header)
{
	return of_header ? "_-.~+/=" : "_-";
}

static enum shape_verdict
see_token(struct look *look, const struct trigger *trigger, struct shape_match *match)
{
	size_t run = run_of(look, token_letters(trigger->keep));

	if (run < trigger->least)
		return look->at + run == look->length ? undecided(look) : SHAPE_NO;
	match->start = trigger->keep ? look->at : 0;
	match->end = look->at + trigger->least;
	match->tail = (struct mask_tail){ .kind = TOKEN, .detail = trigger->keep, .left = SIZE_MAX };
	return SHAPE_YES;
}

/* "eyJ…" alone is any JSON in base64; the second part of a token is JSON as well. */
static enum shape_verdict
see_jwt(struct look *look, const struct trigger *trigger, struct shape_match *match)
{
	static const char second[] = ".eyJ";
	enum shape_verdict verdict;

	(void)trigger;
	look->at += run_of(look, "_-");
	if ((verdict = see_word(look, second)) != SHAPE_YES)
		return verdict;
	match->end = look->at + strlen(second);
	match->tail = (struct mask_tail){ .kind = JWT, .left = SIZE_MAX };
	return SHAPE_YES;
}

static enum shape_verdict
see_key_id(struct look *look, const struct trigger *trigger, struct shape_match *match)
{
	for (size_t end = look->at + trigger->least; look->at < end; look->at++) {
		if (look->at == look->length)
			return undecided(look);
		if (!is_letter(look->s[look->at]) || look->s[look->at] >= 'a')
			return SHAPE_NO;
	}
	match->end = look->at;
	return SHAPE_YES;
}

static enum shape_verdict
see_pem(struct look *look, const struct trigger *trigger, struct shape_match *match)
{
	static const char wanted[] = "PRIVATE KEY-----";
	size_t start = look->at;

	(void)trigger;
	look->at += run_of(look, " -");
	if (look->at == look->length && !look->final)
		return SHAPE_MORE;
	for (size_t i = start; i + strlen(wanted) <= look->at; i++)
		if (memcmp(look->s + i, wanted, strlen(wanted)) == 0) {
			match->end = i + strlen(wanted);
			match->tail = (struct mask_tail){ .kind = PEM, .left = BLOCK_MAX };
			return SHAPE_YES;
		}
	return SHAPE_NO;
}

/* user:password@; only the password goes. */
static enum shape_verdict
see_url(struct look *look, const struct trigger *trigger, struct shape_match *match)
{
	size_t colon = 0;

	(void)trigger;
	for (; look->at < look->length; look->at++) {
		char c = look->s[look->at];

		if (c == '@' && colon > 0 && look->at > colon + 1) {
			match->start = colon + 1;
			match->end = look->at;
			return SHAPE_YES;
		}
		if (is_blank(c) || one_of(c, "/@\"'<>?#\\") || c == '\0')
			return SHAPE_NO;
		if (c == ':' && colon == 0)
			colon = look->at;
	}
	return undecided(look);
}

static void
skip(struct look *look, const char *set, unsigned most)
{
	for (; most > 0 && look->at < look->length && one_of(look->s[look->at], set); most--)
		look->at++;
}

/* Passes what stands between the name and the value; false when there is no sign that assigns. */
static bool
pass_sign(struct look *look, const char *signs, char *quote)
{
	skip(look, "\\\"'", 2);
	skip(look, " \t", 3);
	if (look->at < look->length && !one_of(look->s[look->at], signs))
		return false;
	skip(look, signs, 1);
	skip(look, " \t", 3);
	*quote = '\0';
	if (look->at < look->length && one_of(look->s[look->at], "\\\"'"))
		*quote = look->s[look->at++];
	if (*quote == '\\')
		skip(look, "\"", 1);
	return true;
}

/*
 * password=x, PASSWORD='x', "password": "x", \"password\":\"x\".  The tail's detail is the quote
 * that ends it, 0 for none, or a backslash for the quote within a quoted string.  A private key as
 * the value is left to its own trigger, which knows better where it ends.
 */
static enum shape_verdict
see_assignment(struct look *look, const struct trigger *trigger, struct shape_match *match)
{
	enum shape_verdict key;
	char quote, c;

	if (!pass_sign(look, trigger->kind == STRONG ? "=:" : "=", &quote))
		return SHAPE_NO;
	if (look->at == look->length)
		return undecided(look);
	c = look->s[look->at];
	if (c == quote || one_of(c, "[{") || ends_word(c))
		return SHAPE_NO;
	if ((key = see_word(look, "-----")) != SHAPE_NO)
		return key == SHAPE_MORE ? SHAPE_MORE : SHAPE_NO;
	match->start = match->end = look->at;
	match->tail = (struct mask_tail){ .kind = STRONG, .detail = quote, .left = BLOCK_MAX };
	return SHAPE_YES;
}

enum shape_verdict
shape_begin(int label, const char *s, size_t length, bool final, struct shape_match *match)
{
	static enum shape_verdict (*const see[])(struct look *, const struct trigger *,
	    struct shape_match *) = {
		[TOKEN] = see_token,
		[JWT] = see_jwt,
		[KEY_ID] = see_key_id,
		[PEM] = see_pem,
		[URL] = see_url,
		[STRONG] = see_assignment,
		[WEAK] = see_assignment,
	};
	const struct trigger *trigger = &triggers[label];
	size_t most = trigger->kind == PEM ? PEM_LOOK : LOOK;
	struct look look = { .s = s,
		.length = length < most ? length : most,
		.at = strlen(trigger->word),
		.final = final || length >= most };

	*match = (struct shape_match){ 0 };
	return see[trigger->kind](&look, trigger, match);
}

static bool
token_goes_on(struct mask_tail *tail, char c)
{
	return is_letter(c) || one_of(c, token_letters(tail->detail != 0));
}

static bool
jwt_goes_on(struct mask_tail *tail, char c)
{
	(void)tail;
	return is_letter(c) || one_of(c, "_-.=");
}

/*
 * Detail counts dashes: five begin the last line, five more end it.  Headers ("DEK-Info: …") and
 * line ends escaped as \n belong to it.
 */
static bool
pem_goes_on(struct mask_tail *tail, char c)
{
	if (tail->detail >= 10)
		return false;
	if (c == '-')
		tail->detail++;
	else if (tail->detail < 5)
		tail->detail = 0;
	else if (tail->detail > 5)
		tail->detail = 5;
	return is_letter(c) || is_blank(c) || one_of(c, "+/=-:,\\");
}

/* Without a quote it ends like a word; a backslash hides the byte behind it from a quote. */
static bool
assigned_goes_on(struct mask_tail *tail, char c)
{
	enum { HIDDEN = 256 };
	char quote = (char)(tail->detail & 0xff);

	if (tail->detail & HIDDEN) {
		tail->detail &= ~HIDDEN;
		return c != '\n';
	}
	if (quote == '\0')
		return !ends_word(c);
	if (c == '\n' || c == quote || (quote == '\\' && c == '"'))
		return false;
	if (c == '\\')
		tail->detail |= HIDDEN;
	return true;
}

size_t
shape_tail(struct mask_tail *tail, const char *s, size_t length)
{
	static bool (*const goes_on[])(struct mask_tail *, char) = {
		[TOKEN] = token_goes_on,
		[JWT] = jwt_goes_on,
		[PEM] = pem_goes_on,
		[STRONG] = assigned_goes_on,
	};
	size_t taken = 0;

	if (tail->kind == 0)
		return 0;
	for (; taken < length; taken++, tail->left--)
		if (tail->left == 0 || !goes_on[tail->kind](tail, s[taken])) {
			tail->kind = 0;
			break;
		}
	return taken;
}
