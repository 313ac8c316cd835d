package import AlulaPrimitives

/// `logging`: what is written where. At once.
package struct LoggingSettings: Sendable {
    /// How much is written.
    package enum Level: String, CaseIterable, Sendable {
        case silent
        case fatal
        case error
        case warn
        case info
        case debug
        case trace
    }

    /// How lines on the console look.
    package enum ConsoleStyle: String, CaseIterable, Sendable {
        case pretty
        case compact
        case json
    }

    /// `level` of the file, default `info`.
    package var level = Level.info
    /// `file`, as written; default a file per day in the temporary directory.
    package var file: String?
    /// `maxFileBytes`, default 100 MiB.
    package var maximumFileSize = ByteCount.mebibytes(100)
    /// `consoleLevel`, default `info`.
    package var consoleLevel = Level.info
    /// `consoleStyle`, default `pretty`.
    package var consoleStyle = ConsoleStyle.pretty
    /// `redactPatterns`: regular expressions instead of the built-in ones; default none.
    package var redactionPatterns: [String]?

    /// The defaults.
    package init() {}
}

extension LoggingSettings {
    /// Reads the section.
    init(reading reader: ObjectReader) {
        level = reader.choice("level", as: Level.self, default: level)
        file = reader.text("file")
        maximumFileSize = reader.bytes("maxFileBytes", in: 1024...(1 << 40), default: maximumFileSize)
        consoleLevel = reader.choice("consoleLevel", as: Level.self, default: consoleLevel)
        consoleStyle = reader.choice("consoleStyle", as: ConsoleStyle.self, default: consoleStyle)
        redactionPatterns = reader.texts("redactPatterns")
        reader.ignore("redactSensitive", "audit")
        reader.finish()
    }
}
