// Fails the n-th call that changes something under a folder: for LD_PRELOAD.
// FAIL_UNDER is the folder, FAIL_AT the number of the call from 1 (0: none), FAIL_ERRNO the error.
// The number of calls is written to FAIL_COUNT when the process ends.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int calls;

static int fails_at(const char *path) {
  const char *under = getenv("FAIL_UNDER");
  if (under == NULL || strncmp(path, under, strlen(under)) != 0) return 0;
  const char *at = getenv("FAIL_AT");
  if (atomic_fetch_add(&calls, 1) + 1 != (at ? atoi(at) : 0)) return 0;
  const char *error = getenv("FAIL_ERRNO");
  errno = error ? atoi(error) : ENOSPC;
  return 1;
}

static int fails_on(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return fails_at(path);
}

__attribute__((destructor)) static void tell(void) {
  const char *name = getenv("FAIL_COUNT");
  FILE *file = name ? fopen(name, "w") : NULL;
  if (file == NULL) return;
  fprintf(file, "%d\n", atomic_load(&calls));
  fclose(file);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
  return fails_on(fd) ? -1 : REAL(ssize_t, write, int, const void *, size_t)(fd, data, size);
}

int fsync(int fd) { return fails_on(fd) ? -1 : REAL(int, fsync, int)(fd); }

int rename(const char *from, const char *to) {
  return fails_at(to) ? -1 : REAL(int, rename, const char *, const char *)(from, to);
}

int mkdir(const char *path, mode_t mode) {
  return fails_at(path) ? -1 : REAL(int, mkdir, const char *, mode_t)(path, mode);
}

int ftruncate(int fd, off_t size) {
  return fails_on(fd) ? -1 : REAL(int, ftruncate, int, off_t)(fd, size);
}

#define OPEN(name)                                                              \
  int name(const char *path, int flags, ...) {                                  \
    va_list rest;                                                               \
    va_start(rest, flags);                                                      \
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;             \
    va_end(rest);                                                               \
    if (flags & O_CREAT && fails_at(path)) return -1;                           \
    return REAL(int, name, const char *, int, ...)(path, flags, mode);          \
  }

OPEN(open)
OPEN(open64)
