import AlulaAuth
import AlulaJSON
import AlulaPrimitives

/// One provider of a `models.status` answer.
struct ProviderRow: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case available
        case unavailable(until: Timestamp?)
        /// Nobody could tell, such as when a disk does not answer.
        case unknown
    }

    var name: String
    var state: State
    /// Through what, or why not.
    var detail: String
    /// What to do about it; empty when there is nothing to do.
    var remedy: String
    var isInUse: Bool

    init(_ row: JSONValue) {
        let isAvailable = row["available"]?.bool ?? false
        name = row["provider"]?.string ?? ""
        isInUse = row["inUse"]?.bool ?? false
        remedy = isAvailable ? "" : row["remedy"]?.string ?? ""
        // The reference's label for a key of the configuration names a file that is not ours.
        let evidence = row["evidence"]?.string.map { $0 == "models.json" ? "key in the configuration" : $0 }
        if isAvailable {
            (state, detail) = (.available, evidence ?? "")
            return
        }
        let isUnknown = row["unavailableReason"]?.string.flatMap(UnknownReason.init(rawValue:)) != nil
        let until = row["unavailableUntil"]?.double.flatMap { Timestamp(validating: $0) }
        state = until.map { .unavailable(until: $0) } ?? (isUnknown ? .unknown : .unavailable(until: nil))
        let reason = row["reason"]?.string ?? row["unavailableReason"]?.string ?? ""
        detail = evidence.map { "\(reason) (\($0))" } ?? reason
    }

    /// The providers of an answer: all of them, or those in use and those that can answer.
    static func rows(of answer: JSONValue, all showsAll: Bool) -> [ProviderRow] {
        let rows = (answer["auth"]?["providers"]?.array ?? []).map(ProviderRow.init)
        guard !showsAll, rows.contains(where: \.isInUse) else { return rows }
        return rows.filter { $0.isInUse || $0.state == .available }
    }
}
