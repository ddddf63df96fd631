/* kubernetes_differ.c - what differs between two objects, and what of it is never printed. */

#include "adapters/tools/kubernetes.h"

#include "base/text.h"
#include "test.h"

static cJSON *
parse(const char *json)
{
	struct error err = ERROR_INIT;
	cJSON *parsed = json_parse(json, strlen(json), &err);

	if (parsed == NULL)
		fail_msg("%s: %s", err.text, json);
	return parsed;
}

/* ---- differences --------------------------------------------------------------------------- */

#define ONE(rest) "{\"spec\":{\"containers\":[{\"name\":\"web\"" rest "}]}}"
#define ENV(list) ONE(",\"env\":[" list "]")
#define VALUE(name, value) "{\"name\":\"" name "\",\"value\":\"" value "\"}"

#define SIXTY "012345678901234567890123456789012345678901234567890123456789"
#define LONG(n) "0123456789" SIXTY n SIXTY "\xc3\xa4"

static const struct {
	const char *from, *to;
	const char *lines;	/* "change field from -> to\n"… */
	const char *remark;
} differences[] = {
	{ ONE(",\"image\":\"r.io/web:v2\""), ONE(",\"image\":\"r.io/web:v1\""),
	    "~ image v2 -> v1\n", NULL },
	{ ONE(",\"image\":\"a.io/web:v2\""), ONE(",\"image\":\"b.io/web:v1\""),
	    "~ image a.io/web:v2 -> b.io/web:v1\n", "image.registry" },
	{ ONE(",\"image\":\"web:v2\""), ONE(",\"image\":\"b.io/web:v1\""),
	    "~ image web:v2 -> b.io/web:v1\n", "image.registry" },
	{ ENV(VALUE("A", "1") "," VALUE("POOL", "40")), ENV(VALUE("POOL", "20") "," VALUE("B", "x")),
	    "- env A 1 -> .\n+ env B . -> x\n~ env POOL 40 -> 20\n", NULL },
	{ ONE(""), ENV(VALUE("A", "1")), "+ env A . -> 1\n", NULL },
	/* The cluster takes it for another template, and so do the variables that refer to others. */
	{ ENV(VALUE("A", "1") "," VALUE("B", "2")), ENV(VALUE("B", "2") "," VALUE("A", "1")),
	    "~ env in this order -> in another\n", NULL },
	{ ONE(""), ENV(""), "", NULL },
	/* What is cut out of the middle must not be what differs. */
	{ ENV(VALUE("A", LONG("x"))), ENV(VALUE("A", LONG("y"))),
	    "~ env A …012345678901234567890123456789x" SIXTY "ä -> …012345678901234567890123456789y" SIXTY "ä\n", NULL },
	/* SE6: what a name calls secret is not printed. */
	{ ENV(VALUE("DB_PASSWORD", "hunter2")), ENV(VALUE("DB_PASSWORD", "swordfish")),
	    "~ env DB_PASSWORD hidden, 7 bytes -> hidden, 9 bytes\n", NULL },
	{ ENV("{\"name\":\"DB_PASSWORD\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"db\",\"key\":\"p\"}}}"),
	    ENV(VALUE("DB_PASSWORD", "hunter2")),
	    "~ env DB_PASSWORD from Secret db, key p -> hidden, 7 bytes\n", NULL },
	{ ENV("{\"name\":\"A\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"c\",\"key\":\"k\"}}}"),
	    ENV("{\"name\":\"A\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"spec.nodeName\"}}}"),
	    "~ env A from ConfigMap c, key k -> {\"fieldRef\":{\"fieldPath\":\"spec.nodeName\"}}\n", NULL },
	{ ONE(",\"resources\":{\"limits\":{\"memory\":\"1Gi\"}}"),
	    ONE(",\"resources\":{\"limits\":{\"memory\":\"512Mi\"}}"),
	    "~ resources.limits.memory 1Gi -> 512Mi\n", NULL },
	{ ONE(",\"command\":[\"a\",\"b\"]"), ONE(",\"command\":[\"a\",\"c\"]"),
	    "~ command [\"a\",\"b\"] -> [\"a\",\"c\"]\n", NULL },
	{ ONE(",\"volumeMounts\":[{\"name\":\"d\",\"mountPath\":\"/d\"}]"),
	    ONE(",\"volumeMounts\":[{\"name\":\"d\",\"mountPath\":\"/e\"}]"),
	    "~ volumeMounts[d].mountPath /d -> /e\n", NULL },
	{ "{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"a:1\"}]}}",
	    "{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"a:2\"},{\"name\":\"b\",\"image\":\"b:1\"}]}}",
	    "+ container b . -> b:1\n~ image (a) 1 -> 2\n", NULL },
	{ "{\"spec\":{\"initContainers\":[{\"name\":\"m\",\"image\":\"m:1\"}],\"containers\":[]}}",
	    "{\"spec\":{\"initContainers\":[],\"containers\":[]}}", "- init container m m:1 -> .\n", NULL },
	{ "{\"spec\":{\"volumes\":[{\"name\":\"c\",\"configMap\":{\"name\":\"c-1\"}}]}}",
	    "{\"spec\":{\"volumes\":[{\"name\":\"c\",\"configMap\":{\"name\":\"c-2\"}}]}}",
	    "~ volumes[c].configMap.name c-1 -> c-2\n", NULL },
	{ "{\"metadata\":{\"annotations\":{\"a.io/x\":\"1\"}}}", "{\"metadata\":{}}",
	    "- annotation a.io/x 1 -> .\n", NULL },
	{ "{\"metadata\":{\"labels\":{\"v\":\"1\",\"helm.sh/chart\":\"a-1\"}}}",
	    "{\"metadata\":{\"labels\":{\"v\":\"2\",\"helm.sh/chart\":\"a-2\"}}}",
	    "~ label v 1 -> 2\n", NULL },
	{ "{\"metadata\":{\"labels\":{\"pod-template-hash\":\"1\"},\"creationTimestamp\":null,"
	    "\"annotations\":{\"kubectl.kubernetes.io/restartedAt\":\"x\"}}}",
	    "{\"metadata\":{\"labels\":{\"pod-template-hash\":\"2\"}}}", "", NULL },
	/* CH2: what its pods may do. */
	{ "{\"spec\":{\"serviceAccountName\":\"web\"}}", "{\"spec\":{\"serviceAccountName\":\"admin\"}}",
	    "~ serviceAccountName web -> admin\n", "template.powers" },
	{ "{\"spec\":{}}", "{\"spec\":{\"hostNetwork\":true}}", "+ hostNetwork . -> true\n",
	    "template.powers" },
	{ "{\"spec\":{\"hostNetwork\":true}}", "{\"spec\":{\"hostNetwork\":false}}",
	    "~ hostNetwork true -> false\n", NULL },
	{ ONE(",\"securityContext\":{\"runAsUser\":1}"),
	    ONE(",\"securityContext\":{\"runAsUser\":1,\"privileged\":true}"),
	    "+ securityContext.privileged . -> true\n", "template.powers" },
	{ ONE(""), ONE(",\"securityContext\":{\"privileged\":true}"),
	    "+ securityContext . -> {\"privileged\":true}\n", "template.powers" },
	{ ONE(",\"securityContext\":{}"), ONE(",\"securityContext\":{\"capabilities\":{\"add\":[\"SYS_ADMIN\"]}}"),
	    "+ securityContext.capabilities . -> {\"add\":[\"SYS_ADMIN\"]}\n", "template.powers" },
	{ ONE(""), ONE(",\"securityContext\":{\"privileged\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}"),
	    "+ securityContext . -> {\"privileged\":false,\"capabilities\":{\"drop\":[\"ALL\"]}}\n", NULL },
	{ "{\"spec\":{\"volumes\":[]}}",
	    "{\"spec\":{\"volumes\":[{\"name\":\"root\",\"hostPath\":{\"path\":\"/\"}}]}}",
	    "+ volumes[root] . -> {\"name\":\"root\",\"hostPath\":{\"path\":\"/\"}}\n", "template.powers" },
	{ "{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"a:1\"}]}}",
	    "{\"spec\":{\"containers\":[{\"name\":\"a\",\"image\":\"a:1\"},{\"name\":\"b\",\"image\":\"b:1\","
	    "\"securityContext\":{\"privileged\":true}}]}}",
	    "+ container b . -> b:1\n", "template.powers" },
	/* A manifest's scalars are strings. */
	{ "{\"spec\":{\"replicas\":\"3\"}}", "{\"spec\":{\"replicas\":3}}", "", NULL },
	{ "{\"data\":{\"a\":\"x\\ny\\n\"}}", "{\"data\":{\"a\":\"x\\nz\\n\"}}",
	    "~ key a 2 lines (09834d) -> 2 lines (8b0451)\n", NULL },
	{ "{}", "{\"data\":{\"a\":\"1\"}}", "+ key a . -> 1\n", NULL },
	{ "{\"spec\":{\"x\":\"a\\u001b[31mb\\u202e\"}}", "{\"spec\":{\"x\":\"c\"}}", "~ x ab -> c\n", NULL },
};

static const char *
lines_of(struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	for (size_t i = 0; i < plan->differences.count; i++) {
		const struct difference *line = &plan->differences.item[i];

		text_printf(&out, "%c %s %s -> %s\n", "-+~"[line->change], line->field,
		    line->from != NULL ? line->from : ".", line->to != NULL ? line->to : ".");
	}
	return arena_copy(plan->arena, out.data, out.length);
}

TEST(differences_are_told_in_words)
{
	for (size_t i = 0; i < COUNT(differences); i++) {
		_cleanup_(plan_freep) struct plan *plan = plan_new();
		_cleanup_(json_freep) cJSON *from = parse(differences[i].from), *to = parse(differences[i].to);
		size_t count = differ_objects(plan, "Deployment web", from, to);

		if (strcmp(lines_of(plan), differences[i].lines) != 0)
			fail_msg("row %zu: %s", i, lines_of(plan));
		assert_row(i, count == plan->differences.count);
		assert_row(i, (plan->remarks.count > 0) == (differences[i].remark != NULL));
		if (plan->remarks.count > 0)
			assert_string_equal(plan->remarks.item[0].code, differences[i].remark);
	}
}

TEST(ch2_each_object_that_brings_powers_is_named)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	_cleanup_(json_freep) cJSON *from = parse("{\"spec\":{}}"),
	    *to = parse("{\"spec\":{\"hostPID\":\"true\",\"hostIPC\":\"true\"}}");

	differ_objects(plan, "Deployment a", from, to);
	differ_objects(plan, "Deployment b", from, to);
	differ_created(plan, "DaemonSet c", to);
	differ_created(plan, "DaemonSet d", from);
	differ_values(plan, "values", from, to);	/* they change nothing by themselves */
	assert_int_equal(plan->remarks.count, 3);
	assert_string_equal(plan->remarks.item[0].text,
	    "Deployment a changes what its pods may do on their node or in the cluster: hostPID");
	assert_string_equal(plan->remarks.item[1].text,
	    "Deployment b changes what its pods may do on their node or in the cluster: hostPID");
	assert_string_equal(plan->remarks.item[2].text,
	    "DaemonSet c comes with what its pods may do on their node or in the cluster: hostPID");
}

TEST(se6_of_a_secret_only_keys_and_sizes_are_told)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	_cleanup_(json_freep) cJSON *from = parse("{\"kind\":\"Secret\",\"data\":{\"a\":\"aGVsbG8h\"}}");
	_cleanup_(json_freep) cJSON *to = parse("{\"kind\":\"Secret\",\"data\":{\"a\":\"aGVsbG8hISEh\"},"
	    "\"stringData\":{\"b\":\"open sesame\"}}");

	differ_objects(plan, "Secret s", from, to);
	assert_string_equal(lines_of(plan), "+ key b . -> hidden, 6 bytes\n"
	    "~ key a hidden, 6 bytes -> hidden, 9 bytes\n");
}

TEST(a_long_difference_has_an_end)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	_cleanup_(json_freep) cJSON *from = cJSON_CreateObject(), *to = cJSON_CreateObject();
	cJSON *data = json_add_object(to, "data");

	for (int i = 0; i < 250; i++)
		json_add_string(data, plan_arg(plan, "k%d", i), "v");
	assert_int_equal(differ_objects(plan, "ConfigMap c", from, to), 250);
	assert_int_equal(plan->differences.count, 200);
	assert_string_equal(plan->remarks.item[0].text, "ConfigMap c: 50 more lines differ");
}

/* Kubernetes lets a name stand twice; the list is then one value. */
#define TWICE(password)                                                                            \
	ENV(VALUE("A", "1") "," VALUE("DB_PASSWORD", password) "," VALUE("A", "2"))

TEST(se6_a_variable_that_stands_twice_gives_no_other_away)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	_cleanup_(json_freep) cJSON *from = parse(TWICE("hunter2")), *to = parse(TWICE("swordfish"));

	differ_objects(plan, "Deployment web", from, to);
	assert_string_equal(lines_of(plan), "~ env hidden, 92 bytes -> hidden, 94 bytes\n");
}

TEST(se6_a_long_list_of_variables_gives_none_away)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	_cleanup_(json_freep) cJSON *from = parse(ENV("")), *to = parse(ENV(VALUE("TOKEN", "hunter2")));
	cJSON *list = cJSON_GetObjectItem(cJSON_GetArrayItem(
	    json_at(to, "spec.containers"), 0), "env"), *entry;

	for (int i = 0; i < 501; i++) {
		cJSON_AddItemToArray(list, entry = cJSON_CreateObject());
		json_add_string(entry, "name", plan_arg(plan, "V%d", i));
	}
	differ_objects(plan, "Deployment web", from, to);
	assert_int_equal(plan->differences.count, 1);
	assert_null(strstr(lines_of(plan), "hunter2"));
	assert_non_null(strstr(lines_of(plan), "hidden, "));
}

TEST(se6_a_password_inside_of_a_chart_s_list_is_not_printed)
{
	static const struct {
		const char *from, *to, *lines;
	} rows[] = {
		{ "{\"users\":[]}", "{\"users\":[{\"name\":\"ann\",\"password\":\"hunter2\"}]}",
		    "~ users[ann] . -> hidden, 35 bytes\n" },
		{ "{\"users\":[{\"password\":\"hunter2\"}]}", "{\"users\":[{\"password\":\"x\"}]}",
		    "~ users hidden, 24 bytes -> hidden, 18 bytes\n" },
		{ "{\"db\":{\"password\":\"hunter2\"}}", "{}", "~ db hidden, 22 bytes -> .\n" },
		{ "{\"hosts\":[]}", "{\"hosts\":[{\"host\":\"a\"}]}",
		    "~ hosts[a] . -> {\"host\":\"a\"}\n" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(plan_freep) struct plan *plan = plan_new();
		_cleanup_(json_freep) cJSON *from = parse(rows[i].from), *to = parse(rows[i].to);

		differ_values(plan, "values", from, to);
		if (strcmp(lines_of(plan), rows[i].lines) != 0)
			fail_msg("row %zu: %s", i, lines_of(plan));
	}
}
