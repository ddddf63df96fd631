/* mask.c - known values in every form, shapes, and splits at every place. */

#include "base/mask.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "test.h"

/* In one piece; the caller frees. */
static char *
masked(struct mask_set *set, const char *s)
{
	struct text out = TEXT_INIT;

	mask_text(set, &out, s, strlen(s));
	return text_take(&out);
}

static void
assert_masked(struct mask_set *set, const char *in, const char *wanted)
{
	char *whole = masked(set, in);
	size_t length = strlen(in);

	if (strcmp(whole, wanted) != 0)
		fail_msg("\"%s\" gives \"%s\", not \"%s\"", in, whole, wanted);
	for (size_t at = 0; at <= length; at++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		struct mask_stream stream = MASK_STREAM(set);

		mask_stream_add(&stream, &out, in, at);
		mask_stream_add(&stream, &out, in + at, length - at);
		mask_stream_end(&stream, &out);
		if (strcmp(out.data, wanted) != 0)
			fail_msg("\"%s\" split at %zu gives \"%s\"", in, at, out.data);
	}
	for (size_t step = 1; step < 4; step++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		struct mask_stream stream = MASK_STREAM(set);

		for (size_t at = 0; at < length; at += step)
			mask_stream_add(&stream, &out, in + at,
			    at + step <= length ? step : length - at);
		mask_stream_end(&stream, &out);
		if (strcmp(out.data, wanted) != 0)
			fail_msg("\"%s\" by %zu gives \"%s\"", in, step, out.data);
	}
	free(whole);
}

static struct mask_set *
set_of(const char *value)
{
	struct mask_set *set = mask_set_new(NULL);

	mask_add(set, value, strlen(value));
	return set;
}

TEST(a_known_value_is_masked)
{
	struct mask_set *set = set_of("hunter2!");

	assert_masked(set, "", "");
	assert_masked(set, "nothing here", "nothing here");
	assert_masked(set, "the word is hunter2!\n", "the word is •••\n");
	assert_masked(set, "hunter2!", "•••");
	assert_masked(set, "hunter2!hunter2!", "••••••");
	assert_masked(set, "hunter2", "hunter2");
	assert_masked(set, "hunterhunter2!", "hunter•••");
	mask_set_free(set);
}

TEST(a_short_value_is_not_taken)
{
	struct mask_set *set = set_of("abcde");

	assert_masked(set, "abcde", "abcde");
	assert_false(mask_has(set, "abcde", 5));
	mask_add(set, "abcdef", 6);
	assert_masked(set, "abcdef", "•••");
	mask_set_free(set);
	mask_set_free(NULL);
}

TEST(overlapping_values_are_one)
{
	struct mask_set *set = mask_set_new(NULL);

	mask_add(set, "abcdefgh", 8);
	mask_add(set, "efghijkl", 8);
	mask_add(set, "cdefgh", 6);
	assert_masked(set, "-abcdefghijkl-", "-•••-");
	assert_masked(set, "-cdefghijkl-", "-•••-");
	assert_masked(set, "-abcdefghijk-", "-•••ijk-");
	mask_set_free(set);
}

TEST(a_value_that_overlaps_itself_is_masked_whole)
{
	struct mask_set *set = set_of("aaaaaa");

	assert_masked(set, "baaaaaaaaaaaaaab", "b•••b");
	assert_masked(set, "baaaaab", "baaaaab");
	mask_set_free(set);
}

/* Whether the value's form is gone, with any neighbours. */
static void
assert_gone(struct mask_set *set, const char *form)
{
	char *in = xasprintf("<%s>", form), *out = masked(set, in);

	if (strcmp(out, "<•••>") != 0)
		fail_msg("\"%s\" gives \"%s\"", in, out);
	free(in);
	free(out);
}

TEST(base64_is_found_at_each_offset_in_longer_text)
{
	static const char value[] = "Secret+Value/42";
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct mask_set *set = set_of(value);

	for (int before = 0; before < 6; before++)
		for (int after = 0; after < 6; after++) {
			char *plain = arena_printf(arena, "%.*s%s%.*s", before, "??????", value,
			    after, "~~~~~~");
			char *encoded[] = { base64_print(arena, plain, strlen(plain)),
				base64url_print(arena, plain, strlen(plain)) };

			for (size_t i = 0; i < COUNT(encoded); i++) {
				char *out = masked(set, encoded[i]);

				assert_non_null(strstr(out, "•••"));
				/* Beside the neighbours, at most a letter on each side. */
				assert_true(strlen(out) - strlen("•••") <=
				    (size_t)(before + after) * 4 / 3 + 8);
				free(out);
			}
		}
	mask_set_free(set);
}

TEST(base64_of_the_value_alone_leaves_nothing)
{
	static const char *const values[] = { "123456", "1234567", "12345678",
		"\xff\xfe\xfd\xfc\xfb\xfa" };
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(values); i++) {
		struct mask_set *set = set_of(values[i]);

		assert_gone(set, base64_print(arena, values[i], strlen(values[i])));
		assert_gone(set, base64url_print(arena, values[i], strlen(values[i])));
		mask_set_free(set);
	}
}

TEST(other_forms_are_found)
{
	static const struct {
		const char *value, *form;
	} rows[] = {
		{ "pass w/rd", "pass%20w%2Frd" },
		{ "pass w/rd", "pass%20w%2frd" },
		{ "pass w/rd", "pass+w%2Frd" },
		{ "it's(me)!", "it%27s%28me%29%21" },
		{ "it's(me)!", "it's(me)!" },
		{ "it's+(me)", "it's%2B(me)" },
		{ "a$b&c@d/e", "a$b&c@d%2Fe" },
		{ "a$b,c;d/e", "a$b,c;d%2Fe" },
		{ "say\"hi\"\\", "say\\\"hi\\\"\\\\" },
		{ "say\"hi\"\\", "say\\\\\\\"hi\\\\\\\"\\\\\\\\" },
		{ "a<b>c&d", "a\\u003cb\\u003ec\\u0026d" },
		{ "tab\there", "tab\\there" },
		{ "bell\ahere", "bell\\u0007here" },
		{ "müsli-bär", "m\\u00fcsli-b\\u00e4r" },
		{ "smile😀now", "smile\\ud83d\\ude00now" },
		{ "path/to/x", "path\\/to\\/x" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mask_set *set = set_of(rows[i].value);

		assert_gone(set, rows[i].form);
		assert_gone(set, rows[i].value);
		mask_set_free(set);
	}
}

TEST(hex_is_found_in_both_cases)
{
	struct mask_set *set = set_of("jk\xffmnop");

	assert_gone(set, "6a6bff6d6e6f70");
	assert_gone(set, "6A6BFF6D6E6F70");
	mask_set_free(set);
}

TEST(each_line_of_a_value_is_found)
{
	struct mask_set *set = set_of("-----BEGIN X-----\nfirst line\r\nshort\nlast line\n");

	assert_masked(set, "a first line b", "a ••• b");
	assert_masked(set, "a last line b", "a ••• b");
	assert_masked(set, "short -----BEGIN X-----", "short -----BEGIN X-----");
	mask_set_free(set);
	set = set_of("with-newline\n");
	assert_masked(set, "with-newline", "•••");
	mask_set_free(set);
}

TEST(a_value_with_nul_is_found)
{
	struct mask_set *set = mask_set_new(NULL);
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	mask_add(set, "abc\0def", 7);
	mask_text(set, &out, "x abc\0def y", 11);
	assert_string_equal(out.data, "x ••• y");
	mask_set_free(set);
}

TEST(a_set_knows_its_values_and_its_parents)
{
	struct mask_set *parent = set_of("parent-value"), *child = mask_set_new(parent);

	mask_add(child, "child-value", 11);
	assert_true(mask_has(child, "child-value", 11));
	assert_true(mask_has(child, "parent-value", 12));
	assert_false(mask_has(parent, "child-value", 11));
	assert_false(mask_has(child, "child-valu", 10));
	assert_masked(child, "child-value parent-value", "••• •••");
	assert_masked(parent, "child-value parent-value", "child-value •••");
	mask_add(parent, "added-later", 11);
	assert_masked(child, "added-later", "•••");
	mask_set_free(child);
	mask_set_free(parent);
}

TEST(a_value_added_in_the_middle_of_a_stream_counts_from_then_on)
{
	struct mask_set *set = set_of("longer-than-the-other");
	struct mask_stream stream = MASK_STREAM(set);
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	mask_stream_add(&stream, &out, "late-value longer-than", 22);
	assert_string_equal(out.data, "late-value ");
	mask_add(set, "longer-than-me", 14);
	mask_add(set, "late-value", 10);
	mask_stream_add(&stream, &out, "-me late-", 9);
	mask_stream_add(&stream, &out, "value", 5);
	mask_stream_end(&stream, &out);
	assert_string_equal(out.data, "late-value ••• •••");
	mask_set_free(set);
}

TEST(a_stream_holds_back_no_more_than_it_must)
{
	struct mask_set *set = set_of("hunter2!");
	struct mask_stream stream = MASK_STREAM(set);
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	mask_stream_add(&stream, &out, "a line\n", 7);
	assert_string_equal(out.data, "a line\n");
	mask_stream_add(&stream, &out, "hunt", 4);
	assert_string_equal(out.data, "a line\n");
	mask_stream_add(&stream, &out, "ing\n", 4);
	assert_string_equal(out.data, "a line\nhunting\n");
	mask_stream_end(&stream, &out);
	mask_stream_clear(&stream);
	assert_string_equal(out.data, "a line\nhunting\n");
	mask_set_free(set);
}

TEST(a_very_long_value_is_masked)
{
	_cleanup_(freep) char *value = xcalloc(1, 60001);
	struct mask_set *set;
	char *out;

	for (size_t i = 0; i < 60000; i++)
		value[i] = (char)('a' + (i * i / 7 + i % 11) % 26);
	set = set_of(value);
	out = masked(set, value);
	assert_string_equal(out, "•••");
	free(out);
	mask_set_free(set);
}

/* One byte after the other of a value that overlaps itself: what is held stays bounded. */
TEST(endless_overlap_is_not_held)
{
	struct mask_set *set = set_of("aaaaaaaa");
	struct mask_stream stream = MASK_STREAM(set);
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	for (int i = 0; i < 10000; i++) {
		mask_stream_add(&stream, &out, "aaaaaaa", 7);
		assert_true(stream.held.length <= 8);
	}
	mask_stream_end(&stream, &out);
	assert_string_equal(out.data, "•••");
	mask_set_free(set);
}

#define JWT_HEAD "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
#define JWT JWT_HEAD ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
#define PEM_BODY "MIIEowIBAAKCAQEAx\nabc+/=\n"

TEST(shapes_are_masked)
{
	static const char *const rows[][2] = {
		{ "t=xoxb-1234567890-abcdef. x", "t=•••. x" },
		{ "xapp-1-A012345678-999-abcdef", "•••" },
		{ "xoxb-short", "xoxb-short" },
		{ "ghp_abcdefghijklmnopqrstuvwxyz0123456789,", "•••," },
		{ JWT " x", "••• x" },
		{ "Authorization: Bearer " JWT "\n", "Authorization: Bearer •••\n" },
		{ "Authorization: Bearer abcdefgh.ijklmnop~q/r+s==\n",
		    "Authorization: Bearer •••\n" },
		{ "Bearer of bad news", "Bearer of bad news" },
		{ "Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic •••" },
		{ JWT_HEAD " alone is JSON", JWT_HEAD " alone is JSON" },
		{ "id AKIAIOSFODNN7EXAMPLE.", "id •••." },
		{ "AKIAIOSFODNN7EXAMPL", "AKIAIOSFODNN7EXAMPL" },
		{ "AKIAIOSFODNN7EXAMPLe", "AKIAIOSFODNN7EXAMPLe" },
		/* ID12, SE5: what a chat lends for a while */
		{ "to https://hooks.slack.com/commands/T0TEAM/123/AbC-d. x", "to https://hooks.slack.com/••• x" },
		{ "{\"response_url\":\"https:\\/\\/hooks.slack.com/actions/T0TEAM/1/abc\"}",
		    "{\"response_url\":\"https:\\/\\/hooks.slack.com/•••\"}" },
		{ "see hooks.slack.com/docs", "see hooks.slack.com/docs" },
		{ "wss://wss-primary.slack.com/link/?ticket=f1c-1b&app_id=A0",
		    "wss://wss-primary.slack.com/link/?ticket=•••&app_id=A0" },
		/* keys */
		{ "a\n-----BEGIN RSA PRIVATE KEY-----\n" PEM_BODY "-----END RSA PRIVATE KEY-----\nb",
		    "a\n•••\nb" },
		{ "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n\"",
		    "•••\\n\"" },
		{ "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n" PEM_BODY
		  "(cut)\nnext",
		    "•••(cut)\nnext" },
		{ "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
		    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----" },
		{ "password: \"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n\"}",
		    "password: \"•••\\n\"}" },
		/* addresses */
		{ "postgres://app:s3cr:et@db:5432/x", "postgres://app:•••@db:5432/x" },
		{ "redis://:pw@host", "redis://:•••@host" },
		{ "https://host:8080/a@b", "https://host:8080/a@b" },
		{ "https://user@host/", "https://user@host/" },
		{ "https://user:@host/", "https://user:@host/" },
		{ "https://host:80 a@b", "https://host:80 a@b" },
		/* assignments */
		{ "password=abc def", "password=••• def" },
		{ "PGPASSWORD='a b' x", "PGPASSWORD='•••' x" },
		{ "{\"password\":\"a\\\"b c\",\"x\":1}", "{\"password\":\"•••\",\"x\":1}" },
		{ "{\"p\":\"{\\\"password\\\":\\\"a b\\\",\\\"x\\\":1}\"}",
		    "{\"p\":\"{\\\"password\\\":\\\"•••\\\",\\\"x\\\":1}\"}" },
		{ "{\"args\":\"--password=abc\\nnext\"}", "{\"args\":\"--password=•••\\nnext\"}" },
		{ "db.password: abc\nx", "db.password: •••\nx" },
		{ "password:\n", "password:\n" },
		{ "password: \"\"", "password: \"\"" },
		{ "password: {", "password: {" },
		{ "the password is wrong", "the password is wrong" },
		{ "passwords=1", "passwords=1" },
		{ "?token=abc&x=1", "?token=•••&x=1" },
		{ "client_secret=a;b", "client_secret=•••;b" },
		{ "token: abc", "token: abc" },
		{ "secretName: app", "secretName: app" },
		{ "password=•••", "password=•••" },
		/* one within another */
		{ "password=xoxb-1234567890 x", "password=••• x" },
		{ "password=\"x token='y\" z'", "password=\"•••\" z'" },
		{ "password=pwd=\"b c\" d", "password=•••\"b c\" d" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_masked(NULL, rows[i][0], rows[i][1]);
}

TEST(shapes_and_values_that_overlap_are_one)
{
	struct mask_set *set = mask_set_new(NULL);

	mask_add(set, "s3cret=value", 12);
	mask_add(set, "xoxb-12345 more", 15);
	mask_add(set, "tail of a value", 15);
	assert_masked(set, "password=s3cret=value x", "password=••• x");
	assert_masked(set, "a xoxb-1234567890 b", "a ••• b");
	assert_masked(set, "a xoxb-12345 more b", "a ••• b");
	assert_masked(set, "password=xtail of a value b", "password=••• b");
	assert_masked(set, "password=tail of b", "password=••• of b");
	mask_set_free(set);
}

TEST(a_token_without_end_is_neither_shown_nor_held)
{
	struct mask_stream stream = MASK_STREAM(NULL);
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	mask_stream_add(&stream, &out, "xoxb-1234567890", 15);
	for (int i = 0; i < 1000; i++) {
		mask_stream_add(&stream, &out, "0123456789abcdef", 16);
		assert_true(stream.held.length < 16);
	}
	mask_stream_add(&stream, &out, " end", 4);
	mask_stream_end(&stream, &out);
	assert_string_equal(out.data, "••• end");
}

/* From pieces that begin, continue and end everything there is. */
TEST(the_output_does_not_depend_on_the_splits)
{
	static const char *const pieces[] = { "password", "=", ": ", "\"", "'", "\\", "xoxb-",
		"12345",
		"67890", "://", "u:", "p", "@", " ", "\n", "eyJ", "abc.", "-----", "BEGIN ",
		"PRIVATE KEY", "END ", "Bearer ", "value-", "one", "token", "aaaaaa", "a", "AKIA",
		"ABCDEFGHIJKLMNOP", "one-value" };
	struct mask_set *set = mask_set_new(NULL);
	unsigned seed = 3;

	mask_add(set, "value-one-value", 15);
	mask_add(set, "aaaaaaa", 7);
	mask_add(set, "one-value-", 10);
	mask_add(set, "xoxb-1234567890 ", 16);
	mask_add(set, "password=\"abc.", 14);
	for (int round = 0; round < 3000; round++) {
		_cleanup_(text_clear) struct text in = TEXT_INIT;
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		_cleanup_(freep) char *whole = NULL;
		struct mask_stream stream = MASK_STREAM(set);

		for (int i = 0; i < 16; i++) {
			seed = seed * 1103515245 + 12345;
			text_add(&in, pieces[(seed >> 16) % COUNT(pieces)]);
		}
		whole = masked(set, in.data);
		for (size_t at = 0, length; at < in.length; at += length) {
			seed = seed * 1103515245 + 12345;
			length = 1 + (seed >> 16) % 9;
			if (length > in.length - at)
				length = in.length - at;
			mask_stream_add(&stream, &out, in.data + at, length);
		}
		mask_stream_end(&stream, &out);
		if (strcmp(out.data, whole) != 0)
			fail_msg("round %d: \"%s\"\nwhole: \"%s\"\nsplit: \"%s\"", round, in.data,
			    whole, out.data);
		assert_null(strstr(whole, "value-one-value"));
		assert_null(strstr(whole, "aaaaaaa"));
	}
	mask_set_free(set);
}

/* The encodings of threats.md, SE3, by other hands than those of mask_forms.c. */
static void
add_encodings(struct arena *arena, struct text *out, const char *value)
{
	size_t length = strlen(value);
	char *hex = arena_alloc(arena, 2 * length + 1);

	hex_print(value, length, hex);
	text_printf(out, "%s %s %s %s ", value, hex, base64_print(arena, value, length),
	    base64url_print(arena, value, length));
	for (const char *p = value; *p != '\0'; p++)
		if (strchr("+/=", *p) != NULL)
			text_printf(out, "%%%02X", (unsigned char)*p);
		else
			text_add_char(out, *p);
	text_add_char(out, '\n');
	json_print_string(out, value);
	for (size_t before = 1; before < 3; before++)
		text_printf(out, " %s", base64_print(arena, arena_printf(arena, "%.*s%s...",
					     (int)before, "..", value), length + before + 3));
}

/* The beginning of each encoding, as far as no neighbour has a part in it. */
static void
assert_no_encoding(struct arena *arena, const char *out, const char *value)
{
	size_t length = strlen(value);
	char hex[65];

	hex_print(value, length, hex);
	assert_null(strstr(out, value));
	assert_null(strstr(out, hex));
	assert_null(strstr(out, base64_print(arena, value, length)));
	assert_null(strstr(out, base64url_print(arena, value, length)));
	for (size_t before = 1; before < 3; before++) {
		char *all = base64_print(arena, arena_printf(arena, "%.*s%s", (int)before, "..",
							value), length + before);

		all[strlen(all) - 4] = '\0';
		assert_null(strstr(out, all + 4));
	}
}

TEST(two_hundred_secrets_do_not_get_through)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(text_clear) struct text in = TEXT_INIT;
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct mask_set *set = mask_set_new(NULL);
	struct mask_stream stream = MASK_STREAM(set);
	char *values[200];

	for (size_t i = 0; i < COUNT(values); i++) {
		unsigned char bytes[15];

		random_bytes(bytes, sizeof bytes);
		values[i] = base64_print(arena, bytes, sizeof bytes);
		mask_add(set, values[i], strlen(values[i]));
		add_encodings(arena, &in, values[i]);
	}
	for (size_t at = 0; at < in.length; at += 100)
		mask_stream_add(&stream, &out, in.data + at,
		    in.length - at < 100 ? in.length - at : 100);
	mask_stream_end(&stream, &out);
	for (size_t i = 0; i < COUNT(values); i++) {
		assert_no_encoding(arena, out.data, values[i]);
	}
	assert_false(in.cut || out.cut);
	mask_set_free(set);
}
