/* Reading a chunked body: see chunks.h.
 *
 *	SIZE -> [EXTENSION] -> SIZE_LF -> DATA -> DATA_CR -> DATA_LF -> SIZE …
 *	                       SIZE_LF (size 0) -> TRAILER -> … -> END_LF -> whole
 *
 * Extensions and trailers are allowed, bounded together, and thrown away. */
#include "http/chunks.h"

enum { EXTRA_MAX = 8 * 1024, DIGITS_MAX = 15 };

enum chunk_state {
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	CHUNK_TRAILER, /* at the beginning of a line */
	CHUNK_TRAILER_TEXT,
	CHUNK_TRAILER_LF,
	CHUNK_END_LF,
	CHUNK_WHOLE
};

static int refuse(struct refusal *r, int status, const char *reason)
{
	*r = (struct refusal){ status, reason };
	return -1;
}

static int hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_size(struct chunks *c, struct refusal *r, unsigned char byte)
{
	int digit = hex_digit(byte);
	if (digit >= 0) {
		if (++c->n_digits > DIGITS_MAX)
			return refuse(r, 400, "a chunk size that overflows");
		c->left = c->left * 16 + (size_t)digit;
		return CHUNK_SIZE;
	}
	if (c->n_digits == 0)
		return refuse(r, 400, "a chunk size that is not a hexadecimal number");
	if (byte == ';')
		return CHUNK_EXTENSION;
	if (byte == '\r')
		return CHUNK_SIZE_LF;
	return refuse(r, 400, "a chunk size that is not followed by CRLF");
}

/* Text up to a CR, of which only the length is of interest. */
static int read_extra(struct chunks *c, struct refusal *r, unsigned char byte, int stay, int next)
{
	if (byte == '\r')
		return next;
	if ((byte < ' ' && byte != '\t') || byte == 0x7f)
		return refuse(r, 400, "a control byte in a chunk extension or trailer");
	if (++c->extra > EXTRA_MAX)
		return refuse(r, 431, "the chunk extensions and trailers are too long");
	return stay;
}

static int read_trailer(struct chunks *c, struct refusal *r, unsigned char byte)
{
	if (byte == ' ' || byte == '\t' || byte == ':')
		return refuse(r, 400, "a trailer line that does not begin with a name");
	return read_extra(c, r, byte, CHUNK_TRAILER_TEXT, CHUNK_END_LF);
}

static int expect(struct refusal *r, unsigned char byte, unsigned char wanted, int next)
{
	if (byte != wanted)
		return refuse(r, 400, "a chunk is not followed by CRLF");
	return next;
}

static int read_byte(struct chunks *c, struct refusal *r, unsigned char byte)
{
	switch ((enum chunk_state)c->state) {
	case CHUNK_SIZE:
		return read_size(c, r, byte);
	case CHUNK_EXTENSION:
		return read_extra(c, r, byte, CHUNK_EXTENSION, CHUNK_SIZE_LF);
	case CHUNK_SIZE_LF:
		return expect(r, byte, '\n', c->left ? CHUNK_DATA : CHUNK_TRAILER);
	case CHUNK_DATA_CR:
		return expect(r, byte, '\r', CHUNK_DATA_LF);
	case CHUNK_DATA_LF:
		c->n_digits = 0;
		return expect(r, byte, '\n', CHUNK_SIZE);
	case CHUNK_TRAILER:
		return read_trailer(c, r, byte);
	case CHUNK_TRAILER_TEXT:
		return read_extra(c, r, byte, CHUNK_TRAILER_TEXT, CHUNK_TRAILER_LF);
	case CHUNK_TRAILER_LF:
		return expect(r, byte, '\n', CHUNK_TRAILER);
	case CHUNK_END_LF:
		return expect(r, byte, '\n', CHUNK_WHOLE);
	case CHUNK_DATA:
	case CHUNK_WHOLE:
		break;
	}
	abort();
}

static void read_data(struct chunks *c, struct str bytes, size_t *at, struct buf *body)
{
	size_t n = size_min(c->left, bytes.len - *at);
	buf_add(body, str_sub(bytes, *at, n));
	*at += n;
	c->left -= n;
	if (c->left == 0)
		c->state = CHUNK_DATA_CR;
}

bool chunks_read(struct chunks *c, struct str bytes, struct buf *body, size_t *ret_taken,
                 struct refusal *refusal)
{
	size_t at = 0;
	refusal->status = 0;
	while (at < bytes.len) {
		if (c->state == CHUNK_DATA) {
			read_data(c, bytes, &at, body);
			continue;
		}
		c->state = read_byte(c, refusal, (unsigned char)bytes.ptr[at++]);
		if (c->state == CHUNK_DATA && c->left > body->max - body->len)
			refuse(refusal, 413, "the body is larger than allowed here");
		if (refusal->status)
			return false;
		if (c->state == CHUNK_WHOLE) {
			*ret_taken = at;
			return true;
		}
	}
	return false;
}
