/* Starting and looking at the servers under test: see served.h. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/served.h"

#include "base/arena.h"
#include "base/str.h"
#include "bench/wire.h"
#include "codec/json.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/listen.h"
#include "sys/pipe.h"

enum { STOP_MS = 30 * 1000, SMALL_FILE = 64 * 1024 };

static const char *inside(struct arena *a, const char *folder, const char *name)
{
	return str_dupz(a, str_fmt(a, "%s/%s", folder, name));
}

static enum rc await_line(int fd, struct err *err)
{
	char line[512];
	if (pipe_read(fd, line, sizeof line) > 0)
		return RC_OK;
	return err_set(err, CODE_NO_SERVER, "takt serve has ended before it was ready");
}

static enum rc read_port(struct arena *a, const char *folder, int *ret, struct err *err)
{
	struct str text;
	const struct json *v;
	enum rc rc = file_read(a, inside(a, folder, "server.json"), SMALL_FILE, &text, err);
	if (rc == RC_OK)
		rc = json_read(a, text, NULL, &v, err);
	if (rc != RC_OK)
		return rc;
	struct str address = json_get_str(v, "address", STR(""));
	size_t at = address.len;
	while (at && address.ptr[at - 1] != ':')
		at--;
	int64_t port;
	if (str_to_i64(str_sub(address, at, address.len), &port) != RC_OK)
		return err_set(err, CODE_IO, "server.json names no port");
	*ret = (int)port;
	return RC_OK;
}

static enum rc read_pid(struct arena *a, struct served *s, struct err *err)
{
	struct buf body = BUF_INIT(SMALL_FILE);
	const struct json *v;
	struct str ask = str_fmt(a,
	                         "GET /v1/info HTTP/1.1\r\nHost: localhost\r\n"
	                         "Authorization: Bearer " STR_FMT "\r\n\r\n",
	                         STR_ARG(s->key));
	enum rc rc = wire_ask(s->port, ask, 200, &body, err);
	struct str text = str_dup(a, buf_str(&body));
	buf_fini(&body);
	if (rc == RC_OK)
		rc = json_read(a, text, NULL, &v, err);
	if (rc == RC_OK)
		s->pid = json_get_int(v, "pid", 0);
	return rc;
}

static enum rc start(const char *program, const char *folder, bool is_bare, int fd_out,
                     struct served *s, struct err *err)
{
	const char *argv[] = { program,       "serve",    "--data",
		               folder,        "--listen", "127.0.0.1:0",
		               "--log-level", "warn",     is_bare ? "--maker-processes" : NULL,
		               "0",           NULL };
	struct process_options o = { .argv = argv, .fd_in = -1, .fd_out = fd_out, .fd_err = -1 };
	return process_start(&o, &s->process, err);
}

enum rc served_takt(struct arena *a, const char *program, const char *folder, bool is_bare,
                    struct served *ret, struct err *err)
{
	struct served s = { 0 };
	struct pipe out;
	enum rc rc = pipe_open(&out, err);
	if (rc != RC_OK)
		return rc;
	int64_t began_us = env_mono_us(&env_system);
	rc = start(program, folder, is_bare, out.writer, &s, err);
	close_fd(&out.writer);
	bool is_started = rc == RC_OK;
	if (rc == RC_OK)
		rc = await_line(out.reader, err);
	s.ready_ms = (env_mono_us(&env_system) - began_us + 500) / 1000;
	close_fd(&out.reader);
	if (rc == RC_OK)
		rc = read_port(a, folder, &s.port, err);
	if (rc == RC_OK)
		rc = file_read(a, inside(a, folder, "key"), SMALL_FILE, &s.key, err);
	s.key = rc == RC_OK ? str_trim(s.key) : STR("");
	if (rc == RC_OK)
		rc = read_pid(a, &s, err);
	if (rc == RC_OK)
		*ret = s;
	else if (is_started)
		served_stop(&s);
	return rc;
}

enum rc served_echo(struct arena *a, struct served *ret, struct err *err)
{
	const char *argv[] = { "/proc/self/exe", "--as-echo", NULL };
	struct served s = { 0 };
	AUTO(close_fd) int fd = -1;
	(void)a;
	enum rc rc = socket_listen_tcp("127.0.0.1:0", &fd, err);
	if (rc != RC_OK)
		return rc;
	s.port = socket_port(fd);
	struct process_options o = {
		.argv = argv, .fd_in = -1, .fd_out = -1, .fd_err = -1, .keep = &fd, .n_keep = 1
	};
	rc = process_start(&o, &s.process, err);
	s.pid = s.process.pid;
	if (rc == RC_OK)
		*ret = s;
	return rc;
}

void served_stop(struct served *s)
{
	int exit_code;
	if (s->process.pid <= 0)
		return;
	process_signal(&s->process, SIGTERM, false);
	if (!process_wait(&s->process, STOP_MS, &exit_code)) {
		process_signal(&s->process, SIGKILL, false);
		(void)process_wait(&s->process, -1, &exit_code);
	}
	s->process.pid = 0;
}

/* The server is no child of ours, so its end is looked for, so that the folder is free. */
void served_kill(struct served *s)
{
	int exit_code;
	int64_t until_ms = env_mono_ms(&env_system) + STOP_MS;
	process_signal(&s->process, SIGKILL, false);
	kill((pid_t)s->pid, SIGKILL);
	(void)process_wait(&s->process, -1, &exit_code);
	while (process_is_alive(s->pid) && env_mono_ms(&env_system) < until_ms)
		continue;
	s->process.pid = 0;
}

/* Looking */

/* Fields are counted from the last bracket, because the name may hold blanks. */
static int64_t sum_fields(struct str text, size_t from, size_t n)
{
	size_t at = text.len;
	int64_t sum = 0;
	while (at && text.ptr[at - 1] != ')')
		at--;
	struct str rest = str_trim(str_sub(text, at, text.len));
	for (size_t field = 3; field < from + n && rest.len; field++) {
		int64_t v;
		struct str word = str_cut(rest, ' ', &rest);
		if (field >= from && str_to_i64(word, &v) == RC_OK)
			sum += v;
	}
	return sum;
}

int64_t served_cpu_us(struct arena *a, int64_t pid)
{
	enum { UTIME = 14 };
	char path[64];
	struct str text;
	snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
	if (file_read(a, path, SMALL_FILE, &text, NULL) != RC_OK)
		return -1;
	return sum_fields(text, UTIME, 2) * (1000000 / sysconf(_SC_CLK_TCK));
}

/* "Name:  123 kB" in a file of /proc. */
static int64_t read_kb(struct arena *a, int64_t pid, const char *file, const char *name)
{
	char path[64];
	struct str text;
	long long kb = -1;
	snprintf(path, sizeof path, "/proc/%lld/%s", (long long)pid, file);
	if (file_read(a, path, SMALL_FILE, &text, NULL) != RC_OK)
		return -1;
	size_t at = str_find(text, str_z(name), 0);
	if (at == SIZE_MAX || sscanf(text.ptr + at + strlen(name), " %lld", &kb) != 1)
		return -1;
	return kb;
}

int64_t served_rss_kb(struct arena *a, int64_t pid)
{
	return read_kb(a, pid, "status", "VmRSS:");
}

static int64_t family_pss_kb(struct arena *a, int64_t pid)
{
	char path[64];
	struct str rest;
	int64_t sum = int64_max(read_kb(a, pid, "smaps_rollup", "\nPss:"), 0), child;
	snprintf(path, sizeof path, "/proc/%lld/task/%lld/children", (long long)pid,
	         (long long)pid);
	if (file_read(a, path, SMALL_FILE, &rest, NULL) != RC_OK)
		return sum;
	while (rest.len)
		if (str_to_i64(str_cut(rest, ' ', &rest), &child) == RC_OK)
			sum += family_pss_kb(a, child);
	return sum;
}

int64_t served_pss_kb(struct arena *a, const struct served *s)
{
	return family_pss_kb(a, s->process.pid);
}
