/* usage.c - the verbs and options of the program, and what --help prints of them. */

#include <string.h>

#include "usage.h"

const struct verb usage_verbs[] = {
	{ "run", "[--config FILE]", "the bot",
	    "It stays in the foreground and writes its log to stderr; SIGTERM ends it at once: what changes a "
	    "cluster goes on by itself and is taken up at the next start.", NULL },
	{ "playground", "", "try it: a simulated cluster, nothing else", NULL, NULL },
	{ "console", "[--config FILE]", "talk to the running bot, or with none running be it",
	    "When no bot runs, it starts one of its own, for the terminal only: the chat service is not connected, and "
	    "what was asked there is left alone. That one ends when the last terminal has left and nothing runs "
	    "any more; what is asked waits for the next one. Its log is console.log beside the state.", NULL },
	{ "do", "'COMMAND' [--start] [--key KEY] [--json]", "one command, to its end; see below",
	    "When no bot runs, it is the bot itself, as console is.", "*" },
	{ "reload", "[--config FILE]", "the bot reads its configuration again, as on SIGHUP",
	    "All of it, or with any error nothing of it. For root and the account that rollcall runs as. Prints who "
	    "gained or lost which right, and what waits for a restart. Exit status 0 when it counts, 1 when the one "
	    "of before stays, 3 when somebody else asks.", NULL },
	{ "backup", "FILE [--config FILE]", "a copy of the store, while the bot uses it",
	    "For root and the account that rollcall runs as. No token is in it.", NULL },
	{ "drain", "[--wait]", "begin no change, finish those that run, then end",
	    "For root and the account that rollcall runs as. Questions are asked again at the next start.",
	    NULL },
	{ "unlock", "[--config FILE]", "after a forged card: changes are held no more",
	    "Somebody pressed a card that the bot never drew: whoever drew it has its token of the chat. Change the "
	    "token first. For admins, root and the account that rollcall runs as.", NULL },
	{ "check", "[--config FILE]", "is the configuration good", NULL, NULL },
	{ "doctor", "[--config FILE]", "what is missing outside of it: tokens, tools, rights",
	    "Asks the chat service, the tools and each cluster, and changes nothing. Each finding is a line that "
	    "says how to mend it. Exit status 0 when nothing is missing, 1 when something is, 7 when something "
	    "could not be asked. Run by root it asks as the account whose the state is.", NULL },
	{ "sample", "", "a commented configuration", NULL, NULL },
	{ "manifest", "", "the chat application, to be pasted there", NULL, NULL },
	{ "audit", "verify [--config FILE]", "is the record whole", NULL, "verify" },
	{ "help", "[COMMAND]", "the chat commands", NULL, "*" },
	{ "manual", "", "this program's manual page, for man(1)", NULL, NULL },
	{ "completion", "bash|zsh|fish", "what a shell needs to complete all this", NULL, "bash zsh fish" },
	{ "version", "", "which one this is", NULL, NULL },
	{ .name = NULL },
};

const struct option usage_options[] = {
	{ "config", "FILE", true,
	    "the configuration; when it is not given, config/rollcall.yaml, or the installed "
	    "/etc/rollcall/rollcall.yaml" },
	{ "socket", "PATH", true, "instead of --config: finds a bot by its socket alone" },
	{ "start", NULL, false, "do: says Start to the plan, and answers nothing else" },
	{ "key", "KEY", false, "do: the same command with the same key is done once" },
	{ "json", NULL, false, "do: prints one object a line" },
	{ "wait", NULL, false, "drain: comes back when it has ended" },
	{ .name = NULL },
};

const struct exit_status usage_exits[] = {
	{ 0, "verified" },
	{ 1, "failed" },
	{ 2, "not understood" },
	{ 3, "refused" },
	{ 4, "needs an answer" },
	{ 5, "nothing changed" },
	{ 6, "not better or not verifiable" },
	{ 7, "unknown" },
	{ 130, "left while it runs" },
	{ 0, NULL },
};

#define COLUMN 40
#define WIDTH 100

/* Words to the width, each line indented. */
static void
add_wrapped(struct text *out, size_t *column, size_t indent, const char *words)
{
	size_t length;

	for (; *words != '\0'; words += length) {
		words += strspn(words, " ");
		length = strcspn(words, " ");
		if (*column + 1 + length > WIDTH) {
			text_printf(out, "\n%*s", (int)indent, "");
			*column = indent;
		} else if (*column > indent) {
			text_add_char(out, ' ');
			(*column)++;
		}
		text_add_bytes(out, words, length);
		*column += length;
	}
}

static void
add_row(struct text *out, const char *left, const char *summary)
{
	size_t column = COLUMN;

	if (strlen(left) + 2 <= COLUMN)
		text_printf(out, "%-*s", COLUMN, left);
	else
		text_printf(out, "%s\n%*s", left, COLUMN, "");
	add_wrapped(out, &column, COLUMN, summary);
	text_add_char(out, '\n');
}

void
usage_print(struct text *out)
{
	size_t column = 0;

	text_add(out, "rollcall " ROLLCALL_VERSION ": rollbacks and on-call work from chat\n\n");
	for (const struct verb *v = usage_verbs; v->name != NULL; v++) {
		_cleanup_(text_clear) struct text left = TEXT_INIT;

		text_printf(&left, "  rollcall %s %s", v->name, v->arguments);
		add_row(out, left.data, v->summary);
	}
	text_add_char(out, '\n');
	for (const struct option *o = usage_options; o->name != NULL; o++) {
		_cleanup_(text_clear) struct text left = TEXT_INIT;

		text_printf(&left, "  --%s %s", o->name, o->value != NULL ? o->value : "");
		add_row(out, left.data, o->summary);
	}
	text_add(out, "\n");
	add_wrapped(out, &column, 0, "Exit status of do:");
	for (const struct exit_status *e = usage_exits; e->sentence != NULL; e++) {
		_cleanup_(text_clear) struct text one = TEXT_INIT;

		text_printf(&one, "%d %s%s", e->code, e->sentence, e[1].sentence != NULL ? "," : ".");
		add_wrapped(out, &column, 0, one.data);
	}
	text_add_char(out, '\n');
}
