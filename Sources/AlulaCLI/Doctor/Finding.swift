import AlulaJSON

/// Something that a check found, with what to do about it.
package struct Finding: Hashable, Sendable {
    /// How much it matters, least first. Raw values are the report's.
    package enum Severity: String, CaseIterable, Sendable, Comparable {
        case info
        case warning
        case error

        package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .info: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    package var checkID: String
    package var severity: Severity
    package var message: String
    /// The file or the key it is about.
    package var path: String?
    /// What to type or change next.
    package var fixHint: String?

    package init(
        _ checkID: String, _ severity: Severity, _ message: String, path: String? = nil, fixHint: String? = nil
    ) {
        self.checkID = checkID
        self.severity = severity
        self.message = message
        self.path = path
        self.fixHint = fixHint
    }

    var payload: JSONValue {
        var object = JSONObject()
        object["checkId"] = .string(checkID)
        object["severity"] = .string(severity.rawValue)
        object["message"] = .string(message)
        object["path"] = path.map { .string($0) }
        object["fixHint"] = fixHint.map { .string($0) }
        return .object(object)
    }
}
