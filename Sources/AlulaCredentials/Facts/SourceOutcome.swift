package import AlulaAuth

/// What became of reading one source with its secrets. It is a ``Reading`` that never leaves this module.
package enum SourceOutcome<Content: Sendable>: Sendable {
    /// There is nothing there, which is a sure answer.
    case absent
    /// The source was read.
    case found(Content)
    /// The source is there and can't be used as it is.
    case failed(SourceProblem)

    /// The content, or `nil` when there is none for whatever reason.
    package var content: Content? { if case .found(let content) = self { content } else { nil } }
    /// Why the source can't be used, or `nil`.
    package var problem: SourceProblem? { if case .failed(let problem) = self { problem } else { nil } }

    /// Goes on with the content, when there is one.
    func flatMap<Next>(_ next: (Content) -> SourceOutcome<Next>) -> SourceOutcome<Next> {
        switch self {
        case .absent: .absent
        case .found(let content): next(content)
        case .failed(let problem): .failed(problem)
        }
    }
}
