/* What a supervisor tells the program that takes its place: JSON in sealed memory, with a
 * version.  Numbers of descriptors mean the same on both sides, since exec keeps them. */
#include "supervisor/supervisor.h"

#include "base/arena.h"
#include "codec/json.h"

enum { FD_MAX = 1 << 20 };

static void put_children(struct json_out *o, const struct handover *h)
{
	json_keyz(o, "children");
	json_begin_array(o);
	for (size_t i = 0; i < h->n_children; i++) {
		json_begin_object(o);
		json_put_str(o, "name", str_z(h->children[i].name));
		json_put_int(o, "pid", h->children[i].pid);
		json_put_int(o, "starts", h->children[i].starts);
		json_end_object(o);
	}
	json_end_array(o);
}

void handover_write(const struct handover *h, struct buf *out)
{
	struct json_out o;
	json_out_init(&o, out);
	json_begin_object(&o);
	json_put_int(&o, "version", HANDOVER_VERSION);
	json_put_str(&o, "folder", str_z(h->folder));
	json_put_str(&o, "address", str_z(h->address));
	json_put_int(&o, "lock_fd", h->lock_fd);
	json_put_int(&o, "unix_fd", h->unix_fd);
	json_put_int(&o, "tcp_fd", h->tcp_fd);
	json_put_int(&o, "ready_reader", h->ready_reader);
	json_put_int(&o, "ready_writer", h->ready_writer);
	json_put_int(&o, "restarts", h->restarts);
	put_children(&o, h);
	json_end_object(&o);
}

static enum rc nonsense(const char *what, struct err *err)
{
	return err_set(err, CODE_INVALID, "what the former supervisor handed over has no good %s",
	               what);
}

static enum rc read_fd(const struct json *v, const char *name, int least, int *ret, struct err *err)
{
	int64_t fd = json_get_int(v, name, INT64_MIN);
	if (fd < least || fd > FD_MAX)
		return nonsense(name, err);
	*ret = (int)fd;
	return RC_OK;
}

static enum rc read_text(struct arena *a, const struct json *v, const char *name, const char **ret,
                         struct err *err)
{
	struct str text = json_get_str(v, name, (struct str){ 0 });
	if (text.len == 0)
		return nonsense(name, err);
	*ret = str_dupz(a, text);
	return RC_OK;
}

static enum rc read_children(struct arena *a, const struct json *list, struct handover *h,
                             struct err *err)
{
	if (!list || list->type != JSON_ARRAY || list->count == 0 ||
	    list->count > HANDOVER_CHILDREN_MAX)
		return nonsense("children", err);
	struct handover_child *children = arena_new(a, struct handover_child, list->count);
	enum rc rc = RC_OK;
	size_t n = 0;
	for (const struct json *c = list->first; c && rc == RC_OK; c = c->next, n++) {
		children[n].pid = json_get_int(c, "pid", -1);
		children[n].starts = (int)json_get_int(c, "starts", 1);
		rc = children[n].pid < 0 || children[n].pid > INT32_MAX
		             ? nonsense("pid", err)
		             : read_text(a, c, "name", &children[n].name, err);
	}
	h->children = children;
	h->n_children = n;
	return rc;
}

enum rc handover_read(struct arena *a, struct str json, struct handover *ret, struct err *err)
{
	const struct json *v;
	struct handover h = { 0 };
	enum rc rc = json_read(a, json, NULL, &v, err);
	if (rc != RC_OK)
		return rc;
	int64_t version = json_get_int(v, "version", 0);
	if (version != HANDOVER_VERSION)
		return err_set(err, CODE_INVALID,
		               "the former supervisor handed over version %lld, this one takes %d",
		               (long long)version, HANDOVER_VERSION);
	h.restarts = json_get_int(v, "restarts", 0);
	rc = read_text(a, v, "folder", &h.folder, err);
	if (rc == RC_OK)
		rc = read_text(a, v, "address", &h.address, err);
	if (rc == RC_OK)
		rc = read_fd(v, "lock_fd", 0, &h.lock_fd, err);
	if (rc == RC_OK)
		rc = read_fd(v, "unix_fd", 0, &h.unix_fd, err);
	if (rc == RC_OK)
		rc = read_fd(v, "tcp_fd", -1, &h.tcp_fd, err);
	if (rc == RC_OK)
		rc = read_fd(v, "ready_reader", 0, &h.ready_reader, err);
	if (rc == RC_OK)
		rc = read_fd(v, "ready_writer", 0, &h.ready_writer, err);
	if (rc == RC_OK)
		rc = read_children(a, json_getz(v, "children"), &h, err);
	if (rc == RC_OK)
		*ret = h;
	return rc;
}
