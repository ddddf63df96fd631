/* slack_facts.c - what is missing, odd or foreign gives no right. */

#include "../../adapters/chat/slack_people.h"

#include "test.h"

static cJSON *
parse(const char *row)
{
	_cleanup_(freep) char *json = xstrdup(row);
	cJSON *document;

	for (char *c = json; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	document = json_parse(json, strlen(json), NULL);
	if (document == NULL)
		fail_msg("%s", json);
	return document;
}

#define ANN "{'id':'U0ANN','team_id':'T0TEAM','name':'ann'"

TEST(a_member_is_there)
{
	_cleanup_(json_freep) cJSON *user = parse(ANN ",'deleted':false,'is_bot':false,'tz':'Asia/Taipei',"
	    "'locale':'zh-TW','profile':{'display_name':'Ann','email':'ann@example.com'}}");
	struct person_facts facts;

	slack_person_read(&facts, user, "T0TEAM");
	assert_true(facts.there);
	assert_null(facts.why_not);
	assert_string_equal(facts.id, "U0ANN");
	assert_string_equal(facts.team, "T0TEAM");
	assert_string_equal(facts.name, "Ann");
	assert_string_equal(facts.email, "ann@example.com");
	assert_string_equal(facts.zone, "Asia/Taipei");
	assert_string_equal(facts.language, "zh-TW");
}

/* ID7: an address that nobody has confirmed joins nobody. */
TEST(an_address_is_verified_only_where_slack_says_so)
{
	static const struct { const char *user; bool verified; } rows[] = {
		{ ANN ",'is_email_confirmed':true,'profile':{'email':'a@b.c'}}", true },
		{ ANN ",'is_email_confirmed':false,'profile':{'email':'a@b.c'}}", false },
		{ ANN ",'is_email_confirmed':'true','profile':{'email':'a@b.c'}}", false },
		{ ANN ",'profile':{'email':'a@b.c'}}", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(json_freep) cJSON *user = parse(rows[i].user);
		struct person_facts facts;

		slack_person_read(&facts, user, "T0TEAM");
		assert_row(i, facts.email_verified == rows[i].verified);
	}
}

/* ID2: guests, strangers, bots, the deactivated. */
TEST(who_is_no_full_member_is_not_there_and_it_is_said_why)
{
	static const char *const rows[][2] = {
		{ ANN ",'deleted':true}", "deactivated" },
		{ ANN ",'is_bot':true}", "a bot" },
		{ ANN ",'is_workflow_bot':true}", "a workflow" },
		{ ANN ",'is_connector_bot':true}", "a bot" },
		{ ANN ",'is_restricted':true}", "a guest" },
		{ ANN ",'is_ultra_restricted':true}", "a guest" },
		{ ANN ",'is_stranger':true}", "from another workspace" },
		{ ANN ",'is_invited_user':true}", "invited" },
		{ ANN ",'is_restricted':1}", "a guest" },
		{ ANN ",'is_restricted':'false'}", "a guest" },
		{ "{'id':'USLACKBOT','team_id':'T0TEAM'}", "a bot" },
		{ "{'id':'U0ANN','team_id':'T0OTHER'}", "from another workspace" },
		{ "{'id':'U0ANN','team_id':'T0OTHER','enterprise_user':{'teams':['T0THIRD',7]}}",
		    "from another workspace" },
		{ "{'id':'U0ANN'}", "from another workspace" },
		{ "{'id':'U0ANN','team_id':7}", "from another workspace" },
		{ "{'team_id':'T0TEAM'}", "unknown" },
		{ "{'id':7,'team_id':'T0TEAM'}", "unknown" },
		{ "{'id':'<@U1>','team_id':'T0TEAM'}", "unknown" },
		{ "[]", "unknown" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(json_freep) cJSON *user = parse(rows[i][0]);
		struct person_facts facts;

		slack_person_read(&facts, user, "T0TEAM");
		assert_row(i, !facts.there);
		if (strstr(facts.why_not, rows[i][1]) == NULL)
			fail_msg("row %zu: %s", i, facts.why_not);
	}
}

TEST(nobody_is_there_while_our_own_team_is_unknown)
{
	_cleanup_(json_freep) cJSON *user = parse(ANN "}");
	struct person_facts facts;

	slack_person_read(&facts, user, NULL);
	assert_false(facts.there);
	slack_person_read(&facts, NULL, "T0TEAM");
	assert_false(facts.there);
}

TEST(absent_flags_are_false_and_empty_names_none)
{
	_cleanup_(json_freep) cJSON *user = parse(ANN ",'is_bot':null,'enterprise_user':{'teams':"
	    "['T0X']},'profile':{'display_name':'','real_name':'Ann Lee','email':''}}");
	struct person_facts facts;

	slack_person_read(&facts, user, "T0TEAM");
	assert_true(facts.there);
	assert_string_equal(facts.name, "Ann Lee");
	assert_null(facts.email);
}

TEST(a_member_of_several_workspaces_of_one_organisation_is_there)
{
	_cleanup_(json_freep) cJSON *user =
	    parse("{'id':'W0ANN','team_id':'T0HOME','enterprise_user':{'teams':['T0HOME','T0TEAM']}}");
	struct person_facts facts;

	slack_person_read(&facts, user, "T0TEAM");
	assert_true(facts.there);
}

/* ID3: what may be shared is. */
TEST(a_channel_is_what_it_says_or_shared)
{
	static const struct {
		const char *json;
		bool there, member, shared, archived;
	} rows[] = {
		{ "{'id':'C1A','name':'x','is_member':true}", true, true, false, false },
		{ "{'id':'C1A'}", true, false, false, false },
		{ "{'id':'C1A','is_member':'yes'}", true, false, false, false },
		{ "{'id':'C1A','is_archived':true}", true, false, false, true },
		{ "{'id':'D1A','is_im':true}", true, true, false, false },
		{ "{'id':'C1A','is_ext_shared':true}", true, false, true, false },
		{ "{'id':'C1A','is_ext_shared':1}", true, false, true, false },
		{ "{'id':'C1A','is_pending_ext_shared':true}", true, false, true, false },
		{ "{'id':'C1A','is_org_shared':true}", true, false, true, false },
		{ "{'id':'C1A','is_org_shared':true,'shared_team_ids':['T0TEAM']}", true, false, false,
		    false },
		{ "{'id':'C1A','is_org_shared':true,'shared_team_ids':['T0TEAM','T0X']}", true, false,
		    true, false },
		{ "{'id':'C1A','shared_team_ids':['T0TEAM']}", true, false, false, false },
		{ "{'id':'C1A','shared_team_ids':[7]}", true, false, true, false },
		{ "{'id':'C1A','connected_team_ids':['T0X']}", true, false, true, false },
		{ "{'id':7}", false, false, false, false },
		{ "{}", false, false, false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(json_freep) cJSON *channel = parse(rows[i].json);
		struct channel_facts facts;

		slack_channel_read(&facts, channel, "T0TEAM");
		assert_row(i, facts.there == rows[i].there);
		assert_row(i, facts.member == rows[i].member);
		assert_row(i, facts.shared == rows[i].shared);
		assert_row(i, facts.archived == rows[i].archived);
	}
}
