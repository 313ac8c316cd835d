// The terminal of this process: changed, and given back in every way that a process can end.
#include "CAlulaShims.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const int crashes[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
enum { crash_count = sizeof(crashes) / sizeof(crashes[0]), route_count = 65 };

static struct termios earlier;
static struct sigaction earlier_actions[route_count];
static char farewell[256];
static volatile sig_atomic_t taken_descriptor = -1;
static volatile sig_atomic_t routes[route_count];

static void write_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        bytes += written;
        count -= (size_t)written;
    }
}

static void crashed(int number) {
    int descriptor = taken_descriptor;
    if (descriptor >= 0) {
        tcsetattr(descriptor, TCSANOW, &earlier);
        write_all(descriptor, farewell, strlen(farewell));
    }
    // Comes again once this returns, and then means what it meant before.
    sigaction(number, &earlier_actions[number], NULL);
    raise(number);
}

static void routed(int number) {
    int kept = errno;
    unsigned char byte = (unsigned char)number;
    ssize_t ignored = write(routes[number] - 1, &byte, 1);
    (void)ignored;
    errno = kept;
}

static int install(int number, void (*handler)(int), int flags) {
    struct sigaction action = {0};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigfillset(&action.sa_mask);
    return sigaction(number, &action, &earlier_actions[number]);
}

int alula_take_terminal(int descriptor, const char *goodbye) {
    if (strlen(goodbye) >= sizeof(farewell)) {
        errno = EINVAL;
        return -1;
    }
    if (tcgetattr(descriptor, &earlier) != 0) return -1;
    struct termios wanted = earlier;
    wanted.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    // Stopping the output by a key would stop this process inside of a write.
    wanted.c_iflag &= ~(tcflag_t)(IXON);
    wanted.c_cc[VMIN] = 1;
    wanted.c_cc[VTIME] = 0;
    strcpy(farewell, goodbye);
    if (tcsetattr(descriptor, TCSAFLUSH, &wanted) != 0) return -1;
    if (taken_descriptor < 0) {
        for (int i = 0; i < crash_count; i++) install(crashes[i], crashed, 0);
    }
    taken_descriptor = descriptor;
    return 0;
}

void alula_release_terminal(void) {
    int descriptor = taken_descriptor;
    if (descriptor < 0) return;
    taken_descriptor = -1;
    for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &earlier_actions[crashes[i]], NULL);
    tcsetattr(descriptor, TCSADRAIN, &earlier);
}

int alula_route_signal(int number, int descriptor, int once) {
    if (number <= 0 || number >= route_count) {
        errno = EINVAL;
        return -1;
    }
    struct sigaction now;
    if (sigaction(number, NULL, &now) != 0) return -1;
    // Whoever started this process and had it pass the signal over, such as nohup, meant it.
    if (now.sa_handler == SIG_IGN) return 0;
    routes[number] = descriptor + 1;
    return install(number, routed, SA_RESTART | (once ? (int)SA_RESETHAND : 0));
}

void alula_unroute_signal(int number) {
    if (number <= 0 || number >= route_count || routes[number] == 0) return;
    sigaction(number, &earlier_actions[number], NULL);
    routes[number] = 0;
}

int alula_terminal_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}
