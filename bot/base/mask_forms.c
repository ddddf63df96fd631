/* mask_forms.c - the forms in which a secret travels. */

#include <string.h>

#include <unistr.h>

#include "mask_parts.h"

/* Adds a form and forgets it. */
static void
add(struct automaton *automaton, struct text *form)
{
	if (form->length >= MASK_LEAST)
		automaton_add(automaton, form->data, form->length, 0);
	if (form->length > 0)
		explicit_bzero(form->data, form->length);
	text_reset(form);
}

/* Six bits from `bit` on; those past the end are zero, as in an encoding that ends there. */
static unsigned
six_bits(const char *value, size_t length, size_t bit)
{
	unsigned bits = 0;

	for (size_t i = bit; i < bit + 6; i++) {
		bits <<= 1;
		if (i / 8 < length)
			bits |= (unsigned char)value[i / 8] >> (7 - i % 8) & 1;
	}
	return bits;
}

static char
base64_letter(unsigned number, const char *last_two)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	return number < 62 ? letters[number] : last_two[number - 62];
}

/*
 * Within a longer text the value begins at any of three places of a group of four letters: its
 * first whole letter is then 0, 4 or 2 bits into the value.  Letters that hold bits of neighbours
 * cannot be known.  Where the value is all of the text, the last letter and the padding can.
 */
static void
add_base64(struct automaton *automaton, const char *value, size_t length, const char *last_two)
{
	_cleanup_(text_clear) struct text form = TEXT_INIT;
	size_t bit, bits = length * 8;
	char letter;

	for (size_t start = 0; start < 6; start += 2) {
		for (bit = start; bit + 6 <= bits; bit += 6) {
			letter = base64_letter(six_bits(value, length, bit), last_two);
			text_add_char(&form, letter);
		}
		add(automaton, &form);
	}
	for (bit = 0; bit < bits; bit += 6) {
		letter = base64_letter(six_bits(value, length, bit), last_two);
		text_add_char(&form, letter);
	}
	automaton_add(automaton, form.data, form.length, 0);
	while (form.length % 4 != 0)
		text_add_char(&form, '=');
	add(automaton, &form);
}

static void
add_hex(struct automaton *automaton, const char *value, size_t length, const char *digits)
{
	_cleanup_(text_clear) struct text form = TEXT_INIT;

	for (size_t i = 0; i < length; i++) {
		unsigned byte = (unsigned char)value[i];

		text_add_char(&form, digits[byte >> 4]);
		text_add_char(&form, digits[byte & 15]);
	}
	add(automaton, &form);
}

static bool
is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-_.~", c) != NULL);
}

/* What stays besides unreserved letters differs between encoders. */
static const struct percent_style {
	const char *keeps;
	const char *digits;
	bool plus; /* for a blank */
} percent_styles[] = {
	{ "", "0123456789ABCDEF", false },	 /* RFC 3986 */
	{ "", "0123456789abcdef", false },
	{ "", "0123456789ABCDEF", true },	 /* forms, Go's QueryEscape */
	{ "!'()*", "0123456789ABCDEF", false },	 /* JavaScript */
	{ "$&+=:@", "0123456789ABCDEF", false }, /* Go's PathEscape */
	{ "$&+,;=", "0123456789ABCDEF", false }, /* Go's URL.User */
};

static void
add_percent(struct automaton *automaton, const char *value, size_t length,
    const struct percent_style *style)
{
	_cleanup_(text_clear) struct text form = TEXT_INIT;

	for (size_t i = 0; i < length; i++) {
		unsigned byte = (unsigned char)value[i];

		if (value[i] == ' ' && style->plus) {
			text_add_char(&form, '+');
		} else if (is_unreserved(value[i]) ||
		    (byte != 0 && strchr(style->keeps, value[i]) != NULL)) {
			text_add_char(&form, value[i]);
		} else {
			text_add_char(&form, '%');
			text_add_char(&form, style->digits[byte >> 4]);
			text_add_char(&form, style->digits[byte & 15]);
		}
	}
	add(automaton, &form);
}

/* Go escapes < > & as well, Python everything beyond ASCII, PHP the slash. */
struct json_style {
	const char *also;
	bool ascii;
};

static void
escape_character(struct text *form, ucs4_t c, const struct json_style *style)
{
	static const char escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *p = escapes; *p != '\0'; p += 2)
		if (c == (unsigned char)*p) {
			text_printf(form, "\\%c", p[1]);
			return;
		}
	if (c == '/' && strchr(style->also, '/') != NULL)
		text_add(form, "\\/");
	else if (c >= 0x10000)
		text_printf(form, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
		    0xdc00 + (c & 0x3ff));
	else
		text_printf(form, "\\u%04x", c);
}

static bool
needs_escape(ucs4_t c, const struct json_style *style)
{
	if (c >= 0x80)
		return style->ascii;
	return c < 0x20 || c == '"' || c == '\\' || strchr(style->also, (char)c) != NULL;
}

static void
escape(struct text *form, const char *value, size_t length, const struct json_style *style)
{
	ucs4_t c;
	int bytes;

	for (; length > 0; length -= (size_t)bytes, value += bytes) {
		bytes = u8_mbtoucr(&c, (const uint8_t *)value, length);
		if (bytes > 0 && needs_escape(c, style)) {
			escape_character(form, c, style);
		} else {
			bytes = bytes > 0 ? bytes : 1; /* no UTF-8: as it is */
			text_add_bytes(form, value, (size_t)bytes);
		}
	}
}

/* Twice as well: JSON within JSON is what kubectl's last-applied annotation is. */
static void
add_json(struct automaton *automaton, const char *value, size_t length,
    const struct json_style *style)
{
	_cleanup_(text_clear) struct text once = TEXT_INIT;
	_cleanup_(text_clear) struct text twice = TEXT_INIT_LIMIT(MEGABYTES(4));

	escape(&once, value, length, style);
	escape(&twice, once.data, once.length, style);
	add(automaton, &once);
	add(automaton, &twice);
}

static void
add_forms(struct automaton *automaton, const char *value, size_t length)
{
	static const struct json_style json_styles[] = { { "", false }, { "<>&", false },
		{ "", true }, { "/", true } };

	if (length < MASK_LEAST)
		return;
	automaton_add(automaton, value, length, 0);
	add_base64(automaton, value, length, "+/");
	add_base64(automaton, value, length, "-_");
	add_hex(automaton, value, length, "0123456789abcdef");
	add_hex(automaton, value, length, "0123456789ABCDEF");
	for (size_t i = 0; i < COUNT(percent_styles); i++)
		add_percent(automaton, value, length, &percent_styles[i]);
	for (size_t i = 0; i < COUNT(json_styles); i++)
		add_json(automaton, value, length, &json_styles[i]);
}

/* The frame of a PEM block ("-----BEGIN …") is no secret. */
static void
add_line(struct automaton *automaton, const char *line, size_t length)
{
	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (length < 5 || memcmp(line, "-----", 5) != 0)
		add_forms(automaton, line, length);
}

void
mask_add_forms(struct automaton *automaton, const char *value, size_t length)
{
	const char *end = value + length, *line_end;

	add_forms(automaton, value, length);
	if (memchr(value, '\n', length) == NULL)
		return;
	for (const char *line = value; line < end; line = line_end + 1) {
		line_end = memchr(line, '\n', (size_t)(end - line));
		if (line_end == NULL)
			line_end = end;
		add_line(automaton, line, (size_t)(line_end - line));
	}
}
