import AlulaPrimitives
import AlulaSystem
import CAlulaShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Tells which of a set of files may have changed.
///
/// On Linux directories are watched through inotify, so that files that don't exist yet, that are replaced by a rename
/// or that are reached through a link are seen too. Where that can't work (network and user-space file systems, no
/// more watches, other systems) the files' identities are compared once a second. Three threads of its own make all
/// system calls: one reads events, one sets up watches, one polls. A directory that hangs can hold up the last two and
/// nobody else.
package final class FileWatcher: Sendable {
    /// How often files are looked at that can't be watched.
    package static let pollingInterval = Duration.seconds(1)

    /// What is watched and how.
    package struct Statistics: Hashable, Sendable {
        package var watchedPaths = 0
        package var watchedDirectories = 0
        package var polledPaths = 0
    }

    private struct State {
        var wanted: Set<String> = []
        /// Paths whose watches have to be set up anew, and whether to report them once that is done.
        var unarmed: [String: Bool] = [:]
        var map = WatchMap()
        var directories: [Int32: String] = [:]
        var polled: [String: FileIdentity?] = [:]
        var changed: Set<String> = []
        var isArming = false
        var isStopped = false
    }

    private enum Condition {
        static let arm = 0
        static let poll = 1
    }

    private let monitor = Monitor(State(), conditions: 2)
    private let descriptor: Int32
    private let wake: (read: Int32, write: Int32)
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    /// Starts the threads. Files are watched from the first ``watch(_:)`` on.
    package init() throws {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemError(.current, while: "starting to watch files") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wake = (ends[0], ends[1])
        #if os(Linux)
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        #else
        descriptor = -1
        #endif
        if descriptor >= 0 { try SystemThread.start(name: "watch-events") { self.readEvents() } }
        try SystemThread.start(name: "watch-arm") { self.armForEver() }
        try SystemThread.start(name: "watch-poll") { self.pollForEver() }
    }

    /// Replaces the set of watched files, which need not exist. Returns at once; a change that happens while the watches
    /// are being set up is reported.
    ///
    /// - Parameter paths: Absolute paths.
    package func watch(_ paths: Set<String>) {
        monitor.withLock { state in
            let gone = state.wanted.subtracting(paths)
            for path in gone { state.unarmed[path] = nil }
            for path in paths.subtracting(state.wanted) { state.unarmed[path] = true }
            state.wanted = paths
            state.map.remove(gone)
            state.polled = state.polled.filter { !gone.contains($0.key) }
        }
        monitor.signal(Condition.arm)
    }

    /// Paths that may have changed since the last time, each set at least once after its change.
    ///
    /// For one consumer. Ends with ``stop()``.
    package func changes() async -> Set<String>? {
        for await _ in signals {
            let changed = monitor.withLock { state in
                defer { state.changed = [] }
                return state.changed
            }
            if !changed.isEmpty { return changed }
        }
        return nil
    }

    package var statistics: Statistics {
        monitor.withLock { state in
            Statistics(
                watchedPaths: state.wanted.count - state.polled.count, watchedDirectories: state.directories.count,
                polledPaths: state.polled.count)
        }
    }

    /// Whether some watch is still to be set up.
    var isArming: Bool { monitor.withLock { $0.isArming || !$0.unarmed.isEmpty } }

    /// Ends the threads as soon as they come back from the system, and ``changes()``.
    package func stop() {
        monitor.withLock { $0.isStopped = true }
        monitor.signalAll()
        _ = write(wake.write, [0], 1)
        signal.finish()
    }

    private func report(_ paths: Set<String>) {
        let isNews = monitor.withLock { state in
            let kept = paths.intersection(state.wanted)
            state.changed.formUnion(kept)
            return !kept.isEmpty
        }
        if isNews { signal.yield() }
    }

    // MARK: Setting up

    private func armForEver() {
        while true {
            let paths: [String: Bool]? = monitor.wait { state in
                if state.isStopped { return .done(nil) }
                guard !state.unarmed.isEmpty else { return .wait(on: Condition.arm, until: nil) }
                defer { state.unarmed = [:] }
                state.isArming = true
                return .done(state.unarmed)
            }
            guard let paths else { return }
            var verdicts: [String: Bool] = [:]
            for path in paths.keys { arm(path, verdicts: &verdicts) }
            // Whatever happened before a watch stood is caught up with by one look.
            report(Set(paths.filter(\.value).keys))
            monitor.withLock { $0.isArming = false }
        }
    }

    /// Watches the directory of `path`, or the nearest one above it that exists, and where a link leads.
    private func arm(_ path: String, verdicts: inout [String: Bool]) {
        var (directory, name) = WatchMap.split(path)
        var canWatch = watchDirectory(directory, verdicts: &verdicts)
        while canWatch == nil, directory != "/" {
            (directory, name) = WatchMap.split(directory)
            canWatch = watchDirectory(directory, verdicts: &verdicts)
        }
        guard canWatch == true else {
            poll(path)
            return
        }
        monitor.withLock { state in
            guard state.wanted.contains(path) else { return }
            state.map.add(path, directory: directory, name: name)
        }
        guard let target = Self.target(of: path), target != path else { return }
        let (targetDirectory, targetName) = WatchMap.split(target)
        if watchDirectory(targetDirectory, verdicts: &verdicts) == true {
            monitor.withLock { state in
                guard state.wanted.contains(path) else { return }
                state.map.add(path, directory: targetDirectory, name: targetName)
            }
        } else {
            poll(path)
        }
    }

    private func poll(_ path: String) {
        let identity = Self.identity(of: path)
        monitor.withLock { state in
            guard state.wanted.contains(path) else { return }
            state.polled[path] = .some(identity)
        }
        monitor.signal(Condition.poll)
    }

    /// - Returns: Whether events will tell about `directory`, or `nil` when it isn't there.
    private func watchDirectory(_ directory: String, verdicts: inout [String: Bool]) -> Bool? {
        if let known = verdicts[directory] { return known }
        #if os(Linux)
        guard descriptor >= 0, !Self.hidesForeignWrites(directory) else {
            guard access(directory, F_OK) == 0 else { return nil }
            verdicts[directory] = false
            return false
        }
        let mask =
            IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO
            | IN_DELETE_SELF | IN_MOVE_SELF
        let watch = inotify_add_watch(descriptor, directory, UInt32(mask) | UInt32(IN_ONLYDIR))
        guard watch >= 0 else {
            let failure = errno
            if failure == ENOENT || failure == ENOTDIR { return nil }
            verdicts[directory] = false
            return false
        }
        monitor.withLock { $0.directories[watch] = directory }
        verdicts[directory] = true
        return true
        #else
        return access(directory, F_OK) == 0 ? false : nil
        #endif
    }

    /// File systems on which writes made elsewhere raise no events here: NFS, CIFS, SMB2, FUSE, 9P, AFS, Ceph.
    private static func hidesForeignWrites(_ directory: String) -> Bool {
        [0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546, 0x0102_1997, 0x5346_414F, 0x00C3_6400]
            .contains(alula_file_system_type(directory) & 0xFFFF_FFFF)
    }

    // MARK: Events

    #if os(Linux)
    private func readEvents() {
        var items = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
        ]
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
        defer { buffer.deallocate() }
        while Glibc.poll(&items, 2, -1) >= 0 || errno == EINTR {
            if monitor.withLock({ $0.isStopped }) { break }
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else {
                if count < 0, errno == EAGAIN || errno == EINTR { continue }
                break
            }
            report(take(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
        }
        close(descriptor)
        close(wake.read)
        close(wake.write)
    }

    /// The paths that a run of events is about.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Set<String> {
        let header = MemoryLayout<inotify_event>.size
        var offset = 0
        var changed: Set<String> = []
        var needsArming = false
        monitor.withLock { state in
            while offset + header <= bytes.count {
                let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                let nameBytes = bytes[(offset + header)..<min(offset + header + Int(event.len), bytes.count)]
                offset += header + Int(event.len)
                if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
                    changed = state.wanted
                    continue
                }
                guard let directory = state.directories[event.wd] else { continue }
                let name = String(decoding: nameBytes.prefix { $0 != 0 }, as: UTF8.self)
                let isGone = event.mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) != 0
                let affected = isGone ? state.map.paths(in: directory) : state.map.paths(in: directory, name: name)
                changed.formUnion(affected)
                if isGone { state.directories[event.wd] = nil }
                // A directory came or went, or a link may lead elsewhere now: the watches of these paths move.
                let moves = UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
                guard isGone || event.mask & moves != 0 else { continue }
                for path in affected {
                    // The file itself stays watched through its directory, and this change has been reported.
                    let isOnTheWay = isGone || WatchMap.split(path).name != name
                    if isOnTheWay { state.map.remove([path]) }
                    state.unarmed[path] = (state.unarmed[path] ?? false) || isOnTheWay
                    needsArming = true
                }
            }
        }
        if needsArming { monitor.signal(Condition.arm) }
        return changed
    }
    #endif

    // MARK: Polling

    private func pollForEver() {
        while true {
            let paths: [String: FileIdentity?]? = monitor.wait { state in
                if state.isStopped { return .done(nil) }
                return state.polled.isEmpty ? .wait(on: Condition.poll, until: nil) : .done(state.polled)
            }
            guard let paths else { return }
            let pause = Deadline.after(Self.pollingInterval)
            let isStopped: Bool = monitor.wait { state in
                if state.isStopped { return .done(true) }
                return pause.hasPassed ? .done(false) : .wait(on: Condition.poll, until: pause)
            }
            if isStopped { return }
            var changed: Set<String> = []
            for (path, old) in paths {
                let new = Self.identity(of: path)
                guard new != old else { continue }
                changed.insert(path)
                monitor.withLock { state in
                    if state.polled[path] != nil { state.polled[path] = .some(new) }
                }
            }
            report(changed)
        }
    }

    private static func identity(of path: String) -> FileIdentity? {
        do { return try FileIdentity.of(path) } catch { return nil }
    }

    /// Where a link leads in the end; the path itself when it is none or leads nowhere.
    private static func target(of path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
