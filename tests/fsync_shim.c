/* Preloaded into Valkey: writes down when each sync of a file to disk began and ended, and how much of it is safe then.
 *
 * To the file named by SYNC_LOG, one line each: "<begin> <end> <size> <path>", the times in nanoseconds of
 * CLOCK_MONOTONIC, which is what Python's time.monotonic_ns() reads, the size in bytes when the sync began. A first line
 * "loaded" tells that the shim is in use at all. Each sync takes SYNC_US microseconds longer, as on a slower disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef int (*sync_function)(int);

static int log_file = -1;
static useconds_t slower_by = 0;

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
    const char *slower = getenv("SYNC_US");
    if (slower)
        slower_by = (useconds_t)atoi(slower);
    if (path)
        log_file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    write_line("loaded\n", 7);
}

static int timed(const char *name, int descriptor)
{
    sync_function real = (sync_function)dlsym(RTLD_NEXT, name);
    char line[4096 + 128], link[64], path[4096];
    struct stat about = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    fstat(descriptor, &about);
    long long begin = now();
    if (slower_by)
        usleep(slower_by);
    int result = real(descriptor);
    if (result == 0)
        write_line(line, snprintf(line, sizeof line, "%lld %lld %lld %s\n", begin, now(), (long long)about.st_size, path));
    return result;
}

int fsync(int descriptor) { return timed("fsync", descriptor); }
int fdatasync(int descriptor) { return timed("fdatasync", descriptor); }
