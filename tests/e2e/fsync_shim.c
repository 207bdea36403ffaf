/* Preloaded into Valkey: writes down when each sync of a file to disk began and ended.
 *
 * To the file named by SYNC_LOG, one line each: "<begin> <end>" in nanoseconds of CLOCK_MONOTONIC, which is what
 * Python's time.monotonic_ns() reads. A first line "loaded" tells that the shim is in use at all.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef int (*sync_function)(int);

static int log_file = -1;

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void write_line(const char *line, int length)
{
    if (log_file >= 0 && write(log_file, line, length) != length)
        abort(); /* a count that misses one proves nothing */
}

__attribute__((constructor)) static void open_log(void)
{
    const char *path = getenv("SYNC_LOG");
    if (path)
        log_file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    write_line("loaded\n", 7);
}

static int timed(const char *name, int descriptor)
{
    sync_function real = (sync_function)dlsym(RTLD_NEXT, name);
    long long begin = now();
    int result = real(descriptor);
    char line[64];
    if (result == 0)
        write_line(line, snprintf(line, sizeof line, "%lld %lld\n", begin, now()));
    return result;
}

int fsync(int descriptor) { return timed("fsync", descriptor); }
int fdatasync(int descriptor) { return timed("fdatasync", descriptor); }
