/* sys/listen, sys/library and sys/env: addresses, taken ports, Unix sockets, what is missing. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit.h"

#include "sys/env.h"
#include "sys/file.h"
#include "sys/library.h"
#include "sys/listen.h"

static enum code listen_code(const char *address)
{
	int fd = -1;
	struct err err = { 0 };
	enum rc rc = socket_listen_tcp(address, &fd, &err);
	close_fd(&fd);
	return rc == RC_OK ? CODE_NONE : err.code;
}

START_TEST(test_addresses)
{
	ck_assert_int_eq(listen_code("127.0.0.1:0"), CODE_NONE);
	ck_assert_int_eq(listen_code("localhost:0"), CODE_NONE);
	ck_assert_int_eq(listen_code(":0"), CODE_NONE);
	ck_assert_int_eq(listen_code("0.0.0.0:0"), CODE_NONE);
	static const char *const bad[] = { "",
		                           "8420",
		                           "127.0.0.1",
		                           "127.0.0.1:",
		                           "127.0.0.1:x",
		                           "127.0.0.1:65536",
		                           "127.0.0.1:-1",
		                           "::1:80",
		                           "[::1:80",
		                           "example.org:80",
		                           "127.0.0.1.:80",
		                           "[]x:1",
		                           "192.0.2.1:0" /* for documentation: nobody has it */ };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(listen_code(bad[i]) == CODE_BAD_CONFIG, "%s", bad[i]);
}
END_TEST

START_TEST(test_a_taken_port_says_who_can_be_asked)
{
	int fd, second;
	struct err err;
	char address[32];
	ck_assert_ok(socket_listen_tcp(":0", &fd, NULL));
	ck_assert_int_gt(socket_port(fd), 0);
	ck_assert(!socket_is_unix(fd));
	snprintf(address, sizeof address, "127.0.0.1:%d", socket_port(fd));
	ck_assert_int_eq(socket_listen_tcp(address, &second, &err), RC_CONFLICT);
	ck_assert_int_eq(err.code, CODE_PORT_TAKEN);
	ck_assert_ptr_nonnull(strstr(err.text, "ss -ltnp"));
	close_fd(&fd);
}
END_TEST

START_TEST(test_unix_sockets)
{
	char folder[] = "/tmp/takt-listen-XXXXXX", path[64], long_path[200];
	int fd, second;
	struct err err;
	struct stat st;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/socket", folder);
	ck_assert_ok(socket_listen_unix(path, &fd, NULL));
	ck_assert(socket_is_unix(fd));
	ck_assert_int_eq(socket_port(fd), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(socket_listen_unix(path, &second, &err), RC_CONFLICT);
	ck_assert_int_eq(err.code, CODE_PORT_TAKEN);
	close_fd(&fd); /* the file stays: a dead server's */
	ck_assert(file_exists(path));
	ck_assert_ok(socket_listen_unix(path, &fd, NULL));
	close_fd(&fd);
	ck_assert_ok(file_write(path, STR("not a socket"), 0600, NULL));
	ck_assert_int_eq(socket_listen_unix(path, &fd, &err), RC_CONFLICT);
	ck_assert_int_eq(err.code, CODE_CONFLICT);
	memset(long_path, 'x', sizeof long_path - 1);
	long_path[sizeof long_path - 1] = '\0';
	ck_assert_int_eq(socket_listen_unix(long_path, &fd, &err), RC_INVALID);
	ck_assert_ok(folder_remove(folder, NULL));
}
END_TEST

START_TEST(test_the_peer_of_a_unix_socket)
{
	int pair[2];
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert(socket_peer_is_me_or_root(pair[0]));
}
END_TEST

START_TEST(test_libraries)
{
	double (*cosine)(double) = NULL;
	void *nothing;
	struct err err;
	const struct library_symbol good = { "cos", (void **)&cosine };
	const struct library_symbol bad = { "no_such_function_here", &nothing };
	ck_assert_ok(library_open("libm.so.6", "libc6", &good, 1, &err));
	ck_assert(cosine(0) > 0.99);
	ck_assert_int_eq(library_open("libm.so.6", "libc6", &bad, 1, &err), RC_NOT_FOUND);
	ck_assert_int_eq(library_open("libtakt-none.so.1", "libtakt-none", &good, 1, &err),
	                 RC_NOT_FOUND);
	ck_assert_int_eq(err.code, CODE_TOOL_MISSING);
	ck_assert_ptr_nonnull(strstr(err.text, "apt install libtakt-none"));
}
END_TEST

START_TEST(test_clocks_and_randomness)
{
	int64_t before = env_mono_us(&env_system);
	ck_assert_int_ge(env_mono_us(&env_system), before);
	ck_assert_int_gt(env_wall_ms(&env_system), INT64_C(1600000000000));
	unsigned char a[32] = { 0 }, b[32] = { 0 };
	env_random(&env_system, a, sizeof a);
	env_random(&env_system, b, sizeof b);
	ck_assert_int_ne(memcmp(a, b, sizeof a), 0);
}
END_TEST

UNIT_MAIN("sys/listen", test_addresses, test_a_taken_port_says_who_can_be_asked, test_unix_sockets,
          test_the_peer_of_a_unix_socket, test_libraries, test_clocks_and_randomness)
