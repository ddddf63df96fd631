/* words.c - values by kind, and vectors by vocabulary (AR1, AR2). */

#include "words.h"

#include "base/text.h"
#include "test.h"

static const struct word_flag flags_get[] = {
	{ "-n", VALUE_NAMESPACE, NULL, false },
	{ "-o", VALUE_CHOICE, "json|name", false },
	{ "--selector", VALUE_LABELS, NULL, false },
	{ "--watch", VALUE_NONE, NULL, false },
	{ .name = NULL },
};
static const struct word_flag flags_undo[] = {
	{ "-n", VALUE_NAMESPACE, NULL, true },
	{ "--to-revision", VALUE_REVISION, NULL, true },
	{ .name = NULL },
};
static const struct word_flag flags_none[] = { { .name = NULL } };

static const struct word table[] = {
	{ .name = "tool.get", .tool = "tool", .verbs = "get", .flags = flags_get,
	  .positional = { { VALUE_KIND, "pods|services" } } },
	{ .name = "tool.get_one", .tool = "tool", .verbs = "get", .flags = flags_get,
	  .positional = { { VALUE_OBJECT, "pod|service" } }, .repeated = true, .reads = true },
	{ .name = "tool.rollout_undo", .tool = "tool", .verbs = "rollout undo", .flags = flags_undo,
	  .positional = { { VALUE_OBJECT, "deployment" } } },
	{ .name = "tool.version", .tool = "tool", .verbs = "version", .flags = flags_none },
	{ .name = "tool.history", .tool = "tool", .verbs = "history", .flags = flags_none,
	  .positional = { { VALUE_NAME, NULL }, { VALUE_REVISION, NULL } }, .optional = true },
	{ .name = NULL },
};

#define ARGUMENTS 12
static const struct {
	const char *fits;	/* the word, NULL: none */
	const char *argv[ARGUMENTS];
	const char *says;
} vectors[] = {
	{ "tool.get", { "tool", "get", "-n", "chatops", "-o=json", "--", "pods" }, NULL },
	{ "tool.get", { "tool", "get", "--", "pods" }, NULL },
	{ "tool.get", { "tool", "get", "--watch", "--selector=app=web,tier=", "--", "pods" }, NULL },
	{ "tool.get_one", { "tool", "get", "-o=name", "--", "pod/a", "service/b", "pod/c" }, NULL },
	{ "tool.rollout_undo", { "tool", "rollout", "undo", "-n", "x", "--to-revision=4", "--",
	    "deployment/web" }, NULL },
	{ "tool.version", { "tool", "version" }, NULL },
	{ "tool.history", { "tool", "history", "--", "web", "4" }, NULL },
	{ "tool.history", { "tool", "history", "--", "web" }, NULL },

	/* The injected server, before and after "--" (GHSA-wmg3-h8mf-wgvr). */
	{ NULL, { "tool", "get", "--server=http://evil", "--", "pods" }, "\"--server=http://evil\" is no flag" },
	{ NULL, { "tool", "get", "--", "pods", "--server=http://evil" }, "--server" },
	{ NULL, { "tool", "get", "--", "--server=http://evil" }, "--server" },
	{ NULL, { "tool", "get", "pods" }, "\"pods\" is no flag" },
	/* Another spelling of what is allowed. */
	{ NULL, { "tool", "get", "-n=chatops", "--", "pods" }, "needs its value beside it" },
	{ NULL, { "tool", "get", "-nchatops", "--", "pods" }, "is no flag" },
	{ NULL, { "tool", "get", "-ojson", "--", "pods" }, "is no flag" },
	{ NULL, { "tool", "get", "--selector", "app=web", "--", "pods" }, "no fitting value" },
	{ NULL, { "tool", "get", "--watch=true", "--", "pods" }, "no fitting value" },
	{ NULL, { "tool", "get", "--select=app=web", "--", "pods" }, "is no flag" },
	{ NULL, { "tool", "get", "-n", "--", "--", "pods" }, "no fitting value" },
	{ NULL, { "tool", "get", "-n" }, "needs its value beside it" },
	/* Twice. */
	{ NULL, { "tool", "get", "-n", "a", "-n", "b", "--", "pods" }, "twice" },
	{ NULL, { "tool", "get", "-o=json", "-o=json", "--", "pods" }, "twice" },
	/* Too much, too little. */
	{ NULL, { "tool", "get", "--", "pods", "pods" }, "\"pods\"" },
	{ NULL, { "tool", "get", "--" }, "a value is missing" },
	{ NULL, { "tool", "get" }, "a value is missing" },
	{ NULL, { "tool", "version", "--", "x" }, "too much" },
	{ NULL, { "tool", "version", "--" }, "too much" },
	{ NULL, { "tool", "history", "--", "web", "4", "5" }, "too much" },
	{ NULL, { "tool", "history" }, "a value is missing" },
	/* A flag that may not be left to the tool's own choice. */
	{ NULL, { "tool", "rollout", "undo", "-n", "x", "--", "deployment/web" },
	    "\"--to-revision\" is missing" },
	{ NULL, { "tool", "rollout", "undo", "--to-revision=4", "--", "deployment/web" },
	    "\"-n\" is missing" },
	{ NULL, { "tool", "rollout", "undo", "-n", "x", "--to-revision=0", "--", "deployment/web" },
	    "no fitting value" },
	/* Other words, other tools. */
	{ NULL, { "tool", "exec", "--", "pod/a" }, "\"tool exec\" is in no vocabulary" },
	{ NULL, { "tool", "rollout" }, "in no vocabulary" },
	{ NULL, { "tool" }, "in no vocabulary" },
	{ NULL, { "sh", "-c", "true" }, "\"sh -c\" is in no vocabulary" },
	{ NULL, { "/usr/bin/tool", "version" }, "in no vocabulary" },
	{ NULL, { "tool", "", "version" }, "in no vocabulary" },
	{ NULL, { NULL }, "empty" },
};

static const struct word *
check(const char *const given[], struct error *err)
{
	char *argv[ARGUMENTS + 1] = { NULL };

	for (size_t i = 0; i < ARGUMENTS && given[i] != NULL; i++)
		memcpy(&argv[i], &given[i], sizeof *argv);
	return argv_check(argv, err);
}

TEST(ar2_a_vector_fits_one_word_whole_or_is_not_run)
{
	words_register(table);
	words_register(table);
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct error err = ERROR_INIT;
		const struct word *word = check(vectors[i].argv, &err);

		if (vectors[i].fits != NULL) {
			assert_row(i, word != NULL);
			assert_string_equal(word->name, vectors[i].fits);
			assert_int_equal(err.kind, ERROR_NONE);
			continue;
		}
		assert_row(i, word == NULL);
		assert_int_equal(err.kind, BROKEN);
		if (strstr(err.text, vectors[i].says) == NULL)
			fail_msg("row %zu: %s", i, err.text);
	}
}

TEST(ar2_the_refusal_shows_no_raw_bytes)
{
	struct error err = ERROR_INIT;

	assert_null(check((const char *const[ARGUMENTS]){ "tool", "get", "--x\x1b[31m\n\xff" }, &err));
	assert_string_equal(err.text, "not run: \"--x?[31m??\" is no flag of \"tool get\"");
}

TEST(ar2_a_vector_is_bounded)
{
	char *many[200], *long_one[] = { (char[]){ "tool" }, (char[]){ "version" }, NULL, NULL };
	static char bytes[5000], name[] = "tool";
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < 199; i++)
		many[i] = name;
	many[199] = NULL;
	assert_null(argv_check(many, &err));
	assert_string_equal(err.text, "not run: more than 128 arguments");
	memset(bytes, 'a', sizeof bytes - 1);
	long_one[2] = bytes;
	assert_null(argv_check(long_one, &err));
	assert_non_null(strstr(err.text, "longer than 4096"));
}

TEST(a_repeated_value_has_an_end)
{
	char *argv[80];
	static char tool[] = "tool", get[] = "get", dashes[] = "--", pod[] = "pod/a";

	argv[0] = tool;
	argv[1] = get;
	argv[2] = dashes;
	for (size_t i = 3; i < 79; i++)
		argv[i] = pod;
	argv[79] = NULL;
	assert_null(argv_check(argv, NULL));
	argv[3 + 64] = NULL;
	assert_non_null(argv_check(argv, NULL));
}

TEST(words_are_found_by_name)
{
	assert_string_equal(words_find("tool.rollout_undo")->verbs, "rollout undo");
	assert_null(words_find("tool.exec"));
}

static void
count_word(const struct word *word, void *arg)
{
	*(size_t *)arg += word->tool != NULL;
}

TEST(each_word_is_told_once)
{
	size_t count = 0;

	words_each(count_word, &count);
	assert_int_equal(count, 5);
}

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	enum value_kind kind;
	const char *list, *value;
	bool fits;
} values[] = {
	{ VALUE_NONE, NULL, NULL, true },
	{ VALUE_NONE, NULL, "", false },
	{ VALUE_NAME, NULL, "web", true },
	{ VALUE_NAME, NULL, "web-1.example.com", true },
	{ VALUE_NAME, NULL, "0", true },
	{ VALUE_NAME, NULL, NULL, false },
	{ VALUE_NAME, NULL, "", false },
	{ VALUE_NAME, NULL, "-web", false },
	{ VALUE_NAME, NULL, "web-", false },
	{ VALUE_NAME, NULL, "web.", false },
	{ VALUE_NAME, NULL, ".web", false },
	{ VALUE_NAME, NULL, "we..b", false },
	{ VALUE_NAME, NULL, "we.-b", false },
	{ VALUE_NAME, NULL, "Web", false },
	{ VALUE_NAME, NULL, "web/x", false },
	{ VALUE_NAME, NULL, "web\n", false },
	{ VALUE_NAME, NULL, "we b", false },
	{ VALUE_NAME, NULL, "w\xc3\xa9" "b", false },
	{ VALUE_NAME, NULL, A63 "." A63 "." A63 "." A63, false },
	{ VALUE_NAME, NULL, A63 "." A63 "." A63, true },
	{ VALUE_NAMESPACE, NULL, A63, true },
	{ VALUE_NAMESPACE, NULL, A63 "a", false },
	{ VALUE_NAMESPACE, NULL, "a.b", false },
	{ VALUE_OBJECT, "pod|deployment", "deployment/web", true },
	{ VALUE_OBJECT, "pod|deployment", "deploymen/web", false },
	{ VALUE_OBJECT, "pod|deployment", "deployment/", false },
	{ VALUE_OBJECT, "pod|deployment", "deployment/web/x", false },
	{ VALUE_OBJECT, "pod|deployment", "deployment", false },
	{ VALUE_OBJECT, "pod|deployment", "pod|deployment/web", false },
	{ VALUE_OBJECT, "pod|deployment", "/web", false },
	{ VALUE_OBJECT, NULL, "pod/web", false },
	{ VALUE_KIND, "pods|services", "services", true },
	{ VALUE_KIND, "pods|services", "service", false },
	{ VALUE_KIND, "pods|services", "pods|services", false },
	{ VALUE_KIND, "pods|services", "", false },
	{ VALUE_REVISION, NULL, "1", true },
	{ VALUE_REVISION, NULL, "2147483647", true },
	{ VALUE_REVISION, NULL, "2147483648", false },
	{ VALUE_REVISION, NULL, "99999999999999999999", false },
	{ VALUE_REVISION, NULL, "0", false },
	{ VALUE_REVISION, NULL, "-1", false },
	{ VALUE_REVISION, NULL, "+1", false },
	{ VALUE_REVISION, NULL, "01", false },
	{ VALUE_REVISION, NULL, "1 ", false },
	{ VALUE_REVISION, NULL, "", false },
	{ VALUE_COUNT, NULL, "0", true },
	{ VALUE_COUNT, NULL, "1000000", true },
	{ VALUE_COUNT, NULL, "1000001", false },
	{ VALUE_COUNT, NULL, "+2", false },	/* KC23 */
	{ VALUE_SECONDS, NULL, "300s", true },
	{ VALUE_SECONDS, NULL, "5m0s", true },
	{ VALUE_SECONDS, NULL, "1h", true },
	{ VALUE_SECONDS, NULL, "0s", false },	/* for ever: KC11 */
	{ VALUE_SECONDS, NULL, "0", false },
	{ VALUE_SECONDS, NULL, "300", false },
	{ VALUE_SECONDS, NULL, "-5m", false },
	{ VALUE_SECONDS, NULL, "5s5m", false },
	{ VALUE_SECONDS, NULL, "1.5s", false },
	{ VALUE_SECONDS, NULL, "5ms", false },
	{ VALUE_SECONDS, NULL, "1000000s", false },
	{ VALUE_SECONDS, NULL, "", false },
	{ VALUE_LABELS, NULL, "app=web", true },
	{ VALUE_LABELS, NULL, "app.kubernetes.io/name=web,tier=Back_End.1", true },
	{ VALUE_LABELS, NULL, "app=", true },
	{ VALUE_LABELS, NULL, "app=,tier=x", true },
	{ VALUE_LABELS, NULL, "app", true },
	{ VALUE_LABELS, NULL, "app,!batch,tier!=x,a.b/c in (web),d in (e,F_1.g),h!=", true },
	{ VALUE_LABELS, NULL, "!app", false },
	{ VALUE_LABELS, NULL, "app,!b=c", false },
	{ VALUE_LABELS, NULL, "app,!", false },
	{ VALUE_LABELS, NULL, "app,!!b", false },
	{ VALUE_LABELS, NULL, "app in (a b)", false },
	{ VALUE_LABELS, NULL, "app in ($a)", false },
	{ VALUE_LABELS, NULL, "app!", false },
	{ VALUE_LABELS, NULL, "app!=-web", false },
	{ VALUE_LABELS, NULL, "app in ()", false },
	{ VALUE_LABELS, NULL, "app in (web", false },
	{ VALUE_LABELS, NULL, "app in (web,)", false },
	{ VALUE_LABELS, NULL, "app in (web)x", false },
	{ VALUE_LABELS, NULL, "app in (web, api)", false },
	{ VALUE_LABELS, NULL, "app in  (web)", false },
	{ VALUE_LABELS, NULL, "app notin (web)", false },
	{ VALUE_LABELS, NULL, "app ", false },
	{ VALUE_LABELS, NULL, "app=web,", false },
	{ VALUE_LABELS, NULL, ",app=web", false },
	{ VALUE_LABELS, NULL, "app=-web", false },
	{ VALUE_LABELS, NULL, "App/x=web", false },
	{ VALUE_LABELS, NULL, "a/b/c=web", false },
	{ VALUE_LABELS, NULL, "", false },
	{ VALUE_FIELD, NULL, "metadata.name=web-0", true },
	{ VALUE_FIELD, NULL, "involvedObject.name=web", true },
	{ VALUE_FIELD, NULL, "involvedObject.uid=0b8a2f3e-1c2d-4e5f-8a9b-0c1d2e3f4a5b", true },
	{ VALUE_FIELD, NULL, "involvedObject.uid=0b8a2f3e-1c2d-4e5f-8a9b-0c1d2e3f4a5", false },
	{ VALUE_FIELD, NULL, "involvedObject.uid=0b8a2f3e-1c2d-4e5f-8a9b-0c1d2e3f4a5b0", false },
	{ VALUE_FIELD, NULL, "involvedObject.uid=0b8a2f3e+1c2d+4e5f+8a9b+0c1d2e3f4a5b", false },
	{ VALUE_FIELD, NULL, "spec.nodeName=n1", false },
	{ VALUE_FIELD, NULL, "metadata.name=", false },
	{ VALUE_FIELD, NULL, "metadata.name", false },
	{ VALUE_IMAGE_SET, NULL, "web=nginx", true },
	{ VALUE_IMAGE_SET, NULL, "web=nginx:1.25", true },
	{ VALUE_IMAGE_SET, NULL, "web=ghcr.io/edgelink/api-gateway:v0.2.0", true },
	{ VALUE_IMAGE_SET, NULL, "web=localhost:5000/web:V1_2", true },
	{ VALUE_IMAGE_SET, NULL, "web=localhost/web", true },
	{ VALUE_IMAGE_SET, NULL, "web=logcaster/logcaster-c:2.3.1", true },
	{ VALUE_IMAGE_SET, NULL, "web=Registry.Example.com/a__b/c@sha256:" HEX64, true },
	{ VALUE_IMAGE_SET, NULL, "web=nginx:1@sha256:" HEX64, true },
	{ VALUE_IMAGE_SET, NULL, "web=nginx@sha256:" HEX64 "0", false },
	{ VALUE_IMAGE_SET, NULL, "web=nginx@sha256:0123", false },
	{ VALUE_IMAGE_SET, NULL, "web=nginx@md5:" HEX64, false },
	{ VALUE_IMAGE_SET, NULL, "web=nginx:", false },
	{ VALUE_IMAGE_SET, NULL, "web=nginx:-1", false },
	{ VALUE_IMAGE_SET, NULL, "web=nginx:1:2", false },
	{ VALUE_IMAGE_SET, NULL, "web=Nginx", false },
	{ VALUE_IMAGE_SET, NULL, "web=ghcr.io/", false },
	{ VALUE_IMAGE_SET, NULL, "web=ghcr.io//x", false },
	{ VALUE_IMAGE_SET, NULL, "web=/x", false },
	{ VALUE_IMAGE_SET, NULL, "web=ghcr.io:/x", false },
	{ VALUE_IMAGE_SET, NULL, "web=https://ghcr.io/x", false },
	{ VALUE_IMAGE_SET, NULL, "web=<https://ghcr.io/x|ghcr.io/x>", false },	/* SL1 */
	{ VALUE_IMAGE_SET, NULL, "web=-x", false },
	{ VALUE_IMAGE_SET, NULL, "*=nginx", false },
	{ VALUE_IMAGE_SET, NULL, "nginx", false },
	{ VALUE_IMAGE_SET, NULL, "web=", false },
	{ VALUE_ANNOTATION, "a.io/why|a.io/id", "a.io/why=R-142: \xe5\x9b\x9e 5xx = bad", true },
	{ VALUE_ANNOTATION, "a.io/why|a.io/id", "a.io/other=x", false },
	{ VALUE_ANNOTATION, "a.io/why|a.io/id", "a.io/why-", false },
	{ VALUE_ANNOTATION, "a.io/why|a.io/id", "a.io/why=", false },
	{ VALUE_ANNOTATION, "a.io/why|a.io/id", "a.io/why=two\nlines", false },
	{ VALUE_ANNOTATION, "a.io/why|a.io/id", "a.io/why=\xc2\x9b" "31m", false },
	{ VALUE_ANNOTATION, "a.io/why|a.io/id", "a.io/why=\xff", false },
	{ VALUE_CHOICE, "json|name", "json", true },
	{ VALUE_CHOICE, "json|name", "jso", false },
	{ VALUE_CHOICE, "json|name", "jsonpath={.x}", false },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/chatops/services/gateway:80/proxy/health", true },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/chatops/services/https:gateway:web/proxy/", true },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/services/b:80/proxy/x?y=1&z=a-b_c.~", true },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/secrets/b", false },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/services/b:80/proxy/../../../secrets", false },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/services/b:80/proxy/%2e%2e/x", false },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/services/b:80/proxy/./x", false },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/services/b/proxy/x", false },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/services/b:80/x", false },
	{ VALUE_SERVICE_PATH, NULL, "/api/v1/namespaces/a/pods/b:80/proxy/x", false },
	{ VALUE_SERVICE_PATH, NULL, "http://evil/api/v1/namespaces/a/services/b:80/proxy/x", false },
	{ VALUE_TEXT, NULL, "R-142 by @ann: because", true },
	{ VALUE_TEXT, NULL, "\xf0\x9f\x93\xa2 told", true },
	{ VALUE_TEXT, NULL, "", false },
	{ VALUE_TEXT, NULL, "a\x7f", false },
	{ VALUE_TEXT, NULL, "a\x1b[0m", false },
	{ VALUE_TEXT, NULL, "a\xc2", false },
	{ (enum value_kind)99, NULL, "x", false },
};

TEST(ar1_each_kind_takes_only_its_own)
{
	for (size_t i = 0; i < COUNT(values); i++)
		if (value_fits(values[i].kind, values[i].list, values[i].value) != values[i].fits)
			fail_msg("row %zu: \"%s\"", i, values[i].value);
}

/* A value with one of these in it is of no kind but the text.  The blanks and brackets of a label's "a in (b,c)"
 * stand where they must, and nowhere else: see above. */
TEST(ar1_no_kind_takes_what_splits_or_expands)
{
	static const char *const bad[] = { "a b", "a\tb", "a;b", "$a", "`a`", "a'", "a\"", "{a}", "*",
		"a\\b", "a>b", "!a", "~a", "#a", ("\x1b" "a"), "a\r" };

	for (int kind = VALUE_NAME; kind < VALUE_TEXT; kind++)
		for (size_t i = 0; i < COUNT(bad); i++)
			assert_row(i, !value_fits((enum value_kind)kind, "x|y", bad[i]));
}
