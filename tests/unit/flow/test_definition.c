/* definition.c, reference.c, nearest.c: what is a workflow, and what an error says. */
#include "../unit.h"

#include "base/arena.h"
#include "codec/yaml.h"
#include "flow/definition.h"
#include "flow/flow.h"
#include "base/nearest.h"
#include "flow/reference.h"

static struct arena *arena;
static struct err err;

/* Single quotes stand for double ones. */
static const struct json *parse(const char *text)
{
	const struct json *v;
	struct str s = str_dup(arena, str_z(text));
	char *p = (char *)(uintptr_t)s.ptr;
	for (size_t i = 0; i < s.len; i++)
		if (p[i] == '\'')
			p[i] = '"';
	enum rc rc = json_read(arena, s, NULL, &v, &err);
	ck_assert_msg(rc == RC_OK, "%s: %s", err.place, err.text);
	return v;
}

static enum rc check(const char *text)
{
	err = (struct err){ 0 };
	return workflow_check(parse(text), arena, &err);
}

static void refused(const char *text, const char *place, const char *words)
{
	ck_assert_int_eq(check(text), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_BAD_WORKFLOW);
	ck_assert_str_eq(err.place, place);
	ck_assert_msg(strstr(err.text, words) != NULL, "\"%s\" does not say \"%s\"", err.text,
	              words);
}

static void setup(void)
{
	arena = arena_create(64 << 10);
}

static void teardown(void)
{
	arena_destroy(arena);
}

#define ONE(step) "{'name':'w','steps':{'a':{'kind':'k'},'b':" step "}}"

START_TEST(test_everything_at_once_is_accepted)
{
	setup();
	const char *text =
	        "{'name':'lesson','description':'one line','input':{'type':'object'},"
	        "'steps':{'plan':{'kind':'lesson.plan','input':{'brief':{'ref':'/input/brief'},"
	        "'limit':20},'retry':{'attempts':3,'base_ms':500,'cap_ms':60000},"
	        "'timeout_ms':60000,'priority':-5},"
	        "'check':{'kind':'lesson.check','after':['plan'],"
	        "'each':{'ref':'/steps/plan/output/checks'},'max_parallel':4,"
	        "'on_error':'collect','input':{'check':{'ref':'/item'},'n':{'ref':'/index'}},"
	        "'when':{'value':{'ref':'/steps/plan/output/questions'},"
	        "'schema':{'minimum':1}}}},'output':{'ref':'/steps/check/output'}}";
	struct definition *d;
	ck_assert_ok(check(text));
	ck_assert_ok(definition_read(parse(text), arena, &d, &err));
	ck_assert_str(d->name, "lesson");
	ck_assert_uint_eq(d->n_steps, 2);
	ck_assert_int_eq(d->steps[0].attempts.attempts_max, 3);
	ck_assert_int_eq(d->steps[0].attempts.retry_base_ms, 500);
	ck_assert_int_eq(d->steps[0].attempts.retry_cap_ms, 60000);
	ck_assert_int_eq(d->steps[0].attempts.timeout_ms, 60000);
	ck_assert_int_eq(d->steps[0].priority, -5);
	ck_assert_ptr_null(d->steps[0].each);
	ck_assert(d->steps[1].is_collect);
	ck_assert_int_eq(d->steps[1].max_parallel, 4);
	ck_assert_uint_eq(d->steps[1].n_after, 1);
	ck_assert_int_eq(d->order[0], 0);
	teardown();
}
END_TEST

START_TEST(test_yaml_and_json_are_the_same_to_it)
{
	setup();
	const struct json *v;
	struct str yaml =
	        STR("name: lesson\nsteps:\n  plan:\n    kind: lesson.plan\n"
	            "  check:\n    kind: lesson.check\n    input: {ref: /steps/plan/output}\n");
	ck_assert_ok(yaml_read(arena, yaml, NULL, &v, &err));
	ck_assert_ok(workflow_check(v, arena, &err));
	yaml = STR("name: lesson\nsteps:\n  plan:\n    kindd: lesson.plan\n");
	ck_assert_ok(yaml_read(arena, yaml, NULL, &v, &err));
	ck_assert_int_eq(workflow_check(v, arena, &err), RC_INVALID);
	ck_assert_str_eq(err.place, "/steps/plan/kindd");
	teardown();
}
END_TEST

START_TEST(test_unknown_members_name_the_nearest)
{
	setup();
	refused("{'nam':'w','steps':{'a':{'kind':'k'}}}", "/nam", "did you mean \"name\"?");
	refused(ONE("{'kind':'k','max_paralel':2}"), "/steps/b/max_paralel",
	        "did you mean \"max_parallel\"?");
	refused(ONE("{'kind':'k','zebra':2}"), "/steps/b/zebra", "unknown field \"zebra\"");
	refused(ONE("{'kind':'k','retry':{'atempts':2}}"), "/steps/b/retry/atempts",
	        "did you mean \"attempts\"?");
	refused(ONE("{'kind':'k','when':{'value':1,'scheme':{}}}"), "/steps/b/when/scheme",
	        "did you mean \"schema\"?");
	teardown();
}
END_TEST

START_TEST(test_types_and_ranges)
{
	setup();
	refused("[]", "", "must be an object");
	refused("{'name':'w'}", "/steps", "required");
	refused("{'steps':{'a':{'kind':'k'}}}", "/name", "required");
	refused("{'name':'w','steps':{}}", "/steps", "1 to 200");
	refused("{'name':'W','steps':{'a':{'kind':'k'}}}", "/name", "begins with a letter");
	refused("{'name':'1w','steps':{'a':{'kind':'k'}}}", "/name", "begins with a letter");
	refused("{'name':'w','steps':{'A b':{'kind':'k'}}}", "/steps/A b", "the name of a step");
	refused("{'name':'w','steps':{'a/b':{'kind':'k'}}}", "/steps/a~1b", "the name of a step");
	refused("{'name':'w','steps':{'':{'kind':'k'}}}", "/steps/", "the name of a step");
	refused("{'name':'w','steps':{'a':[]}}", "/steps/a", "must be an object");
	refused(ONE("{}"), "/steps/b/kind", "required");
	refused(ONE("{'kind':'K'}"), "/steps/b/kind", "characters");
	refused(ONE("{'kind':''}"), "/steps/b/kind", "1 to 100");
	refused(ONE("{'kind':'k','priority':101}"), "/steps/b/priority", "-100 to 100");
	refused(ONE("{'kind':'k','timeout_ms':-1}"), "/steps/b/timeout_ms", "0 to");
	refused(ONE("{'kind':'k','timeout_ms':1.5}"), "/steps/b/timeout_ms", "integer");
	refused(ONE("{'kind':'k','after':'a'}"), "/steps/b/after", "array");
	refused(ONE("{'kind':'k','after':[1]}"), "/steps/b/after/0", "name of a step");
	refused(ONE("{'kind':'k','retry':{'attempts':0}}"), "/steps/b/retry/attempts", "1 to 100");
	refused(ONE("{'kind':'k','retry':{'base_ms':10,'cap_ms':5}}"), "/steps/b/retry/cap_ms",
	        "less than base_ms");
	refused(ONE("{'kind':'k','when':{'schema':{}}}"), "/steps/b/when", "\"value\" is required");
	refused(ONE("{'kind':'k','when':{'value':1}}"), "/steps/b/when/schema", "required");
	refused(ONE("{'kind':'k','when':{'value':1,'schema':{'type':'bogus'}}}"),
	        "/steps/b/when/schema/type", "JSON Schema");
	refused("{'name':'w','input':{'minimum':'x'},'steps':{'a':{'kind':'k'}}}", "/input/minimum",
	        "JSON Schema");
	ck_assert_ok(check(ONE("{'kind':'k','when':{'value':null,'schema':{'type':'null'}}}")));
	teardown();
}
END_TEST

START_TEST(test_each_and_what_belongs_to_it)
{
	setup();
	refused(ONE("{'kind':'k','max_parallel':2}"), "/steps/b/max_parallel", "\"each\"");
	refused(ONE("{'kind':'k','on_error':'fail'}"), "/steps/b/on_error", "\"each\"");
	refused(ONE("{'kind':'k','each':[1],'on_error':'ignore'}"), "/steps/b/on_error",
	        "fail|collect");
	refused(ONE("{'kind':'k','each':{'ref':'/input','x':1}}"), "/steps/b/each",
	        "a reference or an array");
	refused(ONE("{'kind':'k','each':5}"), "/steps/b/each", "a reference or an array");
	refused(ONE("{'kind':'k','input':{'ref':'/item'}}"), "/steps/b/input", "only in the input");
	refused(ONE("{'kind':'k','each':[{'ref':'/item'}]}"), "/steps/b/each/0",
	        "only in the input");
	refused(ONE("{'kind':'k','each':[1],'when':{'value':{'ref':'/index'},'schema':true}}"),
	        "/steps/b/when/value", "only in the input");
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "{'name':'w','steps':{'a':{'kind':'k','each':[0");
	for (int i = 0; i < EACH_ITEMS_MAX; i++)
		buf_addz(&b, ",1");
	buf_addz(&b, "]}}}");
	refused(str_dupz(arena, buf_str(&b)), "/steps/a/each", "10001 items");
	buf_fini(&b);
	teardown();
}
END_TEST

START_TEST(test_references_must_lead_somewhere)
{
	setup();
	refused(ONE("{'kind':'k','input':{'x':[{'ref':'/steps/aa/output'}]}}"),
	        "/steps/b/input/x/0", "there is no step \"aa\"; did you mean \"a\"?");
	refused(ONE("{'kind':'k','after':['nobody']}"), "/steps/b/after/0",
	        "there is no step \"nobody\"");
	refused(ONE("{'kind':'k','input':{'ref':'steps/a/output'}}"), "/steps/b/input",
	        "a reference is");
	refused(ONE("{'kind':'k','input':{'ref':'/steps/a/outputs'}}"), "/steps/b/input",
	        "a reference is");
	refused(ONE("{'kind':'k','input':{'ref':'/steps/a'}}"), "/steps/b/input", "a reference is");
	refused(ONE("{'kind':'k','input':{'ref':'/inputs'}}"), "/steps/b/input", "a reference is");
	refused(ONE("{'kind':'k','input':{'ref':'/input/~2'}}"), "/steps/b/input",
	        "a reference is");
	refused(ONE("{'kind':'k','input':{'ref':''}}"), "/steps/b/input", "a reference is");
	refused("{'name':'w','steps':{'a':{'kind':'k'}},'output':{'ref':'/steps/b/output'}}",
	        "/output", "there is no step \"b\"");
	ck_assert_ok(check(ONE("{'kind':'k','input':[{'ref':7},{'ref':'x','y':1}]}")));
	teardown();
}
END_TEST

START_TEST(test_circles_are_written_out)
{
	setup();
	refused(ONE("{'kind':'k','after':['b']}"), "/steps/b/after/0", "can't wait for itself");
	refused(ONE("{'kind':'k','input':{'ref':'/steps/b/output/x'}}"), "/steps/b/input",
	        "can't wait for itself");
	refused("{'name':'w','steps':{'a':{'kind':'k','after':['b']},"
	        "'b':{'kind':'k','input':{'ref':'/steps/c/output'}},"
	        "'c':{'kind':'k','when':{'value':{'ref':'/steps/a/output'},'schema':true}}}}",
	        "/steps/a", "a -> b -> c -> a");
	refused("{'name':'w','steps':{'start':{'kind':'k','after':['x']},"
	        "'x':{'kind':'k','after':['y']},'y':{'kind':'k','after':['x']}}}",
	        "/steps/x", ": x -> y -> x");
	/* A later step may be named earlier: members of an object have no order. */
	ck_assert_ok(
	        check("{'name':'w','steps':{'a':{'kind':'k','after':['b']},'b':{'kind':'k'}}}"));
	teardown();
}
END_TEST

static char *many_steps(int n, bool is_chain)
{
	struct buf b = BUF_INIT(1 << 20);
	buf_addz(&b, "{'name':'w','steps':{");
	for (int i = 0; i < n; i++) {
		buf_addf(&b, "%s's%d':{'kind':'k'", i ? "," : "", i);
		if (is_chain)
			buf_addf(&b, ",'after':['s%d']", (i + 1) % n);
		buf_addc(&b, '}');
	}
	buf_addz(&b, "}}");
	char *text = str_dupz(arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

START_TEST(test_hostile_sizes)
{
	setup();
	ck_assert_ok(check(many_steps(WORKFLOW_STEPS_MAX, false)));
	refused(many_steps(WORKFLOW_STEPS_MAX + 1, false), "/steps", "1 to 200 members, is 201");
	refused(many_steps(WORKFLOW_STEPS_MAX, true), "/steps/s0", "s0 -> s1 -> s2");
	/* A place that does not fit is cut, not overrun. */
	char name[400];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	struct str text = str_fmt(arena,
	                          "{'name':'w','steps':{'a':{'kind':'k','input':{'%s':"
	                          "{'%s':{'ref':'/nowhere'}}}}}}",
	                          name, name);
	ck_assert_int_eq(check(str_dupz(arena, text)), RC_INVALID);
	ck_assert_uint_le(strlen(err.place), sizeof err.place - 1);
	teardown();
}
END_TEST

START_TEST(test_deep_nesting_and_duplicates_stop_at_the_reader)
{
	setup();
	struct buf b = BUF_INIT(4096);
	buf_addz(&b, "{\"name\":\"w\",\"steps\":{\"a\":{\"kind\":\"k\",\"input\":");
	for (int i = 0; i < 100; i++)
		buf_addc(&b, '[');
	for (int i = 0; i < 100; i++)
		buf_addc(&b, ']');
	buf_addz(&b, "}}}");
	const struct json *v;
	ck_assert_int_eq(json_read(arena, buf_str(&b), NULL, &v, &err), RC_LIMIT);
	buf_fini(&b);
	struct str twice = STR("{\"name\":\"w\",\"steps\":{\"a\":{\"kind\":\"k\"},\"a\":{}}}");
	ck_assert_int_eq(json_read(arena, twice, NULL, &v, &err), RC_INVALID);
	teardown();
}
END_TEST

/* --- References, pure --- */

static enum rc find(struct reference_data *data, const struct reference *r, const struct json **ret,
                    struct err *e)
{
	static const char *const sources[] = { "input", "step", "item", "index" };
	(void)data;
	(void)e;
	const struct json *doc =
	        parse("{'input':{'a/b':{'~':[10,20]}},'step':'x','item':{},'index':3}");
	*ret = json_pointer(json_get(doc, str_z(sources[r->source])), r->rest);
	return RC_OK;
}

static enum rc resolve(const char *template, size_t max, const char **ret)
{
	struct reference_data data = { find };
	struct buf out = BUF_INIT(max);
	const struct json *v = template ? parse(template) : NULL;
	enum rc rc = reference_resolve(v, &data, &out, &err);
	*ret = str_dupz(arena, buf_str(&out));
	buf_fini(&out);
	return rc;
}

START_TEST(test_references_are_resolved_anywhere)
{
	setup();
	const char *text;
	ck_assert_ok(
	        resolve("[1,{'a':{'ref':'/input/a~1b/~0/1'},'b':{'ref':'/index'},'c':'\\u00e4'},"
	                "{'ref':'/steps/x/output'},{'ref':'/item'},{},[]]",
	                1000, &text));
	ck_assert_str_eq(text, "[1,{\"a\":20,\"b\":3,\"c\":\"\\u00e4\"},\"x\",{},{},[]]");
	ck_assert_ok(resolve(NULL, 1000, &text));
	ck_assert_str_eq(text, "null");
	ck_assert_ok(resolve("{'ref':'/input'}", 1000, &text));
	ck_assert_str_eq(text, "{\"a/b\":{\"~\":[10,20]}}");
	ck_assert_int_eq(resolve("[{'ref':'/input/nothing'}]", 1000, &text), RC_INVALID);
	ck_assert_int_eq(err.code, CODE_BAD_REFERENCE);
	ck_assert_str_eq(err.text, "the reference /input/nothing finds nothing");
	ck_assert_int_eq(resolve("['12345678']", 8, &text), RC_LIMIT);
	ck_assert_int_eq(err.code, CODE_TOO_LARGE);
	teardown();
}
END_TEST

START_TEST(test_a_value_put_together_may_not_nest_too_deep)
{
	setup();
	const char *text;
	char deep[200] = "";
	for (int i = 0; i < RESOLVED_DEPTH_MAX; i++)
		deep[i] = '[';
	for (int i = 0; i < RESOLVED_DEPTH_MAX; i++)
		deep[RESOLVED_DEPTH_MAX + i] = ']';
	ck_assert_ok(resolve(deep, 1000, &text));
	struct str more = str_fmt(arena, "['a ] \\\\', %s]", deep);
	ck_assert_int_eq(resolve(str_dupz(arena, more), 1000, &text), RC_LIMIT);
	ck_assert_ok(
	        resolve("['[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[']",
	                1000, &text));
	teardown();
}
END_TEST

START_TEST(test_suggestions_are_near)
{
	struct nearest n = nearest_begin(STR("kidn"));
	nearest_offer(&n, STR("input"));
	ck_assert_uint_eq(n.best.len, 0);
	n = nearest_begin(STR("knd"));
	nearest_offer(&n, STR("kind"));
	nearest_offer(&n, STR("end"));
	ck_assert_str(n.best, "kind");
	char name[200];
	memset(name, 'x', sizeof name);
	n = nearest_begin((struct str){ name, sizeof name });
	nearest_offer(&n, STR("x"));
	ck_assert_uint_eq(n.best.len, 0);
}
END_TEST

#define STEP(body) "{'name':'w','steps':{'a':{'kind':'k'},'b':{" body "}}}"

START_TEST(test_waits_approvals_and_sub_workflows)
{
	setup();
	struct definition *d;
	static const char text[] =
	        "{'name':'w','steps':{'t':{'wait':{'timer_ms':5}},"
	        "'u':{'wait':{'until':{'ref':'/steps/t/output'}}},"
	        "'e':{'wait':{'event':'paid','match':{'value':null,'schema':{'minimum':1}},"
	        "'timeout_ms':10,'on_timeout':'continue'}},"
	        "'p':{'approve':{'prompt':'Sure?','show':{'ref':'/steps/e/output'},'approvers':3,"
	        "'expires_ms':9,'on_expiry':'continue'}},"
	        "'c':{'workflow':'other@12','each':[1],'input':{'ref':'/item'},"
	        "'compensate':{'kind':'undo','input':[{'ref':'/output/x'},{'ref':'/item'},"
	        "{'ref':'/steps/p/output'}],'retry':{'attempts':2},'timeout_ms':7}}}}";
	ck_assert_ok(check(text));
	ck_assert_ok(definition_read(parse(text), arena, &d, &err));
	ck_assert_int_eq(d->steps[0].type, STEP_TIMER);
	ck_assert_uint_eq(d->steps[1].n_after, 1);
	ck_assert_int_eq(d->steps[2].type, STEP_EVENT);
	ck_assert_int_eq(d->steps[2].wait.match_value->type, JSON_NULL);
	ck_assert(d->steps[2].wait.is_continuing);
	ck_assert_int_eq(d->steps[3].approve.approvers, 3);
	ck_assert_int_eq(d->steps[3].after[0], 2);
	ck_assert_str(d->steps[4].workflow, "other");
	ck_assert_int_eq(d->steps[4].workflow_version, 12);
	ck_assert_int_eq(d->steps[4].compensate.attempts.attempts_max, 2);
	ck_assert_int_eq(d->steps[4].compensate.attempts.timeout_ms, 7);
	ck_assert_int_eq(d->steps[4].after[0], 3); /* compensation's references count */
	ck_assert(d->is_compensating);
	teardown();
}
END_TEST

START_TEST(test_a_step_does_one_thing)
{
	setup();
	refused(STEP("'kind':'k','workflow':'w'"), "/steps/b", "more than one");
	refused(STEP("'wait':{'timer_ms':1},'approve':{'prompt':'?'}"), "/steps/b",
	        "more than one");
	refused(STEP("'wait':{'timer_ms':1},'input':1"), "/steps/b/input", "has no \"input\"");
	refused(STEP("'wait':{'timer_ms':1},'each':[1]"), "/steps/b/each", "has no \"each\"");
	refused(STEP("'approve':{'prompt':'?'},'retry':{}"), "/steps/b/retry", "has no");
	refused(STEP("'workflow':'w','timeout_ms':1"), "/steps/b/timeout_ms", "has no");
	refused(STEP("'workflow':'w','priority':1"), "/steps/b/priority", "has no");
	teardown();
}
END_TEST

START_TEST(test_bad_waits)
{
	setup();
	refused(STEP("'wait':{}"), "/steps/b/wait", "needs one of");
	refused(STEP("'wait':{'timer_ms':1,'event':'e'}"), "/steps/b/wait", "needs one of");
	refused(STEP("'wait':{'timr_ms':1}"), "/steps/b/wait/timr_ms", "did you mean \"timer_ms\"");
	refused(STEP("'wait':{'timer_ms':-1}"), "/steps/b/wait/timer_ms", "milliseconds");
	refused(STEP("'wait':{'timer_ms':'1'}"), "/steps/b/wait/timer_ms", "milliseconds");
	refused(STEP("'wait':{'timer_ms':1e300}"), "/steps/b/wait/timer_ms", "milliseconds");
	refused(STEP("'wait':{'until':'soon'}"), "/steps/b/wait/until", "must be a time");
	refused(STEP("'wait':{'until':{'ref':'/steps/x/output'}}"), "/steps/b/wait/until",
	        "no step \"x\"");
	refused(STEP("'wait':{'until':{'ref':'/item'}}"), "/steps/b/wait/until", "only in");
	refused(STEP("'wait':{'timer_ms':1,'timeout_ms':1}"), "/steps/b/wait/timeout_ms",
	        "needs \"event\"");
	refused(STEP("'wait':{'event':''}"), "/steps/b/wait/event", "");
	refused(STEP("'wait':{'event':'a b'}"), "/steps/b/wait/event", "");
	refused(STEP("'wait':{'event':'e','match':{}}"), "/steps/b/wait/match", "needs \"value\"");
	refused(STEP("'wait':{'event':'e','match':{'value':{'ref':'/nowhere'}}}"),
	        "/steps/b/wait/match/value", "a reference is");
	refused(STEP("'wait':{'event':'e','match':{'schema':{'type':'nothing'}}}"),
	        "/steps/b/wait/match/schema/type", "not a JSON Schema");
	refused(STEP("'wait':{'event':'e','on_timeout':'fail'}"), "/steps/b/wait/on_timeout",
	        "needs \"timeout_ms\"");
	refused(STEP("'wait':{'event':'e','timeout_ms':0}"), "/steps/b/wait/timeout_ms", "");
	teardown();
}
END_TEST

START_TEST(test_bad_approvals_children_and_compensations)
{
	setup();
	refused(STEP("'approve':{}"), "/steps/b/approve/prompt", "required");
	refused(STEP("'approve':{'prompt':'?','approvers':0}"), "/steps/b/approve/approvers", "");
	refused(STEP("'approve':{'prompt':'?','approvers':21}"), "/steps/b/approve/approvers", "");
	refused(STEP("'approve':{'prompt':'?','on_expiry':'reject'}"), "/steps/b/approve/on_expiry",
	        "needs \"expires_ms\"");
	refused(STEP("'approve':{'prompt':'?','expires_ms':1,'on_expiry':'approve'}"),
	        "/steps/b/approve/on_expiry", "");
	refused(STEP("'workflow':'W'"), "/steps/b/workflow", "NAME@VERSION");
	refused(STEP("'workflow':'w@'"), "/steps/b/workflow", "NAME@VERSION");
	refused(STEP("'workflow':'w@0'"), "/steps/b/workflow", "NAME@VERSION");
	refused(STEP("'workflow':'w@1x'"), "/steps/b/workflow", "NAME@VERSION");
	refused(STEP("'workflow':'w@-1'"), "/steps/b/workflow", "NAME@VERSION");
	refused(STEP("'kind':'k','compensate':{}"), "/steps/b/compensate/kind", "required");
	refused(STEP("'kind':'k','compensate':{'kind':'u','input':{'ref':'/steps/b/output'}}"),
	        "/steps/b/compensate/input", "its own output is {ref: /output}");
	refused(STEP("'kind':'k','input':{'ref':'/output'}"), "/steps/b/input",
	        "only in the input of \"compensate\"");
	refused(STEP("'kind':'k','compensate':{'kind':'u','input':{'ref':'/item'}}"),
	        "/steps/b/compensate/input", "only in");
	refused("{'name':'w','steps':{'a':{'kind':'k','compensate':{'kind':'u',"
	        "'input':{'ref':'/steps/b/output'}}},'b':{'kind':'k','after':['a']}}}",
	        "/steps/a", "a -> b -> a");
	teardown();
}
END_TEST

START_TEST(test_as_deep_and_wide_as_allowed_and_no_more)
{
	setup();
	const struct json *v;
	struct buf b = BUF_INIT(4 << 20);
	/* A chain of all the steps there may be, each waiting for the one before it. */
	buf_addz(&b, "{\"name\":\"w\",\"steps\":{\"s0\":{\"kind\":\"k\"}");
	for (int i = 1; i < WORKFLOW_STEPS_MAX; i++)
		buf_addf(&b, ",\"s%d\":{\"kind\":\"k\",\"after\":[\"s%d\"]}", i, i - 1);
	buf_addz(&b, "}}");
	ck_assert_ok(json_read(arena, buf_str(&b), NULL, &v, &err));
	ck_assert_ok(workflow_check(v, arena, &err));
	/* An input that nests a hundred deep is refused by the reader, not by the stack. */
	buf_clear(&b);
	buf_addz(&b, "{\"name\":\"w\",\"steps\":{\"a\":{\"kind\":\"k\",\"input\":");
	for (int i = 0; i < 100; i++)
		buf_addc(&b, '[');
	for (int i = 0; i < 100; i++)
		buf_addc(&b, ']');
	buf_addz(&b, "}}}");
	ck_assert_int_eq(json_read(arena, buf_str(&b), NULL, &v, &err), RC_LIMIT);
	/* A literal fan-out over 10,001 items is refused with both numbers. */
	buf_clear(&b);
	buf_addz(&b, "{\"name\":\"w\",\"steps\":{\"a\":{\"kind\":\"k\",\"each\":[0");
	for (int i = 1; i <= EACH_ITEMS_MAX; i++)
		buf_addz(&b, ",0");
	buf_addz(&b, "]}}}");
	ck_assert_ok(json_read(arena, buf_str(&b), NULL, &v, &err));
	ck_assert_int_eq(workflow_check(v, arena, &err), RC_INVALID);
	ck_assert_str_eq(err.place, "/steps/a/each");
	ck_assert_str_eq(err.text, "has 10001 items; at most 10000 are allowed");
	buf_fini(&b);
	teardown();
}
END_TEST

UNIT_MAIN("flow/definition", test_everything_at_once_is_accepted,
          test_yaml_and_json_are_the_same_to_it, test_unknown_members_name_the_nearest,
          test_types_and_ranges, test_each_and_what_belongs_to_it,
          test_references_must_lead_somewhere, test_circles_are_written_out, test_hostile_sizes,
          test_deep_nesting_and_duplicates_stop_at_the_reader,
          test_references_are_resolved_anywhere, test_a_value_put_together_may_not_nest_too_deep,
          test_suggestions_are_near, test_waits_approvals_and_sub_workflows,
          test_a_step_does_one_thing, test_bad_waits, test_bad_approvals_children_and_compensations,
          test_as_deep_and_wide_as_allowed_and_no_more)
