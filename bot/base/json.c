/* json.c - looking things up, printing and building. */

#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "piece.h"
#include "unicode.h"

#define EXACT 9007199254740992.0 /* 2^53: from here on doubles skip integers */

/* cJSON reports a failed malloc as a missing item; ours aborts, as everywhere. */
static void __attribute__((constructor))
json_use_pieces(void)
{
	cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = piece_get, .free_fn = piece_put });
}

void
json_freep(cJSON **document)
{
	cJSON_Delete(*document);
}

/* Whether key is the first part of the path; *rest is then what follows its dot, or "". */
static bool
path_starts(const char *path, const char *key, const char **rest)
{
	for (; *path != '\0' && *path != '.'; path++, key++) {
		if (*path == '\\' && path[1] == '.')
			path++;
		if (*key != *path)
			return false;
	}
	*rest = path + (*path == '.');
	return *key == '\0';
}

/* An element's number as the first part of the path. */
static const cJSON *
array_at(const cJSON *array, const char *path, const char **rest)
{
	char number[8] = "";
	size_t length = strcspn(path, ".");
	int64_t index;

	if (length >= sizeof number)
		return NULL;
	memcpy(number, path, length);
	*rest = path + length + (path[length] == '.');
	if (!string_number(number, 0, INT32_MAX, &index))
		return NULL;
	return cJSON_GetArrayItem(array, (int)index);
}

/* Most members are told apart by their first letter. */
static const cJSON *
member_at(const cJSON *object, const char *path, const char **rest)
{
	const char first = *path == '\\' && path[1] == '.' ? '.' : *path == '.' ? '\0' : *path;
	const cJSON *member;

	json_each(member, object)
		if (member->string != NULL && *member->string == first &&
		    path_starts(path, member->string, rest))
			return member;
	return NULL;
}

const cJSON *
json_at(const cJSON *item, const char *path)
{
	while (item != NULL && *path != '\0') {
		if (cJSON_IsArray(item))
			item = array_at(item, path, &path);
		else if (cJSON_IsObject(item))
			item = member_at(item, path, &path);
		else
			item = NULL;
	}
	return item;
}

const char *
json_string(const cJSON *item, const char *path)
{
	return cJSON_GetStringValue(json_at(item, path));
}

const char *
json_string_or(const cJSON *item, const char *path, const char *otherwise)
{
	const char *s = json_string(item, path);

	return s != NULL ? s : otherwise;
}

double
json_number(const cJSON *item, const char *path, double otherwise)
{
	const cJSON *number = json_at(item, path);

	return cJSON_IsNumber(number) ? number->valuedouble : otherwise;
}

static bool
is_integer(double value)
{
	return fabs(value) < EXACT && value == trunc(value);
}

int64_t
json_integer(const cJSON *item, const char *path, int64_t otherwise)
{
	double value = json_number(item, path, NAN);

	return is_integer(value) ? (int64_t)value : otherwise;
}

bool
json_bool(const cJSON *item, const char *path, bool otherwise)
{
	const cJSON *value = json_at(item, path);
	const char *s = cJSON_GetStringValue(value);

	if (cJSON_IsTrue(value) || string_equal(s, "true"))
		return true;
	if (cJSON_IsFalse(value) || string_equal(s, "false"))
		return false;
	return otherwise;
}

/* The shortest digits that read back as the same double; cJSON compares with an epsilon. */
static void
print_number(struct text *out, double value)
{
	char digits[32] = "null";

	if (is_integer(value)) {
		text_printf(out, "%lld", (long long)value);
		return;
	}
	if (isfinite(value))
		for (int precision = 15; precision <= 17; precision++) {
			snprintf(digits, sizeof digits, "%.*g", precision, value);
			if (strtod(digits, NULL) == value)
				break;
		}
	text_add(out, digits);
}

static const char *
short_escape(char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

static void
print_bytes(struct text *out, const char *s, size_t length)
{
	const char *end = s + length, *start = s, *escape;

	while ((s += string_plain(s, (size_t)(end - s))) < end) {
		if ((unsigned char)*s >= 0x80) {	/* its character is whole: it was looked at */
			while (s < end && (unsigned char)*s >= 0x80)
				s++;
			continue;
		}
		escape = short_escape(*s);
		text_add_bytes(out, start, (size_t)(s - start));
		if (escape != NULL)
			text_add_bytes(out, escape, 2);
		else
			text_printf(out, "\\u%04x", (unsigned char)*s);
		start = ++s;
	}
	text_add_bytes(out, start, (size_t)(s - start));
}

void
json_print_string(struct text *out, const char *s)
{
	_cleanup_(text_clear) struct text repaired = TEXT_INIT_LIMIT(SIZE_MAX / 4);
	size_t length = strlen(s);

	text_add_char(out, '"');
	if (string_plain(s, length) == length) {
		text_add_bytes(out, s, length);	/* as most are */
	} else if (utf8_valid(s, length)) {
		print_bytes(out, s, length);
	} else {
		utf8_repair(&repaired, s, length);
		print_bytes(out, repaired.data, repaired.length);
	}
	text_add_char(out, '"');
}

struct member {
	const cJSON *item;
	size_t place;
};

struct members {
	struct member *item;
	size_t count, size;
};

/* Of two with the same key the first stays first: it is the one that look-ups give. */
static int
compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = strcmp(x->item->string, y->item->string);

	return order != 0 ? order : x->place < y->place ? -1 : 1;
}

static void print_item(struct text *, const cJSON *, bool sorted);

static void
print_member(struct text *out, const cJSON *item, bool first, bool sorted)
{
	if (!first)
		text_add_char(out, ',');
	json_print_string(out, item->string);
	text_add_char(out, ':');
	print_item(out, item, sorted);
}

static void
print_sorted(struct text *out, const cJSON *object)
{
	struct members members = { NULL, 0, 0 };
	const cJSON *item;

	json_each(item, object) {
		struct member *member = GROW(&members);

		*member = (struct member){ .item = item, .place = members.count };
	}
	if (members.count > 1)
		qsort(members.item, members.count, sizeof *members.item, compare_members);
	for (size_t i = 0; i < members.count; i++)
		print_member(out, members.item[i].item, i == 0, true);
	free(members.item);
}

static void
print_object(struct text *out, const cJSON *object, bool sorted)
{
	const cJSON *item;

	text_add_char(out, '{');
	if (sorted)
		print_sorted(out, object);
	else
		json_each(item, object)
			print_member(out, item, item == object->child, false);
	text_add_char(out, '}');
}

static void
print_array(struct text *out, const cJSON *array, bool sorted)
{
	const char *between = "[";
	const cJSON *item;

	if (array->child == NULL)
		text_add_char(out, '[');
	json_each(item, array) {
		text_add(out, between);
		print_item(out, item, sorted);
		between = ",";
	}
	text_add_char(out, ']');
}

static void
print_item(struct text *out, const cJSON *item, bool sorted)
{
	if (cJSON_IsObject(item))
		print_object(out, item, sorted);
	else if (cJSON_IsArray(item))
		print_array(out, item, sorted);
	else if (cJSON_IsString(item))
		json_print_string(out, item->valuestring);
	else if (cJSON_IsNumber(item))
		print_number(out, item->valuedouble);
	else if (cJSON_IsBool(item))
		text_add(out, cJSON_IsTrue(item) ? "true" : "false");
	else
		text_add(out, "null");
}

void
json_print(struct text *out, const cJSON *item)
{
	print_item(out, item, false);
}

void
json_print_canonical(struct text *out, const cJSON *item)
{
	print_item(out, item, true);
}

char *
json_to_arena(struct arena *arena, const cJSON *item)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(SIZE_MAX / 4);

	json_print(&out, item);
	return arena_copy(arena, out.data, out.length);
}

static cJSON *
add_item(cJSON *parent, const char *key, cJSON *item)
{
	cJSON_bool added;

	if (key == NULL)
		added = cJSON_IsArray(parent) && cJSON_AddItemToArray(parent, item);
	else
		added = cJSON_IsObject(parent) && cJSON_AddItemToObject(parent, key, item);
	if (added)
		return item;
	cJSON_Delete(item);
	return NULL;
}

cJSON *
json_add_string(cJSON *object, const char *key, const char *value)
{
	return value == NULL ? NULL : add_item(object, key, cJSON_CreateString(value));
}

cJSON *
json_add_stringf(cJSON *object, const char *key, const char *format, ...)
{
	_cleanup_(freep) char *value = NULL;
	va_list ap;

	va_start(ap, format);
	value = xvasprintf(format, ap);
	va_end(ap);
	return json_add_string(object, key, value);
}

cJSON *
json_add_number(cJSON *object, const char *key, double value)
{
	return add_item(object, key, cJSON_CreateNumber(value));
}

cJSON *
json_add_bool(cJSON *object, const char *key, bool value)
{
	return add_item(object, key, cJSON_CreateBool(value));
}

cJSON *
json_add_object(cJSON *parent, const char *key)
{
	return add_item(parent, key, cJSON_CreateObject());
}

cJSON *
json_add_array(cJSON *parent, const char *key)
{
	return add_item(parent, key, cJSON_CreateArray());
}
