/* Preloaded into a process: the disk that holds the folder DISK_FOLDER has only so much room. The first eight bytes of
 * the file that DISK_ROOM names say how many bytes each file may have there, from the moment at which they are written:
 * what a write has no room for is cut off, and then refused with ENOSPC. -1 is all that is asked for, -2 a disk that is
 * read-only.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNLIMITED -1
#define READ_ONLY -2

static const volatile long long none = UNLIMITED;
static const volatile long long *room = &none;
static const char *folder = "";

__attribute__((constructor)) static void map_room(void)
{
    const char *path = getenv("DISK_ROOM");
    folder = getenv("DISK_FOLDER");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *found = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *room, PROT_READ, MAP_SHARED, file, 0);
    if (found == MAP_FAILED || !folder)
        abort(); /* a test with all the room proves nothing */
    room = found;
    close(file);
}

static int is_there(const char *path) { return strncmp(path, folder, strlen(folder)) == 0; }

/* How many bytes more the file may have; as many as are asked for where there is no limit. */
static long long left(int descriptor, long long from, long long asked)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    if (*room == UNLIMITED || length < 0 || !is_there(path))
        return asked;
    return *room > from ? *room - from : 0;
}

ssize_t write(int descriptor, const void *data, size_t count)
{
    static ssize_t (*real)(int, const void *, size_t);
    struct stat about = {0};
    if (!real)
        real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (*room != UNLIMITED && count > 0) {
        fstat(descriptor, &about);
        long long fits = left(descriptor, about.st_size, count);
        if (fits == 0) {
            errno = ENOSPC;
            return -1;
        }
        count = (size_t)fits < count ? (size_t)fits : count;
    }
    return real(descriptor, data, count);
}

static int allocate(const char *name, int descriptor, off_t from, off_t count)
{
    int (*real)(int, off_t, off_t) = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, name);
    return left(descriptor, from, count) < count ? ENOSPC : real(descriptor, from, count);
}

int posix_fallocate(int descriptor, off_t from, off_t count)
{
    return allocate("posix_fallocate", descriptor, from, count);
}

int posix_fallocate64(int descriptor, off_t from, off_t count)
{
    return allocate("posix_fallocate64", descriptor, from, count);
}

static int open_there(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    if (*room == READ_ONLY && (flags & O_ACCMODE) != O_RDONLY && is_there(path)) {
        errno = EROFS;
        return -1;
    }
    return real(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_there("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    return open_there("open64", path, flags, mode);
}
