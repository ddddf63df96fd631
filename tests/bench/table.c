/* table.c - medians, ratios and goals, as a table for people and an exit status for machines. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench.h"

static struct {
	struct row *item;
	size_t count, size;
} rows;

void
figures_add(struct figures *figures, double value)
{
	if (!isnan(value) && figures->count < COUNT(figures->item))
		figures->item[figures->count++] = value;
}

static int
by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

double
figures_median(const struct figures *figures)
{
	struct figures copy = *figures;

	if (copy.count == 0)
		return NAN;
	qsort(copy.item, copy.count, sizeof(*copy.item), by_value);
	if (copy.count % 2 == 1)
		return copy.item[copy.count / 2];
	return (copy.item[copy.count / 2 - 1] + copy.item[copy.count / 2]) / 2;
}

void
table_add(const struct row *row)
{
	*GROW(&rows) = *row;
}

/* Repetitions of both stand side by side, so the machine's mood cancels out. */
static double
ratio_of(const struct row *row)
{
	struct figures ratio = { .count = 0 };

	if (row->floor.count != row->rollcall.count)
		return figures_median(&row->rollcall) / figures_median(&row->floor);
	for (size_t i = 0; i < row->floor.count; i++)
		figures_add(&ratio, row->rollcall.item[i] / row->floor.item[i]);
	return figures_median(&ratio);
}

static bool
is_reached(const struct row *row)
{
	double floor = figures_median(&row->floor), figure = figures_median(&row->rollcall);

	switch (row->goal) {
	case NO_GOAL:
		return true;
	case AT_MOST:
		return figure <= row->bound;
	case AT_MOST_TIMES:
		return ratio_of(row) <= row->bound;
	case AT_MOST_MORE:
		return figure <= floor + row->bound;
	case AT_LEAST_TIMES:
		return ratio_of(row) >= row->bound;
	case EXACTLY:
		return figure == row->bound;
	}
	return false;
}

static void
print_goal(struct text *out, const struct row *row)
{
	static const char *const forms[] = {
		[AT_MOST] = "≤ %.*f", [AT_MOST_TIMES] = "≤ %.*f × floor",
		[AT_MOST_MORE] = "≤ floor + %.*f", [AT_LEAST_TIMES] = "≥ %.*f × floor",
		[EXACTLY] = "%.*f",
	};
	int decimals = row->goal == AT_MOST || row->goal == EXACTLY ? 0 : 2;

	if (row->goal == AT_MOST && row->bound != floor(row->bound))
		decimals = 1;
	if (row->goal != NO_GOAL) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		text_printf(out, forms[row->goal], decimals, row->bound);
#pragma GCC diagnostic pop
	}
}

static void
print_number(struct text *out, double number, int decimals)
{
	if (isnan(number))
		text_add(out, "–");
	else
		text_printf(out, "%.*f", decimals, number);
}

/* Columns by what people see, not by bytes. */
static void
print_cell(const char *s, int width, bool right)
{
	int shown = 0;

	for (const char *c = s; *c != '\0'; c++)
		shown += (*c & 0xc0) != 0x80;
	printf("%*s%s%*s", right && shown < width ? width - shown : 0, "", s,
	    right || shown > width ? 0 : width - shown, "");
}

static void
print_row(const struct row *row, bool judged)
{
	_cleanup_(text_clear) struct text floor = TEXT_INIT, rollcall = TEXT_INIT, ratio = TEXT_INIT,
		goal = TEXT_INIT;

	print_number(&floor, figures_median(&row->floor), row->decimals);
	print_number(&rollcall, figures_median(&row->rollcall), row->decimals);
	print_number(&ratio, row->floor.count > 0 ? ratio_of(row) : NAN, 2);
	print_goal(&goal, row);
	print_cell(row->what, 58, false);
	print_cell(floor.data, 10, true);
	print_cell(rollcall.data, 11, true);
	print_cell(ratio.data, 7, true);
	printf("  ");
	print_cell(goal.data, 15, false);
	printf("%s%s%s\n", !judged || row->goal == NO_GOAL ? "" : is_reached(row) ? "reached" : "MISSED",
	    row->note != NULL ? "  " : "", row->note != NULL ? row->note : "");
}

bool
table_print(const struct bench *bench)
{
	size_t missed = 0, goals = 0;

	printf("\n%-58s%10s%11s%7s  %-15s\n", "", "floor", "rollcall", "ratio", "goal");
	for (size_t i = 0; i < rows.count; i++) {
		print_row(&rows.item[i], !bench->smoke);
		goals += rows.item[i].goal != NO_GOAL;
		missed += !is_reached(&rows.item[i]);
	}
	if (bench->smoke)
		printf("\nbench: a smoke run: it works; its figures mean nothing\n");
	else
		printf("\nbench: %zu goals, %zu missed\n", goals, missed);
	free(rows.item);
	return bench->smoke || missed == 0;
}
