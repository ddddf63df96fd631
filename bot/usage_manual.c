/*
 * usage_manual.c - the manual page, in roff's man macros.
 *
 * Every text passes escape: a backslash, a leading dot or quote would be roff's own words, and a plain
 * "-" would be a hyphen, which nobody can paste into a shell.
 */

#include "command.h"
#include "usage.h"

static void
escape(struct text *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		text_add(out, "\\&");
	for (; *text != '\0'; text++)
		switch (*text) {
		case '\\':
			text_add(out, "\\e");
			break;
		case '-':
			text_add(out, "\\-");
			break;
		case '\'':
			text_add(out, "\\(aq");
			break;
		case '\n':
			text_add_char(out, ' ');
			break;
		default:
			text_add_char(out, *text);
		}
}

/* One line of text, as one of roff's. */
static void
line(struct text *out, const char *text)
{
	escape(out, text);
	text_add_char(out, '\n');
}

/* A paragraph of an item: what is typed in bold, its arguments plain. */
static void
item(struct text *out, const char *prefix, const char *bold, const char *arguments)
{
	text_add(out, ".TP\n\\fB");
	escape(out, prefix);
	escape(out, bold);
	text_add(out, "\\fR");
	if (arguments != NULL && arguments[0] != '\0') {
		text_add_char(out, ' ');
		escape(out, arguments);
	}
	text_add_char(out, '\n');
}

static void
add_verbs(struct text *out)
{
	text_add(out, ".SH VERBS\n");
	for (const struct verb *v = usage_verbs; v->name != NULL; v++) {
		item(out, "rollcall ", v->name, v->arguments);
		line(out, v->summary);
		if (v->more != NULL) {
			text_add(out, ".br\n");
			line(out, v->more);
		}
	}
	text_add(out, ".SH OPTIONS\n");
	for (const struct option *o = usage_options; o->name != NULL; o++) {
		item(out, "--", o->name, o->value);
		line(out, o->summary);
	}
}

static void
add_subcommands(struct text *out, const struct command *command)
{
	text_add(out, ".RS\n");
	for (const struct subcommand *s = command->subcommands; s->name != NULL; s++) {
		item(out, "", s->name, s->usage);
		line(out, s->summary);
	}
	text_add(out, ".RE\n");
}

static void
add_commands(struct text *out)
{
	text_add(out, ".SH CHAT COMMANDS\n");
	line(out, "As slash commands, mentions, direct messages, in the console and behind do.");
	for (const struct command *const *c = commands_all(); *c != NULL; c++) {
		item(out, "", (*c)->name, (*c)->usage);
		line(out, (*c)->summary);
		if ((*c)->subcommands != NULL)
			add_subcommands(out, *c);
	}
}

static void
add_exits(struct text *out)
{
	text_add(out, ".SH EXIT STATUS\n");
	line(out, "Of do; the other verbs end with 0 when they did what they are for.");
	for (const struct exit_status *e = usage_exits; e->sentence != NULL; e++) {
		text_printf(out, ".TP\n%d\n", e->code);
		line(out, e->sentence);
	}
}

static const struct {
	const char *name, *sentence;
} files[] = {
	{ "/etc/rollcall/rollcall.yaml", "The installed configuration. Every setting: rollcall sample." },
	{ "/etc/rollcall/credentials/", "One secret a file, root's and closed to others; the unit hands them over." },
	{ "/run/rollcall/rollcall.sock", "The installed bot's socket, for members of the group rollcall." },
	{ "/var/lib/rollcall/", "Its state: a database, logs of the tools, their output while they run." },
}, variables[] = {
	{ "CREDENTIALS_DIRECTORY", "Where a configuration that says file:${CREDENTIALS_DIRECTORY}/NAME finds its secrets; /etc/rollcall/credentials when it is not set." },
	{ "SSL_CERT_FILE, SSL_CERT_DIR", "The authorities that are believed, instead of the system's." },
	{ "NOTIFY_SOCKET, WATCHDOG_USEC", "Set by the service manager." },
};

void
usage_manual(struct text *out)
{
	text_add(out, ".TH ROLLCALL 1 \"\" \"rollcall " ROLLCALL_VERSION "\" \"User Commands\"\n.SH NAME\n");
	text_add(out, "rollcall \\- rollbacks and on\\-call work from chat\n.SH SYNOPSIS\n");
	text_add(out, ".B rollcall\n.I VERB\n[\\fIARGUMENTS\\fR] [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n");
	line(out, "A bot that people ask to take a deployment back. It reads the cluster, shows exactly what "
	    "would change, asks whom it must, runs the tools, and reads the result back.");
	add_verbs(out);
	add_commands(out);
	add_exits(out);
	text_add(out, ".SH FILES\n");
	for (size_t i = 0; i < COUNT(files); i++) {
		item(out, "", files[i].name, NULL);
		line(out, files[i].sentence);
	}
	text_add(out, ".SH ENVIRONMENT\n");
	for (size_t i = 0; i < COUNT(variables); i++) {
		item(out, "", variables[i].name, NULL);
		line(out, variables[i].sentence);
	}
}
