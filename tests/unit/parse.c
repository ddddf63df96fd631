/* parse.c - every form of the grammar, every repair of it, and what is said about the rest. */

#include "parse.h"

#include "test.h"

#include "fake_bot.h"

static const char grammar_world[] =
    "clusters: {primary: {}, backup: {}, third: {}}\n"
    "environments:\n"
    "  production: {clusters: [primary]}\n"
    "  staging: {clusters: [backup]}\n"
    "  both: {clusters: [primary, backup]}\n"
    "targets:\n"
    "  chatops-gateway:\n"
    "    {driver: deployment, namespace: chatops, environment: [production, staging, both],\n"
    "      aliases: [gw, \"api gateway\"]}\n"
    "  chatops-engine: {driver: deployment, namespace: chatops, environment: production}\n"
    "  api: {driver: deployment, namespace: chatops, environment: production}\n"
    "  web_front: {driver: deployment, namespace: chatops, environment: production}\n"
    "  web: {driver: deployment, namespace: chatops, environment: production}\n"
    "  release: {driver: helm, namespace: chatops, environment: production, workloads: [deployment/api]}\n";

struct read {
	struct folder folder;
	struct configuration *configuration;
	struct arena *arena;
	struct arrival arrival;
	struct parsed parsed;
	struct error err;
	bool ok;
};

static struct read
begin(void)
{
	struct read r = { .folder = folder_make(), .arena = arena_new() };

	r.configuration = fake_configure(&r.folder, grammar_world, "");
	r.arrival = (struct arrival){ .arena = r.arena, .team = "T0TEAM", .person = "U0ANN", .text = "" };
	return r;
}

static void
end(struct read *r)
{
	request_free(r->parsed.request);
	configuration_free(r->configuration);
	arena_free(r->arena);
	folder_remove(&r->folder);
}

static void
say_it(struct read *r, const char *text)
{
	request_free(r->parsed.request);
	r->err = (struct error)ERROR_INIT;
	r->arrival.text = text;
	r->ok = parse(&r->parsed, r->configuration, &r->arrival, r->arena, &r->err);
	assert_true(r->ok == (r->parsed.request != NULL));
}

/* "rollback chatops-gateway@primary to=5 …": what was understood, as one line. */
static const char *
print(struct read *r)
{
	const struct request *q = r->parsed.request;
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	if (q == NULL)
		return arena_printf(r->arena, "! %s", r->err.text);
	text_add(&out, q->command->name);
	if (q->subcommand != NULL)
		text_printf(&out, " %s", q->subcommand);
	if (q->target != NULL)
		text_printf(&out, " %s@%s/%s", q->target->setting->key, q->target->environment->name,
		    q->target->cluster->name);
	text_printf(&out, "%s%s%s%s%s%s%s%s%s%s", q->to != NULL ? " to=" : "", q->to != NULL ? q->to : "",
	    q->amount != NULL ? " amount=" : "", q->amount != NULL ? q->amount : "",
	    q->image != NULL ? " image=" : "", q->image != NULL ? q->image : "",
	    q->object != NULL ? " object=" : "", q->object != NULL ? q->object : "",
	    q->hash != NULL ? " hash=" : "", q->hash != NULL ? q->hash : "");
	text_printf(&out, "%s%s%s%s", q->without_hooks ? " without hooks" : "", q->dry_run ? " dry-run" : "",
	    q->now ? " now" : "", q->direct ? " direct" : "");
	if (q->reason != NULL)
		text_printf(&out, " because=%s", q->reason);
	return arena_strdup(r->arena, out.data);
}

#define GW "rollback chatops-gateway@production/primary"

static const struct { const char *typed, *understood; } forms[] = {
	/* ways in */
	{ "rollback chatops-gateway", GW },
	{ "/rollback chatops-gateway", GW },
	{ "!rollback chatops-gateway", GW },
	{ "/rollcall rollback chatops-gateway", GW },
	{ "rollcall rollback chatops-gateway", GW },
	{ "!rollcall rollback chatops-gateway", GW },
	{ "@rollcall rollback chatops-gateway", GW },
	{ "@rollcall: rollback chatops-gateway", GW },
	{ "@Rollcall, rollback chatops-gateway", GW },
	{ "<@U0BOT> rollback chatops-gateway", GW },
	{ "<@U0BOT|rollcall> rollback chatops-gateway", GW },
	{ "<@U0BOT>: rollback chatops-gateway", GW },
	{ "<@U0BOT> /rollback chatops-gateway", GW },
	{ "ROLLBACK chatops-gateway", GW },
	{ "", "help" },
	{ "   ", "help" },
	{ "@rollcall", "help" },
	{ "/rollcall", "help" },
	{ "help", "help" },
	{ "help rollback", "help object=rollback" },
	{ "rollback help", "help object=rollback" },
	{ "rollout help", "help object=rollout" },
	{ "whoami", "whoami" },
	/* revisions */
	{ "rollback chatops-gateway to 5", GW " to=5" },
	{ "rollback chatops-gateway to previous", GW " to=previous" },
	{ "rollback chatops-gateway to v1.2.3", GW " to=v1.2.3" },
	{ "rollback chatops-gateway to 3f2a9c1", GW " to=3f2a9c1" },
	{ "rollback chatops-gateway 41", GW " to=41" },
	{ "rollback chatops-gateway 1.2.3", GW " to=1.2.3" },
	{ "rollback chatops-gateway v1.2.3", GW " to=v1.2.3" },
	{ "rollback chatops-gateway previous", GW " to=previous" },
	{ "rollback chatops-gateway verified", GW " to=verified" },
	{ "rollback chatops-gateway 3f2a9c1", GW " to=3f2a9c1" },
	/* connecting words in any order */
	{ "rollback chatops-gateway in staging to 5", "rollback chatops-gateway@staging/backup to=5" },
	{ "rollback chatops-gateway to 5 in staging", "rollback chatops-gateway@staging/backup to=5" },
	{ "rollback chatops-gateway in backup", "rollback chatops-gateway@staging/backup" },
	{ "rollback chatops-gateway in PRODUCTION", GW },
	{ "rollback chatops-gateway now dry-run to 5", GW " to=5 dry-run now" },
	{ "rollback chatops-gateway --dry-run", GW " dry-run" },
	{ "rollback chatops-gateway DRY-RUN Now", GW " dry-run now" },
	{ "rollback chatops-gateway direct", GW " direct" },
	{ "rollback chatops-gateway without hooks", GW " without hooks" },
	{ "rollback chatops gateway without Hooks to 5", GW " to=5 without hooks" },
	{ "rollback chatops-gateway to 5 --no-hooks now", GW " to=5 without hooks now" },
	{ "rollback chatops-gateway no-hooks", GW " without hooks" },
	{ "rollback chatops-gateway —no-hooks", GW " without hooks" },
	{ "rollback chatops-gateway because without hooks it works", GW " because=without hooks it works" },
	{ "rollback chatops-gateway strategy immediate to 5", GW " to=5" },
	/* reasons: to the end, whatever is in them */
	{ "rollback chatops-gateway because errors after the deploy", GW " because=errors after the deploy" },
	{ "rollback chatops-gateway to 5 because we go to 6 now in staging", GW " to=5 because=we go to 6 now in staging" },
	{ "rollback chatops-gateway because \"it is slow\"", GW " because=it is slow" },
	{ "rollback chatops-gateway because \"it\" is slow", GW " because=\"it\" is slow" },
	{ "rollback chatops-gateway because it's the cache", GW " because=it's the cache" },
	{ "rollback chatops-gateway because because", GW " because=because" },
	{ "rollback chatops-gateway because now", GW " because=now" },
	/* names */
	{ "rollback Chatops-Gateway", GW },
	{ "rollback gw", GW },
	{ "rollback api gateway", GW },
	{ "rollback \"api gateway\"", GW },
	{ "rollback chatops gateway", GW },
	{ "rollback chatops_gateway to 5", GW " to=5" },
	{ "rollback chatops gateway 5", GW " to=5" },
	{ "rollback chatops gateway previous", GW " to=previous" },
	{ "rollback chatops-g", GW },
	{ "rollback web_front", "rollback web_front@production/primary" },
	{ "rollback api 41", "rollback api@production/primary to=41" },
	{ "rollback web 2", "rollback web@production/primary to=2" },
	/* what input methods and clients make of it */
	{ "rollback “chatops-gateway” to ‘5’", GW " to=5" },
	{ "ｒｏｌｌｂａｃｋ　ｃｈａｔｏｐｓ－ｇａｔｅｗａｙ　ｔｏ　５", GW " to=5" },
	{ "rollback\u00a0chatops-gateway\u200b to\u30005", GW " to=5" },
	{ "rollback chatops–gateway to 5", GW " to=5" },
	{ "rollback chatops-gateway —dry-run", GW " dry-run" },
	{ "rollback 「api gateway」 to 5", GW " to=5" },
	{ "rollback chatops-gateway because 錯誤率，很高", GW " because=錯誤率，很高" },
	{ "rollback chatops-gateway ｂｅｃａｕｓｅ ５％ of requests", GW " because=５％ of requests" },
	{ "rollback chatops-gateway because e\u0301rreurs", GW " because=\u00e9rreurs" },
	{ "\n rollback\tchatops-gateway\n", GW },
	/* rollout */
	{ "rollout history chatops-gateway", "rollout history chatops-gateway@production/primary" },
	{ "rollout chatops-gateway history", "rollout history chatops-gateway@production/primary" },
	{ "rollout chatops gateway status in staging", "rollout status chatops-gateway@staging/backup" },
	{ "rollout History chatops-gateway", "rollout history chatops-gateway@production/primary" },
	{ "rollout scale chatops-gateway 3", "rollout scale chatops-gateway@production/primary amount=3" },
	{ "rollout scale chatops-gateway +2", "rollout scale chatops-gateway@production/primary amount=+2" },
	{ "rollout scale chatops-gateway −1", "rollout scale chatops-gateway@production/primary amount=-1" },
	{ "rollout scale chatops gateway to 3", "rollout scale chatops-gateway@production/primary amount=3" },
	{ "rollout chatops-gateway scale 3", "rollout scale chatops-gateway@production/primary amount=3" },
	{ "rollout pin chatops-gateway registry.example.com/a:1.2",
	    "rollout pin chatops-gateway@production/primary image=registry.example.com/a:1.2" },
	{ "rollout pin chatops-gateway app=a:1.2", "rollout pin chatops-gateway@production/primary image=app=a:1.2" },
	{ "rollout pin chatops-gateway to a:1.2", "rollout pin chatops-gateway@production/primary image=a:1.2" },
	{ "rollout restart chatops-gateway because history is bad",
	    "rollout restart chatops-gateway@production/primary because=history is bad" },
	/* ops */
	{ "ops list", "ops list" },
	{ "ops show R-142", "ops show object=R-142" },
	{ "ops R-142 show", "ops show object=R-142" },
	{ "ops approve 142 a7f3c1", "ops approve object=142 hash=a7f3c1" },
	{ "ops reject R-142 because too risky now", "ops reject object=R-142 because=too risky now" },
	{ "ops brake on", "ops brake object=on" },
	{ "ops brake off", "ops brake object=off" },
};

TEST(every_form_and_every_repair_of_it_is_understood)
{
	_cleanup_(end) struct read r = begin();

	for (size_t i = 0; i < COUNT(forms); i++) {
		say_it(&r, forms[i].typed);
		if (!string_equal(print(&r), forms[i].understood))
			fail_msg("%s\n  is   %s\n  want %s", forms[i].typed, print(&r), forms[i].understood);
	}
}

static const struct { const char *typed, *said, *suggestion; } wrong_ones[] = {
	/* misspelt */
	{ "rolback chatops-gateway to 5", "Did you mean rollback?", "rollback chatops-gateway to 5" },
	{ "/rolback chatops-gateway", "Did you mean rollback?", "rollback chatops-gateway" },
	{ "@rollcall rolback chatops-gateway", "Did you mean rollback?", "rollback chatops-gateway" },
	{ "<@U0BOT> rolback chatops-gateway now", "Did you mean rollback?", "rollback chatops-gateway" },
	{ "rolback chatops-gateway NOW to 5", "Did you mean rollback?", "rollback chatops-gateway to 5" },
	{ "rolback chatops-gateway because \"now or never\"", "Did you mean",
	    "rollback chatops-gateway because \"now or never\"" },
	{ "rolback chatops-gateway because fix it now", "Did you mean", "rollback chatops-gateway because fix it now" },
	{ "roll back chatops-gateway to 5", "Did you mean rollback?", "rollback chatops-gateway to 5" },
	{ "<@U0BOT> Roll Back chatops-gateway now", "Did you mean rollback?", "rollback chatops-gateway" },
	{ "history chatops-gateway", "Did you mean rollout history?", "rollout history chatops-gateway" },
	{ "Restart chatops-gateway", "Did you mean rollout restart?", "rollout restart chatops-gateway" },
	{ "rolback chatops-gatway to 5 now", "Did you mean rollback?", "rollback chatops-gateway to 5" },
	{ "rolout histroy chatops-gatway", "Did you mean rollout?", "rollout history chatops-gateway" },
	{ "xyzzy chatops-gateway", "There are: rollback, rollout, ops, whoami, help", NULL },
	{ "roll", "There are: rollback, rollout", NULL },
	{ "rollback chatops-gatewya to 5 now", "Did you mean chatops-gateway?", "rollback chatops-gateway to 5" },
	{ "rollback chatops gatewya to 5", "Did you mean chatops-gateway?", "rollback chatops-gateway to 5" },
	{ "rollback nothing-like-it", "There are: chatops-gateway, chatops-engine, api, web_front, web, release", NULL },
	{ "rollout histroy chatops-gateway", "Did you mean history?", "rollout history chatops-gateway" },
	{ "rollout chatops-gateway histroy", "Did you mean history?", "rollout chatops-gateway history" },
	{ "rollout chatops-gateway", "There are: history, status", NULL },
	{ "rollout chatops-gateway because status", "There are: history, status", NULL },
	{ "rollout", "There are: history, status", NULL },
	{ "rollback chatops-gateway in producton to 5", "does not run in producton. It runs in: production (primary), staging (backup)",
	    "rollback chatops-gateway in production to 5" },
	{ "rollback chatops-engine in staging", "chatops-engine does not run in staging. It runs in: production (primary)", NULL },
	{ "rollback chatops-gateway in third", "does not run in third", NULL },
	/* missing */
	{ "rollback", "Which target? There are: chatops-gateway", NULL },
	{ "rollback to 5", "Which target?", NULL },
	{ "rollout restart", "Which target?", NULL },
	{ "rollback chatops-gateway to", "What comes after “to”?", NULL },
	{ "rollback chatops-gateway to in staging", "What comes after “to”?", NULL },
	{ "rollback chatops-gateway in", "What comes after “in”?", NULL },
	{ "rollback chatops-gateway because", "Because of what?", NULL },
	{ "rollback chatops-gateway without", "Without what? The hooks of a release can be left out", NULL },
	{ "rollback chatops-gateway without to 5", "Without what?", NULL },
	{ "rollback chatops-gateway without \"\"", "Without what?", NULL },
	{ "rollout scale chatops-gateway", "To how many pods?", NULL },
	{ "rollout pin chatops-gateway", "To which image?", NULL },
	{ "ops show", "Which operation?", NULL },
	{ "ops brake", "ops brake needs one word more: ops brake on|off", NULL },
	/* in another order, by other names */
	{ "rollback to 5 chatops-gateway", "The target comes first, such as: rollback chatops-gateway to 5", NULL },
	{ "undo chatops-gateway", "Did you mean rollback?", "rollback chatops-gateway" },
	{ "Revert chatops-gateway to 5", "Did you mean rollback?", "rollback chatops-gateway to 5" },
	{ "rollout undo chatops-gateway", "rollout has no “undo”. Did you mean rollback?", "rollback chatops-gateway" },
	{ "rollback deployment/chatops-gateway to 5", "Did you mean chatops-gateway?",
	    "rollback chatops-gateway to 5" },
	/* too much */
	{ "rollback chatops-gateway 5 6", "does not know the word “6”", NULL },
	{ "rollback chatops-gateway foo", "does not know the word “foo”", NULL },
	{ "rollback chatops-gateway to 5 foo", "does not know the word “foo”", NULL },
	{ "rollback chatops-gateway --force", "Options are words here", NULL },
	{ "rollback chatops-gateway -n kube-system", "Options are words here", NULL },
	{ "rollback chatops-gateway to 5 to 6", "“to” is there twice", NULL },
	{ "rollback chatops-gateway 5 to 6", "“to” is there twice", NULL },
	{ "rollback chatops-gateway in staging in production", "“in” is there twice", NULL },
	{ "rollout history chatops-gateway to 5", "rollout does not know the word “to”", NULL },
	{ "ops list now", "ops does not know the word “now”", NULL },
	{ "rollout restart chatops-gateway without hooks", "rollout does not know the word “without”", NULL },
	{ "rollout restart chatops-gateway --no-hooks", "rollout does not know the word “--no-hooks”", NULL },
	{ "whoami because", "does not know the word “because”", NULL },
	/* not yet, not at once */
	{ "rollback chatops-gateway strategy gradual", "not something that I do yet", NULL },
	{ "rollback chatops-gateway with data", "not something that I do yet", NULL },
	{ "rollback chatops-gateway on failure stop", "not something that I do yet", NULL },
	{ "rollback chatops-gateway in all", "One cluster at a time", NULL },
	{ "rollback chatops-gateway in production,staging", "One cluster at a time", NULL },
	{ "rollback chatops-gateway in production, staging", "One cluster at a time", NULL },
	{ "rollback chatops-gateway in production ,staging to 5", "One cluster at a time", NULL },
	{ "rollback chatops-gateway in production、staging", "One cluster at a time", NULL },
	{ "rollback chatops-gateway in both", "runs in several clusters of both: primary, backup", NULL },
	{ "rollback release", "does not act on yet", NULL },
};

TEST(what_is_wrong_is_named_and_a_suggestion_is_a_whole_command_without_now)
{
	_cleanup_(end) struct read r = begin();

	for (size_t i = 0; i < COUNT(wrong_ones); i++) {
		say_it(&r, wrong_ones[i].typed);
		if (r.ok || strstr(r.err.text, wrong_ones[i].said) == NULL)
			fail_msg("%s: %s", wrong_ones[i].typed, print(&r));
		if (!string_equal(r.parsed.suggestion, wrong_ones[i].suggestion))
			fail_msg("%s: suggests %s", wrong_ones[i].typed, r.parsed.suggestion);
	}
	for (size_t i = 0; i < COUNT(wrong_ones); i++)
		if (wrong_ones[i].suggestion != NULL) {
			say_it(&r, wrong_ones[i].suggestion);
			assert_row(i, r.ok && !r.parsed.request->now);
		}
}

TEST(exact_is_the_name_as_it_is_and_what_was_taken_for_another_is_said)
{
	_cleanup_(end) struct read r = begin();
	static const struct { const char *typed; bool exact; const char *notes; } rows[] = {
		{ "rollback chatops-gateway", true, NULL },
		{ "rollback gw", true, NULL },
		{ "rollback api gateway", true, NULL },
		{ "rollback chatops gateway", false, "“chatops gateway” was taken as chatops-gateway" },
		{ "rollback chatops-g", false, "“chatops-g” was taken as chatops-gateway" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		say_it(&r, rows[i].typed);
		assert_row(i, r.ok && r.parsed.request->exact == rows[i].exact);
		assert_row(i, string_equal(r.parsed.request->notes, rows[i].notes));
	}
}

TEST(a_beginning_that_fits_two_targets_is_none)
{
	_cleanup_(end) struct read r = begin();

	say_it(&r, "rollback chatops");
	assert_false(r.ok);
}

/* ---- bounds ---- */

static const char *
repeat(struct read *r, const char *what, size_t count, const char *before)
{
	_cleanup_(text_clear) struct text all = TEXT_INIT;

	text_add(&all, before);
	for (size_t i = 0; i < count; i++)
		text_add(&all, what);
	return arena_strdup(r->arena, all.data);
}

TEST(characters_are_counted_not_bytes_and_words_are_bounded_but_for_a_reason)
{
	_cleanup_(end) struct read r = begin();

	say_it(&r, repeat(&r, "錯", 3900, "rollback chatops-gateway because "));
	assert_true(r.ok);
	say_it(&r, repeat(&r, "x", 4001, ""));
	assert_non_null(strstr(r.err.text, "longer than 4,000 characters"));
	say_it(&r, repeat(&r, "錯", 4001, ""));
	assert_non_null(strstr(r.err.text, "longer than 4,000 characters"));
	say_it(&r, repeat(&r, " x", 64, "rollback"));
	assert_non_null(strstr(r.err.text, "longer than 64 words"));
	say_it(&r, repeat(&r, " word", 300, "rollback chatops-gateway because"));
	assert_true(r.ok);
	assert_int_equal(strlen(r.parsed.request->reason), 300 * 5 - 1);
}

TEST(a_long_line_of_becauses_is_read_in_no_time)
{
	_cleanup_(end) struct read r = begin();
	uint64_t began = uv_hrtime();

	for (int i = 0; i < 20; i++)
		say_it(&r, repeat(&r, " because", 490, "rollback chatops-gateway"));
	assert_true(r.ok);
	assert_true(uv_hrtime() - began < 2000000000);
}

TEST(hostile_bytes_are_read_or_refused_and_never_more)
{
	_cleanup_(end) struct read r = begin();
	static const char *const hostile[] = {
		"\xff\xfe rollback", "rollback \xc3", "rollback chatops-gateway because \xed\xa0\x80", "\x01\x02\x1b[31m",
		"rollback \"", "rollback '", "\"\"", "'' ''", "rollback \"\" to \"\"", "/", "!", "//", "/!rollback api",
		"rollback \"chatops-gateway", "<@", "<@>", "@", "rollback ${HOME}", "rollback $(id)", "rollback `id`",
		"rollback ../../etc/passwd", "rollback --", "rollback -- api", "rollback - api", "\xe2\x80\xae rollback api",
		"rollback api\x7f", "to", "in", "because", "now", "because because because", "rollback to to to",
		"rollback in in", ", , ,", ": :", "@rollcall @rollcall @rollcall", "\xef\xbb\xbfrollback api",
	};

	for (size_t i = 0; i < COUNT(hostile); i++) {
		say_it(&r, hostile[i]);
		assert_row(i, r.ok || r.err.text[0] != '\0');
		assert_row(i, r.ok || r.err.kind == WRONG || r.err.kind == REFUSED);
	}
}

TEST(who_asks_is_the_team_and_the_person_or_the_account_of_the_machine)
{
	_cleanup_(end) struct read r = begin();

	say_it(&r, "whoami");
	assert_string_equal(r.parsed.request->principal, "T0TEAM/U0ANN");
	r.arrival.team = "";
	r.arrival.person = "local:root";
	say_it(&r, "whoami");
	assert_string_equal(r.parsed.request->principal, "local:root");
}

TEST(a_place_of_before_is_found_again_or_said_to_be_gone)
{
	_cleanup_(end) struct read r = begin();

	say_it(&r, "rollback api");
	assert_true(parse_place(r.parsed.request, "chatops-gateway", "staging", &r.err));
	assert_string_equal(r.parsed.request->target->cluster->name, "backup");
	assert_string_equal(r.parsed.request->target->object, "deployment/chatops-gateway");
	assert_false(parse_place(r.parsed.request, "gone", NULL, &r.err));
	assert_non_null(strstr(r.err.text, "not in the configuration any more"));
}
