#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs a program that a person works with on this process's own terminal, such as an editor.
package enum TerminalProgram {
    /// Runs `command` with this process's standard streams until it ends. Blocks the calling thread, as long as the
    /// person takes.
    ///
    /// The program belongs to the same foreground group, or it could not read the terminal. An interrupt from the
    /// keyboard is meant for it, so this process passes it over meanwhile.
    ///
    /// - Throws: ``SystemError/Code/cannotStart``.
    package static func run(_ command: ChildCommand) throws(SystemError) -> ChildStatus {
        BlockingContext.assertAllowed()
        let environment = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        guard !([command.executable] + command.arguments + environment).contains(where: { $0.utf8.contains(0) }) else {
            throw SystemError(.cannotStart, "The program was not started: an argument contains a NUL character.")
        }
        let arguments = CStringList([PathText.name(of: command.executable)] + command.arguments)
        let variables = CStringList(environment)
        let held = [SIGINT, SIGQUIT].map { ($0, signal($0, SIG_IGN)) }
        defer { for (number, handler) in held { signal(number, handler) } }
        let child = try start(command.executable, arguments, variables)
        var raw: Int32 = 0
        while waitpid(child, &raw, 0) < 0 {
            guard errno == EINTR else { return .unknown }
        }
        return ChildStatus(raw: raw)
    }

    private static func start(
        _ executable: String, _ arguments: CStringList, _ variables: CStringList
    ) throws(SystemError) -> pid_t {
        #if canImport(Glibc)
        var attributes = posix_spawnattr_t()
        #else
        var attributes: posix_spawnattr_t?
        #endif
        guard posix_spawnattr_init(&attributes) == 0 else {
            throw SystemError(.cannotStart, "The program was not started: the system refused.")
        }
        defer { posix_spawnattr_destroy(&attributes) }
        // What is passed over here is no business of the program's.
        var everything = sigset_t()
        var nothing = sigset_t()
        sigfillset(&everything)
        sigemptyset(&nothing)
        posix_spawnattr_setsigdefault(&attributes, &everything)
        posix_spawnattr_setsigmask(&attributes, &nothing)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var child: pid_t = 0
        let failure = posix_spawn(&child, executable, nil, &attributes, arguments.pointers, variables.pointers)
        guard failure == 0 else {
            throw SystemError(
                .cannotStart, "The program was not started: the system refused.", underlying: ErrorNumber(failure))
        }
        return child
    }
}
