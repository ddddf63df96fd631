/*
 * plan_describe.c - a plan in a few lines, for people who read a dry run and for the plans' tests.
 *
 * Every line begins with a word that says what it is.  The same plan gives the same lines: pins are
 * cut to 12 digits, and no clock is looked at.
 */
#include <string.h>

#include "base/text.h"
#include "plan.h"
#include "say.h"

#define INDENT "          "

static void
add_argument(struct text *out, const char *argument)
{
	const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			    "-_./:=,@%+{}";

	if (argument[0] != '\0' && argument[strspn(argument, plain)] == '\0')
		text_add(out, argument);
	else
		text_printf(out, "'%s'", argument);
}

static void
add_argv(struct text *out, char *const *argv)
{
	for (size_t i = 0; argv[i] != NULL; i++) {
		if (i > 0)
			text_add_char(out, ' ');
		add_argument(out, argv[i]);
	}
}

static void
add_version(struct text *out, const char *word, const struct version *v)
{
	if (v->number == 0 && v->version == NULL && v->pin == NULL)
		return;
	text_printf(out, "%-10s", word);
	if (v->number != 0)
		text_printf(out, "revision %lld", (long long)v->number);
	if (v->version != NULL)
		text_printf(out, "%s%s", v->number != 0 ? ", " : "", v->version);
	if (v->image != NULL)
		text_printf(out, ", %s", v->image);
	if (v->pin != NULL)
		text_printf(out, " [%.12s]", v->pin);
	text_add_char(out, '\n');
}

static void
add_judge(struct text *out, const struct step *step)
{
	if (step->judge == NULL)
		return;
	text_printf(out, " => %s", step->judge);
	if (step->expect == NULL || step->expect[0] == '\0')
		return;
	/* A digest is cut; anything else is short and tells something. */
	if (strlen(step->expect) == DIGEST_HEX - 1)
		text_printf(out, " %.12s", step->expect);
	else
		text_printf(out, " %s", step->expect);
}

static void
add_conditions(struct text *out, const struct step *step)
{
	static const char *const effects[] = { "changes", "reads", "destroys" };
	static const char *const resumes[] = { "ask", "probe", "rerun" };
	static const char *const cancels[] = { "finish", "term", "int" };

	text_printf(out, INDENT "%s, limit %lld s", effects[step->effect],
	    (long long)(step->limit / 1000));
	if (step->every > 0)
		text_printf(out, ", every %lld ms", (long long)step->every);
	text_printf(out, ", stop: %s, restart: %s%s%s\n", cancels[step->cancel],
	    resumes[step->resume], step->tail ? ", tail" : "",
	    step->advisory ? ", goes on after a failure" : "");
	if (step->probe == NULL)
		return;
	text_add(out, INDENT "probe ");
	add_argv(out, step->probe->argv);
	add_judge(out, step->probe);
	text_add_char(out, '\n');
}

static void
add_step(struct text *out, const char *list, size_t number, const struct step *step)
{
	text_printf(out, "%s%zu. %s: %s\n", list, number, plan_kind_name(step->kind),
	    step->title != NULL ? step->title : "");
	if (step->argv != NULL) {
		text_add(out, INDENT);
		add_argv(out, step->argv);
		add_judge(out, step);
		text_add_char(out, '\n');
	}
	if (step->kind != STEP_SAVE)
		add_conditions(out, step);
}

static void
add_steps(struct text *out, const char *list, const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		add_step(out, list, i + 1, &steps->item[i]);
}

static void
add_difference(struct text *out, const struct difference *line)
{
	/* A setting that goes is no object that goes. */
	enum change change = line->field == NULL ? line->change : CHANGE_MODIFY;

	text_printf(out, "%-10s%s", (const char *const[]){ "delete", "create", "modify" }[change],
	    line->object);
	if (line->field != NULL)
		text_printf(out, ": %s", line->field);
	if (line->from != NULL || line->to != NULL)
		text_printf(out, " %s -> %s", line->from != NULL ? line->from : "(none)",
		    line->to != NULL ? line->to : "(none)");
	text_add_char(out, '\n');
}

static void
add_line(struct text *out, const char *word, const char *value)
{
	if (value != NULL)
		text_printf(out, "%-10s%s\n", word, value);
}

void
plan_describe(const struct plan *plan, struct text *out)
{
	static const char *const levels[] = { "note", "check", "stop" };

	add_line(out, "plan", plan->title != NULL ? plan->title : plan->kind);
	if (plan->object != NULL)
		text_printf(out, "%-10s%s, namespace %s, cluster %s\n", "object", plan->object,
		    plan->namespace != NULL ? plan->namespace : "(none)",
		    plan->cluster != NULL ? plan->cluster : "(none)");
	add_version(out, "from", &plan->from);
	add_version(out, "to", &plan->to);
	add_line(out, "skipped", plan->skipped);
	for (size_t i = 0; i < plan->also.count; i++)
		add_line(out, "also", plan->also.item[i]);
	for (size_t i = 0; i < plan->remarks.count; i++)
		text_printf(out, "%-10s%s: %s\n", levels[plan->remarks.item[i].level],
		    plan->remarks.item[i].code, plan->remarks.item[i].text);
	for (size_t i = 0; i < plan->differences.count; i++)
		add_difference(out, &plan->differences.item[i]);
	for (size_t i = 0; i < plan->locks.count; i++)
		add_line(out, "lock", plan->locks.item[i]);
	add_line(out, "unproven", plan->unproven);
	add_line(out, "way out", plan->way_out);
	add_line(out, "unchanged", plan->unchanged);
	add_line(out, "answer", plan->answer != NULL ? say_plain(plan->arena, plan->answer) : NULL);
	add_steps(out, "", &plan->steps);
	add_steps(out, "undo ", &plan->undo);
	add_steps(out, "at the end ", &plan->always);
}
