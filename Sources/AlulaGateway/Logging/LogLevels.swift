import AlulaConfiguration
import Logging

/// From which level on an event is written where.
struct LogLevels: Hashable, Sendable {
    /// `nil` writes nothing.
    var console: Logger.Level?
    /// `nil` writes nothing.
    var file: Logger.Level?

    /// - Parameter override: From the command line or the environment; it counts for both places.
    init(_ settings: LoggingSettings, override: String?) {
        let named = override.flatMap { Self.level(named: $0) }
        console = named ?? settings.consoleLevel.threshold
        file = named ?? settings.level.threshold
    }

    /// The lower of both: what is below is not even made.
    var lowest: Logger.Level { [console, file].compactMap(\.self).min() ?? .critical }

    /// A level by the configuration's name or by ours; `nil` for any other word.
    static func level(named name: String) -> Logger.Level? {
        if let level = Logger.Level(rawValue: name) { return level }
        return LoggingSettings.Level(rawValue: name).map { $0.threshold ?? .critical }
    }
}

extension LoggingSettings.Level {
    /// The lowest level that is written; `nil` for `silent`.
    fileprivate var threshold: Logger.Level? {
        switch self {
        case .silent: nil
        case .fatal: .critical
        case .error: .error
        case .warn: .warning
        case .info: .info
        case .debug: .debug
        case .trace: .trace
        }
    }
}
