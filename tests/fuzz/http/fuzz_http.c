/* A connection's bytes through gate, parser and chunk reader (http/reader.h), cut in two
 * different ways.  The laws, for any bytes and any cuts:
 *
 * (1) Both ways give the same requests and the same refusal.
 * (2) A request that was let in has no control byte in its head, a target that begins
 *     with "/", and a body within the limit.
 * (3) Nothing after a refusal is read.
 *
 * The first byte of an input seeds the cuts; the rest are the connection's bytes. */
#include "base/arena.h"
#include "base/str.h"
#include "http/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_MAX = 1024, BODY_MAX = 512, RECORD_MAX = 64 << 20 };

static size_t next_piece(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	uint32_t r = *seed >> 16;
	return r % 4 ? 1 + r / 4 % 4 : 1 + r / 4 % 100;
}

static void check_text(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		assert(c == '\t' || (c >= ' ' && c != 0x7f));
	}
}

static void record_request(const struct reader *r, struct buf *record)
{
	const struct request_head *h = &r->head;
	assert(h->target.len && h->target.ptr[0] == '/' && r->body.len <= BODY_MAX);
	check_text(h->target);
	buf_addf(record, "%d " STR_FMT " %d\n", (int)h->method, STR_ARG(h->target),
	         h->is_keep_alive);
	for (size_t i = 0; i < h->n_headers; i++) {
		assert(h->headers[i].name.len);
		check_text(h->headers[i].name);
		check_text(h->headers[i].value);
		buf_addf(record, STR_FMT "=" STR_FMT "\n", STR_ARG(h->headers[i].name),
		         STR_ARG(h->headers[i].value));
	}
	buf_addf(record, "%zu ", r->body.len);
	buf_add(record, r->body);
}

/* Reads the connection to its end in pieces (seed 0: one piece), writing down what it
 * said. */
static void read_connection(struct str in, uint32_t seed, struct buf *record)
{
	bool is_whole = seed == 0;
	AUTO(arena_destroyp) struct arena *a = arena_create(1024);
	struct reader r;
	reader_init(&r);
	while (in.len && r.state != READER_REFUSED) {
		size_t piece = is_whole ? in.len : size_min(in.len, next_piece(&seed));
		size_t n = reader_feed(&r, a, str_sub(in, 0, piece), HEAD_MAX);
		assert(n > 0 && n <= piece);
		in = str_sub(in, n, in.len);
		if (r.state == READER_LIMIT)
			reader_allow(&r, a, BODY_MAX);
		if (r.state == READER_DONE) {
			record_request(&r, record);
			reader_fini(&r);
			reader_init(&r);
			arena_clear(a);
		}
	}
	if (r.state == READER_REFUSED)
		buf_addf(record, "refused %d %s", r.refusal.status, r.refusal.reason);
	else
		buf_addf(record, "wants more %d", (int)r.state);
	reader_fini(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct str in = { (const char *)data + 1, size - 1 };
	AUTO(buf_fini) struct buf whole = BUF_INIT(RECORD_MAX);
	AUTO(buf_fini) struct buf cut = BUF_INIT(RECORD_MAX);
	read_connection(in, 0, &whole);
	read_connection(in, 1u + data[0], &cut);
	assert(str_eq(buf_str(&whole), buf_str(&cut)));
	return 0;
}
