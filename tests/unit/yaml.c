/* yaml.c - manifests as helm prints them, and YAML that means harm. */

#include "base/json.h"
#include "yaml.h"

#include "test.h"

static cJSON *
read_documents(const char *yaml, struct error *err)
{
	return yaml_read_documents(yaml, strlen(yaml), err);
}

TEST(documents_become_json_with_scalars_as_text)
{
	static const struct { const char *yaml, *json; } rows[] = {
		/* what there is */
		{ "", "[]" },
		{ "# nothing\n", "[]" },
		{ "---\n# Source: a.yaml\n---\n# Source: b.yaml\n", "[]" },
		{ "a: b\n", "[{\"a\":\"b\"}]" },
		{ "---\na: 1\n---\n- x\n- [y, z]\n...\n", "[{\"a\":\"1\"},[\"x\",[\"y\",\"z\"]]]" },
		{ "''\n", "[\"\"]" },
		{ "\xef\xbb\xbf" "a: b\n", "[{\"a\":\"b\"}]" },
		{ "a: {}\nb: []\n", "[{\"a\":{},\"b\":[]}]" },
		/* scalars: never guessed */
		{ "a: 3\nb: '3'\nc: \"3\"\n", "[{\"a\":\"3\",\"b\":\"3\",\"c\":\"3\"}]" },
		{ "a: null\nb: ~\nc:\nd: ''\n", "[{\"a\":\"null\",\"b\":\"~\",\"c\":\"\",\"d\":\"\"}]" },
		{ "a: true\nb: no\nc: 0123\nd: 1e3\n",
		    "[{\"a\":\"true\",\"b\":\"no\",\"c\":\"0123\",\"d\":\"1e3\"}]" },
		{ "a: 12345678901234567890\n", "[{\"a\":\"12345678901234567890\"}]" },
		{ "a: |\n  one\n  two\nb: >-\n  one\n  two\n",
		    "[{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\"}]" },
		{ "a: !!int '3'\nb: !mine {c: d}\n", "[{\"a\":\"3\",\"b\":{\"c\":\"d\"}}]" },
		{ "a: \"x\\0y\"\n", "[{\"a\":\"x\xef\xbf\xbdy\"}]" },
		{ "image: ghcr.io/x:v1.2.4@sha256:ab\n", "[{\"image\":\"ghcr.io/x:v1.2.4@sha256:ab\"}]" },
		/* equal keys: the last */
		{ "a: 1\nb: 2\na: 3\n", "[{\"b\":\"2\",\"a\":\"3\"}]" },
		/* aliases */
		{ "a: &x 1\nb: *x\n", "[{\"a\":\"1\",\"b\":\"1\"}]" },
		{ "a: &x {k: [v]}\nb: [*x, *x]\n",
		    "[{\"a\":{\"k\":[\"v\"]},\"b\":[{\"k\":[\"v\"]},{\"k\":[\"v\"]}]}]" },
		{ "- &x 1\n- *x\n- &x 2\n- *x\n", "[[\"1\",\"1\",\"2\",\"2\"]]" },
		/* merges */
		{ "a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3, m: 4}\n",
		    "[{\"a\":{\"k\":\"1\",\"l\":\"2\"},\"b\":{\"l\":\"3\",\"m\":\"4\",\"k\":\"1\"}}]" },
		{ "- &x {k: 1}\n- &y {k: 2, l: 2}\n- {<<: [*x, *y]}\n",
		    "[[{\"k\":\"1\"},{\"k\":\"2\",\"l\":\"2\"},{\"k\":\"1\",\"l\":\"2\"}]]" },
		{ "- &x {k: 1}\n- &y {<<: *x, l: 2}\n- {<<: *y}\n",
		    "[[{\"k\":\"1\"},{\"l\":\"2\",\"k\":\"1\"},{\"l\":\"2\",\"k\":\"1\"}]]" },
		{ "a: {<<: {k: 1}}\n", "[{\"a\":{\"k\":\"1\"}}]" },
		{ "a: {'<<': 1}\n", "[{\"a\":{\"<<\":\"1\"}}]" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(json_freep) cJSON *documents = read_documents(rows[i].yaml, &err);
		_cleanup_(text_clear) struct text text = TEXT_INIT;

		if (documents == NULL)
			fail_msg("row %zu: %s", i, err.text);
		json_print(&text, documents);
		assert_string_equal(text.data, rows[i].json);
	}
}

TEST(what_is_wrong_is_said_with_its_place)
{
	static const struct { const char *yaml, *sentence; } rows[] = {
		{ "a: [1\nb: 2\n", "line 2, column 2: not YAML: while parsing a flow sequence, did not find "
		    "expected ',' or ']' (it began in line 1)" },
		{ "a:\n\t- b\n", "line 2, column 1: not YAML: while scanning for the next token, found "
		    "character that cannot start any token (it began in line 2). Indent with blanks; a tab is none" },
		{ "ä:\n  p: {ö: [@sre]}\n", "line 2, column 11: not YAML: while scanning for the next token, found "
		    "character that cannot start any token (it began in line 2). Put it in quotes, such as \"@sre\"" },
		{ "a: {b: #incidents}\nc: {}\n", "line 2, column 2: not YAML: while parsing a flow mapping, did not "
		    "find expected ',' or '}' (it began in line 1). From # on it is a comment; what is none stands in "
		    "quotes, such as \"#incidents\"" },
		{ "a: [1 # one\nb: 2\n", "line 2, column 1: not YAML: while parsing a flow sequence, did not find "
		    "expected ',' or ']' (it began in line 1)" },
		{ "a: b\n\xc3\xa4: \xff\n", "line 2, column 4: not UTF-8 text: invalid leading UTF-8 octet" },
		{ "b: *x\n", "line 1, column 4: *x names no anchor before it" },
		{ "&a x\n---\n*a\n", "line 3, column 1: *a names no anchor before it" },
		{ "a: &x [*x]\n", "line 1, column 8: *x stands inside what it names" },
		{ "a: &x {k: {<<: *x}}\n", "line 1, column 16: *x stands inside what it names" },
		{ "[a]: b\n", "line 1, column 1: a key must be a word, not a list" },
		{ "{a: b}: c\n", "line 1, column 1: a key must be a word, not a map" },
		{ "a: &x b\n*x : c\n", "line 2, column 1: a key must be a word, not an alias" },
		{ "a: {<<: x}\n", "line 1, column 9: << merges a map or a list of maps" },
		{ "a: {<<: [[{}]]}\n", "line 1, column 10: << merges a map or a list of maps" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;
		_cleanup_(json_freep) cJSON *documents = read_documents(rows[i].yaml, &err);

		assert_row(i, documents == NULL);
		assert_int_equal(err.kind, WRONG);
		assert_string_equal(err.text, rows[i].sentence);
	}
}

/* `open` and `close` around each other `depth` times. */
static void
nest(struct text *text, const char *open, const char *close, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		text_add(text, open);
	for (unsigned i = 0; i < depth; i++)
		text_add(text, close);
}

TEST(sixty_four_levels_are_read_and_one_more_is_not)
{
	for (unsigned depth = YAML_DEPTH; depth <= YAML_DEPTH + 1; depth++) {
		_cleanup_(text_clear) struct text text = TEXT_INIT;
		struct error err = ERROR_INIT;

		nest(&text, "[", "]", depth);
		_cleanup_(json_freep) cJSON *documents =
		    yaml_read_documents(text.data, text.length, &err);
		assert_row(depth, (documents != NULL) == (depth == YAML_DEPTH));
		if (documents == NULL)
			assert_string_equal(err.text,
			    "line 1, column 65: nested deeper than 64 levels");
	}
}

TEST(a_million_brackets_end_at_the_sixty_fifth)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(MEGABYTES(2));
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < 1000000; i++)
		text_add_char(&text, '[');
	assert_null(yaml_read_documents(text.data, text.length, &err));
	assert_string_equal(err.text, "line 1, column 65: nested deeper than 64 levels");
}

TEST(levels_count_after_aliases_are_expanded)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	text_add(&text, "- &a ");
	nest(&text, "[", "]", 40);
	text_add(&text, "\n- ");
	nest(&text, "[", "", 20);
	text_add(&text, "*a");
	nest(&text, "", "]", 20);
	text_add(&text, "\n- ");
	nest(&text, "[", "", 30);
	text_add(&text, "*a");
	nest(&text, "", "]", 30);
	assert_null(yaml_read_documents(text.data, text.length, &err));
	assert_string_equal(err.text,
	    "line 3, column 33: nested too deeply once aliases are expanded");
}

/* Nine levels of nine: 400 million nodes if nobody counts. */
static void
laugh(struct text *text, const char *format, const char *first)
{
	text_printf(text, "- &a0 %s\n", first);
	for (int level = 1; level <= 9; level++) {
		text_printf(text, "- &a%d ", level);
		text_add(text, format);
		for (int i = 0; i < 9; i++)
			text_printf(text, "%s*a%d", i > 0 ? ", " : "", level - 1);
		text_add(text, string_equal(format, "[") ? "]\n" : "]}\n");
	}
}

TEST(a_billion_laughs_are_not_expanded)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	laugh(&text, "[", "ha");
	assert_null(yaml_read_documents(text.data, text.length, &err));
	assert_string_equal(err.text, "line 7, column 8: its aliases expand to too much");
}

TEST(a_billion_merges_are_not_expanded)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	laugh(&text, "{<<: [", "{}");
	assert_null(yaml_read_documents(text.data, text.length, &err));
	assert_non_null(strstr(err.text, "expand to too much"));
}

TEST(aliases_expand_to_a_hundred_thousand_nodes)
{
	for (int over = 0; over <= 1; over++) {
		_cleanup_(text_clear) struct text text = TEXT_INIT;
		struct error err = ERROR_INIT;

		text_add(&text, "- &a x\n");
		for (int i = 0; i < YAML_ALIASED + over; i++)
			text_add(&text, "- *a\n");
		_cleanup_(json_freep) cJSON *documents =
		    yaml_read_documents(text.data, text.length, &err);
		assert_row(over, (documents == NULL) == (over == 1));
	}
}

TEST(anchors_are_counted)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	for (int i = 0; i <= YAML_ANCHORS; i++)
		text_printf(&text, "- &a%d x\n", i);
	assert_null(yaml_read_documents(text.data, text.length, &err));
	assert_string_equal(err.text,
	    "line 1001, column 3: more than 1000 anchors; write the values out");
}

TEST(nodes_are_counted)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	text_add_char(&text, '[');
	for (int i = 0; i < YAML_MANIFEST_NODES; i++)
		text_add(&text, "a,");
	text_add_char(&text, ']');
	assert_null(yaml_read_documents(text.data, text.length, &err));
	assert_non_null(strstr(err.text, "more than 250000 values"));
}

TEST(a_manifest_past_four_megabytes_is_refused)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(MEGABYTES(5));
	struct error err = ERROR_INIT;

	for (size_t i = 0; i <= YAML_MANIFEST_BYTES; i++)
		text_add_char(&text, '#');
	assert_null(yaml_read_documents(text.data, text.length, &err));
	assert_string_equal(err.text, "the manifest has 4194305 bytes, more than 4194304");
}

/* Sorted, not compared pairwise: this took minutes otherwise. */
TEST(a_map_of_a_hundred_thousand_keys_is_quick)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(MEGABYTES(3));
	struct error err = ERROR_INIT;

	for (int i = 0; i < 100000; i++)
		text_printf(&text, "key%d: x\n", i);
	_cleanup_(json_freep) cJSON *documents =
	    yaml_read_documents(text.data, text.length, &err);
	assert_non_null(documents);
	assert_int_equal(cJSON_GetArraySize(documents->child), 100000);
	assert_string_equal(documents->child->child->string, "key0");
}

TEST(a_helm_manifest_is_read)
{
	static const char manifest[] =
	    "---\n# Source: platform/templates/config.yaml\n"
	    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: platform, labels: &l {app: gw}}\n"
	    "data:\n  settings.yaml: |\n    # not ours\n    a: {b: &c d, e: *c}\n"
	    "---\n# Source: platform/templates/gateway.yaml\n"
	    "apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 3\n  template:\n    spec:\n"
	    "      containers:\n      - name: gateway\n        image: \"gw:v1.2.4\"\n";
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *documents = read_documents(manifest, &err);

	assert_non_null(documents);
	assert_int_equal(cJSON_GetArraySize(documents), 2);
	assert_string_equal(cJSON_GetObjectItemCaseSensitive(json_at(documents->child, "data"),
	    "settings.yaml")->valuestring, "# not ours\na: {b: &c d, e: *c}\n");
	assert_string_equal(json_string(documents->child->next, "spec.replicas"), "3");
	assert_string_equal(json_at(documents->child->next,
	    "spec.template.spec.containers")->child->child->next->valuestring, "gw:v1.2.4");
}
