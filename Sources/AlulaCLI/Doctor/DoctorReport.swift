import AlulaJSON

/// What all checks together found.
package struct DoctorReport: Hashable, Sendable {
    package var checksRun = 0
    package var checksSkipped = 0
    package var findings: [Finding] = []

    package init() {}

    /// Whether nothing is broken; warnings may remain.
    package var isFine: Bool { !findings.contains { $0.severity == .error } }

    var payload: JSONValue {
        [
            "ok": .bool(isFine), "checksRun": .number(checksRun), "checksSkipped": .number(checksSkipped),
            "findings": .array(findings.map(\.payload)),
        ]
    }
}
