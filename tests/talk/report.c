/* report.c - what a person needs to see to know why a talk failed. */

#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "process.h"
#include "tools.h"

#define LAST_LINES 40
#define REPORT_LINES 60

static void
indented(FILE *out, const char *indent, const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		fprintf(out, "%s%.*s\n", indent, (int)length, text);
	}
}

/* A sanitizer's report from its beginning: the end is a table of bytes. */
static void
show_report(FILE *out, const char *text)
{
	const char *report = strstr(text, "ERROR: AddressSanitizer"), *end;
	int lines = REPORT_LINES;

	if (report == NULL)
		return;
	for (end = report; *end != '\0' && lines-- > 0; end += *end == '\n')
		end += strcspn(end, "\n");
	fprintf(out, "  -- the sanitizer's report\n  %.*s\n", (int)(end - report), report);
}

static const char *
last_lines(const char *text, int lines)
{
	const char *at = text + strlen(text);

	for (; at > text; at--)
		if (at[-1] == '\n' && at[0] != '\0' && lines-- == 0)
			break;
	return at;
}

static const char *
name_of(struct talk *talk, const struct fake_slack_message *message)
{
	const struct fake_slack_user *user =
	    message->user != NULL ? fake_slack_user(talk->slack, message->user) : NULL;

	if (message->bot_id != NULL)
		return message->forged ? "(forged)" : "rollcall";
	return user != NULL ? user->name : "?";
}

static void
show_place(struct talk *talk, FILE *out, const char *where)
{
	const struct fake_slack_message *message = NULL;
	struct arena *arena = arena_new();

	fprintf(out, "  -- %s\n", where);
	while ((message = fake_slack_next_message(talk->slack, where, message)) != NULL) {
		fprintf(out, "  %s%s%s", name_of(talk, message),
		    message->only_for != NULL ? arena_printf(arena, ", only for %s",
			fake_slack_user(talk->slack, message->only_for)->name) : "",
		    message->thread_ts != NULL ? ", in a thread" : "");
		if (message->edits > 0)
			fprintf(out, ", drawn %u times", message->edits + 1);
		fprintf(out, "%s\n", message->deleted ? ", deleted" : "");
		indented(out, "      ", fake_slack_render(talk->slack, arena, message));
	}
	arena_free(arena);
}

static void
show_dialogs(struct talk *talk, FILE *out)
{
	const struct fake_slack_view *view;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < talk->places.count; i++) {
		if (*talk->places.item[i] != '@')
			continue;
		view = fake_slack_view(talk->slack, talk->places.item[i]);
		if (view == NULL)
			continue;
		fprintf(out, "  -- a dialog of %s\n", talk->places.item[i]);
		indented(out, "      ", fake_slack_render_view(talk->slack, arena, view));
	}
	arena_free(arena);
}

static void
show_deliveries(struct talk *talk, FILE *out)
{
	const struct fake_slack_delivery *delivery;

	for (unsigned n = 1; n <= fake_slack_last_delivery(talk->slack); n++) {
		delivery = fake_slack_delivery(talk->slack, n);
		if (delivery != NULL && delivery->problem != NULL)
			fprintf(out, "  %s by %s: %s\n", delivery->type,
			    delivery->user != NULL ? delivery->user : "nobody", delivery->problem);
	}
}

static void
show_tools(struct talk *talk, FILE *out)
{
	static const char *const states[] = { "", " (hangs)", "" };
	const struct call_note *note;

	if (tools_call(talk, 0) != NULL)
		fprintf(out, "  -- tools\n");
	for (size_t i = 0; (note = tools_call(talk, i)) != NULL; i++)
		fprintf(out, "  %s %s%s%s\n", note->tool != NULL ? note->tool : "?",
		    note->arguments != NULL ? note->arguments : "", states[note->state],
		    note->answered ? "" : " (no answer)");
}

static void
show_output(FILE *out, const char *name, const char *text)
{
	if (*text == '\0')
		return;
	fprintf(out, "  -- %s\n", name);
	indented(out, "  ", last_lines(text, LAST_LINES));
}

static void
keep_one(struct talk *talk, const char *name, const char *text)
{
	FILE *file = fopen(arena_printf(talk->arena, "%s/%s", talk->folder, name), "we");

	if (file == NULL)
		return;
	fputs(text, file);
	fclose(file);
}

void
report_keep(struct talk *talk, FILE *out)
{
	keep_one(talk, "rollcall.log", talk->log.data);
	if (talk->slack != NULL)
		keep_one(talk, "slack.log", fake_slack_log(talk->slack));
	fprintf(out, "  kept: %s\n", talk->folder);
}

void
report_failure(struct talk *talk, FILE *out, const struct error *err)
{
	const struct statement *at = talk->failed_at;

	if (at != NULL)
		fprintf(out, "  %s:%d: %s\n", at->path, at->line, at->source);
	fprintf(out, "  %s\n", err->text);
	if (talk->rollcall != NULL && !talk->rollcall->runs && !talk->on_purpose)
		fprintf(out, "  rollcall has ended by itself: status %d, signal %d\n",
		    (int)talk->rollcall->exit, talk->rollcall->signal);
	if (talk->slack == NULL)
		return;
	for (size_t i = 0; i < talk->places.count; i++)
		show_place(talk, out, talk->places.item[i]);
	show_dialogs(talk, out);
	show_deliveries(talk, out);
	show_tools(talk, out);
	show_report(out, talk->log.data);
	show_output(out, "rollcall's log", talk->log.data);
	for (struct process *process = talk->processes; process != NULL; process = process->next) {
		show_output(out, process->name, process->own_out.data);
		show_output(out, process->name, process->own_errors.data);
	}
	show_output(out, "Slack's log", fake_slack_log(talk->slack));
}
