/* References, resolved against a base as RFC 3986, section 5, says.  The base may be
 * empty (a document that was given without a URI). */
#include "codec/schema_priv.h"

#include "base/arena.h"

struct uri {
	struct str scheme, authority, path, query;
	bool has_scheme, has_authority, has_query;
};

struct str uri_cut_fragment(struct str uri, struct str *fragment)
{
	return str_cut(uri, '#', fragment);
}

static size_t scheme_len(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == ':')
			return i;
		bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		bool is_other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
		if (!is_letter && (!is_other || i == 0))
			return 0;
	}
	return 0;
}

static struct uri uri_parse(struct str s)
{
	struct uri u = { 0 };
	size_t n = scheme_len(s);
	if (n) {
		u.has_scheme = true;
		u.scheme = str_sub(s, 0, n);
		s = str_sub(s, n + 1, SIZE_MAX);
	}
	if (str_starts(s, STR("//"))) {
		n = 2;
		while (n < s.len && s.ptr[n] != '/' && s.ptr[n] != '?')
			n++;
		u.has_authority = true;
		u.authority = str_sub(s, 2, n - 2);
		s = str_sub(s, n, SIZE_MAX);
	}
	u.path = str_cut(s, '?', &u.query);
	u.has_query = u.query.ptr != NULL;
	return u;
}

/* Section 5.2.4, in one walk over the segments; ".." takes back the last one. */
static struct str without_dots(struct arena *a, struct str path)
{
	char *out = arena_bytes(a, path.len + 1);
	size_t n = 0;
	bool is_rooted = path.len && path.ptr[0] == '/';
	struct str rest = is_rooted ? str_sub(path, 1, SIZE_MAX) : path;
	if (is_rooted)
		out[n++] = '/';
	while (rest.ptr) {
		struct str segment = str_cut(rest, '/', &rest);
		bool is_last = !rest.ptr;
		bool is_up = str_eqz(segment, "..");
		if (is_up && n > (size_t)is_rooted) {
			n--;
			while (n > 0 && out[n - 1] != '/')
				n--;
		}
		if (is_up || str_eqz(segment, "."))
			continue;
		if (segment.len)
			memcpy(out + n, segment.ptr, segment.len);
		n += segment.len;
		if (!is_last)
			out[n++] = '/';
	}
	return (struct str){ out, n };
}

static struct str merge(struct arena *a, const struct uri *base, struct str path)
{
	if (base->has_authority && base->path.len == 0)
		return str_fmt(a, "/" STR_FMT, STR_ARG(path));
	size_t n = base->path.len;
	while (n > 0 && base->path.ptr[n - 1] != '/')
		n--;
	return str_fmt(a, STR_FMT STR_FMT, (int)n, n ? base->path.ptr : "", STR_ARG(path));
}

/* What a reference without scheme and authority takes over from its base. */
static void inherit(struct arena *a, const struct uri *base, struct uri *u)
{
	u->has_scheme = base->has_scheme;
	u->scheme = base->scheme;
	if (u->has_authority)
		return;
	u->has_authority = base->has_authority;
	u->authority = base->authority;
	if (u->path.len == 0) {
		u->path = base->path;
		if (!u->has_query) {
			u->has_query = base->has_query;
			u->query = base->query;
		}
	} else if (u->path.ptr[0] != '/') {
		u->path = without_dots(a, merge(a, base, u->path));
	} else {
		u->path = without_dots(a, u->path);
	}
}

struct str uri_resolve(struct arena *a, struct str base, struct str reference)
{
	struct str fragment;
	struct str main = uri_cut_fragment(reference, &fragment);
	struct uri u = uri_parse(main), b = uri_parse(base);
	if (!u.has_scheme)
		inherit(a, &b, &u);
	return str_fmt(a, STR_FMT "%s%s" STR_FMT STR_FMT "%s" STR_FMT "%s" STR_FMT,
	               STR_ARG(u.scheme), u.has_scheme ? ":" : "", u.has_authority ? "//" : "",
	               STR_ARG(u.authority), STR_ARG(u.path), u.has_query ? "?" : "",
	               STR_ARG(u.query), fragment.ptr ? "#" : "", STR_ARG(fragment));
}
