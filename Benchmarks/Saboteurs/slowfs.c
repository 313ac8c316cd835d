// slowfs BACKING MOUNT READ_MS CONTROL: shows the directory BACKING at MOUNT. While the file CONTROL.slow exists, each read
// takes READ_MS; while CONTROL.hang exists, nothing at all is answered, as on a disk or a server that is gone. Ends with its
// standard input.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static const char *backing, *mount_point;
static char hang[PATH_MAX], slow[PATH_MAX];
static long read_milliseconds;

static void pause_for(long milliseconds) {
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) && errno == EINTR) {}
}

static void wait_while_hung(void) {
    while (access(hang, F_OK) == 0) pause_for(10);
}

static void wait_for_read(void) {
    wait_while_hung();
    if (access(slow, F_OK) == 0) pause_for(read_milliseconds);
}

// The path below the backing directory. Hangs first, when everything does.
static const char *real(const char *path, char *buffer) {
    wait_while_hung();
    snprintf(buffer, PATH_MAX, "%s%s", backing, path);
    return buffer;
}

static int result(int value) { return value < 0 ? -errno : 0; }

static int fs_getattr(const char *path, struct stat *status, struct fuse_file_info *file) {
    char place[PATH_MAX];
    (void)file;
    return result(lstat(real(path, place), status));
}

static int fs_readlink(const char *path, char *target, size_t size) {
    char place[PATH_MAX];
    ssize_t count = readlink(real(path, place), target, size - 1);
    if (count < 0) return -errno;
    target[count] = 0;
    return 0;
}

static int fs_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset, struct fuse_file_info *file,
                      enum fuse_readdir_flags flags) {
    char place[PATH_MAX];
    (void)offset, (void)file, (void)flags;
    DIR *directory = opendir(real(path, place));
    if (!directory) return -errno;
    wait_for_read();
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (fill(buffer, entry->d_name, NULL, 0, 0)) break;
    }
    closedir(directory);
    return 0;
}

static int fs_open(const char *path, struct fuse_file_info *file) {
    char place[PATH_MAX];
    int descriptor = open(real(path, place), file->flags & ~O_NOFOLLOW);
    if (descriptor < 0) return -errno;
    file->fh = (uint64_t)descriptor;
    file->direct_io = 1;
    return 0;
}

static int fs_create(const char *path, mode_t mode, struct fuse_file_info *file) {
    char place[PATH_MAX];
    int descriptor = open(real(path, place), file->flags | O_CREAT, mode);
    if (descriptor < 0) return -errno;
    file->fh = (uint64_t)descriptor;
    file->direct_io = 1;
    return 0;
}

static int fs_read(const char *path, char *bytes, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)path;
    wait_for_read();
    ssize_t count = pread((int)file->fh, bytes, size, offset);
    return count < 0 ? -errno : (int)count;
}

static int fs_write(const char *path, const char *bytes, size_t size, off_t offset, struct fuse_file_info *file) {
    (void)path;
    wait_while_hung();
    ssize_t count = file->flags & O_APPEND ? write((int)file->fh, bytes, size)
                                           : pwrite((int)file->fh, bytes, size, offset);
    return count < 0 ? -errno : (int)count;
}

static int fs_fsync(const char *path, int only_data, struct fuse_file_info *file) {
    (void)path, (void)only_data;
    wait_while_hung();
    return result(fsync((int)file->fh));
}

static int fs_release(const char *path, struct fuse_file_info *file) {
    (void)path;
    return result(close((int)file->fh));
}

static int fs_mkdir(const char *path, mode_t mode) {
    char place[PATH_MAX];
    return result(mkdir(real(path, place), mode));
}

static int fs_mknod(const char *path, mode_t mode, dev_t device) {
    char place[PATH_MAX];
    return result(mknod(real(path, place), mode, device));
}

static int fs_unlink(const char *path) {
    char place[PATH_MAX];
    return result(unlink(real(path, place)));
}

static int fs_rmdir(const char *path) {
    char place[PATH_MAX];
    return result(rmdir(real(path, place)));
}

static int fs_rename(const char *from, const char *to, unsigned int flags) {
    char first[PATH_MAX], second[PATH_MAX];
    return result(renameat2(AT_FDCWD, real(from, first), AT_FDCWD, real(to, second), flags));
}

static int fs_chmod(const char *path, mode_t mode, struct fuse_file_info *file) {
    char place[PATH_MAX];
    (void)file;
    return result(chmod(real(path, place), mode));
}

static int fs_truncate(const char *path, off_t size, struct fuse_file_info *file) {
    char place[PATH_MAX];
    (void)file;
    return result(truncate(real(path, place), size));
}

static int fs_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *file) {
    char place[PATH_MAX];
    (void)file;
    return result(utimensat(AT_FDCWD, real(path, place), times, AT_SYMLINK_NOFOLLOW));
}

static int fs_statfs(const char *path, struct statvfs *status) {
    char place[PATH_MAX];
    return result(statvfs(real(path, place), status));
}

// What is seen through the mount changes behind it too, so nothing is kept.
static void *fs_init(struct fuse_conn_info *connection, struct fuse_config *configuration) {
    (void)connection;
    configuration->entry_timeout = configuration->attr_timeout = configuration->negative_timeout = 0;
    configuration->use_ino = 1;
    configuration->hard_remove = 1;
    return NULL;
}

static const struct fuse_operations operations = {
    .init = fs_init,       .getattr = fs_getattr, .readlink = fs_readlink, .readdir = fs_readdir,
    .open = fs_open,       .create = fs_create,   .read = fs_read,         .write = fs_write,
    .fsync = fs_fsync,     .release = fs_release, .mkdir = fs_mkdir,       .unlink = fs_unlink,
    .mknod = fs_mknod,     .rmdir = fs_rmdir,     .rename = fs_rename,   .chmod = fs_chmod,
    .truncate = fs_truncate,
    .utimens = fs_utimens, .statfs = fs_statfs,
};

static void *end_with_input(void *unused) {
    char bytes[64];
    (void)unused;
    ssize_t count;
    while ((count = read(0, bytes, sizeof bytes)) > 0 || (count < 0 && errno == EINTR)) {}
    umount2(mount_point, MNT_DETACH);
    _exit(0);
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: slowfs BACKING MOUNT READ_MS CONTROL\n");
        return 64;
    }
    backing = arguments[1];
    mount_point = arguments[2];
    read_milliseconds = atol(arguments[3]);
    snprintf(hang, sizeof hang, "%s.hang", arguments[4]);
    snprintf(slow, sizeof slow, "%s.slow", arguments[4]);
    pthread_t thread;
    if (pthread_create(&thread, NULL, end_with_input, NULL)) return 71;
    char *options[] = {arguments[0], arguments[2], "-f", "-o", "fsname=slowfs", NULL};
    return fuse_main(5, options, &operations, NULL);
}
