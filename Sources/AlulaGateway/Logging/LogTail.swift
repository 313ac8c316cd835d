import AlulaPrimitives
import AlulaSystem

/// Reads the end of the log for everybody who follows it.
///
/// Readers share one look at the file: whoever comes while one is under way gets its result, and a look that is younger
/// than ``freshness`` serves again unless the writer says that there is more.
actor LogTail {
    /// How long a look at the file serves.
    static let freshness = Duration.milliseconds(50)
    /// How long one look may take.
    static let deadline = Duration.seconds(5)
    /// Readers whose file is remembered.
    static let maximumReaders = 2048

    private let pool: BlockingPool
    /// What is taken out of lines now.
    private let redactor: @Sendable () -> LogRedactor
    /// The path to read. Blocks the calling thread.
    private let locate: @Sendable () throws -> String
    /// Changes with what the writer in this process wrote.
    private let version: @Sendable () -> UInt64
    private let instant: @Sendable () -> ContinuousClock.Instant
    private var window: LogWindow?
    private var look: Task<LogWindow, any Error>?
    private var lookedAt: (instant: ContinuousClock.Instant, version: UInt64)?
    /// Which file each reader was told of last, in the order of their first question.
    private var files: [String: LogWindow.FileKey] = [:]
    private var readers: [String] = []
    /// How often the file was looked at.
    private(set) var looks = 0

    init(
        pool: BlockingPool, redactor: @escaping @Sendable () -> LogRedactor,
        version: @escaping @Sendable () -> UInt64 = { 0 },
        instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        locate: @escaping @Sendable () throws -> String
    ) {
        self.pool = pool
        self.redactor = redactor
        self.version = version
        self.instant = instant
        self.locate = locate
    }

    /// The part of the log that `query` asks for.
    ///
    /// - Parameter reader: Whose cursor it is; the same text for the same reader.
    /// - Throws: ``SystemError`` when the file can't be read in time, or `CancellationError`.
    func slice(_ query: LogQuery, for reader: String) async throws -> LogSlice {
        let window = try await current()
        let isOther = query.cursor != nil && files[reader].map { $0 != window.file } ?? false
        remember(window.file, for: reader)
        return window.slice(query, isOtherFile: isOther)
    }

    private func current() async throws -> LogWindow {
        if let look { return try await look.value }
        let version = version()
        if let window, let lookedAt, lookedAt.version == version,
            lookedAt.instant.duration(to: instant()) < Self.freshness
        {
            return window
        }
        // Shared by those who come meanwhile, so no reader's cancellation ends it; its deadline does.
        let task = Task { [pool, redactor, locate, earlier = window] in
            try await pool.run("read the log", deadline: .after(Self.deadline)) {
                let path = try locate()
                var window = earlier.flatMap { $0.path == path ? $0 : nil } ?? LogWindow(path: path)
                try window.refresh(redactor())
                return window
            }
        }
        look = task
        looks += 1
        defer { look = nil }
        let fresh = try await task.value
        window = fresh
        lookedAt = (instant(), version)
        return fresh
    }

    private func remember(_ file: LogWindow.FileKey?, for reader: String) {
        guard let file else { return }
        if files.updateValue(file, forKey: reader) == nil { readers.append(reader) }
        if readers.count > Self.maximumReaders { files[readers.removeFirst()] = nil }
    }
}
