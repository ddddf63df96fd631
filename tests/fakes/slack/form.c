/* form.c - bodies that are not JSON: URL-encoded forms and multipart. */

#include <stdlib.h>
#include <string.h>

#include "api.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void
form_decode(struct text *out, const char *from, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (from[i] == '+') {
			text_add_char(out, ' ');
		} else if (from[i] == '%' && i + 2 < length && hex_digit(from[i + 1]) >= 0
		    && hex_digit(from[i + 2]) >= 0) {
			text_add_char(
			    out, (char)(hex_digit(from[i + 1]) * 16 + hex_digit(from[i + 2])));
			i += 2;
		} else {
			text_add_char(out, from[i]);
		}
	}
}

cJSON *
form_read(const char *body, size_t length)
{
	cJSON *form = cJSON_CreateObject();
	const char *end = body + length, *next, *equals;

	for (; body < end; body = next + 1) {
		_cleanup_(text_clear)
		struct text name = TEXT_INIT, value = TEXT_INIT_LIMIT(MEGABYTES(8));

		next = memchr(body, '&', (size_t)(end - body));
		if (next == NULL)
			next = end;
		equals = memchr(body, '=', (size_t)(next - body));
		if (equals == NULL)
			equals = next;
		form_decode(&name, body, (size_t)(equals - body));
		if (equals < next)
			form_decode(&value, equals + 1, (size_t)(next - equals - 1));
		if (name.length > 0)
			json_add_string(form, name.data, value.data);
	}
	return form;
}

/* The value of `key="…"` in a part's headers. */
static bool
part_attribute(const char *headers, const char *key, struct text *value)
{
	const char *at = strstr(headers, key), *end;

	if (at == NULL)
		return false;
	at += strlen(key);
	if ((end = strchr(at, '"')) == NULL)
		return false;
	text_add_bytes(value, at, (size_t)(end - at));
	return true;
}

static void
part_take(cJSON *form, const char *headers, const char *bytes, size_t length, struct text *file)
{
	_cleanup_(text_clear) struct text name = TEXT_INIT, filename = TEXT_INIT;
	_cleanup_(text_clear) struct text value = TEXT_INIT_LIMIT(MEGABYTES(8));

	if (!part_attribute(headers, " name=\"", &name))
		return;
	if (part_attribute(headers, " filename=\"", &filename)) {
		if (file != NULL && file->length == 0)
			text_add_bytes(file, bytes, length);
		return;
	}
	text_add_bytes(&value, bytes, length);
	json_add_string(form, name.data, value.data);
}

cJSON *
multipart_read(const char *type, const char *body, size_t length, struct text *file)
{
	_cleanup_(text_clear) struct text mark = TEXT_INIT;
	const char *end = body + length, *boundary = strstr(type, "boundary="), *headers, *bytes,
		   *next;
	cJSON *form = cJSON_CreateObject();

	if (boundary == NULL)
		return form;
	boundary += strlen("boundary=");
	text_add(&mark, "\r\n--");
	text_add_bytes(
	    &mark, boundary + (*boundary == '"'), strcspn(boundary + (*boundary == '"'), "\";"));
	/* The first boundary has no line before it. */
	headers = length > mark.length ? body + mark.length - 2 : end;
	while (headers < end &&
	       (bytes = memmem(headers, (size_t)(end - headers), "\r\n\r\n", 4)) != NULL) {
		_cleanup_(text_clear) struct text head = TEXT_INIT;

		bytes += 4;
		next = memmem(bytes, (size_t)(end - bytes), mark.data, mark.length);
		if (next == NULL)
			break;
		text_add_bytes(&head, headers, (size_t)(bytes - headers));
		part_take(form, head.data, bytes, (size_t)(next - bytes), file);
		headers = next + mark.length;
	}
	return form;
}
