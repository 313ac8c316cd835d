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

    /// What readers of the file are told.
    let fileStatus = LogFileStatus()
    let redactor: LogRedactor
    let place: LogFilePlace

    private let console = LogQueue()
    private let file = LogQueue()
    private let sources: Sources
    private let levels: Mutex<LogLevels>

    /// Starts the threads that write.
    init(settings: LoggingSettings, place: LogFilePlace, sources: Sources) throws {
        self.sources = sources
        self.place = place
        redactor = LogRedactor(patterns: settings.redactionPatterns ?? [])
        levels = Mutex(LogLevels(settings, override: sources.levelOverride))
        let line = LogLine(redactor: redactor, utcOffset: sources.utcOffset)
        try console.start(
            LogStream(
                descriptor: sources.descriptor, line: line, style: settings.consoleStyle == .json ? .json : .text))
        try file.start(
            LogFile(
                place: place,
                settings: LogFile.Settings(
                    maximumSize: settings.maximumFileSize, line: line, now: sources.now,
                    complain: { [console, now = sources.now] reason in
                        console.append(
                            LogEntry(
                                time: now(), level: .warning, sentence: "The log file can't be written",
                                fields: [LogEntry.Field(key: LogKey.reason, value: reason)]))
                    }), status: fileStatus))
        for pattern in redactor.invalidPatterns {
            append(
                level: .warning, "A pattern of logging.redactPatterns is no regular expression",
                [LogEntry.Field(key: LogKey.reason, value: "\(pattern.count) characters")])
        }
    }

    /// The level below which nothing is written anywhere.
    var lowestLevel: Logger.Level { levels.withLock { $0.lowest } }

    /// A logger that writes here.
    var logger: Logger { Logger(label: "alula") { _ in QueuedLogHandler(log: self) } }

    /// Lets other levels count from now on.
    func apply(_ settings: LoggingSettings) {
        levels.withLock { $0 = LogLevels(settings, override: sources.levelOverride) }
    }

    /// Reads the end of the file for those who follow it.
    func tail(pool: BlockingPool) -> LogTail {
        LogTail(pool: pool, redactor: redactor, version: { [fileStatus] in fileStatus.version }) {
            [place, fileStatus, sources] in
            if let path = fileStatus.path { return path }
            return try place.current(day: LogLine.day(sources.now(), offset: sources.utcOffset(sources.now())))
        }
    }

    /// Hands an event to the places that it is meant for. Never blocks.
    func append(level: Logger.Level, _ sentence: String, _ fields: [LogEntry.Field]) {
        let levels = levels.withLock { $0 }
        let entry = LogEntry(time: sources.now(), level: level, sentence: sentence, fields: fields)
        if let least = levels.console, level >= least { console.append(entry) }
        if let least = levels.file, level >= least { file.append(entry) }
    }

    /// Returns when everything is written, or after `limit`. Blocks the calling thread.
    func flush(for limit: Duration) {
        let deadline = Deadline.after(limit)
        console.flush(for: limit)
        file.flush(for: deadline.remaining)
    }
}
