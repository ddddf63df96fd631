/* helm_judges.c - what helm printed, judged row by row. */

#include "helm_world.h"

#define HISTORY(number, status, why)                                                               \
	"[{\"revision\":6,\"status\":\"superseded\"},{\"revision\":" #number ",\"status\":\"" status    \
	"\",\"description\":\"" why "\"}]"
#define EXPECT "{\"revision\":8,\"to\":5}"
#define LIVE(image, observed, updated)                                                             \
	"{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"generation\":2},"   \
	"\"spec\":{\"replicas\":2,\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" \
	image "\"}]}}},\"status\":{\"observedGeneration\":" #observed ",\"replicas\":2,"              \
	"\"updatedReplicas\":" #updated ",\"availableReplicas\":2}}"
#define IMAGES "{\"images\":{\"web\":\"web:1\"}}"
#define BY_HAND "{\"images\":{\"web\":\"web:1\"},\"template\":true}"

static const struct {
	const char *judge, *expect;
	int exit;
	const char *out, *errors;
	enum verdict verdict;
	const char *note;
} verdicts[] = {
	{ "rolled_back", NULL, 0, "Rollback was a success! Happy Helming!\n", "", HOLDS, "helm accepted it" },
	{ "rolled_back", NULL, 1, "", "level=WARN msg=\"x\"\nError: conflict occurred while applying object\n",
	    FAILS, "helm: Error: conflict occurred while applying object" },
	{ "rolled_back", NULL, 1, "", "Error: release has no 1 version\n", FAILS, "release has no 1 version" },
	{ "rolled_back", NULL, -1, "", "", UNSEEN, "did not answer in time" },

	{ "revision_is", EXPECT, 0, HISTORY(8, "deployed", "Rollback to 5"), "", HOLDS,
	    "revision 8 is deployed" },
	{ "revision_is", EXPECT, 0, HISTORY(7, "deployed", "Upgrade complete"), "", NOT_YET,
	    "revision 7 is deployed" },
	{ "revision_is", EXPECT, 0, HISTORY(8, "pending-rollback", "Rollback to 5"), "", BEGAN,
	    "revision 8 is pending-rollback" },	/* HM8, HM26 */
	{ "revision_is", EXPECT, 0, HISTORY(8, "failed", "Rollback \\\"web\\\" failed: x"), "", BEGAN,
	    "revision 8 is failed, but parts of it may be applied" },	/* HM5 */
	{ "revision_is", EXPECT, 0, HISTORY(8, "failed", "Upgrade \\\"web\\\" failed: x"), "", FAILS,
	    "somebody else made revision 8: Upgrade \"web\" failed: x" },
	{ "revision_is", EXPECT, 0, HISTORY(8, "deployed", "Rollback to 52"), "", FAILS,
	    "somebody else made revision 8: Rollback to 52" },
	{ "revision_is", EXPECT, 0, HISTORY(8, "deployed", "Upgrade complete"), "", FAILS,
	    "somebody else made revision 8: Upgrade complete" },
	{ "revision_is", EXPECT, 0, HISTORY(9, "deployed", "Upgrade complete"), "", FAILS,
	    "somebody else made revision 9" },
	{ "revision_is", EXPECT, 0, "x", "", UNSEEN, "cannot be read" },
	{ "revision_is", EXPECT, 1, "", "Error: kubernetes cluster unreachable\n", UNSEEN, "unreachable" },

	{ "manifest_is", "9b74c9897bac770ffc029102a200c5de0c6d5a5a", 0, "foobar", "", FAILS,
	    "another one than planned" },
	{ "manifest_is", "c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2", 0,
	    "\nfoobar\n", "", HOLDS, "the one that was planned" },
	{ "manifest_is", "x", 1, "", "Error: release: not found\n", UNSEEN, "not found" },

	{ "workload_runs", IMAGES, 0, LIVE("web:1", 2, 2), "", HOLDS, "2 of 2 pods updated" },
	{ "workload_runs", IMAGES, 0, LIVE("web:1", 1, 2), "", NOT_YET, "has not seen the change" },
	{ "workload_runs", IMAGES, 0, LIVE("web:1", 2, 1), "", NOT_YET, "1 of 2 pods updated" },
	{ "workload_runs", IMAGES, 0, LIVE("web:2", 2, 2), "", FAILS, "another template is there: web:2" },
	{ "workload_runs", BY_HAND, 0, LIVE("web:1", 2, 1), "", HOLDS, "the template is there" },	/* KC12 */
	{ "workload_runs", BY_HAND, 0, LIVE("web:1", 1, 2), "", NOT_YET, "has not seen the change" },
	{ "workload_runs", BY_HAND, 0, LIVE("web:2", 2, 2), "", FAILS, "another template is there: web:2" },
	{ "workload_runs", IMAGES, 1, "", "Error from server (NotFound): x\n", FAILS, "NotFound" },
	{ "workload_runs", IMAGES, 1, "", "Unable to connect to the server\n", UNSEEN, "Unable to connect" },
	{ "workload_runs", IMAGES, 0, "{}", "", UNSEEN, "cannot be read" },
};

TEST(judges_read_what_was_printed)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	judges_register(helm_judges);
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		const struct judge *judge = judge_find(arena_printf(arena, "helm.%s", verdicts[i].judge));
		struct reading reading = { .exit = verdicts[i].exit, .out = verdicts[i].out,
			.length = strlen(verdicts[i].out), .errors = verdicts[i].errors };
		const char *note = NULL;
		enum verdict verdict;

		assert_non_null(judge);
		verdict = judge->judge(arena, &reading, verdicts[i].expect, &note);
		if (verdict != verdicts[i].verdict || note == NULL ||
		    strstr(note, verdicts[i].note) == NULL)
			fail_msg("row %zu (%s): %d, %s", i, verdicts[i].judge, (int)verdict, note);
	}
}
