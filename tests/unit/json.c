/* json.c - every gap of cJSON that is closed, look-ups, printing, building. */

#include "base/json.h"

#include "test.h"

static cJSON *
parse(const char *s)
{
	return json_parse(s, strlen(s), NULL);
}

static void
assert_refused(const char *bytes, size_t length, const char *why)
{
	struct error err = ERROR_INIT;
	cJSON *document = json_parse(bytes, length, &err);

	if (document != NULL)
		fail_msg("accepted: %s", bytes);
	if (strstr(err.text, why) == NULL)
		fail_msg("%s: \"%s\" does not contain \"%s\"", bytes, err.text, why);
	assert_int_equal(err.kind, WRONG);
}

static cJSON *
nested(int depth)
{
	char s[2 * (JSON_DEPTH + 2) + 1] = "";

	memset(s, '[', (size_t)depth);
	memset(s + depth, ']', (size_t)depth);
	return parse(s);
}

TEST(nesting_is_bounded)
{
	_cleanup_(json_freep) cJSON *deep = nested(JSON_DEPTH);
	_cleanup_(freep) char *bottomless = xcalloc(1, 1000001);

	assert_non_null(deep);
	assert_null(nested(JSON_DEPTH + 1));
	memset(bottomless, '[', 1000000);
	assert_refused(bottomless, 1000000, "nested too deeply");
}

TEST(what_is_no_json_is_refused)
{
	static const char *const rows[][2] = {
		{ "", "empty" },
		{ " \n", "empty" },
		{ "{\"a\":1}garbage", "byte 8: more text" },
		{ "{\"a\":1} {\"b\":2}", "more text" },
		{ "{\"a\":1}\n\n ,", "line 3, byte 2: more text" },
		{ "{\"a\":", "too early" },
		{ "{\"a\"", "too early" },
		{ "\"abc", "ends in a string" },
		{ "\"abc\\", "ends in a string" },
		{ "\"a\nb\"", "raw control character" },
		{ "\"a\tb\"", "raw control character" },
		{ "\"\\u12g4\"", "four hexadecimal digits" },
		{ "\"\\u123\"", "four hexadecimal digits" },
		{ "\"\\x41\"", "an escape that JSON does not have" },
		{ "01", "not a number" },
		{ "-", "not a number" },
		{ "1.", "not a number" },
		{ "1.e5", "not a number" },
		{ ".5", "not a value" },
		{ "+1", "not a value" },
		{ "1e", "not a number" },
		{ "1-2", "not a number" },
		{ "0x10", "more text" },
		{ "1e999", "too large" },
		{ "123456789012345678901234567890123456789012345678901234567890123", "digits" },
		{ "True", "not a value" },
		{ "nan", "not a value" },
		{ "[1,]", "something is missing" },
		{ "[1 2]", "something is missing" },
		{ "{\"a\" 1}", "something is missing" },
		{ "{a:1}", "not a value" },
		{ "{\"a\":1]", "something is missing" },
		{ "]", "a bracket too many" },
		{ ",", "something is missing" },
		{ "[1,\n2,\n}", "line 3, byte 1" },
		{ "[\"a\",\n\"\xff\"]", "line 2, byte 2: not UTF-8" },
		{ "[\"\xed\xa0\x80\"]", "UTF-8" },
		{ "[\"\xc0\x80\"]", "UTF-8" },
		{ "[\xc2\xa0 1]", "not a value" },
		{ "[\f1]", "not a value" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_refused(rows[i][0], strlen(rows[i][0]), rows[i][1]);
	assert_refused("\"a\0b\"", 5, "raw control character");
	assert_refused("{}\0", 3, "more text");
	assert_refused("\0{}", 3, "not a value");
}

TEST(escaped_nul_and_lone_surrogates_become_replacement_characters)
{
	static const char *const rows[][2] = {
		{ "\"a\\u0000b\"", "a\xef\xbf\xbd" "b" },
		{ "\"\\ud83d\"", "\xef\xbf\xbd" },
		{ "\"\\ude00\"", "\xef\xbf\xbd" },
		{ "\"\\ud83dx\"", "\xef\xbf\xbdx" },
		{ "\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80" },
		{ "\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\"\\ud83d\\u0041\"", "\xef\xbf\xbd" "A" },
		{ "\"\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80" },
		{ "\"\\\\u0000\"", "\\u0000" },
		{ "\"\\\"\\u0000\"", "\"\xef\xbf\xbd" },
		{ "\"\\ud83d\\\\\"", "\xef\xbf\xbd\\" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(json_freep) cJSON *document = parse(rows[i][0]);

		assert_row(i, string_equal(json_string(document, ""), rows[i][1]));
	}
}

TEST(a_key_with_nul_is_another_key)
{
	_cleanup_(json_freep) cJSON *document = parse("{\"a\\u0000x\":1,\"a\":2}");

	assert_int_equal(json_integer(document, "a", 0), 2);
}

TEST(lookups_know_case_and_take_the_first)
{
	_cleanup_(json_freep) cJSON *document =
	    parse("{\"Status\":1,\"status\":2,\"status\":3,\"statu\":4}");

	assert_int_equal(json_integer(document, "status", 0), 2);
	assert_int_equal(json_integer(document, "Status", 0), 1);
	assert_int_equal(json_integer(document, "STATUS", 0), 0);
}

TEST(a_byte_order_mark_is_passed)
{
	_cleanup_(json_freep) cJSON *document = parse("\xef\xbb\xbf{\"a\":1}\r\n");

	assert_int_equal(json_integer(document, "a", 0), 1);
}

TEST(documents_back_to_back_are_read_one_by_one)
{
	static const char bytes[] = "{\"a\":1}{\"a\":2}\n [3] 4 \"}\" \n";
	static const char *const wanted[] = { "{\"a\":1}", "{\"a\":2}", "[3]", "4", "\"}\"" };
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct error err = ERROR_INIT;
	size_t at = 0, used;

	for (size_t i = 0; i < COUNT(wanted); i++) {
		_cleanup_(json_freep) cJSON *document =
		    json_parse_next(bytes + at, strlen(bytes) - at, &used, &err);

		assert_non_null(document);
		assert_string_equal(json_to_arena(arena, document), wanted[i]);
		at += used;
	}
	wrong(&err, "before");
	assert_null(json_parse_next(bytes + at, strlen(bytes) - at, &used, &err));
	assert_int_equal(err.kind, ERROR_NONE);
	assert_null(json_parse_next("{\"a\":", 5, &used, &err));
	assert_int_equal(err.kind, WRONG);
}

TEST(paths_lead_through_objects_and_arrays)
{
	_cleanup_(json_freep) cJSON *document = parse("{\"a\":{\"b\":[{\"c\":\"x\"},{\"c\":\"y\"}],"
						      "\"k8s.io/n\":\"z\",\"\":7},\"t\":true}");

	assert_string_equal(json_string(document, "a.b.1.c"), "y");
	assert_string_equal(json_string(document, "a.k8s\\.io/n"), "z");
	assert_null(json_string(document, "a.k8s.io/n"));
	assert_null(json_string(document, "a.b.2.c"));
	assert_null(json_string(document, "a.b.x.c"));
	assert_null(json_string(document, "a.b.-1.c"));
	assert_null(json_string(document, "a.b.00000000000000000001.c"));
	assert_null(json_string(document, "a.b"));
	assert_null(json_string(document, "t.x"));
	assert_null(json_at(document, "a.bb"));
	assert_ptr_equal(json_at(document, ""), document);
	assert_null(json_at(NULL, "a.b"));
	assert_null(json_at(NULL, ""));
}

TEST(a_wrong_type_gives_the_default)
{
	_cleanup_(json_freep) cJSON *document =
	    parse("{\"s\":\"5\",\"n\":5,\"f\":1.5,\"big\":9007199254740993,\"b\":true,\"t\":\"true\","
		  "\"no\":\"false\",\"null\":null}");

	assert_string_equal(json_string_or(document, "n", "none"), "none");
	assert_string_equal(json_string_or(document, "s", "none"), "5");
	assert_int_equal(json_integer(document, "s", -1), -1);
	assert_int_equal(json_integer(document, "f", -1), -1);
	assert_int_equal(json_integer(document, "big", -1), -1);
	assert_int_equal(json_integer(document, "n", -1), 5);
	assert_true(json_number(document, "f", 0) == 1.5);
	assert_true(json_number(document, "null", 2) == 2);
	assert_true(json_bool(document, "b", false));
	assert_true(json_bool(document, "t", false));
	assert_false(json_bool(document, "no", true));
	assert_true(json_bool(document, "n", true));
	assert_false(json_bool(NULL, "x", false));
}

TEST(iterating_over_nothing_is_nothing)
{
	_cleanup_(json_freep) cJSON *document = parse("{\"a\":[1,2],\"s\":\"x\"}");
	const cJSON *element;
	int sum = 0;

	json_each(element, json_at(document, "a"))
		sum += (int)element->valuedouble;
	json_each(element, json_at(document, "absent"))
		sum += 100;
	json_each(element, json_at(document, "s"))
		sum += 100;
	assert_int_equal(sum, 3);
}

static void
assert_prints(const char *in, const char *out, void (*print)(struct text *, const cJSON *))
{
	_cleanup_(json_freep) cJSON *document = parse(in);
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	assert_non_null(document);
	print(&text, document);
	assert_string_equal(text.data, out);
}

TEST(what_is_read_is_printed)
{
	static const char *const rows[][2] = {
		{ "{\"b\":[1,{},[]],\"a\":null}", "{\"b\":[1,{},[]],\"a\":null}" },
		{ "[true,false,\"\"]", "[true,false,\"\"]" },
		{ "1700000000123", "1700000000123" },
		{ "-0", "0" },
		{ "1e3", "1000" },
		{ "0.1", "0.1" },
		{ "0.30000000000000004", "0.30000000000000004" },
		{ "1e300", "1e+300" },
		{ "9007199254740991", "9007199254740991" },
		{ "\"\\u001b\\n\\t\\\"\\\\\\/\\u007f\"", "\"\\u001b\\n\\t\\\"\\\\/\\u007f\"" },
		{ "\"\\u00e9€\"", "\"é€\"" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_prints(rows[i][0], rows[i][1], json_print);
}

TEST(equal_documents_are_equal_bytes)
{
	assert_prints("{\"b\":1,\"a\":{\"z\":[{\"y\":1,\"x\":2}],\"c\":3}}",
	    "{\"a\":{\"c\":3,\"z\":[{\"x\":2,\"y\":1}]},\"b\":1}", json_print_canonical);
	assert_prints("{\"k\":1,\"a\":0,\"k\":2}", "{\"a\":0,\"k\":1,\"k\":2}",
	    json_print_canonical);
}

TEST(a_printed_string_is_always_utf8)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	json_print_string(&text, "a\xff\"");
	assert_string_equal(text.data, "\"a\xef\xbf\xbd\\\"\"");
}

TEST(documents_are_built)
{
	_cleanup_(json_freep) cJSON *document = cJSON_CreateObject();
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	cJSON *list;

	json_add_string(document, "channel", "C1");
	assert_null(json_add_string(document, "thread", NULL));
	json_add_stringf(document, "text", "%s %d", "R", 142);
	json_add_number(document, "count", 3);
	json_add_bool(document, "ok", true);
	list = json_add_array(document, "blocks");
	json_add_string(json_add_object(list, NULL), "type", "divider");
	json_add_array(list, NULL);
	json_add_string(list, NULL, "x");
	assert_string_equal(json_to_arena(arena, document),
	    "{\"channel\":\"C1\",\"text\":\"R 142\",\"count\":3,\"ok\":true,"
	    "\"blocks\":[{\"type\":\"divider\"},[],\"x\"]}");
	assert_null(json_add_string(NULL, "a", "b"));
	assert_null(json_add_object(NULL, NULL));
	assert_null(json_add_string(list, "key in an array", "b"));
}

TEST(numbers_that_json_has_not_are_null)
{
	_cleanup_(json_freep) cJSON *document = cJSON_CreateArray();
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	json_add_number(document, NULL, 1e308 * 10);
	json_add_number(document, NULL, 0.0 / 1.0);
	assert_string_equal(json_to_arena(arena, document), "[null,0]");
}

static const char sample[] =
    "{\"type\":\"events_api\",\"payload\":{\"event\":{\"text\":\"<@U1> a\\u00e9 \\ud83d\\ude00\","
    "\"ts\":\"1700000000.000100\",\"n\":[1,-2.5,3e7,0.1,true,false,null,{}]}},\"x\":\"\\\"\\\\\"}";

TEST(no_beginning_of_a_document_is_a_document)
{
	_cleanup_(json_freep) cJSON *whole = json_parse(sample, strlen(sample), NULL);

	assert_non_null(whole);
	for (size_t length = 0; length < strlen(sample); length++) {
		_cleanup_(freep) char *part = xstrndup(sample, length);

		assert_row(length, json_parse(part, length, NULL) == NULL);
	}
}

static char *
canonical(const cJSON *document)
{
	struct text text = TEXT_INIT;

	json_print_canonical(&text, document);
	return text_take(&text);
}

/* Whatever a stranger changes: it is refused, or printed and read back as the same. */
TEST(damaged_documents_are_refused_or_understood)
{
	static const char bytes[] = "\"\\{}[],:u0d8 \n\x01\xff\xc3" "e-.1tn";
	unsigned seed = 9;

	for (int round = 0; round < 20000; round++) {
		_cleanup_(freep) char *in = xstrdup(sample);
		_cleanup_(freep) char *once = NULL;
		_cleanup_(freep) char *twice = NULL;
		_cleanup_(json_freep) cJSON *document = NULL;
		_cleanup_(json_freep) cJSON *again = NULL;

		for (int i = 0; i < 1 + round % 3; i++) {
			seed = seed * 1103515245 + 12345;
			in[(seed >> 8) % strlen(sample)] = bytes[(seed >> 20) % (sizeof bytes - 1)];
		}
		if ((document = json_parse(in, strlen(sample), NULL)) == NULL)
			continue;
		once = canonical(document);
		again = json_parse(once, strlen(once), NULL);
		assert_row(round, again != NULL);
		twice = canonical(again);
		assert_row(round, strcmp(once, twice) == 0);
	}
}

TEST(every_character_survives)
{
	for (unsigned c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 61) {
		_cleanup_(text_clear) struct text quoted = TEXT_INIT;
		_cleanup_(text_clear) struct text escaped = TEXT_INIT;
		_cleanup_(json_freep) cJSON *a = NULL;
		_cleanup_(json_freep) cJSON *b = NULL;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		if (c < 0x10000)
			text_printf(&escaped, "\"\\u%04X\"", c);
		else
			text_printf(&escaped, "\"\\u%04x\\u%04x\"", 0xd800 + ((c - 0x10000) >> 10),
			    0xdc00 + (c & 0x3ff));
		a = json_parse(escaped.data, escaped.length, NULL);
		assert_row(c, a != NULL);
		json_print(&quoted, a);
		b = json_parse(quoted.data, quoted.length, NULL);
		assert_row(c, string_equal(json_string(a, ""), json_string(b, "")));
	}
}

TEST(every_number_is_read_back_as_itself)
{
	unsigned long long seed = 1;

	for (int round = 0; round < 20000; round++) {
		_cleanup_(json_freep) cJSON *array = cJSON_CreateArray();
		_cleanup_(json_freep) cJSON *again = NULL;
		_cleanup_(text_clear) struct text text = TEXT_INIT;
		double value;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		memcpy(&value, &seed, sizeof value);
		if (value != value || value - value != 0)
			continue;
		json_add_number(array, NULL, value);
		json_print(&text, array);
		again = json_parse(text.data, text.length, NULL);
		assert_row(round, json_number(again, "0", 7) == value);
	}
}

TEST(a_sample_has_its_members)
{
	_cleanup_(json_freep) cJSON *document = json_parse(sample, strlen(sample), NULL);

	assert_string_equal(json_string(document, "payload.event.text"), "<@U1> aé 😀");
	assert_string_equal(json_string(document, "payload.event.ts"), "1700000000.000100");
	assert_true(json_number(document, "payload.event.n.1", 0) == -2.5);
	assert_int_equal(json_integer(document, "payload.event.n.2", 0), 30000000);
	assert_true(json_bool(document, "payload.event.n.4", false));
	assert_true(cJSON_IsObject(json_at(document, "payload.event.n.7")));
	assert_null(json_at(document, "payload.event.n.8"));
}

/* Each would cost a copy of all that follows, if the end were not found first. */
TEST(many_tiny_documents_take_no_time)
{
	size_t length = MEGABYTES(1), at = 0, used, count = 0;
	_cleanup_(freep) char *bytes = xmalloc(length);
	struct error err = ERROR_INIT;
	cJSON *document;

	for (size_t i = 0; i < length; i++)
		bytes[i] = i % 8 == 0 ? '1' : ' ';
	while ((document = json_parse_next(bytes + at, length - at, &used, &err)) != NULL) {
		cJSON_Delete(document);
		at += used;
		count++;
	}
	assert_int_equal(err.kind, ERROR_NONE);
	assert_int_equal(count, length / 8);
}

TEST(a_nul_behind_a_backslash_ends_nothing)
{
	static const char bytes[] = "{\"a\":\"b\\\0c\\u0000dddddd\"}";
	struct error err = ERROR_INIT;

	assert_null(json_parse(bytes, sizeof bytes - 1, &err));
	assert_non_null(strstr(err.text, "line 1, byte 8: an escape that JSON does not have"));
}
