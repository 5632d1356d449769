/* The data folder: one supervisor holds it at a time, and says so in server.json. */
#include <stdio.h>

#include "supervisor/supervisor.h"

#include "base/arena.h"
#include "codec/json.h"
#include "codec/rfc3339.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/self.h"

enum { ANNOUNCEMENT_MAX = 4096, DYING_MS = 2000 };

static const char *inside(struct arena *a, const char *folder, const char *name)
{
	return str_dupz(a, str_fmt(a, "%s/%s", folder, name));
}

/* The process that announced itself; 0 when none has. */
static int64_t announced_pid(struct arena *a, const char *folder)
{
	struct str text;
	const struct json *v;
	if (file_read(a, inside(a, folder, "server.json"), ANNOUNCEMENT_MAX, &text, NULL) !=
	            RC_OK ||
	    json_read(a, text, NULL, &v, NULL) != RC_OK)
		return 0;
	return json_get_int(v, "pid", 0);
}

/* Who holds it, for the message; the lock alone decides. */
static enum rc say_who(int64_t pid, const char *folder, struct err *err)
{
	if (pid > 0)
		return err_set(
		        err, CODE_FOLDER_HELD,
		        "%s is held by the server with pid %lld; stop it (kill %lld) or take "
		        "another folder with --data",
		        folder, (long long)pid, (long long)pid);
	return err_set(err, CODE_FOLDER_HELD,
	               "%s is held by another takt that has not said who it is yet; wait for it "
	               "or take another folder with --data",
	               folder);
}

/* A supervisor that was killed takes its server with it, which needs a moment to go. */
static enum rc lock_it(struct arena *a, const char *folder, int *ret, struct err *err)
{
	const char *lock = inside(a, folder, "lock");
	enum rc rc = file_lock(lock, 0, ret, err);
	if (rc != RC_CONFLICT)
		return rc;
	int64_t pid = announced_pid(a, folder);
	if (pid && !process_is_alive(pid))
		rc = file_lock(lock, DYING_MS, ret, err);
	return rc == RC_CONFLICT ? say_who(pid, folder, err) : rc;
}

enum rc folder_open(struct arena *a, const char *path, struct folder *ret, struct err *err)
{
	enum rc rc = folder_create(path, 0700, err);
	if (rc != RC_OK)
		return rc;
	char *real = realpath(path, NULL);
	if (!real)
		return err_set(err, CODE_IO, "%s has no absolute path", path);
	const char *absolute = str_dupz(a, str_z(real));
	free(real);
	if (folder_is_network(absolute))
		return err_set(err, CODE_IO,
		               "%s is on a network file system, where locks and syncs cannot be "
		               "trusted; use a local disk",
		               absolute);
	int fd;
	rc = lock_it(a, absolute, &fd, err);
	if (rc == RC_OK)
		*ret = (struct folder){ absolute, fd };
	return rc;
}

enum rc folder_announce(const struct folder *f, const struct announcement *said, struct err *err)
{
	struct buf text = BUF_INIT(ANNOUNCEMENT_MAX);
	struct json_out o;
	json_out_init(&o, &text);
	json_begin_object(&o);
	json_put_int(&o, "pid", self_pid());
	json_put_str(&o, "address", str_z(said->address));
	char time[RFC3339_MAX];
	json_put_str(&o, "started_at", rfc3339_text(self_started_at_ms(), time));
	json_put_str(&o, "version", str_z(said->version));
	json_put_int(&o, "restarts", said->restarts);
	if (said->refused)
		json_put_str(&o, "refused", str_z(said->refused));
	json_end_object(&o);
	buf_addc(&text, '\n');
	char path[4200];
	snprintf(path, sizeof path, "%s/server.json", f->path);
	/* Of a running process: after a power cut it is nobody's. */
	enum rc rc = file_write_volatile(path, buf_str(&text), 0600, err);
	buf_fini(&text);
	return rc;
}

void folder_close(struct folder *f)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/server.json", f->path);
	remove(path); /* gone already is fine: it was never announced */
	close_fd(&f->lock_fd);
}
