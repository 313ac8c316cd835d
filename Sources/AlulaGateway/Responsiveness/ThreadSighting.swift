import AlulaDiagnostics
import AlulaPrimitives
import AlulaSystem

/// What the system shows of a thread of this process from outside.
struct ThreadSighting: Hashable, Sendable {
    var name: String
    var activity: StallReport.Activity?

    init(name: String, activity: StallReport.Activity?) {
        self.name = name
        self.activity = activity
    }

    /// Reads a line of `/proc/self/task/<id>/stat`: id, name in parentheses, a letter for the state, and more.
    init?(statLine line: some StringProtocol) {
        // The name may hold parentheses and spaces itself; nothing behind it does.
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close else {
            return nil
        }
        name = String(line[line.index(after: open)..<close])
        activity =
            switch line[line.index(after: close)...].first(where: { $0 != " " }) {
            case "R": .computing
            case "D": .waitingForDisk
            case "S": .waiting
            default: nil
            }
    }

    /// Looks at the thread with this kernel id; `nil` where the system shows no such thing. Blocks the calling thread,
    /// on memory only.
    static func of(_ thread: Int64) -> ThreadSighting? {
        do throws(SystemError) {
            let stat = try FileReader.read("/proc/self/task/\(thread)/stat", maximum: .kibibytes(4))
            return ThreadSighting(statLine: stat.text)
        } catch {
            // The thread has ended, or this system has no such files: there is nothing to add to a report.
            return nil
        }
    }
}
