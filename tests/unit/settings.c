/* settings.c - the strict reader on a table of its own: each bad input with its sentence. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "settings_parts.h"
#include "variables.h"

#include "test.h"

static void
check_even(struct settings *settings, const struct value *value)
{
	if ((int)value_number(value) % 2 != 0)
		settings_problem(settings, value, "found %.0f, expected an even number", value_number(value));
}

static const struct setting rows[] = {
	{ "name", SETTING_STRING, .initial = "nobody", .example = "somebody",
	    .sentence = "Who it is, in as many words as it takes to need a second line of the sample file "
			"to say." },
	{ "count", SETTING_NUMBER, .min = 1, .max = 9, .initial = "2", .sentence = "How many." },
	{ "even", SETTING_NUMBER, .initial = "0", .check = check_even, .sentence = "Any even number." },
	{ "ratio", SETTING_REAL, .initial = "0.5", .sentence = "A part." },
	{ "fast", SETTING_BOOL, .initial = "false", .sentence = "Or slow." },
	{ "limit", SETTING_DURATION, .min = 1000, .max = 3600e3, .initial = "5m", .sentence = "Time." },
	{ "size", SETTING_SIZE, .max = 1048576, .initial = "64KiB", .sentence = "Space." },
	{ "token", SETTING_SECRET, .example = "\"${TOKEN}\"", .sentence = "Secret." },
	{ "tokens", SETTING_SECRETS, .example = "\"${TOKEN}\"", .sentence = "Secrets." },
	{ "url", SETTING_URL, .example = "https://example.com/", .shown = true, .sentence = "Where." },
	{ "mail", SETTING_URL, .choices = "smtp|smtps", .example = "smtps://mail:465", .sentence = "Post." },
	{ "file", SETTING_PATH, .initial = "a/b", .sentence = "What." },
	{ "mode", SETTING_CHOICE, .choices = "socket|rtm|http", .initial = "socket", .sentence = "How." },
	{ "when", SETTING_TIME, .example = "2026-12-24 18:00", .sentence = "When." },
	{ "some", SETTING_NAMES, .example = "[a, b]", .sentence = "Names." },
	{ "kinds", SETTING_NAMES, .choices = "a|b", .example = "a", .sentence = "Kinds." },
	{ "places", SETTING_MAP, .check = settings_check_names, .sentence = "Places." },
	{ "places.*", SETTING_MAP, .example = "here", .sentence = "One place." },
	{ "places.*.near", SETTING_NAMES, .refers = "places", .example = "[here]", .sentence = "Near it." },
	{ "places.*.label", SETTING_STRING, .example = "h", .keys_refer = "places", .sentence = "One for all "
	    "or one each." },
	{ "places.*.label.*", SETTING_STRING, .sentence = "One." },
	{ "places.main", SETTING_STRING, .refers = "places|teams", .example = "here", .sentence = "Main." },
	{ "teams", SETTING_MAP, .later = true, .sentence = "Teams." },
	{ "teams.*", SETTING_MAP, .example = "red", .sentence = "One team." },
	{ "teams.*.lead", SETTING_STRING, .required = true, .example = "ann", .sentence = "Leads it." },
	{ "list", SETTING_LIST, .sentence = "A list." },
	{ "list[].key", SETTING_STRING, .required = true, .example = "k", .sentence = "Its key." },
	{ "list[].depth.of", SETTING_NUMBER, .initial = "7", .sentence = "Deep." },
	{ "steps", SETTING_LIST, .example = "\n- 1\n- 2", .sentence = "Steps." },
	{ "steps[]", SETTING_NUMBER, .max = 100, .sentence = "One." },
	{ .path = NULL },
};

static struct settings *
read_text(const char *text, struct text *problems)
{
	settings_register(rows);
	return settings_read("x.yaml", text, strlen(text), "/folder", problems);
}

static struct settings *
read_good(const char *text)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct settings *settings = read_text(text, &problems);

	if (settings == NULL || !settings_end(settings, &problems))
		fail_msg("%s", problems.data);
	return settings;
}

static void
free_settings(struct settings **settings)
{
	settings_free(*settings);
}
#define GOOD(name, text) _cleanup_(free_settings) struct settings *name = read_good(text)

static void
assert_problems(size_t row, const char *text, const char *expected)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct settings *settings = read_text(text, &problems);

	if (settings != NULL && settings_end(settings, &problems))
		fail_msg("row %zu: %s was taken", row, text);
	settings_free(settings);
	assert_string_equal(problems.data, expected);
}

/* ---- what is right ---- */

TEST(an_empty_file_is_all_defaults)
{
	static const char *const texts[] = { "", "# nothing\n", "---\n", "{}", "---\n# nothing\n...\n" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		GOOD(settings, texts[i]);

		assert_string_equal(settings_string(settings, "name"), "nobody");
		assert_true(settings_number(settings, "count") == 2);
		assert_int_equal(settings_duration(settings, "limit"), 300000);
		assert_true(settings_number(settings, "size") == 65536);
		assert_string_equal(settings_string(settings, "file"), "/folder/a/b");
		assert_null(settings_string(settings, "url"));
		assert_null(settings_secret(settings, "token"));
		assert_null(settings_at(settings, "name"));
	}
}

TEST(each_type_is_read)
{
	GOOD(settings, "name: some body\ncount: 9\nratio: -0.25\nfast: true\nlimit: 1m30s\nsize: 10kB\n"
		       "url: \"http://[::1]:8080/x?y=${A_NUMBER}\"\nmail: smtp://mail\nfile: /etc/x\nmode: rtm\n"
		       "when: 2026-02-28 23:59\n");

	assert_string_equal(settings_string(settings, "name"), "some body");
	assert_true(settings_number(settings, "count") == 9);
	assert_true(settings_number(settings, "ratio") == -0.25);
	assert_true(settings_bool(settings, "fast"));
	assert_int_equal(settings_duration(settings, "limit"), 90000);
	assert_true(settings_number(settings, "size") == 10000);
	assert_string_equal(settings_string(settings, "url"), "http://[::1]:8080/x?y=7");
	assert_string_equal(settings_string(settings, "mail"), "smtp://mail");
	assert_string_equal(settings_string(settings, "file"), "/etc/x");
	assert_string_equal(settings_string(settings, "mode"), "rtm");
	assert_string_equal(settings_string(settings, "when"), "2026-02-28 23:59");
}

/* YAML 1.1 would make 83, true, 1000 and the year of a base 60 of them (protocols.md 8.4). */
TEST(x84a_a_scalar_is_what_its_row_says_and_nothing_else)
{
	static const char *const words[] = { "0123", "yes", "NO", "1e3", "0x1f", "12:30:45", "1_000",
		".inf", "=", "2026-11-21" };

	for (size_t i = 0; i < COUNT(words); i++) {
		_cleanup_(freep) char *plain = xasprintf("name: %s\n", words[i]);
		_cleanup_(freep) char *quoted = xasprintf("name: \"%s\"\n", words[i]);
		GOOD(one, plain);
		GOOD(other, quoted);

		assert_string_equal(settings_string(one, "name"), words[i]);
		assert_string_equal(settings_string(other, "name"), words[i]);
	}
	assert_problems(0, "name: null", "x.yaml:1:7: name: found nothing, expected a text\n");
	assert_problems(1, "count: 0x1", "x.yaml:1:8: count: found \"0x1\", expected a whole number from "
	    "1 to 9\n");
}

static void __attribute__((constructor))
set_variables(void)
{
	setenv("A_NUMBER", "7", 1);
	setenv("A_TOKEN", "xapp-from-the-environment", 1);
	setenv("EMPTY", "", 1);
	setenv("TWO_LINES", "one\ntwo", 1);
	unsetenv("MISSING");
}

TEST(sizes_have_units)
{
	static const struct { const char *text; double bytes; } sizes[] = {
		{ "size: 0", 0 }, { "size: 512", 512 }, { "size: 512B", 512 }, { "size: 2kB", 2000 },
		{ "size: 1MB", 1e6 }, { "size: 2KiB", 2048 }, { "size: 1MiB", 1048576 },
	};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		GOOD(settings, sizes[i].text);

		assert_row(i, settings_number(settings, "size") == sizes[i].bytes);
	}
}

TEST(a_name_is_a_list_of_one)
{
	GOOD(settings, "some: one\nkinds: [b, a]\n");
	const struct value *some = settings_at(settings, "some"), *kinds = settings_at(settings, "kinds");

	assert_int_equal(value_count(some), 1);
	assert_string_equal(value_string(value_item(some, 0)), "one");
	assert_null(value_string(some));
	assert_int_equal(value_count(kinds), 2);
	assert_string_equal(value_string(value_item(kinds, 0)), "b");
	assert_null(value_item(kinds, 2));
}

TEST(variables_are_put_into_values_not_into_the_text)
{
	GOOD(settings, "name: ${A_NUMBER}\ncount: ${A_NUMBER}\nsome: [\"a${A_NUMBER}b\", \"$${A_NUMBER}\", $x, "
		       "\"100$\"]\n");
	const struct value *some = settings_at(settings, "some");

	assert_string_equal(settings_string(settings, "name"), "7");
	assert_true(settings_number(settings, "count") == 7);
	assert_string_equal(value_string(value_item(some, 0)), "a7b");
	assert_string_equal(value_string(value_item(some, 1)), "${A_NUMBER}");
	assert_string_equal(value_string(value_item(some, 2)), "$x");
	assert_string_equal(value_string(value_item(some, 3)), "100$");
}

TEST(a_variable_that_looks_like_yaml_stays_a_text)
{
	setenv("YAML", "a: {b: [c]} # ${MISSING}", 1);
	GOOD(settings, "name: ${YAML}\n");

	assert_string_equal(settings_string(settings, "name"), "a: {b: [c]} # ${MISSING}");
}

TEST(a_secret_comes_from_the_environment_without_a_warning)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct settings *settings = read_text("token: ${A_TOKEN}\ntokens: [\"${A_TOKEN}\"]\n", &problems);

	assert_true(settings_end(settings, &problems));
	assert_string_equal(problems.data, "");
	assert_true(secret_equals(settings_secret(settings, "token"), "xapp-from-the-environment", 25));
	assert_null(settings_string(settings, "token"));
	assert_true(secret_equals(value_secret(value_item(settings_at(settings, "tokens"), 0)),
	    "xapp-from-the-environment", 25));
	settings_free(settings);
}

static void
write_file(const char *path, const char *bytes, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

TEST(a_secret_comes_from_a_file_beside_the_settings)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	char folder[] = "/tmp/rollcall-settings-XXXXXX", path[64];
	struct settings *settings;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/token", folder);
	write_file(path, "from-the-file\n", 0600);
	settings_register(rows);
	settings = settings_read("x.yaml", "token: file:token\n", 18, folder, &problems);
	assert_true(settings_end(settings, &problems));
	assert_string_equal(problems.data, "");
	assert_true(secret_equals(settings_secret(settings, "token"), "from-the-file", 13));
	settings_free(settings);
	unlink(path);
	rmdir(folder);
}

TEST(a_literal_secret_is_taken_with_a_warning_that_does_not_show_it)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct settings *settings = read_text("token: hunter-two\n", &problems);

	assert_true(settings_end(settings, &problems));
	assert_string_equal(problems.data, "x.yaml:1:8: token: found the secret itself; better \"${NAME}\" or "
	    "file:PATH, so that the file can be shown\n");
	assert_true(secret_equals(settings_secret(settings, "token"), "hunter-two", 10));
	settings_free(settings);
}

TEST(an_absent_member_has_its_rows_initial_value)
{
	GOOD(settings, "list:\n- key: a\n- {key: b, depth: {of: 3}}\n");
	const struct value *list = settings_at(settings, "list");

	assert_int_equal(value_count(list), 2);
	assert_true(value_number(value_at(value_item(list, 0), "depth.of")) == 7);
	assert_true(value_number(value_at(value_item(list, 1), "depth.of")) == 3);
	assert_null(value_at(value_item(list, 0), "depth"));
	assert_int_equal(value_line(value_item(list, 1)), 3);
}

TEST(a_path_may_be_a_text_or_a_map)
{
	GOOD(settings, "places:\n  here: {label: a}\n  there: {label: {here: b, there: c}}\n  main: there\n");
	const struct value *places = settings_at(settings, "places");

	assert_string_equal(value_string(value_at(value_item(places, 0), "label")), "a");
	assert_false(value_is_map(value_at(value_item(places, 0), "label")));
	assert_true(value_is_map(value_at(value_item(places, 1), "label")));
	assert_string_equal(settings_string(settings, "places.there.label.here"), "b");
	assert_string_equal(value_key(places, 1), "there");
}

TEST(nothing_after_a_colon_is_an_empty_map_or_list)
{
	GOOD(settings, "places:\nlist: ~\nteams: null\n");

	assert_non_null(settings_at(settings, "places"));
	assert_int_equal(value_count(settings_at(settings, "places")), 0);
	assert_int_equal(value_count(settings_at(settings, "list")), 0);
}

TEST(values_of_nothing_are_nothing)
{
	assert_null(value_at(NULL, "a"));
	assert_null(value_string(NULL));
	assert_null(value_item(NULL, 0));
	assert_null(value_key(NULL, 0));
	assert_null(value_secret(NULL));
	assert_true(value_number(NULL) == 0);
	assert_false(value_bool(NULL));
	assert_false(value_is_map(NULL));
	assert_int_equal(value_count(NULL), 0);
	assert_int_equal(value_line(NULL), 0);
}

TEST(a_row_for_later_is_warned_about_once)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct settings *settings = read_text("name: x\nteams:\n  red: {lead: a}\n  blue: {lead: b}\n",
	    &problems);

	assert_true(settings_end(settings, &problems));
	assert_string_equal(problems.data,
	    "x.yaml:2:1: teams: checked, but not acted on yet by this version\n");
	settings_free(settings);
}

/* ---- what is wrong ---- */

TEST(each_mistake_has_its_sentence)
{
	static const struct { const char *text, *problems; } bad[] = {
		/* keys */
		{ "nmae: x", "x.yaml:1:1: nmae: found an unknown key, expected name\n" },
		{ "places: {here: {nearr: x}}",
		    "x.yaml:1:17: places.here.nearr: found an unknown key, expected near\n" },
		{ "list:\n- {key: a}\n- {key: b, zzzz: 1}\n",
		    "x.yaml:3:12: list[2].zzzz: found an unknown key, expected key or depth\n" },
		{ "zzzzzz: 1", "x.yaml:1:1: zzzzzz: found an unknown key, expected name, count, even, ratio, "
			       "fast, limit, size, token, tokens, url, mail, file …\n" },
		{ "name: a\ncount: 1\nname: b\n", "x.yaml:3:1: name: found the key a second time, expected it "
						"once (it stands in line 1)\n" },
		{ "places:\n  here: {}\n  'here': {}\n", "x.yaml:3:3: places.here: found the key a second "
						      "time, expected it once (it stands in line 2)\n" },
		{ "\"na\\tme\": a", "x.yaml:1:1: \"na\tme\": found an unknown key, expected name\n" },
		{ "\"na\\eme\": a", "x.yaml:1:1: found a key that is empty, or has a tag or a control "
				  "character, expected a name\n" },
		{ "'': a", "x.yaml:1:1: found a key that is empty, or has a tag or a control character, "
			   "expected a name\n" },
		{ "places: {a.b: {}, -c: {}}",
		    "x.yaml:1:10: places.a.b: found \"a.b\", expected a name of at most 63 letters, digits, - "
		    "and _\n"
		    "x.yaml:1:19: places.-c: found \"-c\", expected a name of at most 63 letters, digits, - and "
		    "_\n" },
		/* types */
		{ "name:", "x.yaml:1:6: name: found nothing, expected a text\n" },
		{ "name: ''", "x.yaml:1:7: name: found \"\", expected a text\n" },
		{ "name: [a]", "x.yaml:1:7: name: found a list, expected a text\n" },
		{ "name: \"a\\eb\"", "x.yaml:1:7: name: found a text with a control character in it, expected "
				   "a text\n" },
		{ "name: \"a\\0b\"", "x.yaml:1:7: name: found a text with a control character in it, expected "
				   "a text\n" },
		{ "count: many", "x.yaml:1:8: count: found \"many\", expected a whole number from 1 to 9\n" },
		{ "count: 10", "x.yaml:1:8: count: found \"10\", expected a whole number from 1 to 9\n" },
		{ "count: 1.5", "x.yaml:1:8: count: found \"1.5\", expected a whole number from 1 to 9\n" },
		{ "even: -2", "x.yaml:1:7: even: found \"-2\", expected a whole number\n" },
		{ "even: 3", "x.yaml:1:7: even: found 3, expected an even number\n" },
		{ "ratio: 1e3", "x.yaml:1:8: ratio: found \"1e3\", expected a number like 0.01\n" },
		{ "ratio: 1.", "x.yaml:1:8: ratio: found \"1.\", expected a number like 0.01\n" },
		{ "ratio: .inf", "x.yaml:1:8: ratio: found \".inf\", expected a number like 0.01\n" },
		{ "fast: yes", "x.yaml:1:7: fast: found \"yes\", expected true or false\n" },
		{ "limit: 5", "x.yaml:1:8: limit: found \"5\", expected a duration like 90s, 15m, 2h or 7d from "
			      "1s to 1h\n" },
		{ "limit: 2h", "x.yaml:1:8: limit: found \"2h\", expected a duration like 90s, 15m, 2h or 7d "
			       "from 1s to 1h\n" },
		{ "size: 64 MB", "x.yaml:1:7: size: found \"64 MB\", expected a size like 512, 10kB or 64MiB "
				 "from 0 to 1MiB\n" },
		{ "size: 2MiB", "x.yaml:1:7: size: found \"2MiB\", expected a size like 512, 10kB or 64MiB from "
				"0 to 1MiB\n" },
		{ "url: example.com", "x.yaml:1:6: url: found \"example.com\", expected a URL that begins with "
				      "http:// or https:// and holds no password\n" },
		{ "url: ftp://example.com", "x.yaml:1:6: url: found \"ftp://example.com\", expected a URL that "
					    "begins with http:// or https:// and holds no password\n" },
		{ "url: https://ann:hunter2@example.com", "x.yaml:1:6: url: found a URL with an @ in it, "
		    "expected a URL that begins with http:// or https:// and holds no password\n" },
		{ "url: http://a:99999/", "x.yaml:1:6: url: found \"http://a:99999/\", expected a URL that "
					  "begins with http:// or https:// and holds no password\n" },
		{ "mail: http://mail", "x.yaml:1:7: mail: found \"http://mail\", expected a URL that begins with "
				       "smtp:// or smtps:// and holds no password\n" },
		{ "mode: sockets", "x.yaml:1:7: mode: found \"sockets\", expected socket, rtm or http\n" },
		{ "when: tomorrow", "x.yaml:1:7: when: found \"tomorrow\", expected a time like "
				    "2026-12-24 18:00\n" },
		{ "when: 2026-02-30 10:00", "x.yaml:1:7: when: found \"2026-02-30 10:00\", expected a time like "
					    "2026-12-24 18:00\n" },
		{ "some: []", "x.yaml:1:7: some: found an empty list, expected a name or a list of names\n" },
		{ "some: {}", "x.yaml:1:7: some: found a map, expected a name or a list of names\n" },
		{ "some: [a, [b], ~]", "x.yaml:1:11: some[2]: found a list, expected a text\n"
				       "x.yaml:1:16: some[3]: found nothing, expected a text\n" },
		{ "kinds: [a, c]", "x.yaml:1:12: kinds[2]: found \"c\", expected a or b\n" },
		{ "places: [a]", "x.yaml:1:9: places: found a list, expected a map\n" },
		{ "places: a", "x.yaml:1:9: places: found \"a\", expected a map\n" },
		{ "places: {here: {label: [a]}}",
		    "x.yaml:1:24: places.here.label: found a list, expected a text, or a map\n" },
		{ "list: {key: a}", "x.yaml:1:7: list: found a map, expected a list\n" },
		{ "steps: [1, 2, 101, x]", "x.yaml:1:15: steps[3]: found \"101\", expected a whole number from "
					   "0 to 100\n"
					   "x.yaml:1:20: steps[4]: found \"x\", expected a whole number from 0 "
					   "to 100\n" },
		{ "- a", "x.yaml:1:1: found a list, expected a map\n" },
		{ "a", "x.yaml:1:1: found \"a\", expected a map\n" },
		/* required */
		{ "teams:\n  red: {}\n", "x.yaml:2:8: teams.red.lead: found nothing, expected a text\n" },
		{ "list:\n- depth: {of: 1}\n", "x.yaml:2:3: list[1].key: found nothing, expected a text\n" },
		/* references */
		{ "places: {here: {near: ther}, there: {}}",
		    "x.yaml:1:23: places.here.near: found \"ther\", expected one of places: there\n" },
		{ "places: {here: {near: [x, here]}, there: {}}",
		    "x.yaml:1:24: places.here.near[1]: found \"x\", expected one of places: here or there\n" },
		{ "places: {main: here}",
		    "x.yaml:1:16: places.main: found \"here\", expected one of places or teams: none is there\n" },
		{ "places: {main: rad}\nteams: {red: {lead: x}}",
		    "x.yaml:1:16: places.main: found \"rad\", expected one of places or teams: red\n" },
		{ "places: {here: {label: {hare: x}}}",
		    "x.yaml:1:31: places.here.label.hare: found \"hare\", expected one of places: here\n" },
		/* variables */
		{ "name: ${MISSING}", "x.yaml:1:7: name: found ${MISSING}, expected the environment variable "
				      "MISSING to be set\n" },
		{ "name: a${MISSING", "x.yaml:1:7: name: found ${ without its }, expected ${NAME} ($${ is a "
				      "literal ${)\n" },
		{ "name: ${a-b}", "x.yaml:1:7: name: found ${a-b}, expected a name of letters, digits and _ "
				  "between the braces ($${ is a literal ${)\n" },
		{ "name: ${}", "x.yaml:1:7: name: found ${}, expected a name of letters, digits and _ between "
			       "the braces ($${ is a literal ${)\n" },
		{ "count: ${A_TOKEN}", "x.yaml:1:8: count: found \"${A_TOKEN}\" with its value put in, expected "
				       "a whole number from 1 to 9\n" },
		{ "some: [${A_NUMBER}]", "x.yaml:1:8: found ${…} without quotes inside { } or [ ], which is not "
					 "YAML; expected \"${…}\"\n" },
		{ "places:\n  here: {label: é${A_NUMBER}}\n", "x.yaml:2:18: found ${…} without quotes inside "
		    "{ } or [ ], which is not YAML; expected \"${…}\"\n" },
		/* secrets */
		{ "token: ${MISSING}", "x.yaml:1:8: token: found ${MISSING}, expected the environment variable "
				       "MISSING to be set\n" },
		{ "token: ${EMPTY}", "x.yaml:1:8: token: found a variable that is empty, expected a secret\n" },
		{ "token: ${TWO_LINES}", "x.yaml:1:8: token: found a variable with a control character in it "
					 "(a second line?), expected a secret of one line\n" },
		{ "token: ''", "x.yaml:1:8: token: found a text that is empty, expected a secret\n" },
		{ "token:", "x.yaml:1:7: token: found nothing, expected a secret: \"${NAME}\" or file:PATH\n" },
		{ "token: [a]", "x.yaml:1:8: token: found a list, expected a secret: \"${NAME}\" or "
				"file:PATH\n" },
		{ "tokens: [[]]", "x.yaml:1:10: tokens[1]: found a list, expected a text\n" },
		{ "tokens: []", "x.yaml:1:9: tokens: found an empty list, expected a secret or a list of "
				"secrets: \"${NAME}\" or file:PATH\n" },
		/* YAML */
		{ "name: &a x\nsome: *a\n",
		    "x.yaml:2:7: some: found the alias *a, expected a name or a list of names\n" },
		{ "places: {here: &a {}, there: *a}\n",
		    "x.yaml:1:30: places.there: found the alias *a, expected a map\n" },
		{ "places: {here: &a {}, there: {<<: *a}}\n",
		    "x.yaml:1:31: places.there.<<: found an unknown key, expected near or label\n" },
		{ "name: !env A_NUMBER", "x.yaml:1:7: name: found a tag, expected a text\n" },
		{ "some: [!x a]", "x.yaml:1:8: some[1]: found an alias or a tag, expected a text\n" },
		{ "name: a\n---\nname: b\n", "x.yaml:3:1: found a second document, expected one\n" },
		{ "name: [a", "x.yaml:2:1: not YAML: while parsing a flow sequence, did not find expected ',' "
			      "or ']' (it began in line 1)\n" },
		{ "name: a\n\tcount: 1\n", "x.yaml:2:1: not YAML: while scanning a plain scalar, found a "
					"tab character that violates indentation (it began in line 1). Indent with blanks; "
					"a tab is none\n" },
		{ "name: \xff", "x.yaml:1:7: not UTF-8 text: invalid leading UTF-8 octet\n" },
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_problems(i, bad[i].text, bad[i].problems);
}

TEST(all_mistakes_are_told_at_once_in_the_order_of_the_lines)
{
	assert_problems(0, "places: {main: here}\ncount: 0\nnmae: x\nname: ${MISSING}\nname: x\n",
	    "x.yaml:1:16: places.main: found \"here\", expected one of places or teams: none is there\n"
	    "x.yaml:2:8: count: found \"0\", expected a whole number from 1 to 9\n"
	    "x.yaml:3:1: nmae: found an unknown key, expected name\n"
	    "x.yaml:4:7: name: found ${MISSING}, expected the environment variable MISSING to be set\n"
	    "x.yaml:5:1: name: found the key a second time, expected it once (it stands in line 4)\n");
}

/* One mistake is one problem: who names a wrong entry is not wrong. */
TEST(a_wrong_entry_can_still_be_named)
{
	assert_problems(0, "places: {here: 3, main: here}\n",
	    "x.yaml:1:16: places.here: found \"3\", expected a map\n");
}

TEST(a_missing_secret_file_is_named)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct settings *settings = read_text("token: file:nowhere\n", &problems);

	assert_false(settings_end(settings, &problems));
	assert_int_equal(strncmp(problems.data, "x.yaml:1:8: token: found file:nowhere, expected a file with a "
	    "secret: ", 68), 0);
	assert_non_null(strstr(problems.data, "No such file"));
	settings_free(settings);
}

TEST(more_than_a_hundred_problems_are_counted)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT, problems = TEXT_INIT;
	struct settings *settings;
	size_t lines = 0;

	for (int i = 0; i < 120; i++)
		text_printf(&text, "zzzzzz%d: 1\n", i);
	settings = read_text(text.data, &problems);
	assert_false(settings_end(settings, &problems));
	for (const char *at = problems.data; *at != '\0'; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 101);
	assert_true(text_ends(&problems, "\n… and 20 more\n"));
	settings_free(settings);
}

TEST(a_long_text_is_cut_where_it_is_shown)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT, problems = TEXT_INIT;
	struct settings *settings;

	text_add(&text, "count: \"");
	for (int i = 0; i < 200; i++)
		text_add(&text, "ä");
	text_add(&text, "\"\n");
	settings = read_text(text.data, &problems);
	assert_false(settings_end(settings, &problems));
	assert_non_null(strstr(problems.data, "ää…\", expected"));
	assert_true(problems.length < 300);
	settings_free(settings);
}

/* ---- bounds ---- */

TEST(a_file_past_one_megabyte_is_refused)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(MEGABYTES(2));
	_cleanup_(text_clear) struct text problems = TEXT_INIT;

	for (size_t i = 0; i <= SETTINGS_BYTES; i++)
		text_add_char(&text, '#');
	assert_null(read_text(text.data, &problems));
	assert_string_equal(problems.data, "x.yaml: found 1048577 bytes, expected at most 1 MiB\n");
}

TEST(depth_is_bounded)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	text_add(&text, "name: ");
	for (int i = 0; i < 10000; i++)
		text_add_char(&text, '[');
	assert_problems(0, text.data, "x.yaml:1:70: nested deeper than 64 levels\n");
}

TEST(a_bomb_of_aliases_is_as_small_as_it_looks)
{
	assert_problems(0, "some: &a [x]\nkinds: [*a, *a]\nname: *b\n",
	    "x.yaml:2:9: kinds[1]: found an alias or a tag, expected a text\n"
	    "x.yaml:2:13: kinds[2]: found an alias or a tag, expected a text\n"
	    "x.yaml:3:7: name: found the alias *b, expected a text\n");
}

/* Pairwise comparing would take minutes. */
TEST(twenty_thousand_keys_and_references_are_quick)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	text_add(&text, "places:\n");
	for (int i = 0; i < 20000; i++)
		text_printf(&text, "  p%d: {near: p%d}\n", i, 19999 - i);
	GOOD(settings, text.data);

	assert_int_equal(value_count(settings_at(settings, "places")), 20000);
}

/* ---- the sample ---- */

TEST(the_sample_shows_every_row)
{
	static const char expected[] =
	    "# Settings of rollcall: every one that there is, with its default or an example.\n"
	    "# Take the \"#\" in front of what you change.  `rollcall check --config FILE` says what is wrong.\n"
	    "\n"
	    "# Who it is, in as many words as it takes to need a second line of the sample file to say.  (default\n"
	    "# nobody)\n"
	    "#name: somebody\n"
	    "\n# How many.  (1 to 9)\n#count: 2\n"
	    "\n# Any even number.\n#even: 0\n"
	    "\n# A part.\n#ratio: 0.5\n"
	    "\n# Or slow.\n#fast: false\n"
	    "\n# Time.  (1s to 1h)\n#limit: 5m\n"
	    "\n# Space.  (0 to 1MiB)\n#size: 64KiB\n"
	    "\n# Secret.\n#token: \"${TOKEN}\"\n"
	    "\n# Secrets.\n#tokens: \"${TOKEN}\"\n"
	    "\n# Where.\nurl: https://example.com/\n"
	    "\n# Post.\n#mail: smtps://mail:465\n"
	    "\n# What.\n#file: a/b\n"
	    "\n# How.\n#mode: socket\n"
	    "\n# When.\n#when: 2026-12-24 18:00\n"
	    "\n# Names.\n#some: [a, b]\n"
	    "\n# Kinds.\n#kinds: a\n"
	    "\n# Places.\n#places:\n#  here:\n#    # Near it.\n#    near: [here]\n"
	    "#    # One for all or one each.\n#    label: h\n#  # Main.\n#  main: here\n"
	    "\n# Teams.\n#teams:\n#  red:\n#    # Leads it.\n#    lead: ann\n"
	    "\n# A list.\n#list:\n#    # Its key.\n#  - key: k\n#    depth:\n#      # Deep.\n#      of: 7\n"
	    "\n# Steps.\n#steps:\n#  - 1\n#  - 2\n";
	_cleanup_(text_clear) struct text sample = TEXT_INIT;

	settings_register(rows);
	settings_print_sample(&sample);
	assert_string_equal(sample.data, expected);
}

static void
count_row(const struct setting *row, void *arg)
{
	assert_non_null(row->sentence);
	++*(size_t *)arg;
}

TEST(each_row_is_met_once_however_often_it_is_registered)
{
	size_t count = 0;

	settings_register(rows);
	settings_register(rows);
	settings_each(count_row, &count);
	assert_int_equal(count, COUNT(rows) - 1);
}

/* The last, since nothing brings the environment back. */
TEST(variables_that_were_taken_are_found_again_but_not_in_the_environment)
{
	extern char **environ;

	setenv("A_NUMBER", "8", 1);
	char *shown = environ[0];

	variables_take();
	variables_take();
	assert_null(getenv("A_NUMBER"));
	assert_string_equal(shown, "");
	assert_string_equal(variable_find("A_NUMBER"), "8");
	assert_string_equal(variable_find("EMPTY"), "");
	assert_null(variable_find("A_NUM"));
	assert_null(variable_find("MISSING"));
	GOOD(settings, "name: ${A_NUMBER}\n");
	assert_string_equal(settings_string(settings, "name"), "8");
}
