/* slack_events.c - payloads as arrivals; strangers, bots, forgeries and nonsense as nothing. */

#include "../../adapters/chat/slack_events.h"

#include "test.h"

#define NOW 1763708500000

static const struct slack_identity self = {
	.team = "T0TEAM", .user = "U0BOT", .bot = "B0BOT", .app = "A0APP",
};

static struct slack_event
read_json(const char *json)
{
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *envelope = json_parse(json, strlen(json), &err);
	struct slack_event event;

	if (envelope == NULL)
		fail_msg("%s: %s", err.text, json);
	event = slack_event_read(envelope, &self, NOW);
	event.forget_id = event.forget_id != NULL ? "it" : NULL;	/* was the envelope's */
	return event;
}

/* Single quotes in the rows, for readers. */
static struct slack_event
read_quoted(const char *row)
{
	_cleanup_(freep) char *json = xstrdup(row);

	for (char *c = json; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return read_json(json);
}

#define COMMAND(more)                                                                              \
	"{'type':'slash_commands','envelope_id':'e-1','payload':{'team_id':'T0TEAM','channel_id':" \
	"'C0DEPLOY','channel_name':'deploys','user_id':'U0ALICE','user_name':'alice','command':"   \
	"'/rollback','api_app_id':'A0APP','is_enterprise_install':'false','response_url':"         \
	"'https://hooks.slack.com/commands/1','trigger_id':'1.2.3'" more "}}"
#define EVENT(more)                                                                                \
	"{'type':'events_api','envelope_id':'e-2','payload':{'type':'event_callback','team_id':"   \
	"'T0TEAM','api_app_id':'A0APP','event_id':'Ev1','event_time':1763708400,'event':{" more "}}}"
#define MENTION "'type':'app_mention','user':'U0ALICE','ts':'1763708400.000100','channel':'C0DEPLOY'"
#define CLICK(more)                                                                                \
	"{'type':'interactive','envelope_id':'e-3','payload':{'type':'block_actions','team':{'id':" \
	"'T0TEAM'},'user':{'id':'U0BOB','username':'bob','team_id':'T0TEAM'},'api_app_id':'A0APP',"  \
	"'trigger_id':'1.2.4','response_url':'https://hooks.slack.com/actions/1'" more "}}"
#define ON_CARD                                                                                  \
	",'container':{'type':'message','message_ts':'1763708400.000100','channel_id':'C0DEPLOY'}"
#define ACTION                                                                                     \
	",'actions':[{'type':'button','block_id':'R-142:row4:do','action_id':'start','action_ts':" \
	"'1763708401.250000','value':'R-142:9:nonce'}]"
#define SUBMISSION(more)                                                                           \
	"{'type':'interactive','envelope_id':'e-4','payload':{'type':'view_submission','team':{'id':" \
	"'T0TEAM'},'user':{'id':'U0BOB','team_id':'T0TEAM'},'api_app_id':'A0APP','view':{" more "}}}"

TEST(a_slash_command_is_an_arrival)
{
	struct slack_event event = read_quoted(COMMAND(",'text':'gateway to 5 because &lt;5xx&gt;'"));
	struct arrival *a = event.arrival;

	assert_non_null(a);
	assert_null(event.counter);
	assert_int_equal(a->door, DOOR_SLASH);
	assert_string_equal(a->key, "T0TEAM/command/1.2.3");
	assert_string_equal(a->team, "T0TEAM");
	assert_string_equal(a->person, "U0ALICE");
	assert_string_equal(a->person_name, "alice");
	assert_string_equal(a->channel, "C0DEPLOY");
	assert_string_equal(a->channel_name, "deploys");
	assert_string_equal(a->text, "/rollback gateway to 5 because <5xx>");
	assert_string_equal(a->reply_url, "https://hooks.slack.com/commands/1");
	assert_null(a->thread);
	assert_null(a->message);
	assert_int_equal(a->stamp, NOW);
	arrival_free(a);
}

TEST(a_command_without_words_is_the_command)
{
	struct slack_event event = read_quoted(COMMAND(",'text':''"));

	assert_string_equal(event.arrival->text, "/rollback");
	arrival_free(event.arrival);
}

TEST(a_command_without_trigger_is_kept_apart_by_its_envelope)
{
	struct slack_event event = read_quoted("{'type':'slash_commands','envelope_id':'e-1','payload':{"
	    "'team_id':'T0TEAM','channel_id':'C1','user_id':'U1','command':'/ops'}}");

	assert_string_equal(event.arrival->key, "T0TEAM/command/e-1");
	arrival_free(event.arrival);
}

TEST(a_mention_is_an_arrival_with_the_text_behind_it)
{
	struct slack_event event = read_quoted(
	    EVENT(MENTION ",'thread_ts':'1763708300.000200','text':'<@U0BOT> rollback gateway'"));
	struct arrival *a = event.arrival;

	assert_non_null(a);
	assert_int_equal(a->door, DOOR_MESSAGE);
	assert_string_equal(a->key, "T0TEAM/message/C0DEPLOY/1763708400.000100");
	assert_string_equal(a->text, "rollback gateway");
	assert_string_equal(a->message, "1763708400.000100");
	assert_string_equal(a->thread, "1763708300.000200");
	assert_int_equal(a->stamp, 1763708400000);
	assert_int_equal(a->received, NOW);
	assert_null(a->reply_url);
	arrival_free(a);
}

TEST(both_events_of_one_mention_have_one_key)
{
	struct slack_event one = read_quoted(EVENT(MENTION ",'text':'<@U0BOT> help'"));
	struct slack_event two = read_quoted(EVENT("'type':'message','channel_type':'channel','user':"
	    "'U0ALICE','ts':'1763708400.000100','channel':'C0DEPLOY','text':'<@U0BOT> help'"));

	assert_string_equal(one.arrival->key, two.arrival->key);
	arrival_free(one.arrival);
	arrival_free(two.arrival);
}

TEST(where_the_mention_stands_decides_what_the_command_is)
{
	static const char *const rows[][2] = {
		{ "<@U0BOT> help", "help" },
		{ "<@U0BOT|rollcall>: help", "help" },
		{ "  <@U0BOT>,\\n help", "help" },
		{ "ok <@U0BOT> rollback x to <@U0BOB>", "rollback x to <@U0BOB>" },
		{ "rollback x <@U0BOT>", "rollback x " },
		{ "<@U0BOT>", "" },
		{ "<@U0BOTTOM> <@U0BOT> help", "help" },
		{ "<@U0BOT> say <@U0BOT>", "say <@U0BOT>" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(freep) char *row = xasprintf(EVENT(MENTION ",'text':'%s'"), rows[i][0]);
		struct slack_event event = read_quoted(row);

		assert_row(i, event.arrival != NULL);
		if (strcmp(event.arrival->text, rows[i][1]) != 0)
			fail_msg("row %zu: \"%s\"", i, event.arrival->text);
		arrival_free(event.arrival);
	}
}

TEST(a_direct_message_needs_no_mention)
{
	struct slack_event event = read_quoted(EVENT("'type':'message','channel_type':'im','user':"
	    "'U0ALICE','ts':'1763708400.000100','channel':'D0ALICE','text':'status gateway'"));

	assert_string_equal(event.arrival->text, "status gateway");
	assert_string_equal(event.arrival->channel, "D0ALICE");
	arrival_free(event.arrival);
}

TEST(a_click_is_an_arrival)
{
	struct slack_event event =
	    read_quoted(CLICK(ON_CARD ACTION ",'message':{'ts':'1763708400.000100','bot_id':'B0BOT',"
		"'thread_ts':'1763708300.000100'},'channel':{'id':'C0DEPLOY','name':'deploys'}"));
	struct arrival *a = event.arrival;

	assert_non_null(a);
	assert_int_equal(a->door, DOOR_BUTTON);
	assert_string_equal(a->key, "T0TEAM/click/U0BOB/1763708401.250000/start");
	assert_string_equal(a->person, "U0BOB");
	assert_string_equal(a->channel, "C0DEPLOY");
	assert_string_equal(a->message, "1763708400.000100");
	assert_string_equal(a->thread, "1763708300.000100");
	assert_string_equal(a->action, "start");
	assert_string_equal(a->argument, "R-142:9:nonce");
	assert_string_equal(a->trigger, "1.2.4");
	assert_int_equal(a->stamp, 1763708401250);
	arrival_free(a);
}

TEST(actions_are_told_apart_as_the_blocks_wrote_them)
{
	static const struct {
		const char *id, *rest, *action, *argument;
	} rows[] = {
		{ "plan.2", "'value':'4'", "plan", "4" },
		{ "v1.x", "'value':'4'", "v1.x", "4" },
		{ "log", "'type':'button'", "log", "" },
		{ "more", "'selected_option':{'value':'why:R-142:9'}", "why", "R-142:9" },
		{ "more", "'selected_option':{'value':'why'}", "more", "why" },
		{ "more", "'selected_option':{'value':7}", "more", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(freep) char *row = xasprintf(
		    CLICK(ON_CARD ",'actions':[{'action_id':'%s','action_ts':'1.5',%s}]"), rows[i].id,
		    rows[i].rest);
		struct slack_event event = read_quoted(row);

		assert_row(i, event.arrival != NULL);
		assert_row(i, strcmp(event.arrival->action, rows[i].action) == 0);
		assert_row(i, strcmp(event.arrival->argument, rows[i].argument) == 0);
		arrival_free(event.arrival);
	}
}

#define SEAL "1f0c2a9b.5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592"

/* ID9: it is drawn behind the row's id; what a value brings along itself is none. */
TEST(the_seal_of_the_row_comes_behind_the_argument)
{
	static const char *const rows[][3] = {
		{ "R-142:row4:do:" SEAL, "'value':'R-142:n:4'", "R-142:n:4#" SEAL },
		{ "R-142:row4:do:" SEAL, "'value':'R-142:n:4#" SEAL "'", "R-142:n:4#" SEAL },
		{ "R-142:row4:do", "'value':'R-142:n:4#" SEAL "'", "R-142:n:4" },
		{ "R-142:row4:do:1f0c", "'value':'R-142:n:4'", "R-142:n:4" },
		{ "x", "'value':'#'", "" },
		{ "R-142:row4:do:" SEAL, "'selected_option':{'value':'why:R-142:n:4'}", "R-142:n:4#" SEAL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(freep) char *row = xasprintf(
		    CLICK(ON_CARD ",'actions':[{'block_id':'%s','action_id':'more','action_ts':'1.5',%s}]"),
		    rows[i][0], rows[i][1]);
		struct slack_event event = read_quoted(row);

		assert_row(i, event.arrival != NULL);
		assert_row(i, strcmp(event.arrival->argument, rows[i][2]) == 0);
		arrival_free(event.arrival);
	}
}

TEST(a_click_that_names_no_application_is_nobody_s)
{
	static const char *const rows[] = {
		"{'type':'interactive','payload':{'type':'block_actions','team':{'id':'T0TEAM'},'user':"
		"{'id':'U0BOB','team_id':'T0TEAM'}" ON_CARD ACTION "}}",
		"{'type':'interactive','payload':{'type':'view_submission','team':{'id':'T0TEAM'},'user':"
		"{'id':'U0BOB','team_id':'T0TEAM'},'view':{'id':'V1A','callback_id':'approve'}}}",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slack_event event = read_quoted(rows[i]);

		assert_row(i, event.arrival == NULL);
		assert_string_equal(event.counter, "refused.forged");
	}
}

TEST(a_submission_is_an_arrival_with_what_was_typed)
{
	struct slack_event event = read_quoted(SUBMISSION(
	    "'id':'V0VIEW','hash':'156.abc','callback_id':'approve','private_metadata':'R-142:9:h',"
	    "'bot_id':'B0BOT','team_id':'T0TEAM','state':{'values':{"
	    "'reason':{'typed':{'type':'plain_text_input','value':'5xx'}},"
	    "'ready':{'chosen':{'selected_option':{'value':'latency'}}},"
	    "'empty':{'typed':{'value':null}},'odd':7,'none':{}}}"));
	struct arrival *a = event.arrival;

	assert_non_null(a);
	assert_int_equal(a->door, DOOR_DIALOG);
	assert_string_equal(a->key, "T0TEAM/view/V0VIEW/156.abc");
	assert_string_equal(a->action, "approve");
	assert_string_equal(a->argument, "R-142:9:h");
	assert_string_equal(json_string(a->values, "reason"), "5xx");
	assert_string_equal(json_string(a->values, "ready"), "latency");
	assert_int_equal(cJSON_GetArraySize(a->values), 2);
	assert_null(a->channel);
	arrival_free(a);
}

TEST(what_is_no_command_is_dropped_and_counted)
{
	static const char *const rows[][2] = {
		/* bots, workflows, other applications, ourselves (ID4) */
		{ EVENT(MENTION ",'text':'<@U0BOT> x','bot_id':'B0OTHER'"), "dropped.bot" },
		{ EVENT(MENTION ",'text':'<@U0BOT> x','app_id':'A9'"), "dropped.bot" },
		{ EVENT(MENTION ",'text':'<@U0BOT> x','bot_profile':{}"), "dropped.bot" },
		{ EVENT(MENTION ",'text':'<@U0BOT> x','bot_id':'B0BOT'"), "dropped.own" },
		{ EVENT("'type':'message','channel_type':'im','user':'U0BOT','text':'x','ts':'1.1',"
			"'channel':'D1'"), "dropped.own" },
		{ EVENT(MENTION ",'text':'<@U0BOT> x','edited':{'user':'U0ALICE','ts':'2.1'}"),
		    "dropped.edited" },
		{ EVENT(MENTION ",'text':'<@U0BOT> x','subtype':'bot_message'"), "dropped.subtype" },
		{ EVENT("'type':'message','subtype':'message_changed','message':{'text':'<@U0BOT> x'},"
			"'channel':'C1','ts':'1.1'"), "dropped.subtype" },
		{ EVENT(MENTION ",'text':'<@U0BOT> x','subtype':{}"), "dropped.subtype" },
		{ EVENT(MENTION ",'text':'<@U0BOT> x','hidden':true"), "dropped.subtype" },
		{ EVENT("'type':'message','channel_type':'channel','user':'U1A','text':'lunch?',"
			"'ts':'1.1','channel':'C1'"), "ignored.message" },
		/* nonsense */
		{ EVENT("'type':'app_mention','ts':'1.1','channel':'C1','text':'<@U0BOT>'"),
		    "dropped.malformed" },
		{ EVENT(MENTION), "dropped.malformed" },
		{ EVENT(MENTION ",'text':7"), "dropped.malformed" },
		{ EVENT("'type':'app_mention','user':'U1A','ts':'x','channel':'C1','text':''"),
		    "dropped.malformed" },
		{ EVENT("'type':'app_mention','user':'../U1','ts':'1.1','channel':'C1','text':''"),
		    "dropped.malformed" },
		{ EVENT("'type':'app_mention','user':{},'ts':1.1,'channel':[],'text':''"),
		    "dropped.malformed" },
		{ EVENT(""), "dropped.malformed" },
		{ EVENT("'type':7"), "dropped.malformed" },
		{ EVENT("'type':'reaction_added'"), "ignored.event" },
		{ "{'type':'events_api','payload':{'team_id':'T0TEAM','type':'app_rate_limited'}}",
		    "slack.rate_limited" },
		{ "{'type':'events_api','payload':{'team_id':'T0TEAM'}}", "dropped.malformed" },
		{ "{'type':'events_api','payload':{'team_id':'T0TEAM','event':'x'}}",
		    "dropped.malformed" },
		{ "{'type':'events_api','payload':[]}", "dropped.malformed" },
		{ "{'type':'events_api','payload':null}", "dropped.malformed" },
		{ "{'type':'events_api'}", "dropped.malformed" },
		{ "{}", "dropped.malformed" },
		{ "{'type':{},'payload':{}}", "ignored.envelope" },
		{ "{'type':'options','payload':{'team_id':'T0TEAM'}}", "ignored.envelope" },
		{ "{'type':'slash_commands','payload':{'team_id':'T0TEAM'}}", "dropped.malformed" },
		{ "{'type':'slash_commands','payload':{'team_id':'T0TEAM','user_id':'U1','channel_id':"
		  "'C1','command':'rm -rf'}}", "dropped.malformed" },
		{ "{'type':'slash_commands','payload':{'team_id':'T0TEAM','user_id':'U 1','channel_id':"
		  "'C1','command':'/x'}}", "dropped.malformed" },
		/* clicks (ID9) */
		{ CLICK(ACTION), "refused.forged" },
		{ CLICK(ACTION ",'container':{'type':'message_attachment','message_ts':'1.1',"
			"'channel_id':'C1'}"), "refused.forged" },
		{ CLICK(ON_CARD ACTION ",'message':{'bot_id':'B0THIEF','ts':'1763708400.000100'}"),
		    "refused.forged" },
		{ CLICK(ON_CARD ACTION ",'channel':{'id':'C0OTHER'}"), "refused.forged" },
		{ CLICK(ON_CARD ACTION ",'message':{'ts':'1.1'}"), "refused.forged" },
		{ CLICK(ACTION ",'container':{'type':'view','view_id':'V1'}"), "ignored.interaction" },
		{ CLICK(ON_CARD), "dropped.malformed" },
		{ CLICK(ON_CARD ",'actions':[]"), "dropped.malformed" },
		{ CLICK(ON_CARD ",'actions':[7]"), "dropped.malformed" },
		{ CLICK(ON_CARD ",'actions':{'a':{}}"), "dropped.malformed" },
		{ CLICK(ON_CARD ",'actions':[{'action_id':'','action_ts':'1.1'}]"),
		    "dropped.malformed" },
		{ CLICK(ON_CARD ",'actions':[{'action_id':'x','action_ts':'now'}]"),
		    "dropped.malformed" },
		{ SUBMISSION("'id':'V1A','callback_id':''"), "dropped.malformed" },
		{ SUBMISSION("'callback_id':'x'"), "dropped.malformed" },
		{ SUBMISSION("'id':'V1A','callback_id':'x','bot_id':'B0THIEF'"), "refused.forged" },
		{ "{'type':'interactive','payload':{'type':'shortcut','team':{'id':'T0TEAM'},'user':"
		  "{'id':'U1','team_id':'T0TEAM'}}}", "ignored.interaction" },
		{ "{'type':'interactive','payload':{'team':{'id':'T0TEAM'},'user':{'team_id':"
		  "'T0TEAM'}}}", "dropped.malformed" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slack_event event = read_quoted(rows[i][0]);

		assert_row(i, event.arrival == NULL);
		if (event.counter == NULL || strcmp(event.counter, rows[i][1]) != 0)
			fail_msg("row %zu: %s instead of %s", i, event.counter, rows[i][1]);
		assert_row(i, !event.refused);
	}
}

TEST(strangers_are_refused_whatever_they_send)
{
	static const char *const rows[] = {
		COMMAND(",'text':'x','context_team_id':'T0OTHER'"),
		"{'type':'slash_commands','payload':{'team_id':'T0OTHER','user_id':'U1','channel_id':'C1',"
		"'command':'/x'}}",
		"{'type':'slash_commands','payload':{'user_id':'U1','channel_id':'C1','command':'/x'}}",
		"{'type':'slash_commands','payload':{'team_id':'T0TEAM','is_enterprise_install':true,"
		"'user_id':'U1','channel_id':'C1','command':'/x'}}",
		"{'type':'slash_commands','payload':{'team_id':'T0TEAM','is_enterprise_install':'true',"
		"'user_id':'U1','channel_id':'C1','command':'/x'}}",
		"{'type':'slash_commands','payload':{'team_id':'T0TEAM','api_app_id':'A0OTHER',"
		"'user_id':'U1','channel_id':'C1','command':'/x'}}",
		EVENT(MENTION ",'text':'<@U0BOT> x','team':'T0OTHER'"),
		EVENT(MENTION ",'text':'<@U0BOT> x','user_team':'T0OTHER'"),
		EVENT(MENTION ",'text':'<@U0BOT> x','source_team':'T0OTHER'"),
		EVENT(MENTION ",'text':'<@U0BOT> x','user_profile':{'team':'T0OTHER'}"),
		EVENT(MENTION ",'text':'<@U0BOT> x','team':7"),
		"{'type':'events_api','payload':{'team_id':'T0OTHER','event':{" MENTION
		",'text':'<@U0BOT> x'}}}",
		"{'type':'events_api','payload':{'event':{" MENTION ",'text':'<@U0BOT> x'}}}",
		"{'type':'events_api','payload':{'team_id':'T0TEAM','context_team_id':'T0OTHER','event':{"
		MENTION ",'text':'<@U0BOT> x'}}}",
		"{'type':'interactive','payload':{'type':'block_actions','team':null,'user':{'id':'U1',"
		"'team_id':'T0TEAM'}}}",
		"{'type':'interactive','payload':{'type':'block_actions','team':{'id':'T0TEAM'},'user':"
		"{'id':'U1'}}}",
		"{'type':'interactive','payload':{'type':'block_actions','team':{'id':'T0TEAM'},'user':"
		"{'id':'U1','team_id':'T0OTHER'}}}",
		"{'type':'interactive','payload':{'type':'view_submission','team':{'id':'T0OTHER'},'user':"
		"{'id':'U1','team_id':'T0TEAM'}}}",
		SUBMISSION("'id':'V1A','callback_id':'x','team_id':'T0OTHER'"),
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slack_event event = read_quoted(rows[i]);

		assert_row(i, event.arrival == NULL && event.refused);
		assert_row(i, strcmp(event.counter, "refused.foreign") == 0);
	}
}

TEST(files_and_broadcasts_may_carry_commands)
{
	static const char *const rows[] = { "file_share", "thread_broadcast" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(freep) char *row =
		    xasprintf(EVENT(MENTION ",'text':'<@U0BOT> x','subtype':'%s'"), rows[i]);
		struct slack_event event = read_quoted(row);

		assert_row(i, event.arrival != NULL);
		arrival_free(event.arrival);
	}
}

TEST(changed_rights_are_forgotten)
{
	static const char *const rows[][2] = {
		{ EVENT("'type':'subteam_members_changed','subteam_id':'S1'"), "group" },
		{ EVENT("'type':'subteam_updated','subteam':{'id':'S1'}"), "group" },
		{ EVENT("'type':'user_change','user':{'id':'U1'}"), "person" },
		{ EVENT("'type':'channel_shared','channel':'C1'"), "channel" },
		{ EVENT("'type':'channel_rename','channel':{'id':'C1'}"), "channel" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slack_event event = read_quoted(rows[i][0]);

		assert_row(i, event.arrival == NULL);
		assert_row(i, strcmp(event.forget, rows[i][1]) == 0);
		assert_row(i, event.forget_id != NULL);
	}
}

TEST(an_unknown_victim_forgets_everybody)
{
	struct slack_event event = read_quoted(EVENT("'type':'user_change','user':7"));

	assert_string_equal(event.forget, "person");
	assert_null(event.forget_id);
}

TEST(wire_text_is_what_was_typed)
{
	static const char *const rows[][2] = {
		{ "a &amp;&lt;b&gt; &quot; &amp;amp;", "a &<b> &quot; &amp;" },
		{ "<@U1|ann> <@U1>", "<@U1> <@U1>" },
		{ "<#C1|web> <#C1|> <#C1>", "<#C1> <#C1> <#C1>" },
		{ "<!subteam^S1|@sre> <!here> <!channel|@channel>", "<!subteam^S1> @here @channel" },
		{ "<!date^1763708400^{date}|21 Nov>", "21 Nov" },
		{ "<https://gcr.io/x/y|gcr.io/x/y>", "gcr.io/x/y" },
		{ "<http://gcr.io/|gcr.io>", "gcr.io" },
		{ "<http://a.b|a.b>:v1.2", "a.b:v1.2" },
		{ "<mailto:a@b.c|a@b.c>", "a@b.c" },
		{ "<https://evil.example|prod>", "https://evil.example" },
		{ "<https://x/?a=1&amp;b=2>", "https://x/?a=1&b=2" },
		{ "<https://x|>", "https://x" },
		{ "1 < 2", "1 < 2" },
		{ "<", "<" },
		{ "<>", "" },
		{ "<|>", "" },
		{ "<!>", "@" },
		{ "<@>", "<@>" },
		{ "&lt;@U1&gt;", "<@U1>" },
		{ "&am", "&am" },
		{ "", "" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new();
		const char *out = slack_text_read(arena, rows[i][0]);

		if (strcmp(out, rows[i][1]) != 0)
			fail_msg("row %zu: \"%s\" instead of \"%s\"", i, out, rows[i][1]);
		arena_free(arena);
	}
}

TEST(ids_and_stamps_are_what_slack_writes)
{
	assert_true(slack_id_valid("U0ANN"));
	assert_true(slack_ts_valid("1763708400.000100"));
	for (const char *const *id = (const char *const[]){ "", "U", "u1", "U1/..", "U1 ", "1U",
		 "U01234567890123456789012345678901", NULL };
	     *id != NULL; id++)
		assert_false(slack_id_valid(*id));
	for (const char *const *ts = (const char *const[]){ "", "1", "1.", ".1", "1.1x", "-1.1",
		 "123456789012.1", "1.1234567890", NULL };
	     *ts != NULL; ts++)
		assert_false(slack_ts_valid(*ts));
	assert_false(slack_id_valid(NULL));
	assert_false(slack_ts_valid(NULL));
}

/* Any prefix of a payload is either no JSON or read without harm; so is any member of a wrong type. */
TEST(damaged_envelopes_do_no_harm)
{
	static const char *const envelopes[] = { COMMAND(",'text':'x'"),
		EVENT(MENTION ",'text':'<@U0BOT> x'"), CLICK(ON_CARD ACTION),
		SUBMISSION("'id':'V1A','callback_id':'x','state':{'values':{'a':{'b':{'value':'c'}}}}") };
	static const char *const wrong_types[] = { "7", "{}", "[]", "null", "true", "[{}]" };
	size_t read = 0;

	for (size_t i = 0; i < COUNT(envelopes); i++) {
		_cleanup_(freep) char *json = xstrdup(envelopes[i]);
		char *string;

		for (char *c = json; *c != '\0'; c++)
			if (*c == '\'')
				*c = '"';
		/* each value "…" in turn is replaced by something that is no string */
		for (string = strchr(json, ':'); string != NULL; string = strchr(string + 1, ':')) {
			char *end = string[1] == '"' ? strchr(string + 2, '"') : NULL;

			for (size_t j = 0; end != NULL && j < COUNT(wrong_types); j++) {
				_cleanup_(freep) char *damaged = xasprintf("%.*s%s%s",
				    (int)(string - json + 1), json, wrong_types[j], end + 1);
				struct slack_event event = read_json(damaged);

				assert_true((event.arrival == NULL) == (event.counter != NULL));
				arrival_free(event.arrival);
				read++;
			}
		}
	}
	assert_in_range(read, 150, 1000);
}
