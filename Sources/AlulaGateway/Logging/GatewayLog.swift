import AlulaConfiguration
import AlulaPrimitives
import AlulaSystem
import Logging
import Synchronization

/// The gateway's log: to standard error and to a file, each through a queue of its own, so that neither waits for the
/// other and nobody waits for either.
final class GatewayLog: Sendable {
    /// What the log is made of.
    struct Sources: Sendable {
        let now: @Sendable () -> Timestamp
        let utcOffset: @Sendable (Timestamp) -> Int
        /// Standard error, or what stands for it.
        let descriptor: Int32
        /// A level from the command line or the environment.
        let levelOverride: String?
    }

    /// What the configuration says about the log.
    private struct Setup {
        var settings: LoggingSettings
        var place: LogFilePlace
        var redactor: LogRedactor
        var levels: LogLevels

        init(_ settings: LoggingSettings, place: LogFilePlace, levelOverride: String?) {
            self.settings = settings
            self.place = place
            redactor = LogRedactor(patterns: settings.redactionPatterns ?? [])
            levels = LogLevels(settings, override: levelOverride)
        }
    }

    /// What readers of the file are told.
    private let fileStatus = LogFileStatus()
    private let console = LogQueue()
    private let file = LogQueue()
    private let sources: Sources
    private let setup: Mutex<Setup>

    /// Starts the threads that write.
    init(settings: LoggingSettings, place: LogFilePlace, sources: Sources) throws {
        self.sources = sources
        let first = Setup(settings, place: place, levelOverride: sources.levelOverride)
        setup = Mutex(first)
        try console.start(consoleSink(first))
        try file.start(fileSink(first))
        complain(about: first.redactor.invalidPatterns)
    }

    private func consoleSink(_ setup: Setup) -> LogStream {
        LogStream(
            descriptor: sources.descriptor, line: line(setup),
            style: setup.settings.consoleStyle == .json ? .json : .text)
    }

    private func fileSink(_ setup: Setup) -> LogFile {
        LogFile(
            place: setup.place,
            settings: LogFile.Settings(
                maximumSize: setup.settings.maximumFileSize, line: line(setup), now: sources.now,
                complain: { [console, now = sources.now] reason in
                    console.append(
                        LogEntry(
                            time: now(), level: .warning, sentence: "The log file can't be written",
                            fields: [LogEntry.Field(key: LogKey.reason, value: reason)]))
                }), status: fileStatus)
    }

    private func line(_ setup: Setup) -> LogLine { LogLine(redactor: setup.redactor, utcOffset: sources.utcOffset) }

    private func complain(about patterns: [String]) {
        for pattern in patterns {
            append(
                level: .warning, "A pattern of logging.redactPatterns is no regular expression",
                [LogEntry.Field(key: LogKey.reason, value: "\(pattern.count) characters")])
        }
    }

    /// The level below which nothing is written anywhere.
    var lowestLevel: Logger.Level { setup.withLock { $0.levels.lowest } }

    /// A logger that writes here.
    var logger: Logger { Logger(label: "alula") { _ in QueuedLogHandler(log: self) } }

    /// Writes as `settings` say from now on. What was logged before may be written so, too.
    func adopt(_ settings: LoggingSettings, place: LogFilePlace) {
        let new = Setup(settings, place: place, levelOverride: sources.levelOverride)
        setup.withLock { $0 = new }
        console.replace(with: consoleSink(new))
        file.replace(with: fileSink(new))
        complain(about: new.redactor.invalidPatterns)
    }

    /// Reads the end of the file for those who follow it.
    func tail(pool: BlockingPool) -> LogTail {
        LogTail(pool: pool, redactor: { self.redactor }, version: { [fileStatus] in fileStatus.version }) {
            [fileStatus, sources] in
            if let path = fileStatus.path { return path }
            return try self.place.current(day: LogLine.day(sources.now(), offset: sources.utcOffset(sources.now())))
        }
    }

    private var redactor: LogRedactor { setup.withLock { $0.redactor } }
    private var place: LogFilePlace { setup.withLock { $0.place } }

    /// Hands an event to the places that it is meant for. Never blocks.
    func append(level: Logger.Level, _ sentence: String, _ fields: [LogEntry.Field]) {
        let levels = setup.withLock { $0.levels }
        let entry = LogEntry(time: sources.now(), level: level, sentence: sentence, fields: fields)
        if let least = levels.console, level >= least { console.append(entry) }
        if let least = levels.file, level >= least { file.append(entry) }
    }

    /// Events that found a queue full, since the start.
    var dropped: (console: UInt64, file: UInt64) { (console.droppedInTotal, file.droppedInTotal) }

    /// Returns when everything is written, or after `limit`. Blocks the calling thread.
    func flush(for limit: Duration) {
        let deadline = Deadline.after(limit)
        console.flush(for: limit)
        file.flush(for: deadline.remaining)
    }
}
