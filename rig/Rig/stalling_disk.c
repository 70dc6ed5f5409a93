/* Preloaded into PostgreSQL: what makes a write durable hangs for as long as there is a file named STALL, as on a disk that hangs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

typedef int (*sync_call)(int);

static void wait_for_disk(void)
{
    struct timespec pause = {0, 5000000};
    while (access(STALL, F_OK) == 0)
        nanosleep(&pause, NULL);
}

int fdatasync(int file)
{
    static sync_call next;
    if (!next)
        next = (sync_call)dlsym(RTLD_NEXT, "fdatasync");
    wait_for_disk();
    return next(file);
}

int fsync(int file)
{
    static sync_call next;
    if (!next)
        next = (sync_call)dlsym(RTLD_NEXT, "fsync");
    wait_for_disk();
    return next(file);
}
