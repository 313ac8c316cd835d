import AlulaJSON
package import AlulaPrimitives
package import AlulaSystem
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What makes one gateway the owner of a state directory and of a configuration.
///
/// Ours is a kernel lock on a file in our corner of the state directory: it dies with its holder. OpenClaw's gateways
/// know files that only one program can create; theirs are respected, and one is made for them to respect.
package final class GatewayLock: Sendable {
    /// What is to be owned.
    package struct Claim: Sendable {
        /// ``StateLayout/lock``.
        package var lock: String
        package var state: String
        package var configuration: String
        /// The machine's directory for temporary files; see ``temporaryDirectory(_:)``.
        package var temporary: String
        /// `OPENCLAW_ALLOW_MULTI_GATEWAY`: another gateway may have the same configuration in another directory.
        package var sharesConfiguration: Bool
        /// SHA-256, which names OpenClaw's file.
        package var digest: @Sendable ([UInt8]) -> [UInt8]

        package init(
            _ layout: StateLayout, temporary: String, sharesConfiguration: Bool = false,
            digest: @escaping @Sendable ([UInt8]) -> [UInt8]
        ) {
            lock = layout.lock
            state = layout.state
            configuration = layout.configuration
            self.temporary = temporary
            self.sharesConfiguration = sharesConfiguration
            self.digest = digest
        }
    }

    /// How often a waiter looks again.
    private static let interval = Duration.milliseconds(100)
    /// The age at which a file that names no holder counts as left behind.
    private static let stale = Duration.seconds(30)

    private let lock: FileLock
    private let markers: [MarkerFile]
    private let isHeld = Mutex(true)
    /// Why OpenClaw's own lock could not be made; the gateway runs all the same.
    package let problem: SystemError?

    private init(_ lock: FileLock, markers: [MarkerFile], problem: SystemError?) {
        self.lock = lock
        self.markers = markers
        self.problem = problem
    }

    deinit { BlockingContext.permit { release() } }

    /// Becomes the owner, waiting for one that is about to end. Blocks the calling thread.
    ///
    /// - Parameter deadline: Five seconds are usual.
    /// - Throws: ``StateError/Code/gatewayRunning`` or ``StateError/Code/fileUnusable``.
    package static func acquire(
        _ claim: Claim, deadline: Deadline, pause: LockPause = .system
    ) throws(StateError) -> GatewayLock {
        while true {
            let attempt: Attempt
            do throws(SystemError) {
                attempt = try attemptOnce(claim, pause)
            } catch {
                throw StateError(.fileUnusable, "The gateway could not lock its state directory.", underlying: error)
            }
            switch attempt {
            case .owned(let lock): return lock
            case .taken(let pid):
                guard !deadline.hasPassed else {
                    let holder = pid.map { " (pid \($0))" } ?? ""
                    throw StateError(
                        .gatewayRunning,
                        "gateway already running\(holder); stop it, or give this one another --state-dir.")
                }
                pause.sleep(min(interval, deadline.remaining))
            }
        }
    }

    /// Gives everything up; doing so again has no effect. Blocks the calling thread.
    package func release() {
        let wasHeld = isHeld.withLock { isHeld in
            defer { isHeld = false }
            return isHeld
        }
        guard wasHeld else { return }
        markers.forEach { $0.remove() }
        lock.release()
    }

    /// The process that owns the directory whose ``StateLayout/lock`` is at `path`; `nil` when none does. Blocks the
    /// calling thread.
    package static func holder(_ path: String) throws(SystemError) -> LockNote? {
        guard let found = try MarkerFile.read(path)?.note, found.isHolderAlive == true else { return nil }
        return found
    }

    /// Where OpenClaw looks for the machine's temporary files, by the process's variables.
    package static func temporaryDirectory(_ variables: [String: String]) -> String {
        let named = ["TMPDIR", "TMP", "TEMP"].lazy.compactMap { variables[$0] }.first { !$0.isEmpty } ?? "/tmp"
        return named.count > 1 && named.hasSuffix("/") ? String(named.dropLast()) : named
    }

    // MARK: - Steps

    private enum Attempt {
        case owned(GatewayLock)
        /// With the owner's process id, if it is known.
        case taken(Int32?)
    }

    private static func attemptOnce(_ claim: Claim, _ pause: LockPause) throws(SystemError) -> Attempt {
        try Directory.make(PathText.directory(of: claim.lock))
        let note = note(claim, at: pause.now())
        guard let lock = try FileLock.tryAcquire(claim.lock, note: note) else {
            return .taken(try MarkerFile.read(claim.lock)?.note.pid)
        }
        guard !claim.sharesConfiguration else { return .owned(GatewayLock(lock, markers: [], problem: nil)) }

        let digest = claim.digest(Array(claim.configuration.utf8)).prefix(4)
        let name = "gateway.\(hexadecimal(digest)).lock"
        var markers: [MarkerFile] = []
        var problem: SystemError?
        for (directory, isMade) in [("\(claim.temporary)/\(folder)", true), ("\(claim.state)/tmp/\(folder)", false)] {
            do throws(SystemError) {
                guard try prepare(directory, isMade: isMade) else { continue }
                switch try mark("\(directory)/\(name)", note, pause) {
                case .made(let marker): markers.append(marker)
                case .taken(let pid):
                    markers.forEach { $0.remove() }
                    return .taken(pid)
                }
                if !isMade, let pid = try otherOwner(in: directory, except: name, pause) {
                    markers.forEach { $0.remove() }
                    return .taken(pid)
                }
            } catch {
                // OpenClaw's directory can't be used. Our own lock holds, so this is worth a warning and no more.
                problem = error
            }
        }
        return .owned(GatewayLock(lock, markers: markers, problem: problem))
    }

    private static var folder: String { "openclaw-\(getuid())" }

    private static func note(_ claim: Claim, at now: Timestamp) -> [UInt8] {
        var members: [(String, JSONValue)] = [
            ("pid", .number(Int(getpid()))), ("createdAt", .string(now.iso8601)),
            ("configPath", .string(claim.configuration)),
        ]
        if let start = ProcessTable.startTime(getpid()) { members.append(("startTime", .number(Int64(start)))) }
        return JSONValue.object(JSONObject(members)).serialized() + [UInt8(ascii: "\n")]
    }

    /// Whether `directory` is there and nobody else's. In a directory that everybody may write to, somebody else could
    /// have made it.
    private static func prepare(_ directory: String, isMade: Bool) throws(SystemError) -> Bool {
        if isMade { try Directory.make(directory) }
        guard let found = try FileIdentity.ofExisting(directory, followsLinks: false) else { return false }
        guard found.kind == .directory else {
            throw SystemError(.notDirectory, "OpenClaw's directory for locks is no directory.")
        }
        guard found.uid == getuid() else {
            throw SystemError(.wrongOwner, "OpenClaw's directory for locks belongs to another user.")
        }
        return true
    }

    private enum Mark {
        case made(MarkerFile)
        case taken(Int32?)
    }

    private static func mark(_ path: String, _ note: [UInt8], _ pause: LockPause) throws(SystemError) -> Mark {
        var pid: Int32?
        for _ in 0..<3 {
            if let marker = try MarkerFile.create(path, note) { return .made(marker) }
            guard let found = try MarkerFile.read(path) else { continue }
            guard !isLive(found, pause) else { return .taken(found.note.pid) }
            pid = found.note.pid
            try found.takeAway()
        }
        return .taken(pid)
    }

    /// A live owner among the other locks in `directory`, whose names later versions choose.
    private static func otherOwner(
        in directory: String, except name: String, _ pause: LockPause
    ) throws(SystemError) -> Int32? {
        for entry in try Directory.list(directory, maximum: 1000) {
            guard entry.kind == .regular, entry.name.hasPrefix("gateway"), entry.name.hasSuffix(".lock"),
                entry.name != name, let found = try MarkerFile.read("\(directory)/\(entry.name)"),
                let pid = found.note.pid, pid != getpid(), isLive(found, pause)
            else { continue }
            return pid
        }
        return nil
    }

    /// Whether the process that made the file still runs and is a gateway. Ids come round again: where the file doesn't
    /// say when its process started, the process must look like one.
    private static func isLive(_ file: MarkerFile, _ pause: LockPause) -> Bool {
        let note = file.note
        guard let pid = note.pid else { return !file.isLeftBehind(after: stale, now: pause.now()) }
        guard note.isHolderAlive == true else { return false }
        guard note.startTime == nil else { return true }
        let command = ProcessTable.commandLine(pid)
        return command.isEmpty
            || command.contains { $0.contains("openclaw") || $0.contains("alula") || $0 == "gateway" }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
