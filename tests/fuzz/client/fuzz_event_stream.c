/* The laws of reading server-sent events.  The first byte says how long the pieces are.
 *
 * (1) Whatever the pieces in which bytes come, the events are the same.
 * (2) No event has more data than there were bytes, and none is told without data.
 * (3) Who wants no more is told no more. */
#include "base/str.h"
#include "client/client_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	uint64_t sum;
	size_t n, most, bytes;
};

static void mix(struct heard *h, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		h->sum = (h->sum ^ (unsigned char)bytes.ptr[i]) * 1099511628211u;
	h->sum = (h->sum ^ 0x100) * 1099511628211u;
}

static bool hear(void *ctx, const struct sse *event)
{
	struct heard *h = ctx;
	assert(event->has_data && event->data.len <= h->bytes);
	mix(h, buf_str(&event->data));
	mix(h, str_z(event->type));
	h->sum ^= (uint64_t)event->seq;
	return ++h->n < h->most;
}

static struct heard read_in_pieces(struct str in, size_t piece, size_t most)
{
	struct heard h = { .most = most, .bytes = in.len };
	struct sse s;
	bool goes_on = true;
	sse_init(&s);
	for (size_t at = 0; at < in.len && goes_on; at += piece)
		goes_on = sse_feed(&s, str_sub(in, at, size_min(piece, in.len - at)), hear, &h);
	sse_fini(&s);
	assert(goes_on == (h.n < most));
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct str in = { (const char *)data + 1, size - 1 };
	struct heard whole = read_in_pieces(in, in.len, SIZE_MAX);
	struct heard pieces = read_in_pieces(in, 1 + (size_t)data[0], SIZE_MAX);
	assert(whole.sum == pieces.sum && whole.n == pieces.n);
	if (whole.n > 1) {
		struct heard some = read_in_pieces(in, in.len, whole.n - 1);
		assert(some.n == whole.n - 1);
	}
	return 0;
}
