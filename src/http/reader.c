/* One request from pieces: see reader.h. */
#include "http/reader.h"

#include "base/arena.h"

void reader_init(struct reader *r)
{
	*r = (struct reader){ .saved = BUF_INIT(SIZE_MAX / 2) };
}

void reader_fini(struct reader *r)
{
	buf_fini(&r->saved);
	buf_fini(&r->chunked);
}

bool reader_is_fresh(const struct reader *r)
{
	return r->state == READER_HEAD && r->scan.seen == 0;
}

/* The whole head is copied once: the bytes it came in are reused by the next read. */
static void read_head(struct reader *r, struct arena *a, struct str last_piece)
{
	char *head = arena_bytes(a, r->saved.len + last_piece.len);
	if (r->saved.len)
		memcpy(head, r->saved.ptr, r->saved.len);
	memcpy(head + r->saved.len, last_piece.ptr, last_piece.len);
	struct str whole = { head, r->saved.len + last_piece.len };
	buf_fini(&r->saved);
	r->refusal = gate_read_head(a, whole, &r->head);
	r->state = r->refusal.status ? READER_REFUSED : READER_LIMIT;
}

static size_t feed_head(struct reader *r, struct arena *a, struct str bytes, size_t head_max)
{
	size_t taken = 0;
	if (gate_scan(&r->scan, bytes, head_max, &taken, &r->refusal)) {
		read_head(r, a, str_sub(bytes, 0, taken));
		return taken;
	}
	if (r->refusal.status)
		r->state = READER_REFUSED;
	else
		buf_add(&r->saved, bytes);
	return bytes.len;
}

void reader_allow(struct reader *r, struct arena *a, size_t body_max)
{
	assert(r->state == READER_LIMIT);
	if (r->head.is_chunked) {
		r->chunked = (struct buf)BUF_INIT(body_max);
		r->state = READER_BODY;
	} else if (r->head.content_length > body_max) {
		r->refusal = (struct refusal){ 413, "the body is larger than allowed here" };
		r->state = READER_REFUSED;
	} else if (r->head.content_length) {
		r->plain = arena_bytes(a, (size_t)r->head.content_length);
		r->state = READER_BODY;
	} else {
		r->state = READER_DONE;
	}
}

static size_t feed_plain(struct reader *r, struct str bytes)
{
	size_t n = size_min(bytes.len, (size_t)r->head.content_length - r->plain_len);
	memcpy(r->plain + r->plain_len, bytes.ptr, n);
	r->plain_len += n;
	if (r->plain_len == r->head.content_length) {
		r->body = (struct str){ r->plain, r->plain_len };
		r->state = READER_DONE;
	}
	return n;
}

static size_t feed_chunked(struct reader *r, struct str bytes)
{
	size_t taken = bytes.len;
	if (chunks_read(&r->chunks, bytes, &r->chunked, &taken, &r->refusal)) {
		r->body = buf_str(&r->chunked);
		r->state = READER_DONE;
	} else if (r->refusal.status) {
		r->state = READER_REFUSED;
	}
	return taken;
}

size_t reader_feed(struct reader *r, struct arena *a, struct str bytes, size_t head_max)
{
	if (bytes.len == 0)
		return 0;
	switch (r->state) {
	case READER_HEAD:
		return feed_head(r, a, bytes, head_max);
	case READER_BODY:
		return r->head.is_chunked ? feed_chunked(r, bytes) : feed_plain(r, bytes);
	case READER_LIMIT:
	case READER_DONE:
	case READER_REFUSED:
		break;
	}
	return 0;
}
