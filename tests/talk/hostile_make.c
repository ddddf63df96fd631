/* hostile_make.c - hostile lines, frames, answers and files, all from one number. */

#include <string.h>

#include "base/json.h"
#include "base/unicode.h"
#include "hostile.h"

#define LONG_LINE 12000
#define LONG_FRAME KILOBYTES(300)
#define LONG_ANSWER (MEGABYTES(4) + 17)
#define DEEP 20000

uint64_t
dice_next(struct dice *dice)
{
	uint64_t x = dice->state += 0x9e3779b97f4a7c15;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

size_t
dice_below(struct dice *dice, size_t limit)
{
	return limit > 0 ? (size_t)(dice_next(dice) % limit) : 0;
}

static const char *
one_of(struct dice *dice, const char *const *list, size_t count)
{
	return list[dice_below(dice, count)];
}

/* ---- pieces -------------------------------------------------------------------------------- */

static const char *const words[] = { "gateway", "chatops-gateway", "to", "in", "because", "previous",
	"staging", "production", "5", "-1", "0", "99999999999999999999", "1e9", "now", "dry-run", "all",
	"/rollback", "R-1", "ops", "stop", "show", "me", "'", "\"", "\\", "--", "-", "=", ",", ";", "|" };

static const char *const hostile[] = { "--server=http://evil", "-n kube-system", "--kubeconfig=/etc/x",
	"--token=abc", "-A", "--all", "$(reboot)", "`id`", "; rm -rf /", "|| true", "&& curl x", "../../etc",
	"%s%n%x", "<!channel>", "<@U0BOB>", "<#C0ADMINS>", "<https://evil|Approve>", "*bold* _it_ ~no~",
	":white_check_mark: approved by @lead", "```", "&amp;lt;", "&#x3c;", "<script>", "\x1b[31m",
	"\x1b]8;;http://x\x07", "\r\nX: y", "\x01\x02\x7f", "\u202e\u2066", "\u200b\u200d\ufeff",
	"\u0301\u0301\u0301", "\u0627\u0644\u0639", "\u4e2d\u6587", "\U0001f600", "\uffff", "\u00a0",
	"{operation}", "{reason}", "${SLACK_BOT_TOKEN}", "xoxb-1-2-3", "null", "NaN", "' OR 1=1 --" };

static void
add_random_text(struct dice *dice, struct text *out, size_t most)
{
	static const unsigned ranges[] = { 0x80, 0x800, 0xd7ff, 0x10ffff };

	for (size_t n = 1 + dice_below(dice, most); n > 0; n--) {
		unsigned c = (unsigned)dice_below(dice, ranges[dice_below(dice, COUNT(ranges))]) + 1;
		char bytes[4];

		if (c >= 0xd800 && c <= 0xdfff)
			c = '?';
		if (c < 0x80) {
			text_add_char(out, (char)c);
			continue;
		}
		if (c < 0x800) {
			bytes[0] = (char)(0xc0 | c >> 6);
			text_add_char(out, bytes[0]);
		} else {
			if (c >= 0x10000) {
				text_add_char(out, (char)(0xf0 | c >> 18));
				text_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
			} else {
				text_add_char(out, (char)(0xe0 | c >> 12));
			}
			text_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
		}
		text_add_char(out, (char)(0x80 | (c & 0x3f)));
	}
}

static void
add_random_bytes(struct dice *dice, struct text *out, size_t most)
{
	for (size_t n = dice_below(dice, most); n > 0; n--)
		text_add_char(out, (char)(1 + dice_below(dice, 255)));
}

static void
add_piece(struct dice *dice, struct text *out)
{
	switch (dice_below(dice, 5)) {
	case 0:
		text_add(out, one_of(dice, hostile, COUNT(hostile)));
		break;
	case 1:
		add_random_text(dice, out, 20);
		break;
	default:
		text_add(out, one_of(dice, words, COUNT(words)));
	}
}

/* ---- lines --------------------------------------------------------------------------------- */

void
make_line(struct dice *dice, struct text *out)
{
	static const char *const commands[] = { "rollback", "rollout", "ops", "rollcall", "help", "whoami",
		"rolback", "frob", "rollback gateway", "rollout history gateway" };
	size_t shape = dice_below(dice, 20);

	if (shape > 0)
		text_printf(out, "%s ", one_of(dice, commands, COUNT(commands)));
	if (shape == 1)
		for (const char *piece = one_of(dice, hostile, COUNT(hostile));
		     out->length < LONG_LINE - 100;)
			text_printf(out, "%s ", piece);
	for (size_t n = 1 + dice_below(dice, 8); n > 0; n--) {
		add_piece(dice, out);
		text_add(out, dice_below(dice, 6) > 0 ? " " : "");
	}
}

/* ---- any bytes, a little wrong ------------------------------------------------------------- */

static void
cut_piece(struct dice *dice, size_t length, size_t *at, size_t *size)
{
	*at = dice_below(dice, length);
	*size = dice_below(dice, length - *at < 64 ? length - *at : 64);
}

static void
mutate_once(struct dice *dice, struct text *out, const char *in, size_t length)
{
	size_t at, size;

	cut_piece(dice, length, &at, &size);
	switch (dice_below(dice, 6)) {
	case 0:			/* the end is missing */
		text_add_bytes(out, in, at);
		return;
	case 1:			/* a piece is missing */
		text_add_bytes(out, in, at);
		break;
	case 2:			/* a piece stands twice */
		text_add_bytes(out, in, at + size);
		text_add_bytes(out, in + at, size);
		break;
	case 3:			/* one byte is another */
		text_add_bytes(out, in, at);
		text_add_char(out, (char)(1 + dice_below(dice, 255)));
		size = length > at;
		break;
	case 4:
		text_add_bytes(out, in, at);
		add_random_bytes(dice, out, 40);
		break;
	default:
		text_add_bytes(out, in, at);
		text_add(out, one_of(dice, hostile, COUNT(hostile)));
	}
	text_add_bytes(out, in + at + size, length - at - size);
}

static void
mutate(struct dice *dice, struct text *out, const char *in, size_t length)
{
	_cleanup_(text_clear) struct text held = TEXT_INIT_LIMIT(MEGABYTES(8));

	text_add_bytes(&held, in, length);
	for (size_t n = 1 + dice_below(dice, 4); n > 0; n--) {
		text_reset(out);
		mutate_once(dice, out, held.data, held.length);
		text_reset(&held);
		text_add_bytes(&held, out->data, out->length);
	}
}

/* ---- JSON that is none of ours ------------------------------------------------------------- */

static cJSON *
any_value(struct dice *dice)
{
	static const double numbers[] = { 0, -1, 1e308, 9007199254740993.0, 0.5 };
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	switch (dice_below(dice, 7)) {
	case 0:
		return cJSON_CreateNull();
	case 1:
		return cJSON_CreateBool(dice_below(dice, 2) > 0);
	case 2:
		return cJSON_CreateNumber(numbers[dice_below(dice, COUNT(numbers))]);
	case 3:
		return cJSON_CreateArray();
	case 4:
		return cJSON_CreateObject();
	case 5:
		return cJSON_CreateString("");
	default:
		add_piece(dice, &text);
		return cJSON_CreateString(text.data);
	}
}

static size_t
count_values(const cJSON *value)
{
	size_t count = 1;
	const cJSON *child;

	json_each(child, value)
		count += count_values(child);
	return count;
}

/* Puts another value in the place of the n-th below. */
static bool
replace_value(struct dice *dice, cJSON *value, size_t *n)
{
	for (cJSON *child = value->child; child != NULL; child = child->next) {
		if ((*n)-- == 0) {
			cJSON *other = any_value(dice);

			if (child->string != NULL && dice_below(dice, 4) == 0)
				cJSON_AddItemToObject(value, child->string, other);	/* twice */
			else if (child->string != NULL)
				cJSON_ReplaceItemInObjectCaseSensitive(value, child->string, other);
			else
				cJSON_ReplaceItemViaPointer(value, child, other);
			return true;
		}
		if (replace_value(dice, child, n))
			return true;
	}
	return false;
}

static void
make_wrong_json(struct dice *dice, struct text *out, const char *json)
{
	cJSON *document = json_parse(json, strlen(json), NULL);
	size_t n;

	for (size_t times = 1 + dice_below(dice, 3); document != NULL && times > 0; times--) {
		n = dice_below(dice, count_values(document));
		replace_value(dice, document, &n);
	}
	if (document != NULL)
		json_print(out, document);
	cJSON_Delete(document);
}

static void
make_deep(struct dice *dice, struct text *out)
{
	const char *open = dice_below(dice, 2) > 0 ? "[" : "{\"a\":";

	for (size_t n = dice_below(dice, DEEP); n > 0; n--)
		text_add(out, open);
}

/* ---- frames, answers, files ---------------------------------------------------------------- */

void
make_frame(struct dice *dice, struct text *out, const char *envelope)
{
	size_t shape = dice_below(dice, 40);

	if (shape == 0)
		make_deep(dice, out);
	else if (shape == 1)
		for (text_add(out, "{\"type\":\""); out->length < LONG_FRAME;)
			text_add(out, one_of(dice, hostile, COUNT(hostile)));
	else if (shape < 5)
		add_random_bytes(dice, out, 300);
	else if (shape < 15)
		mutate(dice, out, envelope, strlen(envelope));
	else
		make_wrong_json(dice, out, envelope);
}

void
make_answer(struct dice *dice, struct text *out, const char *recorded, size_t length)
{
	size_t shape = dice_below(dice, 60);

	if (shape == 0)
		for (text_add(out, "{\"items\":[\""); out->length < LONG_ANSWER;)
			text_add(out, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	else if (shape == 1)
		make_deep(dice, out);
	else if (shape < 6)
		add_random_bytes(dice, out, 2000);
	else if (shape < 12)
		text_add_bytes(out, recorded, length);	/* of another question */
	else if (shape < 30 && strlen(recorded) == length && *recorded == '{')
		make_wrong_json(dice, out, recorded);
	else
		mutate(dice, out, recorded, length);
}

void
make_file(struct dice *dice, struct text *out, const char *sample)
{
	static const char *const yaml[] = { "a: &a [*a, *a]\n", "- - - - - - - - -\n", "? !!binary x\n",
		"targets: [\n", "limits: {children: 1e99}\n", "slack: ~\n", "\t- x\n", "%YAML 9.9\n---\n",
		"<<: *x\n", "roles: {admin: {users: 5}}\n", "permissions: {a: b}\n", "timezone: Mars/Dust\n" };
	_cleanup_(text_clear) struct text more = TEXT_INIT_LIMIT(MEGABYTES(1));
	size_t shape = dice_below(dice, 20);

	if (shape == 0) {
		add_random_bytes(dice, out, 4000);
	} else if (shape == 1) {
		for (size_t n = dice_below(dice, DEEP); n > 0; n--)
			text_add(out, "[");
	} else if (shape < 8) {
		text_add(&more, sample);
		text_add(&more, one_of(dice, yaml, COUNT(yaml)));
		mutate(dice, out, more.data, more.length);
	} else {
		mutate(dice, out, sample, strlen(sample));
	}
}
