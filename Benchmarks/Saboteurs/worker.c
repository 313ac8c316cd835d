// Stands in for a warm worker, and is broken in the way that its first argument names. The second is the real program.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static void say(const void *bytes, size_t count) {
    if (write(1, bytes, count) < 0) _exit(3);
}

static void say_frame(const char *text) {
    size_t count = strlen(text);
    uint8_t head[4] = {(uint8_t)(count >> 24), (uint8_t)(count >> 16), (uint8_t)(count >> 8), (uint8_t)count};
    say(head, 4);
    say(text, count);
}

static void hello(int schema) {
    char text[128];
    snprintf(text, sizeof text, "{\"schema\":%d,\"kind\":\"alula-warm-worker\",\"pid\":%d}", schema, (int)getpid());
    say_frame(text);
}

// Becomes the real worker, and has it sent `signal` some milliseconds later by a process that stays behind.
static int real_then(int signal, const char *program) {
    pid_t worker = getpid();
    pid_t killer = fork();
    if (killer == 0) {
        close(0);
        close(1);
        // After a while in which it starts, and at another moment each time.
        struct timespec pause = {0, 2000000L + (worker % 17) * 1000000L};
        nanosleep(&pause, NULL);
        if (getppid() == worker) kill(worker, signal);
        _exit(0);
    }
    execl(program, program, "__warm-worker", (char *)NULL);
    return 127;
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    const char *mode = arguments[1];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!strcmp(mode, "kill")) return real_then(SIGKILL, arguments[2]);
    if (!strcmp(mode, "stop")) return real_then(SIGSTOP, arguments[2]);
    if (!strcmp(mode, "garbage")) {
        // Looks like the longest frame there is, and never ends.
        uint8_t noise[4096];
        memset(noise, 0xA7, sizeof noise);
        noise[0] = 0x03;
        for (int round = 0; round < 4096; round++) say(noise, sizeof noise);
        return 0;
    }
    if (!strcmp(mode, "half")) {
        hello(1);
        uint8_t part[] = {0, 0, 16, 0, '{', '"', 'r', 'e'};
        say(part, sizeof part);
        return 0;
    }
    if (!strcmp(mode, "version")) {
        hello(9999);
        char request[4096];
        while (read(0, request, sizeof request) > 0) {}
        return 0;
    }
    if (!strcmp(mode, "silent")) {
        for (;;) pause();
    }
    if (!strcmp(mode, "exit0")) return 0;
    return 1;
}
