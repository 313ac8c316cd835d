import AlulaPrimitives
import CAlulaShims
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A started child: its process group can be signalled until it is reaped, and never after.
///
/// A process id is free for reuse once its process was reaped, so both happen under one lock, and the end is first
/// looked for without reaping.
final class SpawnedChild: Sendable {
    let pid: pid_t
    /// Becomes readable when the child ends; -1 where the system has no such thing.
    let endDescriptor: Int32
    private let status = Mutex<ChildStatus?>(nil)

    /// Starts `command` with these standard descriptors, which stay the caller's. Blocks the calling thread until the
    /// program has been loaded.
    init(_ command: ChildCommand, input: Int32, output: Int32, errors: Int32) throws(SystemError) {
        BlockingContext.assertAllowed()
        UnreapedChildren.sweep()
        let environment = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let texts = [command.executable, command.workingDirectory ?? ""] + command.arguments + environment
        guard !texts.contains(where: { $0.utf8.contains(0) }) else {
            throw SystemError(.cannotStart, "The program was not started: an argument contains a NUL character.")
        }
        let arguments = CStringList([PathText.name(of: command.executable)] + command.arguments)
        let variables = CStringList(environment)
        var child: pid_t = 0
        let failure = alula_spawn(
            &child, command.executable, arguments.pointers, variables.pointers, command.workingDirectory, input,
            output, errors)
        guard failure == 0 else { throw Self.cannotStart(ErrorNumber(failure)) }
        pid = child
        endDescriptor = alula_process_descriptor(child)
        LiveChildren.add(self)
    }

    deinit {
        LiveChildren.remove(self)
        if endDescriptor >= 0 { close(endDescriptor) }
    }

    private static func cannotStart(_ number: ErrorNumber) -> SystemError {
        let reason =
            switch number.rawValue {
            case ENOENT: "it or its directory does not exist"
            case EACCES, EPERM: "it may not be executed"
            case ENOEXEC: "it is no program for this machine"
            case E2BIG: "its arguments are too long"
            default: "the system refused"
            }
        return SystemError(.cannotStart, "The program was not started: \(reason).", underlying: number)
    }

    /// Whether the child has ended, reaped or not.
    var hasEnded: Bool {
        status.withLock { $0 != nil || alula_has_ended(pid) != 0 }
    }

    /// Sends `signal` to the child and to everything it started in its group; nothing once it was reaped.
    func signalGroup(_ signal: Int32) {
        status.withLock { status in
            if status == nil { kill(-pid, signal) }
        }
    }

    /// Waits until the child has ended. Blocks the calling thread.
    ///
    /// - Returns: `false` when `deadline` came first.
    func waitForEnd(until deadline: Deadline) -> Bool {
        BlockingContext.assertAllowed()
        while !hasEnded {
            if deadline.hasPassed { return false }
            if endDescriptor >= 0 {
                var watched = pollfd(fd: endDescriptor, events: Int16(POLLIN), revents: 0)
                poll(&watched, 1, deadline.pollMilliseconds)
            } else {
                poll(nil, 0, min(5, deadline.pollMilliseconds))
            }
        }
        return true
    }

    /// Ends what is left of the group and collects the child, which must have ended. Doesn't block.
    @discardableResult
    func reap() -> ChildStatus {
        status.withLock { status in
            if let status { return status }
            kill(-pid, SIGKILL)
            var raw: Int32 = 0
            var result: pid_t
            repeat { result = waitpid(pid, &raw, WNOHANG) } while result < 0 && errno == EINTR
            let found = result == pid ? ChildStatus(raw: raw) : .unknown
            status = found
            return found
        }
    }

    /// SIGTERM, `grace`, SIGKILL, collect. Blocks the calling thread for at most `grace` and a second.
    @discardableResult
    func stop(grace: Duration) -> ChildStatus {
        signalGroup(SIGTERM)
        if !waitForEnd(until: .after(grace)) {
            signalGroup(SIGKILL)
            if !waitForEnd(until: .after(.seconds(1))) {
                // Stuck in the kernel, on a hung disk for example: it goes when the disk comes back.
                UnreapedChildren.adopt(self)
                return .unknown
            }
        }
        return reap()
    }
}

/// Children that could not be collected when they should have ended.
enum UnreapedChildren {
    private static let children = Mutex<[SpawnedChild]>([])

    /// Takes over a child that was sent SIGKILL.
    static func adopt(_ child: SpawnedChild) { children.withLock { $0.append(child) } }

    /// Collects those that have ended meanwhile.
    static func sweep() {
        children.withLock { children in
            for child in children where child.hasEnded { child.reap() }
            children.removeAll { $0.hasEnded }
        }
    }
}

/// A NULL-terminated list of C strings, freed with the object.
final class CStringList {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?]

    init(_ texts: [String]) { pointers = texts.map { strdup($0) } + [nil] }

    deinit { pointers.forEach { free($0) } }
}
