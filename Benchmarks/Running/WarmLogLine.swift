/// What the gateway's log line about a warm says.
package struct WarmLogLine: Sendable {
    /// The text that every such line begins its message with.
    package static let marker = "provider auth state "

    package let milliseconds: Double
    /// The worst lateness of the event loops during the warm.
    package let worstLatenessMilliseconds: Double
    /// Whether it was the first of the process.
    package let isFirst: Bool

    /// `nil` when `line` is about something else.
    package init?(_ line: some StringProtocol) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\"" })
        guard line.contains(Self.marker),
            let duration = words.first(where: { $0.hasSuffix("ms") && Double($0.dropLast(2)) != nil }),
            let milliseconds = Double(duration.dropLast(2))
        else { return nil }
        self.milliseconds = milliseconds
        let lateness = words.first { $0.hasPrefix("eventLoopMax=") }
        worstLatenessMilliseconds = lateness.flatMap { Double($0.dropFirst(13).dropLast(2)) } ?? 0
        isFirst = line.contains("pre-warmed")
    }
}
