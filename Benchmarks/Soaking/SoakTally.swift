/// How often a soak did what, and what was wrong about it.
package struct SoakTally: Sendable {
    /// What can be wrong with one answer.
    package enum Fault: String, CaseIterable, Sendable {
        /// It says what was not true at any moment from the question to the answer.
        case wrong
        /// It did not come in time, or the connection went.
        case lost
        /// The gateway would not answer.
        case refused
    }

    /// One answer that was not right.
    package struct Finding: Sendable {
        /// Seconds since the start of the run.
        package let seconds: Double
        package let fault: Fault
        /// Who asked what.
        package let question: String
        /// What came, and what was expected.
        package let detail: String

        package init(seconds: Double, fault: Fault, question: String, detail: String) {
            self.seconds = seconds
            self.fault = fault
            self.question = question
            self.detail = detail
        }

        package var text: String {
            "after \((seconds * 10).rounded() / 10) s, \(fault.rawValue): \(question): \(detail)"
        }
    }

    /// Findings that are told in full; all are counted.
    private static let maximumFindings = 20

    private(set) package var counts: [SoakActivity: Int] = [:]
    /// How often each fault of the machine came and was mended, by its name.
    private(set) package var faults: [String: Int] = [:]
    /// Answers that were compared with what is true.
    private(set) package var judged = 0
    private(set) package var amiss: [Fault: Int] = [:]
    private(set) package var findings: [Finding] = []

    package init() {}

    /// Connections that were made to the gateway, of all kinds.
    package private(set) var connections = 0

    package mutating func count(_ activity: SoakActivity) { counts[activity, default: 0] += 1 }
    package mutating func count(fault id: String) { faults[id, default: 0] += 1 }
    package mutating func countConnection() { connections += 1 }

    /// Takes note of an answer that was compared.
    ///
    /// - Parameter finding: What was not right about it; `nil` when all was.
    package mutating func judged(_ finding: Finding?) {
        judged += 1
        if let finding { add(finding) }
    }

    /// Takes note of what is not right.
    package mutating func add(_ finding: Finding) {
        amiss[finding.fault, default: 0] += 1
        if findings.count < Self.maximumFindings { findings.append(finding) }
    }

    /// Answers that were not right.
    package var amissCount: Int { amiss.values.reduce(0, +) }

    /// What should have happened and never did.
    ///
    /// - Parameter faultIDs: The faults that were to come.
    package func missing(faultIDs: [String]) -> [String] {
        SoakActivity.allCases.filter { counts[$0, default: 0] == 0 }.map(\.rawValue)
            + faultIDs.filter { faults[$0, default: 0] == 0 }.map { "fault \($0)" }
            + (judged == 0 ? ["an answer that was compared with what is true"] : [])
    }
}
