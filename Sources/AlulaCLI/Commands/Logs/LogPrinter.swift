import AlulaJSON
import AlulaPrimitives

/// Prints parts of the log: records of JSON, bare lines, or lines for people.
struct LogPrinter {
    let session: CommandSession
    let time: LogTime
    private var file: String?

    init(session: CommandSession, time: LogTime) {
        self.session = session
        self.time = time
    }

    private var output: OutputRenderer { session.output }
    private var terminal: any Terminal { session.environment.terminal }

    mutating func print(_ part: LogFollower.Part) {
        if let notice = part.notice { note(notice) }
        if part.file != file {
            if file != nil { note("The log goes on in \(part.file).") }
            if output.isJSON {
                record([
                    "type": "meta", "file": .string(part.file), "cursor": .number(part.cursor),
                    "size": .number(part.size),
                ])
            }
        } else if part.isReset, !part.isTruncated {
            note("The log file was put aside or cut; this is the new one.")
        }
        if part.isTruncated, file != nil {
            note("Lines were left out: there was more than --max-bytes or --limit allow.")
        }
        file = part.file
        for line in part.lines { self.line(line) }
    }

    /// Something that is no line of the log.
    func note(_ text: String) {
        if output.isJSON { record(["type": "notice", "message": .string(text)]) } else { output.note(text) }
    }

    /// The end of it all.
    func fail(_ message: String) {
        if output.isJSON {
            let value: JSONValue = ["type": "error", "message": .string(message)]
            terminal.writeError(value.text() + "\n")
        } else {
            terminal.writeError("alula: \(OutputRenderer.printable(message))\n")
        }
    }

    private func line(_ raw: String) {
        let record = LogRecord(raw)
        if output.isJSON {
            return self.record(record?.payload(raw: raw) ?? ["type": "raw", "raw": .string(raw)])
        }
        guard let record else { return terminal.write(OutputRenderer.printable(raw) + "\n") }
        let isShort = terminal.isOutputInteractive && !output.isPlain
        var parts: [String] = []
        if let text = record.time {
            let shown = time.shown(text, isShort: isShort, utcOffset: output.utcOffset)
            parts.append(TextTable.Style.faint.painted(shown, colours: output.usesColours))
        }
        if let level = record.level {
            parts.append(Self.style(level).painted(OutputRenderer.printable(level), colours: output.usesColours))
        }
        if let subsystem = record.subsystem { parts.append(OutputRenderer.printable(subsystem)) }
        let message = OutputRenderer.printable(record.message).split(whereSeparator: \.isNewline)
        parts.append(message.joined(separator: isShort ? "\n  " : "\\n"))
        terminal.write(parts.joined(separator: " ") + "\n")
    }

    private func record(_ value: JSONValue) { terminal.write(value.text() + "\n") }

    private static func style(_ level: String) -> TextTable.Style {
        switch level {
        case "error", "fatal": .bad
        case "warn": .uncertain
        case "debug", "trace", "silly": .faint
        default: .plain
        }
    }
}
