/* The workflows of the stories: see tales.h. */
#include "tales.h"

#include "base/arena.h"
#include "base/str.h"

const char *const tale_names[TALE_KINDS] = { "line", "waits", "above" };

#define RETRY "'retry':{'attempts':3,'base_ms':1,'cap_ms':500}"
#define WHERE "'r':{'ref':'/input/r'},'u':{'ref':'/input/u'}"
/* What is done and undone, and in step c which output of step a it goes on from. */
#define DO_A "'input':{" WHERE ",'s':0,'i':0}," RETRY ",'compensate':{'kind':'u'," RETRY ","
#define DO_B                                                                                       \
	"'input':{" WHERE ",'s':1,'i':{'ref':'/index'}}," RETRY ",'compensate':{'kind':'u'," RETRY \
	","
#define DO_C                                                                                       \
	"'input':{" WHERE ",'s':2,'i':0,'from':{'ref':'/steps/a/output/t'}}," RETRY                \
	",'compensate':{'kind':'u'," RETRY ","
#define UNDO_A "'input':{" WHERE ",'s':0,'i':0,'undo':1}}"
#define UNDO_B "'input':{" WHERE ",'s':1,'i':{'ref':'/index'},'undo':1}}"
#define UNDO_C "'input':{" WHERE ",'s':2,'i':0,'undo':1}}"
#define WORK_A "{'kind':'w'," DO_A UNDO_A "}"
#define WORK_B                                                                                     \
	"{'kind':'w','after':['a'],'each':{'ref':'/input/items'},'max_parallel':2," DO_B UNDO_B "}"

static const char line[] = "{'name':'line','steps':{'a':" WORK_A ",'b':" WORK_B ","
                           "'c':{'kind':'w','after':['b']," DO_C UNDO_C "},"
                           "'d':{'kind':'w','after':['c'],"
                           "'when':{'value':{'ref':'/input/more'},'schema':{'const':true}},"
                           "'input':{" WHERE ",'s':3,'i':0}," RETRY "}},"
                           "'output':{'ref':'/steps/b/output'}}";
static const char waits[] =
        "{'name':'waits','steps':{'a':" WORK_A ","
        "'t':{'wait':{'timer_ms':{'ref':'/input/ms'}},'after':['a']},"
        "'e':{'wait':{'event':'go','match':{'value':{'n':{'ref':'/input/r'}}},"
        "'timeout_ms':30000},'after':['a']},"
        "'e2':{'wait':{'event':'go','timeout_ms':20000,'on_timeout':'continue'},'after':['e']},"
        "'p':{'approve':{'prompt':'?','show':{'ref':'/input'},'approvers':2,"
        "'expires_ms':60000},'after':['a']},"
        "'c':{'kind':'w','after':['t','e2','p']," DO_C UNDO_C "}}}";
static const char above[] =
        "{'name':'above','steps':{'a':" WORK_A ","
        "'subs':{'workflow':'line','each':{'ref':'/input/subs'},'max_parallel':2,"
        "'after':['a'],'input':{'r':{'ref':'/input/r'},'u':{'ref':'/item'},"
        "'items':{'ref':'/input/items'},'more':false}},"
        "'c':{'kind':'w','after':['subs']," DO_C UNDO_C "}}}";
static const char *const definitions[TALE_KINDS] = {
	[TALE_LINE] = line,
	[TALE_WAITS] = waits,
	[TALE_ABOVE] = above,
};

struct str tale_document(struct arena *a, enum tale_kind kind)
{
	struct str text = str_dup(a, str_z(definitions[kind]));
	char *p = (char *)(uintptr_t)text.ptr;
	for (size_t k = 0; k < text.len; k++)
		p[k] = p[k] == '\'' ? '"' : p[k];
	return text;
}

static struct str list_text(struct arena *a, int64_t n, int64_t first)
{
	AUTO(buf_fini) struct buf b = BUF_INIT(256);
	buf_addc(&b, '[');
	for (int64_t i = 0; i < n; i++)
		buf_addf(&b, "%s%lld", i ? "," : "", (long long)(first + i));
	buf_addc(&b, ']');
	return str_dup(a, buf_str(&b));
}

struct str tale_input(struct arena *a, const struct tale *t, int64_t number)
{
	return str_fmt(a,
	               "{\"r\":%lld,\"u\":0,\"more\":%s,\"ms\":%lld,\"items\":" STR_FMT
	               ",\"subs\":" STR_FMT "}",
	               (long long)number, t->is_longer ? "true" : "false", (long long)t->timer_ms,
	               STR_ARG(list_text(a, t->items, 0)), STR_ARG(list_text(a, t->subs, 1)));
}
