import AlulaPrimitives
import AlulaSystem
import Logging

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes events to the log file as lines of JSON, a file per day, and starts a new one when it is full.
///
/// Only its owner may read the file, whatever it was before. A disk that is full or gone costs lines, which are counted,
/// and is told once at its beginning; the count follows in the file when it can be written again.
struct LogFile: LogSink {
    /// How many full files are kept beside the one that is written.
    static let archives = 5
    /// Largest piece that is written at once.
    private static let pieceBytes = 256 << 10

    /// What the file is like, apart from where it is.
    struct Settings: Sendable {
        /// A file that would outgrow this is put aside first.
        var maximumSize: ByteCount
        var line: LogLine
        let now: @Sendable () -> Timestamp
        /// Hears of the beginning of trouble, in one sentence.
        let complain: @Sendable (String) -> Void
    }

    private let place: LogFilePlace
    private let settings: Settings
    private let status: LogFileStatus
    private var descriptor: Int32 = -1
    private var path = ""
    private var day = ""
    private var size: Int64 = 0
    /// The last line was cut off by a full disk.
    private var isTorn = false
    private var isFailing = false

    init(place: LogFilePlace, settings: Settings, status: LogFileStatus) {
        self.place = place
        self.settings = settings
        self.status = status
    }

    mutating func write(_ entries: [LogEntry], lost: UInt64) -> UInt64 {
        do throws(SystemError) {
            try follow()
            var lines = entries[...]
            if lost > 0 {
                try put(Array((settings.line.line(loss(of: lost), .json) + "\n").utf8))
            }
            return try put(&lines)
        } catch {
            return fail(error, lost: lost + UInt64(entries.count))
        }
    }

    // MARK: Writing

    /// Writes lines in pieces, and counts those that could not be written.
    private mutating func put(_ entries: inout ArraySlice<LogEntry>) throws(SystemError) -> UInt64 {
        while !entries.isEmpty {
            var piece: [UInt8] = []
            var count = 0
            for entry in entries {
                let line = Array((settings.line.line(entry, .json) + "\n").utf8)
                let isFull = piece.count + line.count > Self.pieceBytes || exceeds(piece.count + line.count)
                if isFull, !piece.isEmpty { break }
                piece += line
                count += 1
            }
            do throws(SystemError) { try put(piece) } catch { return fail(error, lost: UInt64(entries.count)) }
            entries = entries.dropFirst(count)
        }
        isFailing = false
        return 0
    }

    private mutating func put(_ bytes: [UInt8]) throws(SystemError) {
        if size > 0, exceeds(bytes.count) { try startAnew() }
        var rest = (isTorn ? [UInt8(ascii: "\n")] + bytes : bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { LogDescriptor.write(descriptor, $0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                isTorn = isTorn || rest.count < bytes.count
                throw SystemError(.current, while: "write the log file")
            }
            size += Int64(count)
            rest = rest.dropFirst(count)
        }
        isTorn = false
        status.wrote(to: path)
    }

    private func exceeds(_ bytes: Int) -> Bool { size + Int64(bytes) > settings.maximumSize.bytes }

    private mutating func fail(_ error: SystemError, lost: UInt64) -> UInt64 {
        if !isFailing { settings.complain(error.message) }
        isFailing = true
        close()
        return lost
    }

    private func loss(of count: UInt64) -> LogEntry {
        LogEntry(
            time: settings.now(), level: .warning,
            sentence: "Log lines were dropped while the log could not be written",
            fields: [LogEntry.Field(key: "count", value: "\(count)")])
    }

    // MARK: The file

    /// Makes sure that the open file is the one that today's lines belong in.
    private mutating func follow() throws(SystemError) {
        let today = LogLine.day(settings.now(), offset: settings.line.utcOffset(settings.now()))
        if descriptor >= 0, today == day || place.fixed != nil, isStillThere { return }
        close()
        let path = try place.prepare(day: today)
        try open(path)
        if place.fixed == nil, today != day {
            let oldest = settings.now().advanced(by: .seconds(-LogFilePlace.keptDays * 86_400))
            try place.prune(
                before: LogLine.day(oldest, offset: settings.line.utcOffset(oldest)), in: PathText.directory(of: path))
        }
        day = today
    }

    /// Whether the path still leads to the open file: others put log files aside too.
    private var isStillThere: Bool {
        var (named, opened) = (stat(), stat())
        return stat(path, &named) == 0 && fstat(descriptor, &opened) == 0 && named.st_ino == opened.st_ino
            && named.st_dev == opened.st_dev
    }

    private mutating func open(_ path: String) throws(SystemError) {
        // In a directory that others can see, a link could lead anywhere; one that the owner named is theirs to judge.
        let links = place.fixed == nil ? O_NOFOLLOW : 0
        let descriptor = Self.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | links)
        guard descriptor >= 0 else { throw SystemError(.current, while: "open the log file") }
        var found = stat()
        guard fstat(descriptor, &found) == 0, found.st_mode & S_IFMT == S_IFREG else {
            LogDescriptor.close(descriptor)
            throw SystemError(.isDevice, "The log file is no regular file.")
        }
        if found.st_mode & 0o077 != 0, fchmod(descriptor, 0o600) != 0 {
            let failure = SystemError(.current, while: "protect the log file")
            LogDescriptor.close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        self.path = path
        size = Int64(found.st_size)
        // Whoever wrote before may have been killed in the middle of a line.
        var last = UInt8(ascii: "\n")
        isTorn = size > 0 && pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last != UInt8(ascii: "\n")
    }

    mutating func close() {
        if descriptor >= 0 { LogDescriptor.close(descriptor) }
        descriptor = -1
    }

    /// Puts the full file aside and opens a new one. Where files can't be renamed the file is emptied: it stays bounded.
    private mutating func startAnew() throws(SystemError) {
        // Another gateway that writes to the same file may do this at the same time.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
        if isStillThere {
            unlink(LogFilePlace.archive(Self.archives, of: path))
            for number in (1..<Self.archives).reversed() {
                rename(LogFilePlace.archive(number, of: path), LogFilePlace.archive(number + 1, of: path))
            }
            if rename(path, LogFilePlace.archive(1, of: path)) != 0 {
                guard ftruncate(descriptor, 0) == 0 else { throw SystemError(.current, while: "empty the log file") }
                size = 0
                flock(descriptor, LOCK_UN)
                return
            }
        }
        close()
        try open(path)
    }

    private static func open(_ path: String, _ flags: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(path, flags, 0o600)
        #else
        Darwin.open(path, flags, 0o600)
        #endif
    }
}
