import AlulaJSON

/// How far the program came when it tried itself.
package struct SelfTestReport: Hashable, Sendable {
    /// What is tried, in this order; a failure ends the trial. Raw values are the report's.
    package enum Part: String, CaseIterable, Sendable {
        /// A warm through this program's own worker process.
        case worker
        /// A gateway is started and listens.
        case start
        /// It is asked over its WebSocket.
        case query
        /// It is told to stop, and does in good order.
        case stop
    }

    /// One part that was tried.
    package struct Step: Hashable, Sendable {
        package var part: Part
        package var isDone: Bool
        /// What came of it, or why it failed.
        package var message: String
        package var milliseconds: Int

        package init(_ part: Part, isDone: Bool, _ message: String, milliseconds: Int) {
            self.part = part
            self.isDone = isDone
            self.message = message
            self.milliseconds = milliseconds
        }
    }

    package var steps: [Step] = []

    package init(steps: [Step] = []) { self.steps = steps }

    /// Whether every part was tried and worked.
    package var isFine: Bool { steps.map(\.part) == Part.allCases && steps.allSatisfy(\.isDone) }

    var payload: JSONValue {
        [
            "ok": .bool(isFine),
            "steps": .array(
                steps.map { step in
                    [
                        "step": .string(step.part.rawValue), "ok": .bool(step.isDone),
                        "message": .string(step.message), "durationMs": .number(step.milliseconds),
                    ]
                }),
        ]
    }
}
