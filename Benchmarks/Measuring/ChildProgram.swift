#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program that the benchmark started. It is ended by its process id, at the latest when it is let go.
package final class ChildProgram {
    package let pid: Int32
    /// The write end of its standard input; closing it asks the prober to finish.
    private var input: Int32
    private var exitStatus: Int32?

    /// Starts `path` with exactly `environment`.
    ///
    /// - Parameter output: A file that takes standard output and standard error.
    package init(
        path: String, arguments: [String], environment: [String: String], output: String
    ) throws(BenchmarkError) {
        var pipeEnds: [Int32] = [-1, -1]
        guard pipe(&pipeEnds) == 0 else { throw BenchmarkError(.systemCall, "No pipe could be made.") }
        _ = fcntl(pipeEnds[1], F_SETFD, FD_CLOEXEC)
        #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
        #else
        var actions: posix_spawn_file_actions_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, pipeEnds[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_addclose(&actions, pipeEnds[0])
        var argv = ([path] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        var child: Int32 = 0
        let code = posix_spawn(&child, path, &actions, nil, &argv, &envp)
        for text in argv + envp { free(text) }
        posix_spawn_file_actions_destroy(&actions)
        close(pipeEnds[0])
        pid = child
        input = pipeEnds[1]
        guard code == 0 else {
            exitStatus = -1
            closeInput()
            throw BenchmarkError(.cannotStart, "\(path) could not be started (errno \(code)).")
        }
    }

    deinit { _ = stop(graceMilliseconds: 0) }

    /// Whether it has not ended yet.
    package var isRunning: Bool {
        if exitStatus != nil { return false }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return true }
        exitStatus = status
        return false
    }

    /// Whether it has ended with status 0.
    package var succeeded: Bool { !isRunning && exitStatus == 0 }

    /// Writes a short text, of less than a pipe's buffer, to its standard input. A program that has ended gets nothing.
    package func send(_ text: String) {
        guard input >= 0 else { return }
        let bytes = Array(text.utf8)
        _ = write(input, bytes, bytes.count)
    }

    /// Closes its standard input.
    package func closeInput() {
        guard input >= 0 else { return }
        close(input)
        input = -1
    }

    /// Blocks until it has ended, or until `deadline`.
    ///
    /// - Returns: Whether it has ended.
    package func waitForExit(deadline: MonotonicTime) -> Bool {
        while isRunning {
            guard MonotonicTime.now < deadline else { return false }
            MonotonicTime.sleep(milliseconds: 1)
        }
        return true
    }

    /// Asks it to end with SIGTERM and kills it after the grace.
    ///
    /// - Returns: How long it took, in milliseconds, or `nil` when it had to be killed.
    package func stop(graceMilliseconds: Double) -> Double? {
        closeInput()
        guard isRunning else { return 0 }
        let start = MonotonicTime.now
        kill(pid, SIGTERM)
        if waitForExit(deadline: start.advanced(byMilliseconds: graceMilliseconds)) {
            return MonotonicTime.now.milliseconds(since: start)
        }
        kill(pid, SIGKILL)
        _ = waitForExit(deadline: .now.advanced(byMilliseconds: 5000))
        return nil
    }
}
